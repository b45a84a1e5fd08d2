"""Unfinished words are read ahead; the finished ones find their answer ready, or no change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest

from agents.schema import Agent
from calls.session import Parts, Patience
from calls.speculation import Reader, Speculation, spoken_words
from calls.speech import CarrierVoice
from calls.turns import Arrival, Reply, Turns
from conversation.actions import Action, Say
from conversation.events import Digits, Utterance
from providers.telephony.base import PartialTurn
from storage.base import StorageError
from storage.records import CallRecord, TurnRecord
from storage.sqlite import SqliteStorage
from tests.calls.readers import Clock, HeldBrain
from tests.conversation.casting import NOON, english

ARRIVAL = Arrival("RATES", "CA1", "+919876543210", "+914400000000", "inbound", "delivery-0")


@dataclass
class WarmVoice(CarrierVoice):
    """Remembers what it was to make ready."""

    warmed: list[str] = field(default_factory=list)
    was_warmed: Event = field(default_factory=Event)

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        self.warmed += [action.text for action in actions if isinstance(action, Say)]
        self.was_warmed.set()


class Desk:
    """Turns on a store with speculation; readings are ready at once."""

    def __init__(self, storage: SqliteStorage, most: int = 2) -> None:
        self.clock = Clock()
        self.brain = HeldBrain(self.clock, ready=True)
        self.voice = WarmVoice()
        self.storage = storage
        agent = english()
        agents = {agent.agent: agent}
        reader = Reader(storage, self.brain, self.voice, agents, self.clock)
        self.speculation = Speculation(reader, most)
        parts = Parts(storage, self.brain, self.clock, self.voice, self.speculation)
        self.turns = Turns(parts, agents)
        self.turns.start(ARRIVAL)

    def hear(self, text: str, sequence: int, turn: int = 1, stable: bool = False) -> None:
        self.speculation.hear(PartialTurn("CA1", text, stable, sequence), turn)

    def guess(self, text: str, turn: int = 1) -> None:
        """A guess, and its end."""
        self.voice.was_warmed.clear()
        self.hear(text, 9, turn, stable=True)
        assert self.voice.was_warmed.wait(10)

    def say(self, text: str, turn: int = 1) -> Reply:
        return self.turns.take("CA1", turn, "", Utterance(text, NOON, 0.9))

    @property
    def call(self) -> CallRecord:
        call = self.storage.find_call("CA1")
        assert call is not None
        return call

    @property
    def record(self) -> TurnRecord:
        return self.storage.turns(self.call.call_id)[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    storage = SqliteStorage(tmp_path / "calls.db")
    desk = Desk(storage)
    yield desk
    desk.speculation.close()
    storage.close()


def said(reply: Reply) -> str:
    return " ".join(action.text for action in reply.actions if isinstance(action, Say))


def test_an_utterance_that_was_foreseen_is_not_read_again(desk: Desk) -> None:
    before = desk.call
    desk.guess("five hundred rupees")
    assert desk.call == before  # nothing of a guess touches the call
    assert desk.voice.warmed == ["Between what times?"]
    desk.clock.move(0.8)
    assert said(desk.say("Five hundred rupees.")) == "Between what times?"
    assert len(desk.brain.inquiries) == 1
    assert desk.record.accepted == {"charge": {"amount": 500, "currency": "INR"}}
    assert desk.record.caller == "Five hundred rupees."
    assert desk.record.usage["speculation"] == "hit"
    assert desk.record.usage["speculations"] == 1
    assert desk.record.timings_ms["recognition"] == 800


def test_other_words_than_were_foreseen_are_read_for_themselves(desk: Desk) -> None:
    desk.guess("five hundred rupees")
    desk.say("five hundred and fifty rupees")
    assert len(desk.brain.inquiries) == 2
    assert desk.record.accepted == {"charge": {"amount": 550, "currency": "INR"}}
    assert desk.record.usage["speculation"] == "miss"


def test_a_reading_under_way_is_waited_for_not_begun_again(desk: Desk) -> None:
    desk.brain.ready = False
    desk.hear("five hundred", 1, stable=True)
    desk.hear("five hundred", 2)
    assert desk.brain.has_begun.wait(10)
    desk.brain.inquiries[0].answer = desk.brain.inquiries[0].by_rules
    assert said(desk.say("five hundred")) == "Between what times?"
    assert len(desk.brain.inquiries) == 1


def test_words_are_read_when_they_come_twice(desk: Desk) -> None:
    desk.hear("five", 1)
    desk.hear("five hundred", 2)
    desk.hear("five hundred", 3)
    assert desk.voice.was_warmed.wait(10)
    assert [one.utterance for one in desk.brain.requests] == ["five hundred"]


def test_no_more_than_two_readings_a_turn(desk: Desk) -> None:
    for text in ("one hundred", "two hundred", "three hundred"):
        desk.hear(text, 5, stable=True)
    desk.voice.was_warmed.wait(10)
    desk.speculation.close()
    desk.say("three hundred")
    assert desk.record.usage["speculations"] == 2
    assert desk.record.usage["speculation"] == "miss"


def test_no_reading_past_the_budget_of_the_process(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "calls.db")
    desk = Desk(storage, most=1)
    desk.brain.ready = False
    release = Event()

    class Blocked:
        """A store that answers when it is told to."""

        def find_call(self, carrier_id: str) -> CallRecord | None:
            release.wait(10)
            return None

    reader = replace(desk.speculation._reader, storage=Blocked())  # type: ignore[arg-type]
    speculation = Speculation(reader, 1)
    for number in range(5):
        speculation.hear(PartialTurn(f"CA{number}", "five hundred", True, 1), 1)
    asked = [len(heard.asked) for heard in speculation._heard.values()]
    release.set()
    assert asked == [1, 0, 0, 0, 0]
    speculation.close()
    desk.speculation.close()
    storage.close()


def test_parts_out_of_order_late_or_of_another_turn_are_not_read(desk: Desk) -> None:
    desk.hear("five hundred", 3)
    desk.hear("five hundred", 2)  # older than what is known
    desk.say("500 rupees")
    desk.hear("five hundred", 4, stable=True)  # after the end
    desk.hear("six hundred", 1, turn=7, stable=True)  # of a turn that is not due
    desk.speculation._pool.shutdown()
    assert [one.utterance for one in desk.brain.requests] == ["500 rupees"]


def test_answers_that_need_no_reading_have_their_clips_made(desk: Desk) -> None:
    desk.guess("can you repeat that")
    assert desk.voice.warmed == ["What do you charge?"]
    assert desk.brain.inquiries == []
    desk.say("can you repeat that")
    assert desk.record.usage["speculation"] == "hit"


def test_a_store_that_fails_costs_a_guess_and_nothing_else(desk: Desk) -> None:
    class Broken:
        """A store that is away."""

        def find_call(self, carrier_id: str) -> CallRecord | None:
            raise StorageError("away")

    reader = replace(desk.speculation._reader, storage=Broken())  # type: ignore[arg-type]
    speculation = Speculation(reader, 1)
    speculation.hear(PartialTurn("CA1", "five hundred", True, 1), 1)
    speculation._pool.shutdown()
    assert speculation._free.acquire(blocking=False)
    assert desk.brain.inquiries == []


def test_a_call_that_ends_is_forgotten(desk: Desk) -> None:
    desk.hear("five", 1)
    assert desk.speculation._heard
    desk.turns.end("CA1", NOON, "completed")
    assert not desk.speculation._heard


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Five hundred.", "five hundred", True),
        ("Yes, please!", "yes please", True),
        ("5.30", "530", False),
        ("1,500", "1500", False),
        ("5.", "5", True),
        ("2 pm,  to 5 pm", "2 pm to 5 pm", True),
        ("கி", "கு", False),
        ("शुल्क।", "शुल्क", True),
        ("not five", "five", False),
        (".5", "5", False),
        ("rupees .50", "rupees 50", False),
        ("2 to 5. 30 rupees", "2 to 5 30 rupees", False),
        ("not 500, 600", "not 500 600", False),
        ("-5", "5", False),
        ("2:05", "2 to 5", False),
        ("1,500", "1.500", False),
        ("No, 500", "no 500", True),
    ],
)
def test_words_are_the_same_however_they_are_written(first: str, second: str, same: bool) -> None:
    assert (spoken_words(first) == spoken_words(second)) is same


@pytest.mark.parametrize("final", ["Five. Thirty.", "five... thirty"])
def test_words_that_are_divided_otherwise_are_read_for_themselves(desk: Desk, final: str) -> None:
    desk.guess("five thirty")
    desk.say(final)
    assert len(desk.brain.inquiries) == 2
    assert desk.brain.requests[1].utterance == final
    assert desk.record.usage["speculation"] == "miss"
    assert desk.record.accepted == {}


def test_a_mark_that_changes_nothing_is_no_miss(desk: Desk) -> None:
    desk.guess("no five hundred")
    desk.say("No, five hundred.")
    assert len(desk.brain.inquiries) == 1
    assert desk.record.usage["speculation"] == "hit"


def test_a_finished_utterance_that_needs_no_reading_is_no_hit_of_one_that_does(
    desk: Desk,
) -> None:
    desk.guess("500 rupees")
    desk.turns.take("CA1", 1, "", Digits("500#", NOON))
    assert desk.record.caller == "500#"
    assert len(desk.brain.inquiries) == 1
    assert "speculation" not in desk.record.usage


def test_what_was_foreseen_is_read_anew_when_the_question_was_not_heard(desk: Desk) -> None:
    desk.say("five hundred rupees")
    desk.guess("six hundred rupees", turn=2)
    desk.turns.take("CA1", 2, "", Utterance("six hundred rupees", NOON, 0.9), heard="")

    assert [one.utterance for one in desk.brain.requests] == [
        "five hundred rupees",
        "six hundred rupees",
        "five hundred rupees six hundred rupees",
    ]
    assert desk.record.usage["speculation"] == "miss"


def test_a_door_has_the_answer_made_by_its_own_voice(desk: Desk) -> None:
    voice = WarmVoice()
    live = desk.turns.for_door(voice, Patience())
    live.hear(PartialTurn("CA1", "five hundred rupees", True, 1), 1)

    assert voice.was_warmed.wait(10)
    assert voice.warmed == ["Between what times?"]
    assert desk.voice.warmed == []
