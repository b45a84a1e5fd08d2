"""Turns count once: repeated, late, early, raced, killed by a stale version, of a lost agent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.schema import Agent
from calls.session import Parts
from calls.turns import TRIES_MOST, Arrival, Reply, Turns, UnknownAgent, UnknownCall
from conversation.actions import HangUp, Say
from conversation.events import Digits, HandoverAnswered, HandoverResult, Silence, Utterance
from conversation.extraction import ExtractionRequest
from conversation.state import new_state
from providers.llm.inquiry import Answered
from providers.llm.rules import RulesBrain
from storage.base import DuplicateCall, StaleCall
from storage.records import CallRecord
from storage.sqlite import SqliteStorage
from tests.conversation.casting import NOON, english

ARRIVAL = Arrival("RATES", "CA1", "+919876543210", "+914400000000", "inbound", "delivery-0")
CHARGE = {"amount": 500, "currency": "INR"}
WINDOW = {"start": "14:00", "end": "17:00"}


class Clock:
    """Goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Rival(RulesBrain):
    """A brain during whose work another process takes a turn of the same call."""

    name = "rival"

    def __init__(self, turns: Turns, times: int = 1) -> None:
        self.turns = turns
        self.times = times

    def begin(self, agent: Agent, request: ExtractionRequest) -> Answered:
        if self.times:
            self.times -= 1
            self.turns.take("CA1", None, "", Silence(NOON))
        return super().begin(agent, request)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    store = SqliteStorage(tmp_path / "calls.db")
    yield store
    store.close()


def turns_on(storage: Any, brain: Any = None, agent: Agent | None = None) -> Turns:
    agent = agent or english()
    return Turns(Parts(storage, brain or RulesBrain(), Clock()), {agent.agent: agent})


def said(reply: Reply) -> str:
    return " ".join(action.text for action in reply.actions if isinstance(action, Say))


def words(text: str) -> Utterance:
    return Utterance(text, NOON, 0.9)


def kept(storage: SqliteStorage) -> CallRecord:
    call = storage.find_call("CA1")
    assert call is not None
    return call


