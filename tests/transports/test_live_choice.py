"""Which transport a call gets, and the documents that connect it and lead it on afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from agents.schema import Agent, Transport
from app import app_of
from calls.load import AWAITED_S, LOOK_S, REMEMBERED_S, Load
from calls.moves import Why
from conversation.events import Digits, Utterance
from services import Services, build_services
from settings import Settings
from storage.records import CallQuery
from tests.providers.telephony.twilio_forms import CALL_SID
from tests.providers.telephony.twiml import read_twiml
from tests.sources import ROOT
from tests.transports.doors import BASE, TOKEN, Carrier
from transports.admission import Admission
from transports.choose import Choice, choose, socket_address
from transports.live_token import BadToken, LiveTokens, OldToken

RECORDED = """record:
  announce:
    en-IN: This call is recorded.
    ta-IN: இந்த அழைப்பு பதிவு செய்யப்படுகிறது.
    ml-IN: ഈ കോൾ റെക്കോർഡ് ചെയ്യപ്പെടുന്നു.
"""
NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Seconds that somebody else counts."""

    now: float = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def loaded(clock: Clock) -> Load:
    load = Load(clock)
    load.begins()
    return load


def services_in(folder: Path, transport: str, **more: str) -> Services:
    agents = folder / "agents"
    agents.mkdir()
    text = (ROOT / "agents" / "pizza.yaml").read_text("utf-8")
    changed = text.replace("transport: gather", f"transport: {transport}\n{RECORDED}")
    (agents / "pizza.yaml").write_text(changed, "utf-8")
    settings = Settings(
        data_dir=str(folder),
        agents_dir=str(agents),
        public_base_url=BASE,
        twilio_auth_token=TOKEN,
        live_lag_ms=10_000,  # no loop runs in these tests
    )
    return build_services(replace(settings, **more))  # type: ignore[arg-type]


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Services]:
    services = services_in(tmp_path, "relay")
    services.live.load.begins()
    yield services
    services.close()


def pizza(services: Services) -> Agent:
    return services.agents["pizza"]


def notes(services: Services) -> Sequence[tuple[str, object]]:
    call = services.storage.find_call(CALL_SID)
    assert call is not None
    events = services.storage.events(call.call_id)
    return [(one.kind, one.data.get("reason")) for one in events]


# Room


def test_there_is_room_until_there_are_as_many_calls_as_may_be() -> None:
    load = loaded(Clock())
    admission = Admission(load, calls_most=2, lag_most_ms=150)
    found = [admission.refusal()]
    for change in (load.opened, load.opened, load.closed):
        change(Transport.STREAM)
        found.append(admission.refusal())
    assert found == [None, None, Why.FULL, None]


def test_a_loop_that_lagged_within_the_last_second_takes_no_calls() -> None:
    clock = Clock()
    load = loaded(clock)
    admission = Admission(load, calls_most=2, lag_most_ms=150)
    clock.now += LOOK_S + 0.2
    load.looks()
    assert load.lag_ms == pytest.approx(200)
    found = [admission.refusal()]
    for _ in range(round(REMEMBERED_S / LOOK_S)):
        clock.now += LOOK_S
        load.looks()
        found.append(admission.refusal())
    assert found == [*[Why.LAGGING] * 10, None]


def test_a_loop_that_stands_still_now_is_seen_from_outside() -> None:
    clock = Clock()
    load = loaded(clock)
    clock.now += 2.0
    assert Admission(load, 2, 150).refusal() is Why.LAGGING


def test_a_process_without_sockets_and_one_that_ends_take_no_calls() -> None:
    load = Load(Clock())
    assert Admission(load, 2, 150).refusal() is Why.NO_SOCKETS
    load.begins()
    load.is_draining = True
    assert Admission(load, 2, 150).refusal() is Why.DRAINING
    assert Admission(load, 0, 150).refusal() is Why.OFF


def test_a_call_that_left_its_socket_is_awaited_for_a_moment() -> None:
    clock = Clock()
    load = loaded(clock)
    found = []
    for left, back in (("CA1", ""), ("CA2", "CA1"), ("CA3", "CA7")):
        load.leaves(left)
        load.returns(back)
        found.append(load.is_awaiting)
    clock.now += AWAITED_S
    found.append(load.is_awaiting)
    load.leaves("CA4")
    load.returns("CA4")
    assert [*found, load.is_awaiting] == [True, True, True, False, False]


