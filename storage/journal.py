"""What this machine keeps on its own disk before a database elsewhere has it: the journal.

An SQLite file with two things in it, written in one synced transaction. The calls, turns,
callbacks and clips that this machine works on: calls go on from them while the database is away.
And the outbox: the changes, in order, that the database has still to get ("owed").
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import codec
from storage.base import StaleCall
from storage.changes import Change, change_text, read_change
from storage.sqlite import (
    SqliteStorage,
    duplicate,
    insert_call,
    keep_clip,
    keep_collected,
    keep_event,
    keep_turn,
    update_call,
)
from storage.sqlite_file import transaction

_POST = "INSERT INTO outbox (token, call_id, at_ns, change) VALUES (?, ?, ?, ?)"
_OWED_OF_CALL = "SELECT seq, change FROM outbox WHERE refused IS NULL AND call_id = ? ORDER BY seq"
_OWED_BEFORE = (
    "SELECT seq, change FROM outbox WHERE refused IS NULL AND at_ns < ? ORDER BY seq LIMIT ?"
)
_IS_OWED_BEFORE = "SELECT EXISTS (SELECT 1 FROM outbox WHERE refused IS NULL AND at_ns < ?)"
_IS_OWED = "SELECT EXISTS (SELECT 1 FROM outbox WHERE refused IS NULL AND call_id = ?)"
_IS_OWED_BY_CARRIER = (
    "SELECT EXISTS (SELECT 1 FROM calls JOIN outbox USING (call_id) "
    "WHERE refused IS NULL AND carrier_id = ?)"
)
_STILL_OWED = "SELECT EXISTS (SELECT 1 FROM outbox WHERE refused IS NULL AND seq = ?)"
_WAS_REFUSED = "SELECT refused FROM outbox WHERE token = ? AND refused IS NOT NULL"
_CARRIER_ID = codec.CALL_COLUMNS.index("carrier_id")


@dataclass(frozen=True, slots=True)
class Owed:
    """A change in the outbox; `seq` is its place."""

    seq: int
    change: Change


class Journal(SqliteStorage):
    """The journal in the file `path`; the processes of a machine share it.

    `keep` writes. What it read as a store is what this machine knows, which may be less than all.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "power")

    def keep(self, change: Change) -> bool:
        """Make the change here and put it into the outbox, both or none; synced to the disk.

        False when it is a callback or a clip that is known. StaleCall and DuplicateCall as far as
        this machine can tell: of a call that it does not know, or not so new, it believes the
        version.
        """
        with self._write() as connection:
            if not _keep(connection, change):
                return False
            text = change_text(change)
            connection.execute(_POST, (change.token, change.call_id, change.at_ns, text))
        return True

    def owed(self, call_id: str) -> Sequence[Owed]:
        """What the database has still to get of a call, in order."""
        return self._owed(_OWED_OF_CALL, (call_id,))

    def owed_before(self, at_ns: int, most: int) -> Sequence[Owed]:
        """The first that the database has still to get of what was accepted before a moment."""
        return self._owed(_OWED_BEFORE, (at_ns, most))

    def owes(self, call_id: str) -> bool:
        """Whether the database has still to get something of a call."""
        return self._says(_IS_OWED, call_id)

    def owes_by_carrier(self, carrier_id: str) -> bool:
        """The same for the call that the carrier knows as `carrier_id`."""
        return self._says(_IS_OWED_BY_CARRIER, carrier_id)

    def owes_since_before(self, at_ns: int) -> bool:
        """Whether something that was accepted before a moment is still owed."""
        return self._says(_IS_OWED_BEFORE, at_ns)

    def has(self, owed: Owed) -> bool:
        """Whether it is owed still."""
        return self._says(_STILL_OWED, owed.seq)

    def settle(self, owed: Sequence[Owed]) -> None:
        """The database has them. Not synced: what comes back after a power cut is sent again."""
        with self._write_unsynced() as connection:
            places = [(one.seq,) for one in owed]
            connection.executemany("DELETE FROM outbox WHERE seq = ?", places)

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
        return [Owed(seq, read_change(text)) for seq, text in rows]

    def _says(self, question: str, value: str | int) -> bool:
        with self._read() as connection:
            return bool(connection.execute(question, (value,)).fetchone()[0])

    @contextmanager
    def _write_unsynced(self) -> Iterator[sqlite3.Connection]:
        """As `_write`, but a power cut may undo it, whole."""
        with self._writer() as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with transaction(connection):
                    yield connection
            finally:
                connection.execute("PRAGMA synchronous = FULL")


def _keep(connection: sqlite3.Connection, change: Change) -> bool:
    """Make the change; False for a callback or a clip that is known."""
    match change.kind:
        case "event":
            return keep_event(connection, change.row)
        case "clip":
            return keep_clip(connection, change.row)
    try:
        _keep_call(connection, change)
    except sqlite3.IntegrityError as error:
        raise duplicate(change.call_id, change.row[_CARRIER_ID]) from error
    return True


def _keep_call(connection: sqlite3.Connection, change: Change) -> None:
    if change.kind == "create":
        insert_call(connection, change.row)
        return
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
    elif kept[0] < before and not connection.execute(_IS_OWED, (call_id,)).fetchone()[0]:
        # Another machine has saved it since.
        moved = "UPDATE calls SET version = ? WHERE call_id = ?"
        connection.execute(moved, (before, call_id))
    elif kept[0] != before:
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
