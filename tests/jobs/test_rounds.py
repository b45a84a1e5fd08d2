"""Rounds: done again and again, by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from jobs.app import Jobs
from jobs.hands import NOBODY_WORKS, Hands, Watch
from jobs.rounds import KIND, Round, Rounds, last_done_at
from storage.base import StorageError
from storage.register import Entry, Register
from storage.sqlite_register import SqliteRegister
from tests.redis_server import RedisServer
from tests.waiting import wait_until

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


class Work:
    """Counts how often it was done."""

    def __init__(self, error: StorageError | None = None) -> None:
        self.done = 0
        self.error = error

    def __call__(self, stop: Event) -> None:
        self.done += 1
        if self.error is not None:
            raise self.error


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with closing(SqliteRegister(tmp_path / "calls.db")) as opened:
        yield opened


def test_a_round_is_done_at_once_and_again(register: Register) -> None:
    work = Work()
    rounds = Rounds(register)
    rounds.add(Round("sweep", 0.02, work))

    rounds.start()

    wait_until(lambda: work.done >= 3)
    rounds.close()
    rounds.close()
    assert rounds.do(Round("sweep", 0.02, work)) is False


def test_of_several_processes_one_does_it(register: Register) -> None:
    time, work = Time(), Work()
    one, other = Rounds(register, time), Rounds(register, time)
    sweep = Round("sweep", 10, work)

    assert [one.do(sweep), other.do(sweep), one.do(sweep)] == [True, False, True]
    assert other.do(Round("another", 10, work)) is True


def test_when_a_process_dies_another_goes_on(register: Register) -> None:
    time, work = Time(), Work()
    killed, other = Rounds(register, time), Rounds(register, time)
    sweep = Round("sweep", 10, work)
    killed.do(sweep)

    time.now += timedelta(seconds=29)
    assert other.do(sweep) is False
    time.now += timedelta(seconds=2)
    assert other.do(sweep) is True
    assert killed.do(sweep) is False  # it was frozen, and is too late


def test_a_process_that_works_keeps_its_lease(register: Register) -> None:
    time, work = Time(), Work()
    one, other = Rounds(register, time), Rounds(register, time)
    sweep = Round("sweep", 10, work)

    for _ in range(10):
        assert one.do(sweep) is True
        assert other.do(sweep) is False
        time.now += timedelta(seconds=10)


def test_a_process_that_ends_lets_the_next_begin_at_once(register: Register) -> None:
    time, work = Time(), Work()
    one, other = Rounds(register, time), Rounds(register, time)
    sweep = Round("sweep", 3600, work)
    one.add(sweep)
    one.do(sweep)

    one.close()

    assert register.get(KIND, "sweep") is None
    assert other.do(sweep) is True


def test_a_store_that_fails_is_tried_again(register: Register) -> None:
    work = Work(StorageError("away"))
    rounds = Rounds(register)
    rounds.add(Round("sweep", 0.02, work))

    rounds.start()

    wait_until(lambda: work.done >= 2)
    rounds.close()


# In turn: whoever is told does it


def test_in_turn_the_next_time_is_anybodys(register: Register) -> None:
    time, work = Time(), Work()
    one, other = Rounds(register, time), Rounds(register, time)
    sweep = Round("sweep", 10, work)

    assert [one.do_in_turn(sweep), other.do_in_turn(sweep), one.do_in_turn(sweep)] == [True] * 3
    assert last_done_at(register, AT) == AT


def test_in_turn_nobody_does_what_another_is_at(register: Register) -> None:
    time = Time()
    one, other = Rounds(register, time), Rounds(register, time)
    found: list[bool] = []

    def works(_: Event) -> None:
        found.append(other.do_in_turn(Round("sweep", 10, works)))

    assert one.do_in_turn(Round("sweep", 10, works)) is True
    assert found == [False]


def test_in_turn_a_killed_one_is_followed_when_its_lease_is_over(register: Register) -> None:
    time, work = Time(), Work()
    other = Rounds(register, time)
    # As it is kept while a round is being done.
    until = (AT + timedelta(seconds=30)).isoformat()
    register.put(Entry(KIND, "sweep", {"owner": "killed", "until": until}, AT, AT))

    assert other.do_in_turn(Round("sweep", 10, work)) is False
    time.now += timedelta(seconds=31)
    assert other.do_in_turn(Round("sweep", 10, work)) is True


def test_in_turn_what_fails_does_not_count_as_done(register: Register) -> None:
    work = Work(StorageError("away"))
    rounds = Rounds(register, Time())

    assert rounds.do_in_turn(Round("sweep", 10, work)) is False
    assert rounds.do_in_turn(Round("sweep", 10, work)) is False
    assert (work.done, last_done_at(register, AT)) == (2, None)


@pytest.mark.parametrize("way", ["do", "do_in_turn"])
def test_a_round_that_takes_long_keeps_its_lease_and_is_not_begun_again(
    register: Register, way: str
) -> None:
    time = Time()
    one, other = Rounds(register, time, 0.03), Rounds(register, time, 0.03)
    begun: list[Rounds] = []

    def is_renewed() -> bool:
        kept = register.get(KIND, "sweep")
        return kept is not None and str(kept.body["until"]) > time.now.isoformat()

    def works(_: Event) -> None:
        begun.append(one)
        for _again in range(3):
            time.now += timedelta(seconds=60)  # the lease is over, unless it is renewed
            wait_until(is_renewed)
            begun.extend(each for each in (one, other) if getattr(each, way)(sweep))

    sweep = Round("sweep", 0.01, works)
    assert getattr(one, way)(sweep) is True
    assert begun == [one]


def test_of_a_round_that_somebody_waits_for_another_goes_on_sooner(register: Register) -> None:
    time = Time()
    killed, other = Rounds(register, time), Rounds(register, time)
    quick = Round("dialer", 1, Work(), lasts_s=8)
    killed.do(quick)

    time.now += timedelta(seconds=7)
    assert other.do(quick) is False
    time.now += timedelta(seconds=2)
    assert other.do(quick) is True


@pytest.mark.parametrize("way", ["do", "do_in_turn"])
def test_a_lease_of_a_clock_that_was_ahead_stops_nobody(register: Register, way: str) -> None:
    ahead, time, work = Time(), Time(), Work()
    ahead.now += timedelta(hours=20)
    sweep, other = Round("sweep", 10, work), Rounds(register, time)
    until = ahead.now + timedelta(seconds=30)
    body = {"owner": "killed", "until": until.isoformat(), "done_at": ahead.now.isoformat()}
    register.put(Entry(KIND, "sweep", body, ahead.now, ahead.now))

    assert last_done_at(register, time.now) is None
    assert getattr(other, way)(sweep) is True
    assert work.done == 1


def test_who_is_told_to_halt_begins_nothing_more(register: Register) -> None:
    work = Work()
    rounds = Rounds(register, Time())

    rounds.halt()

    assert rounds.do_in_turn(Round("sweep", 10, work)) is False


def test_it_shows_whether_anybody_works(register: Register) -> None:
    time = Time()
    with RedisServer() as redis:
        alone, shared = (Watch(jobs, register, time) for jobs in (Jobs(), Jobs(redis.url)))
        assert (alone.hands(), shared.hands()) == (Hands.HERE, Hands.NOBODY)
        assert shared.trouble() == NOBODY_WORKS

        time.now += timedelta(seconds=6)
        Rounds(register, time).do_in_turn(Round("sweep", 10, Work()))
        assert (shared.hands(), shared.trouble()) == (Hands.WORKERS, "")

        time.now += timedelta(seconds=61)
        assert shared.hands() is Hands.NOBODY

    time.now += timedelta(seconds=6)
    assert shared.hands() is Hands.UNREACHABLE
    assert "Redis is away" in shared.trouble()