# Tokens


def test_a_token_proves_its_call_at_its_door_for_a_minute() -> None:
    tokens = LiveTokens(b"secret", lambda: NOW)
    token = tokens.of("CA1", Transport.STREAM)
    assert len(token) <= 40
    tokens.check(token, "CA1", Transport.STREAM)
    for sid, transport in (("CA2", Transport.STREAM), ("CA1", Transport.RELAY)):
        with pytest.raises(BadToken):
            tokens.check(token, sid, transport)
    later = LiveTokens(b"secret", lambda: NOW + timedelta(seconds=61))
    with pytest.raises(OldToken):
        later.check(token, "CA1", Transport.STREAM)
    with pytest.raises(BadToken):
        LiveTokens(b"other", lambda: NOW).check(token, "CA1", Transport.STREAM)


@pytest.mark.parametrize("token", ["", ".", "1.2", "x" * 5000, "١." + "A" * 22, "1\n." + "A" * 22])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        LiveTokens(b"secret", lambda: NOW).check(token, "CA1", Transport.STREAM)


# The choice


def test_an_agent_gets_the_transport_of_its_file(relay: Services) -> None:
    assert choose(relay, pizza(relay)) == Choice(Transport.RELAY)


def test_a_stream_needs_somebody_who_hears_all_its_languages(tmp_path: Path) -> None:
    services = services_in(tmp_path, "stream")
    services.live.load.begins()
    assert choose(services, pizza(services)) == Choice(Transport.GATHER, Why.NO_RECOGNISER)
    services.close()


def test_without_encryption_only_this_machine_gets_a_socket(tmp_path: Path) -> None:
    services = services_in(tmp_path, "relay", public_base_url="http://calls.example")
    services.live.load.begins()
    assert choose(services, pizza(services)) == Choice(Transport.GATHER, Why.NO_HTTPS)
    services.close()


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://calls.example", "wss://calls.example/media"),
        ("https://calls.example:8443/line", "wss://calls.example:8443/line/media"),
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/media"),
        ("http://[::1]:8000", "ws://[::1]:8000/media"),
        ("http://calls.example", ""),
        ("", ""),
    ],
)
def test_a_socket_is_where_the_server_is(base: str, address: str) -> None:
    assert socket_address(base, "/media") == address


# Documents


def at(services: Services) -> Carrier:
    return Carrier(app_of(services))


def document(carrier: Carrier, path: str) -> Element:
    answer = carrier.post(path)
    assert answer.status_code == 200
    return read_twiml(answer.text)


def test_a_live_call_is_connected_and_always_led_on(relay: Services) -> None:
    root = document(at(relay), "/voice?agent_type=pizza")
    assert [verb.tag for verb in root] == ["Connect", "Redirect"]
    assert root[0].attrib["action"] == f"{BASE}/relay-ended"
    assert (root[1].text or "").partition("#")[0] == f"{BASE}/voice-resume"
    assert root[0][0].attrib["url"] == "wss://calls.example/relay"
    call = relay.storage.find_call(CALL_SID)
    assert call is not None
    assert call.transport == "relay"
    assert notes(relay) == []


def test_a_repeated_ring_is_connected_again_and_greeted_once(relay: Services) -> None:
    carrier = at(relay)
    for _ in range(2):
        assert document(carrier, "/voice?agent_type=pizza").find("Connect") is not None
    assert len(relay.storage.calls(CallQuery())) == 1


def test_a_ring_repeated_when_there_is_no_room_any_more_goes_in_turns(relay: Services) -> None:
    carrier = at(relay)
    document(carrier, "/voice?agent_type=pizza")
    relay.live.load.is_draining = True
    assert document(carrier, "/voice?agent_type=pizza").find("Gather") is not None


