"""Calls that went quiet are ended; those that are up are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from calls.progress import Progress
from calls.session import Parts
from calls.sweep import BATCH, QUIET, QUIET_IN_HANDOVER, Sweep
from calls.turns import Arrival, Turns
from providers.llm.rules import RulesBrain
from storage.base import StaleCall
from storage.records import CallQuery, CallRecord
from storage.sqlite import SqliteStorage
from tests.conversation.casting import NOON, english


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    store = SqliteStorage(tmp_path / "calls.db")
    yield store
    store.close()


@pytest.fixture
def turns(storage: SqliteStorage, time: Time) -> Turns:
    agent = english()
    return Turns(Parts(storage, RulesBrain(), time), {agent.agent: agent})


@pytest.fixture
def sweep(storage: SqliteStorage, turns: Turns, time: Time) -> Sweep:
    return Sweep(storage, Progress(storage, turns, time), time)


def call_in(turns: Turns, carrier_id: str = "CA1") -> CallRecord:
    arrival = Arrival("RATES", carrier_id, "+919876543210", "+914400000000", "inbound")
    return turns.start(arrival).call


def kept(storage: SqliteStorage, call: CallRecord) -> CallRecord:
    found = storage.load_call(call.call_id)
    assert found is not None
    return found


def test_a_call_that_went_quiet_was_abandoned(
    turns: Turns, sweep: Sweep, storage: SqliteStorage, time: Time
) -> None:
    call = call_in(turns)
    time.now += QUIET + timedelta(seconds=1)
    fresh = call_in(turns, "CA2")

    sweep.work(Event())

    ended = kept(storage, call)
    assert (ended.outcome, ended.ended_at) == ("abandoned", time.now)
    assert storage.collected(call.call_id) is not None
    assert kept(storage, fresh).outcome is None


def test_an_operator_may_talk_for_hours(
    turns: Turns, sweep: Sweep, storage: SqliteStorage, time: Time
) -> None:
    call = call_in(turns)
    storage.save_call(replace(call, stage="handover"))
    time.now += QUIET_IN_HANDOVER - timedelta(seconds=1)

    sweep.work(Event())
    assert kept(storage, call).outcome is None

    time.now += timedelta(seconds=2)
    sweep.work(Event())
    assert kept(storage, call).outcome is not None


def test_an_order_that_never_rang_has_failed(
    sweep: Sweep, storage: SqliteStorage, turns: Turns, time: Time
) -> None:
    call = replace(call_in(turns), call_id="ordered", carrier_id=None, answer={}, version=0)
    storage.create_call(call)
    time.now += QUIET + timedelta(seconds=1)

    sweep.work(Event())

    assert kept(storage, call).outcome == "failed"


def test_however_many_there_are_all_are_ended(
    turns: Turns, sweep: Sweep, storage: SqliteStorage, time: Time
) -> None:
    first = call_in(turns)
    storage.save_call(replace(first, stage="handover"))
    for number in range(BATCH + 5):
        storage.create_call(
            replace(first, call_id=f"c{number}", carrier_id=None, answer={}, version=0)
        )
    time.now += QUIET + timedelta(seconds=1)

    sweep.work(Event())

    still = storage.calls(CallQuery(open_only=True, limit=1000))
    assert [call.call_id for call in still] == [first.call_id]


def test_a_call_in_which_something_happens_meanwhile_goes_on(
    turns: Turns, sweep: Sweep, storage: SqliteStorage, time: Time
) -> None:
    call = replace(call_in(turns), call_id="ordered", carrier_id=None, answer={}, version=0)
    storage.create_call(call)
    storage.save_call(call)  # another process

    with pytest.raises(StaleCall):
        sweep.progress.give_up(call)
    assert kept(storage, call).outcome is None


def test_a_sweep_that_is_stopped_leaves_the_rest(
    turns: Turns, sweep: Sweep, storage: SqliteStorage, time: Time
) -> None:
    call = call_in(turns)
    time.now += QUIET + timedelta(seconds=1)
    stop = Event()
    stop.set()

    sweep.work(stop)

    assert kept(storage, call).outcome is None
