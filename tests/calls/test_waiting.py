"""A model that takes long: a filler, the line comes back, and no word of the caller is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.schema import LiveSpeech
from calls.notes import LastSaved, Notebook
from calls.session import Parts, Patience
from calls.turns import Arrival, Reply, Turns
from conversation.actions import HangUp, HangUpReason, KeepWaiting, Say
from conversation.events import Silence, Utterance
from conversation.extraction import Extraction
from conversation.state import CallState, Outcome
from storage.base import StorageError
from storage.records import TurnRecord
from storage.sqlite import SqliteStorage
from tests.calls.readers import Clock, HeldBrain
from tests.conversation.casting import NOON, english

CHARGE = {"amount": 500, "currency": "INR"}
ARRIVAL = Arrival("RATES", "CA1", "+919876543210", "+914400000000", "inbound", "delivery-0")


class Desk:
    """Turns on a store, with a model that answers when the test says so."""

    def __init__(
        self, storage: SqliteStorage, patience: Patience | None = None, **of_agent: Any
    ) -> None:
        self.agent = english(**of_agent)
        self.clock = Clock()
        self.brain = HeldBrain(self.clock)
        self.storage = storage
        self.parts = Parts(storage, self.brain, self.clock, patience=patience or Patience())
        self.turns = self.process()
        self.turns.start(ARRIVAL)

    def process(self) -> Turns:
        """The turns of another process on the same store."""
        return Turns(
            replace(self.parts, notes=Notebook(), last_saved=LastSaved()),
            {self.agent.agent: self.agent},
        )

    def say(self, text: str, turn: int = 1) -> Reply:
        return self.turns.take("CA1", turn, f"say-{turn}", Utterance(text, NOON, 0.9))

    @property
    def state(self) -> CallState:
        call = self.storage.find_call("CA1")
        assert call is not None
        return CallState.from_dict(call.state)

    @property
    def records(self) -> list[TurnRecord]:
        call = self.storage.find_call("CA1")
        assert call is not None
        return list(self.storage.turns(call.call_id))


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    store = SqliteStorage(tmp_path / "calls.db")
    yield store
    store.close()


def said(reply: Reply) -> str:
    return " ".join(action.text for action in reply.actions if isinstance(action, Say))


def read(charge: int) -> Extraction:
    return Extraction(values={"charge": {"amount": charge, "currency": "INR"}}, brain="model")


def test_a_slow_model_is_covered_by_a_filler_and_its_answer_used(storage: SqliteStorage) -> None:
    desk = Desk(storage)
    held = desk.say("five hundred")
    assert said(held) == "One moment, please."
    assert isinstance(held.actions[-1], KeepWaiting)
    assert desk.records[1].caller == "five hundred"  # kept before anything was understood
    assert desk.state.values == {}

    desk.clock.move(1.4)  # the filler plays
    desk.brain.inquiries[0].answer = read(700)
    answer = desk.turns.keep_waiting("CA1", "wait-1")
    assert said(answer) == "Between what times?"
    assert answer.turn == held.turn == 2
    record = desk.records[1]
    assert record.accepted == {"charge": {"amount": 700, "currency": "INR"}}
    assert (record.brain, record.agent) == ("model", "One moment, please. Between what times?")
    assert record.timings_ms["brain"] == 2500
    assert record.timings_ms["held"] == 1400
    assert record.timings_ms["total"] == 3900
    assert record.usage["filler"] == 1
    assert len(desk.brain.inquiries) == 1


def test_the_rules_answer_when_the_hard_limit_is_over(storage: SqliteStorage) -> None:
    desk = Desk(storage, Patience(2.5, 4.0))
    desk.say("500 rupees")
    desk.clock.move(1.0)
    answer = desk.turns.keep_waiting("CA1", "wait-1")
    assert said(answer) == "Between what times?"
    assert desk.brain.inquiries[0].settled
    assert desk.brain.inquiries[0].waits == [2.5, 0.5]
    assert desk.state.values == {"charge": CHARGE}


def test_a_long_wait_has_a_filler_every_few_seconds(storage: SqliteStorage) -> None:
    desk = Desk(storage, Patience(2.5, 8.0))
    desk.say("500 rupees")
    held = desk.turns.keep_waiting("CA1", "wait-1")
    assert isinstance(held.actions[-1], KeepWaiting)
    answer = desk.turns.keep_waiting("CA1", "wait-2")
    assert isinstance(answer.actions[-1], KeepWaiting)
    answer = desk.turns.keep_waiting("CA1", "wait-3")
    assert said(answer) == "Between what times?"
    assert desk.brain.inquiries[0].waits == [2.5, 2.5, 2.5, 0.5]
    assert desk.records[1].usage["filler"] == 3


def test_who_waits_long_is_told_so_in_other_words(storage: SqliteStorage) -> None:
    live = LiveSpeech(hold={"en-IN": "Still looking."})
    desk = Desk(storage, Patience(2.5, 8.0), live=live)

    assert said(desk.say("500 rupees")) != "Still looking."
    assert said(desk.turns.keep_waiting("CA1", "wait-1")) == "Still looking."
    assert said(desk.turns.keep_waiting("CA1", "wait-2")) == "Still looking."


def test_the_same_answer_for_a_line_that_comes_back_twice(storage: SqliteStorage) -> None:
    desk = Desk(storage)
    held = desk.say("500 rupees")
    assert desk.say("500 rupees").actions == held.actions  # the carrier sent it again
    desk.brain.inquiries[0].answer = read(500)
    answer = desk.turns.keep_waiting("CA1", "wait-1")
    assert desk.turns.keep_waiting("CA1", "wait-1").actions == answer.actions
    assert desk.turns.keep_waiting("CA1", "wait-2").actions == answer.actions
    assert desk.turns.current("CA1").actions == answer.actions
    assert len(desk.records) == 2


def test_a_repeated_filler_keeps_its_line_waiting(storage: SqliteStorage) -> None:
    desk = Desk(storage, Patience(2.5, 8.0))
    desk.say("500 rupees")
    first = desk.turns.keep_waiting("CA1", "wait-1")
    assert desk.turns.keep_waiting("CA1", "wait-1").actions == first.actions
    assert desk.brain.inquiries[0].waits == [2.5, 2.5]


def test_another_process_takes_over_a_caller_who_waits(storage: SqliteStorage) -> None:
    desk = Desk(storage)
    desk.say("500 rupees")
    desk.clock.move(1.4)
    desk.brain.ready = True
    answer = desk.process().keep_waiting("CA1", "wait-1")
    assert said(answer) == "Between what times?"
    first, second = desk.brain.requests
    assert replace(second, history=first.history) == first
    assert desk.state.values == {"charge": CHARGE}
    assert desk.records[1].caller == "500 rupees"


def test_words_are_answered_even_when_their_record_is_gone(storage: SqliteStorage) -> None:
    desk = Desk(storage)
    desk.say("500 rupees")
    call = storage.find_call("CA1")
    assert call is not None

    class Forgetful:
        """The store, without the turns."""

        def turns(self, call_id: str) -> list[TurnRecord]:
            return []

        def __getattr__(self, name: str) -> object:
            return getattr(storage, name)

    agent = english()
    forgetful = replace(desk.parts, storage=Forgetful(), notes=Notebook())  # type: ignore[arg-type]
    desk.brain.ready = True
    answer = Turns(forgetful, {agent.agent: agent}).keep_waiting("CA1", "wait-1")
    assert said(answer) == "Between what times?"
    assert desk.records[1].caller == "500 rupees"


def test_a_caller_who_speaks_on_is_heard(storage: SqliteStorage) -> None:
    desk = Desk(storage)
    desk.say("hmm")
    desk.brain.ready = True
    answer = desk.say("500 rupees", turn=2)
    assert said(answer) == "Between what times?"
    assert desk.state.pending is None


def test_an_answer_that_came_too_late_serves_the_next_turn(storage: SqliteStorage) -> None:
    desk = Desk(storage, Patience(2.5, 2.6))
    desk.say("it is what we said last week, you know")
    assert "What do you charge" in said(desk.turns.keep_waiting("CA1", "wait-1"))
    desk.brain.inquiries[0].came_late = read(700)
    desk.brain.ready = True
    answer = desk.say("well, as I said", turn=2)
    assert said(answer) == "Between what times?"
    slot = desk.state.slots["charge"]
    assert (slot.value, slot.doubtful) == ({"amount": 700, "currency": "INR"}, True)


def test_what_the_caller_says_now_wins_over_a_late_answer(storage: SqliteStorage) -> None:
    desk = Desk(storage, Patience(2.5, 2.6))
    desk.say("you know")
    desk.turns.keep_waiting("CA1", "wait-1")
    desk.brain.inquiries[0].came_late = read(700)
    desk.brain.ready = True
    desk.say("500 rupees", turn=2)
    assert desk.state.values == {"charge": CHARGE}
    assert not desk.state.slots["charge"].doubtful


def test_a_late_answer_outlives_a_silence(storage: SqliteStorage) -> None:
    desk = Desk(storage, Patience(2.5, 2.6))
    desk.say("you know")
    desk.turns.keep_waiting("CA1", "wait-1")
    desk.turns.take("CA1", 2, "", Silence(NOON))
    desk.brain.inquiries[0].came_late = read(700)
    desk.brain.ready = True
    assert said(desk.say("well", turn=3)) == "Between what times?"


def test_time_spent_finding_the_call_is_not_spent_again_on_the_model(
    storage: SqliteStorage,
) -> None:
    desk = Desk(storage)

    class Slow:
        """A store that takes a second to find a call."""

        def find_call(self, carrier_id: str) -> object:
            desk.clock.move(1.0)
            return storage.find_call(carrier_id)

        def __getattr__(self, name: str) -> object:
            return getattr(storage, name)

    agent = english()
    parts = replace(desk.parts, storage=Slow(), last_saved=LastSaved())  # type: ignore[arg-type]
    slow = Turns(parts, {agent.agent: agent})
    slow.take("CA1", 1, "", Utterance("500 rupees", NOON, 0.9))
    assert desk.brain.inquiries[0].waits == [1.5]
    assert desk.records[1].timings_ms["find"] == 1000


def test_words_said_anew_after_a_failed_save_are_read_for_themselves(
    storage: SqliteStorage,
) -> None:
    desk = Desk(storage)
    desk.brain.ready = True

    class FailsOnce:
        """A store that cannot be written the first time."""

        has_failed = False

        def save_call(self, *values: Any) -> object:
            if not self.has_failed:
                self.has_failed = True
                raise StorageError("away")
            return storage.save_call(*values)

        def __getattr__(self, name: str) -> object:
            return getattr(storage, name)

    agent = english()
    parts = replace(desk.parts, storage=FailsOnce())  # type: ignore[arg-type]
    turns = Turns(parts, {agent.agent: agent})
    with pytest.raises(StorageError):
        turns.take("CA1", 1, "say-1", Utterance("500 rupees", NOON, 0.9))
    turns.take("CA1", 1, "say-2", Utterance("600 rupees", NOON, 0.9))
    assert desk.state.values == {"charge": {"amount": 600, "currency": "INR"}}
    assert desk.records[1].caller == "600 rupees"


def test_a_line_that_comes_back_after_the_call_has_ended_is_hung_up(
    storage: SqliteStorage,
) -> None:
    desk = Desk(storage)
    desk.say("500 rupees")
    desk.turns.end("CA1", NOON, "completed")
    answer = desk.turns.keep_waiting("CA1", "wait-1")
    assert answer.actions == (HangUp(HangUpReason.FAILED),)
    assert desk.state.outcome is Outcome.ABANDONED


def test_the_last_words_are_said_again_to_a_line_that_comes_back_late(
    storage: SqliteStorage,
) -> None:
    desk = Desk(storage)
    desk.say("bye")
    last = desk.turns.current("CA1")
    assert isinstance(last.actions[-1], HangUp)
    assert desk.turns.keep_waiting("CA1", "wait-1").actions == last.actions


def test_a_turn_with_fillers_is_counted_once_and_each_filler_once(storage: SqliteStorage) -> None:
    desk = Desk(storage, Patience(2.5, 8.0))
    desk.say("500 rupees")
    for number in range(3):
        desk.turns.keep_waiting("CA1", f"wait-{number}")
    counted = desk.parts.books.metrics.exposition()[0].decode()
    assert 'callwright_turns_total{agent="rates",brain="rules"} 1.0' in counted
    assert 'callwright_turns_total{agent="rates",brain="none"} 1.0' in counted  # the greeting
    assert 'callwright_cost_usd_total{item="recognition"} 0.04' in counted
    assert "callwright_fillers_total 3.0" in counted


def test_a_call_goes_on_when_the_file_of_its_agent_has_changed(storage: SqliteStorage) -> None:
    desk = Desk(storage)
    desk.say("who is calling, 500 rupees")
    old = english()
    deposit = old.fields[0].model_copy(update={"name": "deposit"})
    new = english(version="new", answers=(), fields=(*old.fields, deposit))
    desk.brain.ready = True
    turns = Turns(replace(desk.parts, notes=Notebook(), last_saved=LastSaved()), {new.agent: new})
    assert said(turns.keep_waiting("CA1", "wait-1")) == "Between what times?"
    turns.take("CA1", 2, "say-2", Utterance("2 to 5 pm", NOON, 0.9))
    assert desk.state.values["charge"] == CHARGE
    assert desk.state.asking == "deposit"


@pytest.mark.parametrize(("hard_limit_s", "waited"), [(1.0, 1.0), (2.5, 2.5)])
def test_no_filler_is_played_when_the_rules_would_answer_right_after_it(
    storage: SqliteStorage, hard_limit_s: float, waited: float
) -> None:
    desk = Desk(storage, Patience(2.5, hard_limit_s))
    assert said(desk.say("500 rupees")) == "Between what times?"
    assert desk.brain.inquiries[0].waits == [waited]
    assert desk.brain.inquiries[0].settled
    assert "filler" not in desk.records[1].usage
