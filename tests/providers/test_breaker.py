"""When a provider is left alone, and when it is tried again."""

from __future__ import annotations

from providers.breaker import Breaker


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def failing(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        assert breaker.admits()
        breaker.record(worked=False)


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(3, 15.0, Clock())
    failing(breaker, 2)
    breaker.record(worked=True)
    failing(breaker, 2)
    assert breaker.admits()
    breaker.record(worked=False)
    assert not breaker.admits()
    assert breaker.is_open


def test_after_the_pause_one_call_at_a_time_may_try() -> None:
    clock = Clock()
    breaker = Breaker(2, 15.0, clock)
    failing(breaker, 2)
    clock.now_s += 14.9
    assert not breaker.admits()
    clock.now_s += 0.2
    assert breaker.admits()
    assert not breaker.admits()


def test_a_probe_that_works_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(2, 15.0, clock)
    failing(breaker, 2)
    clock.now_s += 15
    assert breaker.admits()
    breaker.record(worked=True)
    assert [breaker.admits() for _ in range(3)] == [True] * 3


def test_a_probe_that_fails_starts_another_pause() -> None:
    clock = Clock()
    breaker = Breaker(2, 15.0, clock)
    failing(breaker, 2)
    clock.now_s += 15
    failing(breaker, 1)
    clock.now_s += 14.9
    assert not breaker.admits()
    clock.now_s += 0.2
    assert breaker.admits()


def test_calls_let_in_before_it_opened_do_not_prolong_the_pause() -> None:
    clock = Clock()
    breaker = Breaker(2, 15.0, clock)
    assert [breaker.admits() for _ in range(3)] == [True] * 3
    breaker.record(worked=False)
    breaker.record(worked=False)
    clock.now_s += 10
    breaker.record(worked=False)
    clock.now_s += 5
    assert breaker.admits()
