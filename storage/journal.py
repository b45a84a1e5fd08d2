"""What this machine keeps on its own disk before a database elsewhere has it: the journal.

An SQLite file with two things in it, written in one synced transaction. The calls, turns,
callbacks and clips that this machine works on: calls go on from them while the database is away.
And the outbox: the changes, in order, that the database has still to get ("owed").
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from storage import codec
from storage.base import StaleCall, StorageError
from storage.changes import Change, change_text, read_change
from storage.records import ClipRecord
from storage.sqlite import (
    SqliteStorage,
    delete_call,
    duplicate,
    insert_call,
    keep_clip,
    keep_collected,
    keep_event,
    keep_turn,
    update_call,
)
from storage.sqlite_file import FileUnusable

_POST = "INSERT INTO outbox (token, call_id, at_ns, change) VALUES (?, ?, ?, ?)"
_OWED_OF_CALL = "SELECT seq, change FROM outbox WHERE refused IS NULL AND call_id = ? ORDER BY seq"
_OWED_BEFORE = (
    "SELECT seq, change FROM outbox WHERE refused IS NULL AND at_ns < ? ORDER BY seq LIMIT ?"
)
_PLACES_BEFORE = "SELECT seq FROM outbox WHERE refused IS NULL AND at_ns < ? LIMIT ?"
_PLACES_OF_CALL = "SELECT seq FROM outbox WHERE refused IS NULL AND call_id = ?"
_PLACES_OF_CALLS = (
    "SELECT call_id, seq FROM outbox WHERE refused IS NULL AND seq < ? AND call_id IN ({})"
)
_PLACES_BY_CARRIER = (
    "SELECT carrier_id, seq FROM calls JOIN outbox USING (call_id) "
    "WHERE refused IS NULL AND carrier_id IN ({})"
)
_STILL_OWED = (
    "SELECT seq FROM outbox WHERE refused IS NULL AND seq IN (SELECT value FROM json_each(?))"
)
_REMOVE = "DELETE FROM outbox WHERE seq IN (SELECT value FROM json_each(?))"
_WAS_REFUSED = "SELECT refused FROM outbox WHERE token = ? AND refused IS NOT NULL"
# Characters of changes that are read together: a megabyte goes through a slow line in time.
_READ_SIZE = 1_000_000
_CARRIER_ID = codec.CALL_COLUMNS.index("carrier_id")


@dataclass(frozen=True, slots=True)
class Owed:
    """A change in the outbox; `seq` is its place."""

    seq: int
    change: Change


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that is in the journal now."""

    owed: Owed
    follows: bool  # something else of the call is owed, and has to be sent before


