"""Whole live calls on this machine, without any key: also when their process ends in the middle."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from benchmarks.server_process import ServerProcess
from phone.exchange import Habits
from phone.handset import Handset
from phone.live_habits import Live
from phone.rehearsal import Played, play_inbound
from phone.script import load_script
from phone.transcript import Entry, Who
from tests.sources import ROOT
from tests.transports.live_carrier import live_server

SCRIPT = load_script(ROOT / "tests" / "call_scripts" / "pizza_tamil.yaml")
# The question at which something happens to the process.
AT = "எங்கே டெலிவரி"


def played(server: ServerProcess, happens: Callable[[], None] | None = None) -> Played:
    """The script over `server`; `happens` once, when the agent asks AT."""
    left = [happens] if happens else []

    def watch(entry: Entry) -> None:
        if left and entry.who is Who.AGENT and entry.text.startswith(AT):
            left.pop()()

    handset = Handset(f"http://127.0.0.1:{server.port}", Habits(live=Live(speed=8)))
    try:
        return play_inbound(handset, SCRIPT, watch)
    finally:
        handset.close()


@pytest.mark.parametrize("transport", ["stream", "relay"])
def test_a_live_call_needs_no_key_on_this_machine(tmp_path: Path, transport: str) -> None:
    with live_server(tmp_path, transport, "server:app") as server:
        assert played(server).failures == ()
        assert f'"WebSocket /{"media" if transport == "stream" else "relay"}' in server.log
        assert "goes in turns" not in server.log


@pytest.mark.parametrize("transport", ["stream", "relay"])
def test_a_live_call_goes_on_without_a_gap_when_its_process_ends(
    tmp_path: Path, transport: str
) -> None:
    with live_server(tmp_path, transport, "server:app") as server:
        end = partial(os.kill, server.workers()[0], signal.SIGTERM)
        assert played(server, end).failures == ()
        assert '"a live call goes in turns"' in server.log


@pytest.mark.parametrize("transport", ["stream", "relay"])
def test_a_live_call_is_asked_again_when_its_process_was_killed(
    tmp_path: Path, transport: str
) -> None:
    with live_server(tmp_path, transport, "server:app") as server:
        end = partial(os.kill, server.workers()[0], signal.SIGKILL)
        said = [text for who, text in played(server, end).dialogue if who == Who.AGENT]
        # What the caller said to nobody is lost; what was answered before is not.
        assert sum(text.startswith(AT) for text in said) == 2
        # The carrier opens a relay again by itself.
        assert transport == "relay" or '"socket_lost"' in server.log
