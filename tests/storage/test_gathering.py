"""Work that is done for many threads together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.base import StaleCall, StorageError
from storage.gathering import Gathering
from tests.waiting import wait_until


class Doubling:
    """Doubles numbers, refuses negative ones, and waits in its first go until it is let go on."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.started = threading.Event()
        self.go_on = threading.Event()

    def work(self, numbers: Sequence[int]) -> Sequence[int | StorageError]:
        self.goes.append(list(numbers))
        self.started.set()
        assert self.go_on.wait(10)
        return [
            StaleCall(f"{number} is negative") if number < 0 else 2 * number for number in numbers
        ]


def ask_while_busy(doubling: Doubling, most: int, numbers: Sequence[int]) -> list[object]:
    """Ask for 0, and for the numbers while that is at work; what they were told, in order."""
    gathering = Gathering(doubling.work, most=most)

    def ask(number: int) -> object:
        try:
            return gathering.ask(number)
        except StorageError as error:
            return error

    with ThreadPoolExecutor(len(numbers) + 1) as threads:
        first = threads.submit(ask, 0)
        assert doubling.started.wait(10)
        others = [threads.submit(ask, number) for number in numbers]
        wait_until(lambda: len(gathering._waiting) == len(numbers))
        doubling.go_on.set()
        return [first.result(), *(other.result() for other in others)]


def test_what_comes_while_work_is_done_is_done_together_next() -> None:
    doubling = Doubling()

    told = ask_while_busy(doubling, 64, range(1, 9))

    assert told == [2 * number for number in range(9)]
    assert [sorted(go) for go in doubling.goes] == [[0], list(range(1, 9))]


def test_a_go_is_no_larger_than_allowed() -> None:
    doubling = Doubling()

    told = ask_while_busy(doubling, 3, range(1, 9))

    assert told == [2 * number for number in range(9)]
    assert [len(go) for go in doubling.goes] == [1, 3, 3, 2]


def test_each_has_its_own_outcome() -> None:
    told = ask_while_busy(Doubling(), 64, [1, -2, 3])

    assert [str(outcome) for outcome in told] == ["0", "2", "-2 is negative", "6"]
    assert isinstance(told[2], StaleCall)


def test_work_that_fails_fails_for_all_and_the_next_is_done() -> None:
    fails = [StorageError("no disk")]

    def work(numbers: Sequence[int]) -> Sequence[int]:
        if fails:
            raise fails.pop()
        return numbers

    gathering = Gathering(work, most=8)
    with pytest.raises(StorageError, match="no disk"):
        gathering.ask(1)

    assert gathering.ask(2) == 2


def test_a_bug_in_the_work_leaves_nobody_waiting() -> None:
    class Bug(Exception):
        """Not an error of a store."""

    bugs = [Bug()]
    doubling = Doubling()

    def work(numbers: Sequence[int]) -> Sequence[int | StorageError]:
        outcomes = doubling.work(numbers)
        if len(numbers) > 1 and bugs:
            raise bugs.pop()
        return outcomes

    gathering = Gathering(work, most=64)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(gathering.ask, 0)
        assert doubling.started.wait(10)
        others = [threads.submit(gathering.ask, number) for number in (1, 2, 3)]
        wait_until(lambda: len(gathering._waiting) == 3)
        doubling.go_on.set()
        assert first.result() == 0
        kinds = sorted(type(other.exception()).__name__ for other in others)

    assert kinds == ["Bug", "StorageError", "StorageError"]
    assert gathering.ask(4) == 8


def test_of_many_threads_none_is_lost() -> None:
    gathering: Gathering[int, int] = Gathering(lambda numbers: numbers, most=5)

    with ThreadPoolExecutor(32) as threads:
        assert list(threads.map(gathering.ask, range(5000))) == list(range(5000))