def test_a_call_is_greeted_kept_and_its_turns_are_recorded(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    first = turns.start(ARRIVAL)
    assert (said(first), first.turn) == ("Welcome to Rate line. What do you charge?", 1)
    second = turns.take("CA1", 1, "d1", words("500 rupees"))
    assert (said(second), second.turn) == ("Between what times?", 2)
    turns.take("CA1", 2, "d2", Digits("14001700", NOON))
    last = turns.take("CA1", 3, "d3", words("yes"))
    assert isinstance(last.actions[-1], HangUp)

    call = kept(storage)
    assert (call.stage, call.outcome, call.direction) == ("completed", "completed", "inbound")
    assert call.ended_at
    records = storage.turns(call.call_id)
    assert [(one.turn, one.caller_by, one.accepted) for one in records] == [
        (0, "none", {}),
        (1, "speech", {"charge": CHARGE}),
        (2, "keys", {"window": WINDOW}),
        (3, "speech", {}),
    ]
    assert records[1].brain == "rules"
    assert records[1].confidence == 0.9
    collected = storage.collected(call.call_id)
    assert collected
    assert (collected.data, collected.complete) == ({"charge": CHARGE, "window": WINDOW}, True)


def test_a_greeting_that_is_asked_for_twice_is_given_once(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    first = turns.start(ARRIVAL)
    turns.take("CA1", 1, "d1", words("500 rupees"))
    again = turns.start(ARRIVAL)
    assert said(again) == "Between what times?"
    assert again.call.call_id == first.call.call_id
    assert kept(storage).version == 2


def test_a_turn_that_comes_twice_gets_the_same_answer_and_counts_once(
    storage: SqliteStorage,
) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    once = turns.take("CA1", 1, "d1", words("500 rupees"))
    for number, delivery in ((1, "d1"), (1, "other"), (1, ""), (None, "d1"), (0, "")):
        again = turns.take("CA1", number, delivery, words("900 rupees"))
        assert (again.actions, again.turn) == (once.actions, once.turn)
    assert kept(storage).state["slots"] == {
        "charge": {"value": CHARGE, "heard": "500 rupees"},
        "window": {},
    }


def test_a_turn_from_the_future_changes_nothing(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    first = turns.start(ARRIVAL)
    early = turns.take("CA1", 7, "d7", words("500 rupees"))
    assert early.actions == first.actions
    assert kept(storage).version == first.call.version


def test_a_turn_without_a_number_is_the_one_that_is_due(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    assert said(turns.take("CA1", None, "", words("500 rupees"))) == "Between what times?"


def test_the_current_answer_is_the_last_one_unchanged(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    last = turns.take("CA1", 1, "d1", words("500 rupees"))
    assert turns.current("CA1").actions == last.actions


def test_a_loser_of_a_race_gives_the_winners_answer(storage: SqliteStorage) -> None:
    winner = turns_on(storage)
    winner.start(ARRIVAL)
    loser = turns_on(storage, Rival(winner))
    for number in (1, None):
        reply = loser.take("CA1", number, "", words("500 rupees"))
        assert said(reply).startswith("I didn't hear anything.")
        loser = turns_on(storage, Rival(winner))
    assert kept(storage).state["slots"] == {"charge": {}, "window": {}}
    assert len(storage.turns(kept(storage).call_id)) == 3


def test_a_call_that_changes_without_end_is_given_up(storage: SqliteStorage) -> None:
    class AlwaysStale:
        """A store in which somebody else is always faster."""

        def __getattr__(self, name: str) -> Any:
            return getattr(storage, name)

        def save_call(self, *_: Any) -> CallRecord:
            raise StaleCall("somebody was faster")

    turns_on(storage).start(ARRIVAL)
    turns = turns_on(AlwaysStale())
    with pytest.raises(StaleCall, match="too fast to take a turn"):
        turns.take("CA1", 1, "", words("500"))
    with pytest.raises(StaleCall, match="too fast to be ended"):
        turns.end("CA1", NOON, "completed")
    with pytest.raises(StaleCall, match="too fast to be greeted"):
        turns.start(replace(ARRIVAL, carrier_id="CA2"))


def test_two_processes_that_greet_the_same_call_keep_one(storage: SqliteStorage) -> None:
    class Late:
        """A store that learns of the other process's call only when it keeps its own."""

        def __init__(self) -> None:
            self.tried = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(storage, name)

        def create_call(self, call: CallRecord) -> None:
            self.tried += 1
            if self.tried == 1:
                turns_on(storage).start(ARRIVAL)
            storage.create_call(call)

    late = Late()
    reply = turns_on(late).start(ARRIVAL)
    assert late.tried == 1 < TRIES_MOST
    assert said(reply).startswith("Welcome to Rate line.")
    with pytest.raises(DuplicateCall):
        storage.create_call(replace(kept(storage), call_id="another"))


def test_the_end_of_the_line_closes_the_call_once(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    turns.take("CA1", 1, "d1", words("500 rupees"))
    turns.end("CA1", NOON, "completed")
    turns.end("CA1", NOON, "completed")
    call = kept(storage)
    assert (call.outcome, call.stage, call.version) == ("abandoned", "collecting", 3)
    collected = storage.collected(call.call_id)
    assert collected
    assert (collected.data, collected.complete) == ({"charge": CHARGE}, False)
    assert len(storage.turns(call.call_id)) == 2
    assert isinstance(turns.take("CA1", 2, "d2", words("hello?")).actions[-1], HangUp)


def test_what_comes_after_the_end_is_hung_up_on_and_leaves_no_trace(
    storage: SqliteStorage,
) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    turns.take("CA1", 1, "d1", words("500 rupees, 2 pm to 5 pm"))
    turns.take("CA1", 2, "d2", words("yes"))
    before = (kept(storage), storage.turns(kept(storage).call_id))
    late = turns.take("CA1", 3, "d3", words("no, 900"))
    assert isinstance(late.actions[-1], HangUp)
    assert (kept(storage), storage.turns(kept(storage).call_id)) == before


def test_an_operators_answer_is_no_silence_of_the_caller(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    turns.take("CA1", 1, "", words("I want to speak to a human"))
    turns.take("CA1", 2, "", HandoverAnswered(HandoverResult.BUSY, NOON))
    assert [one.caller_by for one in storage.turns(kept(storage).call_id)] == [
        "none",
        "speech",
        "none",
    ]


def test_a_line_that_never_connected_failed(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    turns.end("CA1", NOON, "busy")
    assert kept(storage).outcome == "failed"


def test_a_silent_turn_is_recorded_as_silence(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    turns.start(ARRIVAL)
    turns.take("CA1", 1, "", Silence(NOON))
    assert storage.turns(kept(storage).call_id)[1].caller_by == "silence"


def test_calls_and_agents_that_are_not_there_are_named(storage: SqliteStorage) -> None:
    turns = turns_on(storage)
    with pytest.raises(UnknownCall, match="CA9"):
        turns.take("CA9", 1, "", words("500"))
    with pytest.raises(UnknownAgent, match="no agent 'NOPE'; there are: rates"):
        turns.start(replace(ARRIVAL, agent="NOPE"))
    assert storage.find_call("CA1") is None
    turns.start(ARRIVAL)
    other = turns_on(storage, agent=english(agent="other"))
    with pytest.raises(UnknownAgent, match="'rates'"):
        other.take("CA1", 1, "", words("500"))


def test_an_ordered_call_takes_the_carriers_id_and_its_own_variables(
    storage: SqliteStorage,
) -> None:
    agent = english(variables={"city": "Chennai"})
    turns = turns_on(storage, agent=agent)
    model = turns.start(replace(ARRIVAL, carrier_id="CA0")).call
    ordered = replace(
        model,
        call_id="ordered",
        carrier_id=None,
        direction="outbound",
        version=0,
        answer={},
        state=new_state(agent, NOON, {"city": "Madurai"}).to_dict(),
    )
    storage.create_call(ordered)
    reply = turns.start(replace(ARRIVAL, call_id="ordered"))
    assert (reply.call.call_id, reply.call.carrier_id) == ("ordered", "CA1")
    assert reply.call.state["variables"] == {"city": "Madurai"}
    stranger = turns.start(replace(ARRIVAL, carrier_id="CA2", call_id="ordered"))
    assert stranger.call.call_id not in ("ordered", model.call_id)