class Journal(SqliteStorage):
    """The journal in the file `path`; the processes of a machine share it.

    `keep` writes. What it read as a store is what this machine knows, which may be less than all.
    """

    def __init__(self, path: Path) -> None:
        # What the database has, and what is to be taken off the outbox with the next write. Whoever
        # dies before that has it sent again, which counts once.
        self._settled: set[int] = set()
        super().__init__(path, "power")  # which closes what cannot be opened

    def close(self) -> None:
        with suppress(StorageError):
            self.tidy()
        super().close()

    def keep(self, change: Change) -> bool:
        """Make the change here and put it into the outbox, both or none; synced to the disk.

        False when it is a callback or a clip that is known. StaleCall and DuplicateCall as far as
        this machine can tell: of a call that it does not know, or not so new, it believes the
        version.
        """
        [outcome] = self.keep_all([(change, change_text(change))])
        if isinstance(outcome, StorageError):
            raise outcome
        return outcome is not None

    def keep_all(
        self, changes: Sequence[tuple[Change, str]]
    ) -> Sequence[Kept | StorageError | None]:
        """`keep` for many, each with its text, in one synced write; each has its own outcome.

        None stands for what is known. FileUnusable, with nothing kept, is that of all.
        """
        try:
            return self._keep_all(changes)
        except FileUnusable:
            raise
        except StorageError as error:
            if len(changes) == 1:
                return [error]
        # One of them cannot be kept, and has undone the others. It is rare: each on its own.
        return [self.keep_all([change])[0] for change in changes]

    def _keep_all(
        self, changes: Sequence[tuple[Change, str]]
    ) -> Sequence[Kept | StorageError | None]:
        outcomes: list[Owed | StorageError | None] = []
        with self._write() as connection:
            gone = self._take_off(connection)
            for change, text in changes:
                try:
                    outcomes.append(_post(connection, change, text))
                except StaleCall as error:  # has written nothing yet
                    outcomes.append(error)
            posted = [one for one in outcomes if isinstance(one, Owed)]
            busy = self._busy(connection, posted)
        self._settled.difference_update(gone)
        return [
            Kept(one, one.change.call_id in busy) if isinstance(one, Owed) else one
            for one in outcomes
        ]

    def _busy(self, connection: sqlite3.Connection, posted: Sequence[Owed]) -> set[str]:
        """The calls of which something is owed from before."""
        if not posted:
            return set()
        calls = {one.change.call_id for one in posted}
        statement = _PLACES_OF_CALLS.format(_marks(calls))
        rows = connection.execute(statement, (posted[0].seq, *calls)).fetchall()
        busy = {call_id for call_id, seq in rows if seq not in self._settled}
        seen: set[str] = set()
        for one in posted:
            if one.change.call_id in seen:
                busy.add(one.change.call_id)
            seen.add(one.change.call_id)
        return busy

    def owed(self, call_id: str) -> Sequence[Owed]:
        """What the database has still to get of a call, in order."""
        return self._owed(_OWED_OF_CALL, (call_id,))

    def owed_before(self, at_ns: int, most: int) -> Sequence[Owed]:
        """The first that the database has still to get of what was accepted before a moment.

        At most `most`, and less than that when they are large.
        """
        owed: list[Owed] = []
        size = 0
        settled = set(self._settled)
        with self._read() as connection:
            for seq, text in connection.execute(_OWED_BEFORE, (at_ns, most + len(settled))):
                if seq in settled:
                    continue
                size += len(text)
                if len(owed) == most or (owed and size > _READ_SIZE):
                    break
                owed.append(Owed(seq, read_change(text)))
        return owed

    def owes(self, call_id: str) -> bool:
        """Whether the database has still to get something of a call."""
        with self._read() as connection:
            rows = connection.execute(_PLACES_OF_CALL, (call_id,)).fetchall()
        return any(seq not in self._settled for (seq,) in rows)

    def owing(self, carrier_ids: Collection[str]) -> set[str]:
        """Those of the calls that the carrier knows so of which something is owed."""
        statement = _PLACES_BY_CARRIER.format(_marks(carrier_ids))
        with self._read() as connection:
            rows = connection.execute(statement, tuple(carrier_ids)).fetchall()
        return {carrier_id for carrier_id, seq in rows if seq not in self._settled}

    def owes_since_before(self, at_ns: int) -> bool:
        """Whether something that was accepted before a moment is still owed."""
        settled = set(self._settled)  # more may be settled before the rows are looked at
        with self._read() as connection:
            rows = connection.execute(_PLACES_BEFORE, (at_ns, len(settled) + 1)).fetchall()
        return any(seq not in settled for (seq,) in rows)

    def still_owed(self, owed: Sequence[Owed]) -> Sequence[Owed]:
        """Those of them that are owed still."""
        places = orjson.dumps([one.seq for one in owed]).decode()
        with self._read() as connection:
            rows = connection.execute(_STILL_OWED, (places,)).fetchall()
        there = {seq for (seq,) in rows}.difference(self._settled)
        return [one for one in owed if one.seq in there]

    def settle(self, owed: Sequence[Owed]) -> None:
        """The database has them. They leave the file with the next write, or with `tidy`."""
        self._settled.update(one.seq for one in owed)

    def tidy(self) -> None:
        """Take off the outbox what is settled. Not synced: a power cut has it sent again."""
        if not self._settled:
            return
        with self._write_unsynced() as connection:
            gone = self._take_off(connection)
        self._settled.difference_update(gone)

    def _take_off(self, connection: sqlite3.Connection) -> Collection[int]:
        gone = list(self._settled)
        if gone:
            connection.execute(_REMOVE, (orjson.dumps(gone).decode(),))
        return gone

    def withdraw(self, owed: Owed) -> None:
        """Take back a change that was refused before anybody was told that it is accepted."""
        with self._write() as connection:
            connection.execute("DELETE FROM outbox WHERE seq = ?", (owed.seq,))
            _drop(connection, owed, "what it follows was taken back")

    def set_aside(self, owed: Owed, reason: str) -> None:
        """Keep a change that the database refuses where it holds up nothing, with what follows it.

        This machine forgets the call: the database knows it better.
        """
        with self._write() as connection:
            refused = "UPDATE outbox SET refused = ? WHERE seq = ?"
            connection.execute(refused, (reason, owed.seq))
            _drop(connection, owed, reason)

    def was_refused(self, change: Change) -> bool:
        """Whether the change, or one that it follows, was set aside."""
        with self._read() as connection:
            return connection.execute(_WAS_REFUSED, (change.token,)).fetchone() is not None

    def prune(self, before: datetime) -> None:
        """Forget calls and callbacks older than that, of which nothing is owed or set aside.

        Clips stay until they are forgotten everywhere: one that is known need not be sent again.
        """
        moment = codec.moment_text(before)
        self.tidy()
        with self._write_unsynced() as connection:
            for table, age in (("calls", "updated_at"), ("events", "at")):
                connection.execute(
                    f"DELETE FROM {table} WHERE {age} < ? "
                    "AND call_id NOT IN (SELECT call_id FROM outbox)",
                    (moment,),
                )

    def _owed(self, statement: str, values: tuple[object, ...]) -> Sequence[Owed]:
        with self._read() as connection:
            rows = connection.execute(statement, values).fetchall()
        return [Owed(seq, read_change(text)) for seq, text in rows if seq not in self._settled]

    def remember_clip(self, clip: ClipRecord) -> None:
        """Know how a clip is made that the database has. Not synced."""
        with self._write_unsynced() as connection:
            keep_clip(connection, codec.clip_row(clip))

    @contextmanager
    def _write_unsynced(self) -> Iterator[sqlite3.Connection]:
        """As `_write`, but a power cut may undo it, whole."""
        with self._writer() as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._transaction(connection):
                    yield connection
            finally:
                connection.execute("PRAGMA synchronous = FULL")


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _post(connection: sqlite3.Connection, change: Change, text: str) -> Owed | None:
    """Make the change and put it into the outbox; None for a callback or a clip that is known."""
    match change.kind:
        case "event":
            is_new = keep_event(connection, change.row)
        case "clip":
            is_new = keep_clip(connection, change.row)
        case "delete":
            delete_call(connection, change.call_id)
            is_new = True
        case _:
            is_new = True
            try:
                _keep_call(connection, change)
            except sqlite3.IntegrityError as error:
                raise duplicate(change.call_id, change.row[_CARRIER_ID]) from error
    if not is_new:
        return None
    posted = connection.execute(_POST, (change.token, change.call_id, change.at_ns, text))
    return Owed(posted.lastrowid or 0, change)


