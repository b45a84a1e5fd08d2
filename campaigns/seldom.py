"""What takes long to count, counted seldom: once for all who ask, in all processes together.

Counting takes a bounded share of the time, however many look and however much there is. What is
counted quickly every process counts for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from storage.base import StorageError
from storage.register import Entry, Register

T = TypeVar("T")
Rows = Sequence[Sequence[Any]]

KIND = "counted"
# What was counted holds for so long at least, and for so many times what counting it took.
FRESH_S, TIMES = 1.0, 20.0
# Counted for all processes from here on; below it, asking what others have counted costs as much.
HEAVY_S = 0.05
# Whoever counts has died when nothing was heard for so long: longer than the store lets it count.
COUNTING = timedelta(seconds=45)
# Whoever looks asks again within this time.
ASKED_S = 15.0
# Things that are remembered at once.
REMEMBERED_MOST = 400


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one process has counted for all, in the register."""

    register: Register
    clock: Callable[[], datetime]

    def look(self, key: str) -> Entry | None:
        """What was counted last; None when nobody had to count for long."""
        return self.register.get(KIND, key)

    def left_s(self, entry: Entry) -> float:
        """Seconds until it is counted anew."""
        until = datetime.fromisoformat(str(entry.body["until"]))
        return (until - self.clock()).total_seconds()

    def claim(self, entry: Entry) -> Entry | None:
        """Count it now, instead of all others; None when somebody else does."""
        return self._put(entry.key, {**entry.body}, COUNTING, entry.version)

    def keep(self, key: str, rows: Rows, took_s: float, claimed: Entry | None) -> None:
        """Keep what was counted, for others."""
        body = {"rows": [list(row) for row in rows], "took_s": took_s}
        lasts = timedelta(seconds=max(FRESH_S, took_s * TIMES))
        self._put(key, body, lasts, 0 if claimed is None else claimed.version)

    def forget(self, key: str) -> None:
        """It is counted quickly now."""
        self.register.delete(KIND, key)

    def _put(self, key: str, body: dict[str, Any], lasts: timedelta, version: int) -> Entry | None:
        now = self.clock()
        body["until"] = (now + lasts).isoformat()
        try:
            return self.register.put(Entry(KIND, key, body, now, now, version))
        except StorageError:
            return None  # somebody was faster, or nothing can be written: others count themselves


@dataclass(slots=True)
class _Known(Generic[T]):
    """What was counted, how long it holds, and who counts it anew."""

    lock: Lock = field(default_factory=Lock)
    value: T | None = None
    until: float = float("-inf")
    took_s: float = 0.0


class Seldom(Generic[T]):
    """What `count` says of a key, as `read` has it. Safe for use from many threads."""

    def __init__(
        self,
        name: str,
        count: Callable[[str], Rows],
        read: Callable[[str, Rows], T],
        shelf: Shelf | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._count = count
        self._read = read
        self._shelf = shelf
        self._monotonic = monotonic
        self._lock = Lock()
        self._known: dict[str, _Known[T]] = {}
        self._rests_until = float("-inf")
        # Key → since when it is old, when somebody asked for it; of what takes long.
        self._wanted: dict[str, tuple[float, float]] = {}

    def get(self, key: str) -> T:
        """One asks at a time, and others get what it said last."""
        known = self._of(key)
        value = known.value
        if value is not None and not self._is_its_turn(key, known):
            return value
        if not known.lock.acquire(blocking=value is None):
            assert value is not None
            return value  # somebody is counting
        try:
            if known.value is None or self._monotonic() >= known.until:
                self._renew(key, known)
            assert known.value is not None
            return known.value
        finally:
            known.lock.release()

    def forget(self, key: str) -> None:
        """What was said is not known any more."""
        with self._lock:
            self._known.pop(key, None)

    def _is_its_turn(self, key: str, known: _Known[T]) -> bool:
        """Whether it is counted anew. Many that take long are counted one after another, the oldest
        first, with the pauses of each: together they take no more than one."""
        now = self._monotonic()
        if now < known.until:
            return False
        if known.took_s < HEAVY_S:
            return True
        with self._lock:
            self._wanted[key] = (known.until, now)
            for other, (_, asked_at) in list(self._wanted.items()):
                if now - asked_at > ASKED_S:
                    del self._wanted[other]  # nobody looks at it any more
            return (
                now >= self._rests_until and min(self._wanted, key=self._wanted.__getitem__) == key
            )

    def _renew(self, key: str, known: _Known[T]) -> None:
        with self._lock:
            self._wanted.pop(key, None)
        shelf, name = self._shelf, f"{self._name} {key}"
        is_new = known.value is None
        shelved = shelf.look(name) if shelf and (is_new or known.took_s >= HEAVY_S) else None
        claimed = None
        if shelf is not None and shelved is not None:
            left_s = shelf.left_s(shelved)
            claimed = shelf.claim(shelved) if left_s <= 0 else None
            if claimed is None:
                took_s = float(str(shelved.body["took_s"]))
                self._learn(known, self._read(key, _rows(shelved)), took_s, max(left_s, FRESH_S))
                return
        began = self._monotonic()
        rows = self._count(key)
        took_s = self._monotonic() - began
        self._learn(known, self._read(key, rows), took_s, took_s * TIMES)
        if took_s >= HEAVY_S:
            self._rests_until = self._monotonic() + took_s * TIMES
            if shelf is not None:
                shelf.keep(name, rows, took_s, claimed)
        elif shelf is not None and claimed is not None:
            shelf.forget(name)

    def _learn(self, known: _Known[T], value: T, took_s: float, lasts_s: float) -> None:
        known.value, known.took_s = value, took_s
        # Clocks of other processes may be wrong; ours is asked again soon.
        lasts_s = min(max(lasts_s, FRESH_S), max(took_s * TIMES, FRESH_S))
        known.until = self._monotonic() + lasts_s

    def _of(self, key: str) -> _Known[T]:
        with self._lock:
            known = self._known.pop(key, None) or _Known[T]()
            self._known[key] = known  # last in the order, so it stays longest
            if len(self._known) > REMEMBERED_MOST:
                del self._known[next(iter(self._known))]
            return known


def _rows(entry: Entry) -> Rows:
    rows = entry.body["rows"]
    assert isinstance(rows, list)
    return rows
