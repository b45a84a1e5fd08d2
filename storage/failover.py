"""A database elsewhere behind a journal on this machine: calls go on while the database is away.

**A write** goes into the journal first, synced to the disk, then into the database; only then is
it accepted. It leaves the outbox a little later. When the database cannot be reached it is accepted
all the same, and owed. Killed at any point in between, nothing accepted is lost: the outbox still
has it. Sent twice, it counts once: the database knows the token of each change. When the journal
cannot be written, its disk being full, the database alone has to have it.

**Many at once.** Threads that write, or look for calls, while others are at it are served together
in the next go: one sync of the disk, one question to the database for all of them. Each still has
an answer of its own.

**A read** asks the database, unless something of the call is owed or the database is away: then
the journal answers, which knows what this machine has worked on in the last day.

**When the database is away** a request waits for it for `PATIENCE_S`, twice at most; after that
none is asked to, until a probe has found it again. Probing and catching up cannot be done by
requests, because nobody may call for hours and no caller should wait for it: each process has one
thread for both. Of the processes on a machine one at a time catches up, under a lock that the
kernel takes from a process that dies.

**Order.** The changes of a call are always sent in the order of the outbox, by whoever sends. One
that the database refuses, because another machine went on with the call meanwhile, is set aside
with those that follow it, and logged: it stays in the journal for a person to look at.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TypeVar

from storage.base import Condition, DatabaseAway, Storage, StorageError
from storage.changes import Change, arrival, change_text, clip_change, creation, deletion, saving
from storage.gathering import Gathering
from storage.journal import Journal, Kept
from storage.records import (
    CallEvent,
    CallQuery,
    CallRecord,
    ClipRecord,
    CollectedRecord,
    TurnRecord,
    changed,
)
from storage.remote import BEHIND_S, PATIENCE_S, Database, Remote
from storage.search import CallBrief, CallSearch, Pulse
from storage.sending import BATCH, Sending
from storage.sqlite_file import FileUnusable

T = TypeVar("T")

log = logging.getLogger(__name__)

# Between two looks at the outbox, or at a database that is away.
PAUSE_S = 0.25
# What is older than this is owed; what is younger may be on its way in a request.
ON_ITS_WAY_NS = 1_000_000_000
# Requests whose changes are synced to the disk together, or whose calls are asked for together.
TOGETHER = 128
# How long turns may take to be copied to where other programs look for them; whoever asks us for
# them does not wait for it.
LANDING_S = 10.0
# How long somebody at a page waits for a list.
LOOKING_S = 8.0
# What the journal remembers of calls that the database has, and how often it forgets.
MEMORY = timedelta(days=1)
PRUNE_EVERY_S = 3600.0
# Between two reports of a journal that cannot be written.
REPORT_EVERY_S = 60.0


class FailoverStorage:
    """A store in `database`, and in `journal` while that is away. Owns both: `close` closes them.

    `lock` is a file beside the journal. StorageError when the database refuses us; one that is
    away at the start is as good as one that goes away later.
    """

    def __init__(self, database: Database, journal: Journal, lock: Path) -> None:
        self._database = database
        self._journal = journal
        self._lock = lock
        self._remote = Remote(database)
        self._sending = Sending(self._remote, journal)
        self._keeping: Gathering[tuple[Change, str], Kept | None] = Gathering(
            journal.keep_all, TOGETHER
        )
        self._finding: Gathering[str, CallRecord | None] = Gathering(self._find_all, TOGETHER)
        self._closing = threading.Event()
        self._pruned_at = -PRUNE_EVERY_S
        # Monotonic seconds: when the journal could last not be written, and when that was said.
        self._unkept_at = self._reported_at = -REPORT_EVERY_S
        try:
            self._remote.look()
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
        _refuse_half_characters(carrier_id)
        if self._remote.is_up:
            with self._remote.or_away():
                return self._finding.ask(carrier_id)
        return self._journal.find_call(carrier_id)

    def save_call(
        self,
        call: CallRecord,
        turn: TurnRecord | None = None,
        collected: CollectedRecord | None = None,
    ) -> CallRecord:
        saved = changed(call, version=call.version + 1)
        self._accept(saving(saved, turn, collected))
        return saved

    def calls(self, query: CallQuery) -> Sequence[CallRecord]:
        return self._ask(lambda store: store.calls(query), self._is_behind)

    def search(self, query: CallSearch) -> Sequence[CallBrief]:
        return self._look(lambda store: store.search(query))

    def count(self, query: CallSearch, most: int) -> int:
        return self._look(lambda store: store.count(query, most))

    def pulse(self, most: int) -> Sequence[Pulse]:
        return self._look(lambda store: store.pulse(most))

    def collected_by(self, call_ids: Sequence[str]) -> Mapping[str, CollectedRecord]:
        return self._look(lambda store: store.collected_by(call_ids))

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

    def delete_call(self, call_id: str) -> bool:
        """While nobody catches up: what is in their hands could be written after it was deleted.

        StorageError when they take too long over it.
        """
        was_there = self.load_call(call_id) is not None
        with self._lock.open("a") as lock:
            until = time.monotonic() + LANDING_S
            while not _is_taken(lock):
                if time.monotonic() > until:
                    raise StorageError("The database is being caught up with: try again later.")
                self._closing.wait(PAUSE_S)
            if self._remote.is_up:
                self._land()
            self._accept(deletion(call_id))
        return was_there

    def keep_clip(self, clip: ClipRecord) -> None:
        """Without syncing the journal while the database is there: it is no word of a caller."""
        if self._remote.is_up:
            with self._remote.or_away(), self._database.within(PATIENCE_S):
                self._database.keep_clip(clip)
                self._remember(clip)
                return
        self._accept(clip_change(clip))

    def _remember(self, clip: ClipRecord) -> None:
        """For when the database goes away before the clip is made."""
        try:
            self._journal.remember_clip(clip)
        except FileUnusable as error:
            self._report(error)

    def load_clip(self, key: str) -> ClipRecord | None:
        clip = self._journal.load_clip(key)
        if clip is not None:  # it is the same everywhere
            return clip
        return self._ask(lambda store: store.load_clip(key), lambda: False)

    def forget_clips(self, before: datetime) -> int:
        """As far as the database can be reached: what it is not told now it is told next time."""
        here = self._journal.forget_clips(before)
        if self._remote.is_up:
            with self._remote.or_away(), self._database.within(BEHIND_S):
                return self._database.forget_clips(before)
        return here

    def check(self) -> Condition:
        try:
            self._journal.check()
        except FileUnusable as error:
            self._report(error)
        # A small write may have room where a turn has none.
        if time.monotonic() - self._unkept_at < REPORT_EVERY_S:
            with self._database.within(PATIENCE_S):
                self._database.check()
            return "no journal"
        return "ok" if self._remote.is_up and not self._is_behind() else "journal"

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        if self._remote.is_up:
            self._land()
        self._database.close()
        self._journal.close()

    # Reads

    def _find_all(self, carrier_ids: Sequence[str]) -> Sequence[CallRecord | None]:
        """`find_call` of as many requests."""
        wanted = set(carrier_ids)
        with self._remote.patiently() as database:
            owing = self._journal.owing(wanted)
            there = wanted - owing
            found = dict(database.find_calls(there)) if there else {}
            here = {carrier_id: self._journal.find_call(carrier_id) for carrier_id in owing}
            # With what the database refused meanwhile the journal has forgotten the call.
            forgotten = {carrier_id for carrier_id, call in here.items() if call is None}
            if forgotten:
                found.update(database.find_calls(forgotten))
        found.update((carrier_id, call) for carrier_id, call in here.items() if call is not None)
        return [found.get(carrier_id) for carrier_id in carrier_ids]

    def _about(self, call_id: str, question: Callable[[Storage], T]) -> T:
        return self._ask(question, lambda: self._journal.owes(call_id))

    def _ask(self, question: Callable[[Storage], T], is_owed: Callable[[], bool]) -> T:
        if self._remote.is_up and not is_owed():
            with self._remote.or_away(), self._database.within(PATIENCE_S):
                return question(self._database)
        answer = question(self._journal)
        # What was owed may have been refused meanwhile: with it the journal forgets the call.
        if self._remote.is_up and not is_owed():
            with self._remote.or_away(), self._database.within(PATIENCE_S):
                return question(self._database)
        return answer

    def _look(self, question: Callable[[Storage], T]) -> T:
        """What people look for, who can wait longer than callers.

        Too hard a question is no sign that the database is away: that is for calls to find out.
        """
        if not self._remote.is_up or self._is_behind():
            return question(self._journal)
        try:
            with self._database.within(LOOKING_S):
                return question(self._database)
        except DatabaseAway as error:
            too_long = error
        try:
            with self._database.within(PATIENCE_S):
                self._database.check()
        except DatabaseAway as error:
            self._remote.note_away(error)
            return question(self._journal)
        raise StorageError("The database took too long to look; narrow it down.") from too_long

    def _is_behind(self) -> bool:
        return self._journal.owes_since_before(self._owed_before_ns())

    def _owed_before_ns(self) -> int:
        """What was accepted earlier is in no request's hands any more."""
        return max(time.time_ns() - ON_ITS_WAY_NS, self._remote.back_at_ns)

    # Writes

    def _accept(self, change: Change) -> bool:
        try:
            kept = self._keeping.ask((change, change_text(change)))
        except FileUnusable as error:
            return self._accept_unkept(change, error)
        if kept is None:
            return False
        if self._remote.is_up:
            with self._remote.or_away():
                return self._sending.send(kept)
        return True

    def _accept_unkept(self, change: Change, reason: FileUnusable) -> bool:
        """The journal cannot be written: the database alone keeps it, or nobody does."""
        self._report(reason)
        try:
            return self._sending.send_unkept(change)
        except DatabaseAway as away:
            self._remote.note_away(away)
            raise reason from away

    def _report(self, reason: StorageError) -> None:
        self._unkept_at = time.monotonic()
        if self._unkept_at - self._reported_at > REPORT_EVERY_S:
            self._reported_at = self._unkept_at
            log.error(
                "the journal cannot be used; while that lasts calls need the database",
                exc_info=reason,
            )

    # Behind

    def _work_behind(self) -> None:
        while not self._closing.wait(PAUSE_S):
            try:
                self._remote.look()
                if self._remote.is_up:
                    self._land()
                    self._catch_up()
                self._journal.tidy()
                self._forget()
            except FileUnusable as error:
                self._report(error)  # requests say so too; it may pass
            except StorageError:
                log.exception("the journal cannot be worked off")

    def _land(self) -> None:
        """Whether the database is away is for requests to say: a busy process lands slowly."""
        with suppress(DatabaseAway), self._database.within(LANDING_S):
            self._database.land()

    def _catch_up(self) -> None:
        """Send what is owed, the oldest first, unless another process is doing so."""
        if not self._is_behind():
            return
        with self._lock.open("a") as lock, self._remote.or_away():
            if not _is_taken(lock):
                return
            while not self._closing.is_set():
                owed = self._journal.owed_before(self._owed_before_ns(), BATCH)
                if not owed:
                    return
                self._sending.send_batch(owed)

    def _forget(self) -> None:
        if time.monotonic() - self._pruned_at > PRUNE_EVERY_S:
            self._journal.prune(datetime.now(UTC) - MEMORY)
            self._pruned_at = time.monotonic()


def _is_taken(lock: IO[str]) -> bool:
    """Take the lock, unless another has it; it is let go of when its file is closed."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_half_characters(text: str) -> None:
    """StorageError for a text that no store can look for: it would spoil the others' question."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise StorageError("A call cannot be looked for by half a character.") from error
