"""Every call script, straight against the engine and through the real server: one dialogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from agents.loader import load_agents
from agents.schema import Agent
from benchmarks.server_process import ROOT, ServerProcess
from commands import play_text, text_call
from phone.caller import Listening, Move
from phone.exchange import Exchange, Habits
from phone.handset import Handset
from phone.progress import Delivered
from phone.rehearsal import play_inbound, play_outbound
from phone.script import Script, ScriptedCaller, load_script
from phone.transcript import Transcript
from phone.webhook import Way

SCRIPTS = {path.stem: load_script(path) for path in (ROOT / "tests/call_scripts").glob("*.yaml")}
PUBLIC = "https://calls.example"
TOKEN, API_TOKEN = "webhook-secret", "api-secret"
ACCOUNT = "AC" + "7" * 32


@pytest.fixture(scope="module")
def agents() -> Mapping[str, Agent]:
    return load_agents(ROOT / "agents")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    one = Exchange(Habits(token=TOKEN), ACCOUNT)
    yield one
    one.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, exchange: Exchange) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    settings = {
        "DATA_DIR": str(folder),
        "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_PHONE_NUMBER": "+15005550006",
        "TWILIO_BASE_URL": exchange.open(),
        "API_TOKEN": API_TOKEN,
        "START_CALL_LIMIT": "100 per hour",
    }
    with ServerProcess(settings, folder / "log") as running:
        yield running


@pytest.fixture(scope="module")
def handset(server: ServerProcess, exchange: Exchange) -> Iterator[Handset]:
    """A carrier that signs, delivers everything twice, and status callbacks in reverse."""
    listens = f"http://127.0.0.1:{server.port}"
    habits = Habits(TOKEN, Way(PUBLIC, listens), twice=True, delivered=Delivered.REVERSED)
    exchange.habits = habits
    one = Handset(listens, habits, API_TOKEN, ACCOUNT)
    yield one
    one.close()


def play_directly(agents: Mapping[str, Agent], script: Script) -> ScriptedCaller:
    """The script's caller against the engine in this process."""
    call = text_call(agents[script.agent], script)
    caller = ScriptedCaller(script, call.record)
    play_text(call, caller)
    return caller


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_is_the_same_dialogue_directly_and_over_the_wire(
    agents: Mapping[str, Agent], handset: Handset, exchange: Exchange, name: str
) -> None:
    script = SCRIPTS[name]
    direct = play_directly(agents, script)
    assert direct.verdict() == []

    if script.direction == "inbound":
        played = play_inbound(handset, script)
    else:
        played = play_outbound(handset, exchange, script)

    assert list(played.failures) == []
    assert list(played.dialogue) == direct.dialogue
    assert len(played.dialogue) >= 2


def test_there_is_a_script_for_every_agent(agents: Mapping[str, Agent]) -> None:
    assert {script.agent for script in SCRIPTS.values()} == agents.keys()


def test_a_script_that_expects_something_else_fails_both_ways(
    agents: Mapping[str, Agent], handset: Handset
) -> None:
    script = replace(SCRIPTS["logistics_keys_only"], expect={"data": {"charge": 1}})
    assert play_directly(agents, script).verdict()[0].startswith("data.charge is")
    assert play_inbound(handset, script).failures[0].startswith("data.charge is")


def test_the_server_rings_somebody_who_then_completes_a_call(
    handset: Handset, exchange: Exchange
) -> None:
    script = replace(SCRIPTS["logistics_corrects_and_confirms"], direction="outbound")
    played = play_outbound(handset, exchange, script)
    assert list(played.failures) == []
    record = handset.record(played.sid)
    assert (record["direction"], record["status"]) == ("outbound", "completed")
    assert record["data"]["charge"] == {"amount": 600, "currency": "INR"}


class KillingCaller(ScriptedCaller):
    """Kills the server with -9 before every move, and starts it again."""

    def __init__(self, script: Script, handset: Handset, server: ServerProcess) -> None:
        super().__init__(script, lambda: handset.record(self.sid))
        self.sid = ""
        self._server = server

    def moves(self, listening: Listening) -> Move:
        self._server.kill()
        self._server.start()
        return super().moves(listening)


def test_a_call_survives_a_server_that_is_killed_before_every_turn(
    handset: Handset, server: ServerProcess
) -> None:
    caller = KillingCaller(SCRIPTS["logistics_corrects_and_confirms"], handset, server)
    line = handset.prepare("logistics", caller, Transcript())
    caller.sid = line.call.leg.sid
    line.run_inbound()
    assert caller.verdict() == []
    assert line.call.transcript.faults == []
    assert line.call.courier.differences == []
