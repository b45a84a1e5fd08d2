"""Every call script, straight against the engine and through the real server, whichever way the
words travel: one dialogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from agents.loader import load_agents
from agents.schema import Agent, Transport
from benchmarks.server_process import ROOT, ServerProcess
from commands import play_text, text_call
from phone.caller import Listening, Move
from phone.exchange import Exchange, Habits
from phone.handset import Handset
from phone.live_habits import Live
from phone.progress import Delivered
from phone.rehearsal import Played, play_inbound, play_outbound
from phone.script import Script, ScriptedCaller, load_script
from phone.transcript import Transcript
from phone.vendors.process import VendorsProcess
from phone.webhook import Way

SCRIPTS = {path.stem: load_script(path) for path in (ROOT / "tests/call_scripts").glob("*.yaml")}
# What can be done to a live agent alone; nobody answers these directly.
LIVE_SCRIPTS = {
    path.stem: load_script(path) for path in (ROOT / "tests/live_scripts").glob("*.yaml")
}
PUBLIC = "https://calls.example"
TOKEN, API_TOKEN = "webhook-secret", "api-secret"
ACCOUNT = "AC" + "7" * 32
LIVE = (Transport.STREAM, Transport.RELAY)
SPEED = 12.0


@pytest.fixture(scope="module")
def agents() -> Mapping[str, Agent]:
    return load_agents(ROOT / "agents")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    one = Exchange(Habits(token=TOKEN), ACCOUNT)
    yield one
    one.close()


@pytest.fixture(scope="module")
def settings(exchange: Exchange) -> Mapping[str, str]:
    """Of a server with an account at the phone."""
    return {
        "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_PHONE_NUMBER": "+15005550006",
        "TWILIO_BASE_URL": exchange.open(),
        "API_TOKEN": API_TOKEN,
        "START_CALL_LIMIT": "100 per hour",
    }


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, settings: Mapping[str, str]
) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess({**settings, "DATA_DIR": str(folder)}, folder / "log") as running:
        yield running


@pytest.fixture(scope="module")
def live_server(
    tmp_path_factory: pytest.TempPathFactory, settings: Mapping[str, str]
) -> Iterator[ServerProcess]:
    """Every agent twice: LOGISTICS_STREAM and LOGISTICS_RELAY, with voices and recognisers."""
    folder = tmp_path_factory.mktemp("live")
    agents = folder / "agents"
    agents.mkdir()
    for path in (ROOT / "agents").glob("*.yaml"):
        for transport in LIVE:
            text = re.sub("(?m)^agent: .*$", rf"\g<0>_{transport}", path.read_text("utf-8"))
            text = re.sub("(?m)^transport: .*$", f"transport: {transport}", text)
            # The server's own clock is not faster than ours.
            text += "\nlive: {end_silence_ms: 200}\n"
            (agents / f"{path.stem}_{transport}.yaml").write_text(text, "utf-8")
    with VendorsProcess() as vendors:
        vendors_settings = vendors.settings("elevenlabs", "deepgram")
        all_settings = {
            **settings,
            **vendors_settings,
            "DATA_DIR": str(folder),
            "AGENTS_DIR": str(agents),
            "LIVE_LAG_MS": "10000",  # a busy machine shall not turn live calls away
        }
        with ServerProcess(all_settings, folder / "log") as running:
            yield running


def handset_at(server: ServerProcess) -> Handset:
    """A carrier that signs, delivers everything twice, and status callbacks in reverse."""
    listens = f"http://127.0.0.1:{server.port}"
    habits = Habits(
        TOKEN,
        Way(PUBLIC, listens),
        twice=True,
        delivered=Delivered.REVERSED,
        live=Live(SPEED),
    )
    return Handset(listens, habits, API_TOKEN, ACCOUNT)


@pytest.fixture(scope="module")
def handset(server: ServerProcess) -> Iterator[Handset]:
    one = handset_at(server)
    yield one
    one.close()


@pytest.fixture(scope="module")
def live_handset(live_server: ServerProcess) -> Iterator[Handset]:
    one = handset_at(live_server)
    yield one
    one.close()


def play(handset: Handset, exchange: Exchange, script: Script) -> Played:
    """Whichever side rings."""
    if script.direction == "inbound":
        return play_inbound(handset, script)
    exchange.habits = handset.habits
    return play_outbound(handset, exchange, script)


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

    played = play(handset, exchange, script)

    assert list(played.failures) == []
    assert list(played.dialogue) == direct.dialogue
    assert len(played.dialogue) >= 2


@pytest.mark.parametrize("name", sorted(SCRIPTS))
@pytest.mark.parametrize("transport", LIVE)
def test_a_script_is_the_same_dialogue_directly_and_live(
    agents: Mapping[str, Agent],
    live_handset: Handset,
    exchange: Exchange,
    transport: Transport,
    name: str,
) -> None:
    script = SCRIPTS[name]
    direct = play_directly(agents, script)
    assert direct.verdict() == []

    number = script.from_number
    if number:  # of another person each: who opts out on one of them is not rung by the next
        number = f"{number[:-5]}{LIVE.index(transport) + 2}{number[-4:]}"
    agent = f"{script.agent}_{transport}"
    played = play(live_handset, exchange, replace(script, agent=agent, from_number=number))

    assert list(played.failures) == []
    assert list(played.dialogue) == direct.dialogue
    assert live_handset.record(played.sid)["transport"] == transport


@pytest.mark.parametrize("name", sorted(LIVE_SCRIPTS))
def test_a_caller_may_speak_while_a_live_agent_does(
    live_handset: Handset, exchange: Exchange, name: str
) -> None:
    script = LIVE_SCRIPTS[name]
    slower = replace(live_handset.habits, live=Live(4.0))
    handset = replace(live_handset, habits=slower)
    played = play(handset, exchange, replace(script, agent=f"{script.agent}_{Transport.STREAM}"))
    handset.close()
    assert list(played.failures) == []


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
    played = play(handset, exchange, script)
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