def _keep_call(connection: sqlite3.Connection, change: Change) -> None:
    if change.kind == "create":
        insert_call(connection, change.row)
        return
    if not update_call(connection, change.row):
        _make_way(connection, change)
        update_call(connection, change.row)
    if change.turn is not None:
        keep_turn(connection, change.turn)
    if change.collected is not None:
        keep_collected(connection, change.collected)


def _make_way(connection: sqlite3.Connection, change: Change) -> None:
    """See to it that the call is here in the version that the change follows, or StaleCall."""
    call_id, version = codec.call_key(change.row)
    before = version - 1
    kept = connection.execute("SELECT version FROM calls WHERE call_id = ?", (call_id,)).fetchone()
    if kept is None:  # of another machine, or from before this journal
        insert_call(connection, codec.with_version(change.row, before))
    elif kept[0] < before and not connection.execute(_PLACES_OF_CALL, (call_id,)).fetchall():
        # Another machine has saved it since.
        moved = "UPDATE calls SET version = ? WHERE call_id = ?"
        connection.execute(moved, (before, call_id))
    else:
        raise StaleCall(f"Call {call_id} is at version {kept[0]}, not {before}.")


def _drop(connection: sqlite3.Connection, owed: Owed, reason: str) -> None:
    """Set aside what follows a save, and forget its call; a clip is kept anew, an event stands."""
    if owed.change.kind == "event":
        return
    if owed.change.kind == "clip":
        connection.execute("DELETE FROM clips WHERE key = ?", owed.change.row[:1])
        return
    connection.execute(
        "UPDATE outbox SET refused = ? WHERE call_id = ? AND seq > ? AND refused IS NULL "
        "AND json_extract(change, '$.kind') <> 'event'",
        (reason, owed.change.call_id, owed.seq),
    )
    connection.execute("DELETE FROM calls WHERE call_id = ?", (owed.change.call_id,))
