"""One piece of work for many threads together: what arrives meanwhile is done in the next go.

Syncing a disk or asking a database costs about the same for one as for fifty. No thread of its
own: the first to arrive does the work for all who wait, then hands over to the first of the rest.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from storage.base import StorageError

A = TypeVar("A")
B = TypeVar("B")

# Work on many items; an outcome each, in their order. What it raises is everybody's.
Work = Callable[[Sequence[A]], Sequence[B | StorageError]]


class _Place(Generic[A, B]):
    """A thread that waits: its item, its turn to lead, its outcome."""

    __slots__ = ("item", "leads", "outcome", "turn")

    def __init__(self, item: A) -> None:
        self.item = item
        self.leads = False
        self.outcome: list[B | StorageError] = []
        self.turn = threading.Lock()  # held until the thread is to go on
        self.turn.acquire()


class Gathering(Generic[A, B]):
    """Does `work` in one thread at a time, for at most `most` items a go.

    Two goes at once would be half as large each, and cost as much as one of all.
    """

    def __init__(self, work: Work[A, B], most: int) -> None:
        self._work = work
        self._is_at_work = False
        self._most = most
        self._waiting: deque[_Place[A, B]] = deque()
        self._lock = threading.Lock()

    def ask(self, item: A) -> B:
        """The outcome for an item; raises the StorageError that is its outcome."""
        place: _Place[A, B] = _Place(item)
        with self._lock:
            place.leads = not self._is_at_work
            self._is_at_work = True
            if not place.leads:
                self._waiting.append(place)
        if not place.leads:
            place.turn.acquire()  # until another thread has done it, or hands over
        if place.leads:
            self._lead(place)
        [outcome] = place.outcome
        if isinstance(outcome, StorageError):
            # One error may be that of many threads, and each writes its own trace into it.
            raise type(outcome)(*outcome.args) from outcome
        return outcome

    def _lead(self, leader: _Place[A, B]) -> None:
        with self._lock:
            others = min(self._most - 1, len(self._waiting))
            batch = [leader, *(self._waiting.popleft() for _ in range(others))]
        outcomes: Sequence[B | StorageError] = ()
        try:
            outcomes = self._work([place.item for place in batch])
        except StorageError as error:
            outcomes = [error] * len(batch)
        finally:
            self._hand_over()
            if len(outcomes) != len(batch):  # a bug, which the leader reports
                outcomes = [StorageError("What was done for many broke off.")] * len(batch)
            for place, outcome in zip(batch, outcomes, strict=True):
                place.outcome.append(outcome)
                if place is not leader:
                    place.turn.release()

    def _hand_over(self) -> None:
        """Let the next lead, who is in no other's batch any more; or be done."""
        with self._lock:
            if not self._waiting:
                self._is_at_work = False
                return
            following = self._waiting.popleft()
        following.leads = True
        following.turn.release()