@pytest.mark.parametrize("path", ["/voice-resume", "/relay-ended", "/voice-fallback"])
def test_a_call_whose_socket_was_lost_goes_on_in_turns(relay: Services, path: str) -> None:
    carrier = at(relay)
    document(carrier, "/voice?agent_type=pizza")
    root = document(carrier, path)
    gather = root.find("Gather")
    assert gather is not None
    assert gather.findall("Say")
    assert notes(relay) == [("moved", "socket_lost")]
    # It stays there.
    action = gather.attrib["action"].partition("#")[0]
    answer = carrier.post(action, {"Digits": "1"})
    assert read_twiml(answer.text).find("Gather") is not None


def test_why_a_call_goes_in_turns_is_kept_with_it(relay: Services) -> None:
    relay.live.load.is_draining = True
    assert document(at(relay), "/voice?agent_type=pizza").find("Gather") is not None
    assert notes(relay) == [("moved", "draining")]


def test_what_became_of_a_stream_is_kept(relay: Services) -> None:
    carrier = at(relay)
    document(carrier, "/voice?agent_type=pizza")
    form = {"StreamSid": "MZ1", "StreamEvent": "stream-error", "StreamError": "31921"}
    for _ in range(2):
        assert carrier.post("/call-events/stream", form).status_code == 204
    assert [kind for kind, _ in notes(relay)] == ["stream"]


def test_a_relay_that_the_carrier_does_not_take_is_not_tried_again_soon(relay: Services) -> None:
    carrier = at(relay)
    document(carrier, "/voice?agent_type=pizza")
    form = {"SessionStatus": "failed", "ErrorCode": "64101"}
    assert read_twiml(carrier.post("/relay-ended", form).text).find("Gather") is not None
    assert choose(relay, pizza(relay)) == Choice(Transport.GATHER, Why.REFUSED)


def test_a_relay_that_lost_its_socket_may_be_tried_again(relay: Services) -> None:
    carrier = at(relay)
    document(carrier, "/voice?agent_type=pizza")
    carrier.post("/relay-ended", {"SessionStatus": "failed", "ErrorCode": "64105"})
    assert choose(relay, pizza(relay)) == Choice(Transport.RELAY)


def handed_over(services: Services, carrier: Carrier) -> int:
    """A live call whose caller asked for a person; the turn in which that is answered."""
    document(carrier, "/voice?agent_type=pizza")
    turns = services.live.relay_turns
    turns.take(CALL_SID, 1, "", Digits("1", services.clock()))
    reply = turns.take(CALL_SID, 2, "", Utterance("a person please", services.clock()))
    turns.spoken(CALL_SID)
    root = document(carrier, "/relay-ended")
    assert [verb.tag for verb in root] == ["Dial"]
    assert notes(services) == []  # it was passed on, not moved
    return reply.turn


def test_a_caller_whose_operator_is_busy_is_spoken_with_live_again(relay: Services) -> None:
    carrier = at(relay)
    turn = handed_over(relay, carrier)
    answer = carrier.post(f"/handover-result?turn={turn}", {"DialCallStatus": "busy"})
    assert read_twiml(answer.text).find("Connect") is not None


def test_a_caller_whose_operator_is_busy_goes_on_in_turns_without_room(relay: Services) -> None:
    carrier = at(relay)
    turn = handed_over(relay, carrier)
    relay.live.load.is_draining = True
    answer = carrier.post(f"/handover-result?turn={turn}", {"DialCallStatus": "busy"})
    assert read_twiml(answer.text).find("Gather") is not None


def test_after_an_operator_has_spoken_with_the_caller_the_line_is_let_go(relay: Services) -> None:
    carrier = at(relay)
    turn = handed_over(relay, carrier)
    answer = carrier.post(f"/handover-result?turn={turn}", {"DialCallStatus": "completed"})
    root = read_twiml(answer.text)
    assert root.find("Connect") is None
    assert root.find("Hangup") is not None


def test_a_call_that_is_recorded_already_is_not_recorded_twice(relay: Services) -> None:
    carrier = at(relay)
    document(carrier, "/voice?agent_type=pizza")
    relay.live.relay_turns.take(CALL_SID, 1, "", Digits("1", relay.clock()))
    assert document(carrier, "/voice-resume").find("Start") is not None
    told = {"RecordingSid": "RE1", "RecordingStatus": "in-progress"}
    assert carrier.post("/call-events/recording", told).status_code == 204
    assert document(carrier, "/voice-resume").find("Start") is None
