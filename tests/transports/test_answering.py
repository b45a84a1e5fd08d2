"""Machines and people who answer calls of ours, with the carrier's word on them: whole calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calls.answering import Detecting, has_spoken, verdict_of
from phone.caller import HangsUp, Speaks
from phone.detection import Greeting
from phone.machines import AnsweringMachine, Fax
from storage.records import JsonObject
from tests.campaign_house import House, open_house
from tests.phone.planned import PlannedCaller
from tests.storage.samples import a_turn

MESSAGE = "This is Bella Pizza. We will ring you again tomorrow."
LEAVES = Detecting(leaves_message=True)
HANGS_UP = Detecting()


class Chatty(PlannedCaller):
    """A person whose hello is so long that the carrier takes them for a machine."""

    greeting = Greeting("Good morning, this is the Smith residence, Sam here, who is calling?")

    def recording_begins(self) -> None:
        """It does not."""


OWN_GREETING = (
    "Hello this is the Sharma residence nobody is home at the moment so speak now and we will ring "
    "you when we return"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("answering")) as one:
        yield one


def followed(house: House, call_id: str) -> list[tuple[str, str]]:
    events = house.services.storage.events(call_id)
    return [(one.data["answered_by"], one.data["followed"]) for one in events if one.kind == "amd"]


@pytest.mark.parametrize("waits", [True, False])
def test_a_whole_message_is_left_after_the_beep(house: House, waits: bool) -> None:
    machine = AnsweringMachine()
    call, _ = house.ring(machine, Detecting(leaves_message=True, waits=waits))
    assert " ".join(machine.recorded) == MESSAGE
    assert (call.outcome, call.status) == ("machine", "completed")
    assert followed(house, call.call_id) == [("machine_end_beep", "message")]
    storage = house.services.storage
    assert verdict_of(storage.events(call.call_id)) == "machine"
    assert not has_spoken(storage.turns(call.call_id))


@pytest.mark.parametrize(
    ("said", "by", "accepted", "is_person"),
    [
        ("hello who is this", "speech", {}, True),
        ("[1]", "keys", {}, True),
        ("", "silence", {}, False),
        ("please leave a message after the tone", "speech", {}, False),
        # A greeting of their own, too long for an answer; and an answer that is as long.
        (OWN_GREETING, "speech", {}, False),
        (OWN_GREETING, "speech", {"charge": 500}, True),
    ],
)
def test_who_has_spoken_is_who_the_conversation_takes_for_a_person(
    said: str, by: str, accepted: JsonObject, is_person: bool
) -> None:
    turn = a_turn(1, "call-1", caller=said, caller_by=by, accepted=accepted)
    assert has_spoken([turn]) is is_person


@pytest.mark.parametrize("waits", [True, False])
def test_a_machine_is_hung_up_on_before_it_records(house: House, waits: bool) -> None:
    machine = AnsweringMachine()
    call, ring = house.ring(machine, Detecting(waits=waits))
    assert machine.recorded == []
    assert (call.outcome, call.status) == ("machine", "completed")
    assert followed(house, call.call_id) == [("machine_start", "hung_up")]
    assert ring.resource()["answered_by"] == "machine_start"


@pytest.mark.parametrize("waits", [True, False])
def test_a_fax_is_hung_up_on_even_where_messages_are_left(house: House, waits: bool) -> None:
    call, _ = house.ring(Fax(), Detecting(leaves_message=True, waits=waits))
    assert call.outcome == "machine"
    assert followed(house, call.call_id) == [("fax", "hung_up")]


@pytest.mark.parametrize("waits", [True, False])
def test_a_person_is_talked_to(house: House, waits: bool) -> None:
    person = PlannedCaller([Speaks(("two large pizzas",)), Speaks(("hello",)), HangsUp()])
    call, _ = house.ring(person, Detecting(waits=waits))
    assert call.outcome == "abandoned"
    assert followed(house, call.call_id) == [("human", "talks")]


def test_nobody_is_hung_up_on_because_the_carrier_cannot_tell(house: House) -> None:
    silent = PlannedCaller([Speaks(("two large pizzas",)), HangsUp()])
    silent.greeting = Greeting("")  # type: ignore[attr-defined]
    silent.recording_begins = lambda: None  # type: ignore[attr-defined]
    call, _ = house.ring(silent, HANGS_UP)
    assert followed(house, call.call_id) == [("unknown", "talks")]
    assert len(silent.heard) > 1


def test_a_person_who_has_spoken_overrules_the_verdict(house: House) -> None:
    person = Chatty([Speaks(("hello",), after_s=0.1), Speaks(("two large pizzas",)), HangsUp()])
    call, _ = house.ring(person, HANGS_UP)
    assert followed(house, call.call_id) == [("machine_start", "overruled")]
    assert call.outcome == "abandoned"


def test_calls_without_detection_are_as_they_were(house: House) -> None:
    call, _ = house.ring(PlannedCaller([HangsUp()]))
    assert followed(house, call.call_id) == []
