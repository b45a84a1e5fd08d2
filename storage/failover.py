"""A database elsewhere behind a journal on this machine: calls go on while the database is away.

**A write** goes into the journal first, synced to the disk, then into the database, then off the
outbox; only then is it accepted. When the database cannot be reached it is accepted all the same,
and owed. Killed at any point in between, nothing accepted is lost: the outbox still has it. Sent
twice, it counts once: the database knows the token of each change.

**A read** asks the database, unless something of the call is owed or the database is away: then
the journal answers, which knows what this machine has worked on in the last day.

**When the database is away** a request waits for it for `PATIENCE_S`, once; after that none is
asked to, until a probe has found it again. Probing and catching up cannot be done by requests,
because nobody may call for hours and no caller should wait for it: each process has one thread for
both. Of the processes on a machine one at a time catches up, under a lock that the kernel takes
from a process that dies.

**Order.** The changes of a call are always sent in the order of the outbox, by whoever sends. One
that the database refuses, because another machine went on with the call meanwhile, is set aside
with those that follow it, and logged: it stays in the journal for a person to look at.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from storage.base import (
    Condition,
    DatabaseAway,
    StaleCall,
    Storage,
    StorageError,
)
from storage.changes import Change, arrival, clip_change, creation, saving
from storage.journal import Journal, Owed
from storage.records import (
    CallEvent,
    CallQuery,
    CallRecord,
    ClipRecord,
    CollectedRecord,
    TurnRecord,
)

T = TypeVar("T")

log = logging.getLogger(__name__)

# How long one request may wait for a database that may be away; local ones answer in 5 ms, those
# of a cloud in 50. A caller notices from about a second on.
PATIENCE_S = 0.4
# The same for the thread behind, whom nobody waits for.
BEHIND_S = 2.0
# Between two looks at the outbox, or at a database that is away.
PAUSE_S = 0.25
# What is older than this is owed; what is younger may be on its way in a request.
ON_ITS_WAY_NS = 1_000_000_000
# Changes that are sent after each other and made to last together, while catching up. Well below
# the number of tokens that a database remembers of a call, or it would refuse to have them again.
BATCH = 32
# What the journal remembers of calls that the database has, and how often it forgets.
MEMORY = timedelta(days=1)
PRUNE_EVERY_S = 3600.0


class Database(Storage, Protocol):
    """A store that can be away, and that applies the same change any number of times."""

    def within(self, seconds: float) -> AbstractContextManager[object]:
        """A time limit for all operations of this thread together, until it is left."""

    def connect(self) -> None:
        """Reach it and get it ready. DatabaseAway, or StorageError when it lets nobody in."""

    def apply(self, change: Change) -> bool:
        """Write a change, once however often it is applied; False for a known callback."""

    def in_bulk(self) -> Database:
        """The same for many changes after each other; they last once `check` has passed."""


class FailoverStorage:
    """A store in `database`, and in `journal` while that is away. Owns both: `close` closes them.

    `lock` is a file beside the journal. StorageError when the database refuses us; one that is
    away at the start is as good as one that goes away later.
    """

    def __init__(self, database: Database, journal: Journal, lock: Path) -> None:
        self._database = database
        self._journal = journal
        self._lock = lock
        self._is_up = False
        self._back_at_ns = 0
        self._closing = threading.Event()
        self._pruned_at = -PRUNE_EVERY_S
        try:
            self._look_for_database()
        except StorageError:
            journal.close()
            database.close()
            raise
        self._thread = threading.Thread(target=self._work_behind, name="catch-up", daemon=True)
        self._thread.start()

    def create_call(self, call: CallRecord) -> None:
        self._accept(creation(call))

    def load_call(self, call_id: str) -> CallRecord | None:
        return self._about(call_id, lambda store: store.load_call(call_id))

    def find_call(self, carrier_id: str) -> CallRecord | None:
        return self._ask(
            lambda store: store.find_call(carrier_id),
            lambda: self._journal.owes_by_carrier(carrier_id),
        )

    def save_call(
        self,
        call: CallRecord,
        turn: TurnRecord | None = None,
        collected: CollectedRecord | None = None,
    ) -> CallRecord:
        saved = replace(call, version=call.version + 1)
        self._accept(saving(saved, turn, collected))
        return saved

    def calls(self, query: CallQuery) -> Sequence[CallRecord]:
        return self._ask(lambda store: store.calls(query), self._is_behind)

    def turns(self, call_id: str) -> Sequence[TurnRecord]:
        return self._about(call_id, lambda store: store.turns(call_id))

    def collected(self, call_id: str) -> CollectedRecord | None:
        return self._about(call_id, lambda store: store.collected(call_id))

    def find_collected(
        self, agent: str | None, since: datetime | None, limit: int
    ) -> Sequence[CollectedRecord]:
        return self._ask(lambda store: store.find_collected(agent, since, limit), self._is_behind)

    def add_event(self, event: CallEvent) -> bool:
        return self._accept(arrival(event))

    def events(self, call_id: str) -> Sequence[CallEvent]:
        return self._about(call_id, lambda store: store.events(call_id))

    def keep_clip(self, clip: ClipRecord) -> None:
        self._accept(clip_change(clip))

    def load_clip(self, key: str) -> ClipRecord | None:
        clip = self._journal.load_clip(key)
        if clip is not None:  # it is the same everywhere
            return clip
        return self._ask(lambda store: store.load_clip(key), lambda: False)

    def forget_clips(self, before: datetime) -> int:
        """As far as the database can be reached: what it is not told now it is told next time."""
        here = self._journal.forget_clips(before)
        if self._is_up:
            with self._or_away(), self._database.within(BEHIND_S):
                return self._database.forget_clips(before)
        return here

    def check(self) -> Condition:
        self._journal.check()
        return "ok" if self._is_up and not self._is_behind() else "journal"

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._database.close()
        self._journal.close()

    # Reads

    def _about(self, call_id: str, question: Callable[[Storage], T]) -> T:
        return self._ask(question, lambda: self._journal.owes(call_id))

    def _ask(self, question: Callable[[Storage], T], is_owed: Callable[[], bool]) -> T:
        if self._is_up and not is_owed():
            with self._or_away(), self._database.within(PATIENCE_S):
                return question(self._database)
        return question(self._journal)

    def _is_behind(self) -> bool:
        return self._journal.owes_since_before(self._owed_before_ns())

    def _owed_before_ns(self) -> int:
        """What was accepted earlier is in no request's hands any more."""
        return max(time.time_ns() - ON_ITS_WAY_NS, self._back_at_ns)

    # Writes

    def _accept(self, change: Change) -> bool:
        if not self._journal.keep(change):
            return False
        if self._is_up:
            with self._or_away(), self._database.within(PATIENCE_S):
                return self._send(change)
        return True

    def _send(self, change: Change) -> bool:
        """Send all that is owed of a call up to `change`, the newest; what the database says."""
        for owed in self._journal.owed(change.call_id):
            if owed.change.token == change.token:
                return self._send_own(owed)
            if not self._has_taken(self._database, owed):
                return self._send(change)  # which may have been set aside with it
            self._journal.settle([owed])
        # Not there any more: another thread has sent it, or has found that it cannot be.
        if self._journal.was_refused(change):
            raise StaleCall(f"Call {change.call_id} has been saved by another machine.")
        return True

    def _send_own(self, owed: Owed) -> bool:
        """Send a change that nobody has been told about yet: a refusal is the answer to it."""
        try:
            is_new = self._database.apply(owed.change)
        except DatabaseAway:
            raise
        except StorageError:
            self._journal.withdraw(owed)
            raise
        self._journal.settle([owed])
        return is_new

    def _has_taken(self, database: Database, owed: Owed) -> bool:
        """Send a change that has been accepted: a refusal is for a person to look at.

        False when it was refused, and what follows it is owed no longer.
        """
        try:
            database.apply(owed.change)
        except DatabaseAway:
            raise
        except StorageError as error:
            log.exception(
                "the database refused a change that had been accepted; it is set aside in the "
                "journal",
                extra={"call_id": owed.change.call_id, "kind": owed.change.kind},
            )
            self._journal.set_aside(owed, str(error))
            return False
        return True

    # The database, there and away

    @contextmanager
    def _or_away(self) -> Iterator[None]:
        """Note when the database is away, and go on from the journal."""
        try:
            yield
        except DatabaseAway:
            if self._is_up:
                self._is_up = False
                log.warning("the database is away; calls go on from the journal", exc_info=True)

    def _look_for_database(self) -> None:
        if self._is_up:
            return
        with suppress(DatabaseAway), self._database.within(BEHIND_S):
            self._database.connect()
            self._back_at_ns = time.time_ns()
            self._is_up = True
            log.info("the database is there")

    def _work_behind(self) -> None:
        while not self._closing.wait(PAUSE_S):
            try:
                self._look_for_database()
                if self._is_up:
                    self._catch_up()
                self._forget()
            except StorageError:
                # The journal's disk, or rights that were taken: requests say so too. It may pass.
                log.exception("the journal cannot be worked off")

    def _catch_up(self) -> None:
        """Send what is owed, the oldest first, unless another process is doing so."""
        if not self._is_behind():
            return
        with self._lock.open("a") as lock, self._or_away():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            while not self._closing.is_set():
                owed = self._journal.owed_before(self._owed_before_ns(), BATCH)
                if not owed:
                    return
                self._send_batch(owed)

    def _send_batch(self, batch: Sequence[Owed]) -> None:
        bulk = self._database.in_bulk()
        sent = []
        for owed in batch:
            if not self._journal.has(owed):  # a request sent it, or what it follows was refused
                continue
            with self._database.within(BEHIND_S):
                if self._has_taken(bulk, owed):
                    sent.append(owed)
        with self._database.within(BEHIND_S):
            self._database.check()
        self._journal.settle(sent)

    def _forget(self) -> None:
        if time.monotonic() - self._pruned_at > PRUNE_EVERY_S:
            self._pruned_at = time.monotonic()
            self._journal.prune(datetime.now(UTC) - MEMORY)
