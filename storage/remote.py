"""A database elsewhere, as the failover sees it: what it can do, and whether it is there."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from storage.base import DatabaseAway, Storage
from storage.changes import Change
from storage.records import CallRecord

log = logging.getLogger(__name__)

# How long one request may wait for a database that may be away; local ones answer in 5 ms, those
# of a cloud in 50. A caller notices from about a second on.
PATIENCE_S = 0.4
# The same for the thread behind, whom nobody waits for.
BEHIND_S = 2.0


class Database(Storage, Protocol):
    """A store that can be away, and that applies the same change any number of times."""

    def within(self, seconds: float) -> AbstractContextManager[object]:
        """A time limit for all operations of this thread together, until it is left."""

    def connect(self) -> None:
        """Reach it and get it ready. DatabaseAway, or StorageError when it lets nobody in."""

    def apply(self, change: Change) -> bool:
        """Write a change, once however often it is applied; False for a known callback."""

    def apply_all(self, changes: Sequence[Change]) -> Sequence[bool]:
        """`apply` for many together; whether each is known to be written.

        One that is not has to be applied alone to know what became of it.
        """

    def land(self) -> None:
        """Finish what `apply_all` left to be done later."""

    def find_calls(self, carrier_ids: Collection[str]) -> Mapping[str, CallRecord]:
        """`find_call` for many together; what is not known is not in it."""


class Remote:
    """The database, and whether it is there as far as this process knows."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_up = False
        self._is_told = False  # that it is away
        self.back_at_ns = 0  # since 1970; what was accepted before was in nobody's hands

    def look(self) -> None:
        """Try to reach a database that is away. StorageError when it refuses us."""
        if self.is_up:
            return
        try:
            with self.database.within(BEHIND_S):
                self.database.connect()
        except DatabaseAway as error:
            self._tell(error)
            return
        self.back_at_ns = time.time_ns()
        self.is_up = True
        self._is_told = False
        log.info("the database is there")

    @contextmanager
    def or_away(self) -> Iterator[None]:
        """Note when the database is away, and go on from the journal."""
        try:
            yield
        except DatabaseAway as error:
            self.note_away(error)

    def note_away(self, error: DatabaseAway) -> None:
        """An operation has found that it is away."""
        self.is_up = False
        self._tell(error)

    def _tell(self, error: DatabaseAway) -> None:
        """Once for an outage, which may have begun before we did."""
        if not self._is_told:
            self._is_told = True
            log.warning("the database is away; calls go on from the journal", exc_info=error)

    @contextmanager
    def patiently(self) -> Iterator[Database]:
        """The database for one request. DatabaseAway at once when another found that it is."""
        if not self.is_up:
            raise DatabaseAway("The database is away.")
        with self.database.within(PATIENCE_S):
            yield self.database
