"""What takes long to count is counted seldom, once for all threads and processes that ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from campaigns.seldom import COUNTING, Rows, Seldom, Shelf
from storage.sqlite_register import SqliteRegister

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Counter:
    """Counts how often it is asked; a clock of its own passes meanwhile."""

    register: SqliteRegister
    takes_s: float = 0.5
    now_s: float = 0.0
    counted: list[str] = field(default_factory=list)

    def count(self, key: str) -> Rows:
        self.counted.append(key)
        self.now_s += self.takes_s
        return [[len(self.counted)]]

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def process(self) -> Seldom[int]:
        """As another process has it."""
        shelf = Shelf(self.register, self.clock)
        return Seldom("n", self.count, lambda _, rows: rows[0][0], shelf, lambda: self.now_s)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    register = SqliteRegister(tmp_path / "calls.db")
    yield Counter(register)
    register.close()


def test_many_who_look_at_once_count_once(counter: Counter) -> None:
    seldom, together = counter.process(), Barrier(8)
    found: list[int] = []

    def look() -> None:
        together.wait()
        found.append(seldom.get("c1"))

    threads = [Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (found, counter.counted) == ([1] * 8, ["c1"])
    counter.now_s += 9.9  # twenty times as long as it took, less a moment
    assert seldom.get("c1") == 1
    counter.now_s += 0.2
    assert seldom.get("c1") == 2


def test_one_process_counts_for_all(counter: Counter) -> None:
    first, second = counter.process(), counter.process()
    assert (first.get("c1"), second.get("c1"), counter.process().get("c1")) == (1, 1, 1)
    counter.now_s += 10.1
    assert (second.get("c1"), first.get("c1")) == (2, 2)


def test_while_one_counts_the_others_have_what_was_counted_before(counter: Counter) -> None:
    first, second = counter.process(), counter.process()
    first.get("c1")
    entry = counter.register.get("counted", "n c1")
    assert entry is not None
    counter.now_s += 10.1
    assert Shelf(counter.register, counter.clock).claim(entry) is not None  # and is killed
    assert (first.get("c1"), second.get("c1")) == (1, 1)
    counter.now_s += COUNTING.total_seconds()
    assert second.get("c1") == 2


def test_what_is_counted_quickly_is_fresh_and_nothing_of_it_is_kept(counter: Counter) -> None:
    counter.takes_s = 0.01
    first, second = counter.process(), counter.process()
    assert (first.get("c1"), second.get("c1"), first.get("c1")) == (1, 2, 1)
    counter.now_s += 1
    assert first.get("c1") == 3
    assert counter.register.get("counted", "n c1") is None


def test_what_was_slow_and_is_quick_is_not_shared_any_more(counter: Counter) -> None:
    seldom = counter.process()
    seldom.get("c1")
    counter.takes_s = 0.01
    counter.now_s += 10.1
    assert seldom.get("c1") == 2
    assert counter.register.get("counted", "n c1") is None


def test_many_that_are_slow_take_no_more_than_their_share_together(counter: Counter) -> None:
    seldom = counter.process()
    for key in ("a", "b", "c"):
        seldom.get(key)
    counter.counted.clear()
    for _ in range(100):
        counter.now_s += 1
        for key in ("a", "b", "c"):
            seldom.get(key)
    assert set(counter.counted) == {"a", "b", "c"}
    assert len(counter.counted) * counter.takes_s <= 100 / 20 + counter.takes_s


def test_what_is_forgotten_is_counted_anew(counter: Counter) -> None:
    counter.takes_s = 0.01
    seldom = counter.process()
    seldom.get("c1")
    seldom.forget("c1")
    assert seldom.get("c1") == 2
