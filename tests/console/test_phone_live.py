"""The browser phone in a live call: its sound, words at any time, a microphone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from benchmarks.server_process import ROOT, ServerProcess
from phone.spoken import tones
from phone.tape import Side
from phone.word_track import WordReader
from tests.console.browser_phone import BrowserPhone
from tests.waiting import wait_until

PIECE = 160


def live_agents(folder: Path) -> Path:
    """The logistics agent, who is talked to live, in English only."""
    agents = folder / "agents"
    agents.mkdir()
    text = (ROOT / "agents/logistics.yaml").read_text(encoding="utf-8")
    assert "transport: gather" in text
    agent = agents / "logistics.yaml"
    agent.write_text(text.replace("transport: gather", "transport: stream"), encoding="utf-8")
    return agents


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("live")
    settings = {
        "DATA_DIR": str(folder / "data"),
        "AGENTS_DIR": str(live_agents(folder)),
        "LIVE_LAG_MS": "10000",
    }
    with ServerProcess(settings, folder / "log") as process:
        yield process


def has_come(moment: float) -> bool:
    return time.monotonic() >= moment


def words_in(phone: BrowserPhone) -> str:
    return " ".join(WordReader().read(phone.sound))


def heard(phone: BrowserPhone, words: str) -> None:
    """Read on until the agent was heard to say so."""
    while words not in " ".join(one["words"] for one in phone.all("overheard")):
        phone.next()


def test_the_page_hears_the_agent_and_its_words_are_heard(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as phone:
        phone.ring()
        phone.until("live")
        heard(phone, "English")
        phone.send(type="keys", listening=0, keys="1", after_s=None)
        heard(phone, "charge")
        phone.send(type="says", listening=0, text="500 rupees, 2 pm to 5 pm", after_s=None)
        heard(phone, "Is that")
        told = phone.all("record")
        phone.send(type="hang-up")
        phone.until("ended")

    assert "charge" in words_in(phone)
    # While they talk the page shows what is kept, as it does of calls in turns.
    assert told[-1]["turns"]
    assert told[-1]["way"]
    assert "500" in str(told[-1]["fields"])


def test_the_sound_of_the_microphone_reaches_the_recogniser(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as phone:
        phone.ring()
        phone.until("live")
        heard(phone, "English")
        phone.send(type="keys", listening=0, keys="1", after_s=None)
        heard(phone, "charge")
        sound = tones("500 rupees, 2 pm to 5 pm", Side.CALLER)
        began = time.monotonic()
        for at in range(0, len(sound), PIECE):  # as fast as it is spoken: a burst is not heard
            wait_until(partial(has_come, began + at / 8000))
            phone.send_raw(sound[at : at + PIECE])
        heard(phone, "500")
        phone.send(type="hang-up")
        phone.until("ended")


def test_sound_before_the_call_or_in_large_pieces_is_refused(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as phone:
        phone.send_raw(bytes(PIECE))
        assert phone.closed()[0] == 1003
    with BrowserPhone(server.port) as phone:
        phone.ring()
        phone.send_raw(bytes(2000))
        assert phone.closed()[0] == 1008
