"""Calls in one SQLite file. Several processes of one machine may share it; not over a network.

Open it after a fork, never before: SQLite's connections do not survive one.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from storage import codec
from storage.base import DuplicateCall, StaleCall, StorageError
from storage.migrations import migrate, steps
from storage.records import CallEvent, CallQuery, CallRecord, CollectedRecord, TurnRecord

# How long a writer waits for others. Less than the 4 s of silence that a caller may be left with.
BUSY_TIMEOUT_S = 3.0


def _list(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def _insert(table: str, columns: Sequence[str], verb: str = "INSERT") -> str:
    return f"{verb} INTO {table} ({_list(columns)}) VALUES ({_list(['?'] * len(columns))})"


_INSERT_CALL = _insert("calls", codec.CALL_COLUMNS)
_KEPT_VERSION = "WHERE call_id = ? AND version = ? - 1"
_UPDATE_PLAIN = (
    f"UPDATE calls SET {_list([f'{name} = ?' for name in codec.PLAIN_COLUMNS])} {_KEPT_VERSION} "
    f"AND {' AND '.join(f'{name} IS ?' for name in codec.INDEXED_COLUMNS)}"
)
_UPDATE_INDEXED = (
    f"UPDATE calls SET {_list([f'{name} = ?' for name in codec.INDEXED_COLUMNS])} {_KEPT_VERSION}"
)
_SELECT_CALL = f"SELECT {_list(codec.CALL_COLUMNS)} FROM calls"
_CALL_BY_ID = f"{_SELECT_CALL} WHERE call_id = ?"
_CALL_BY_CARRIER = f"{_SELECT_CALL} WHERE carrier_id = ?"
_KEEP_TURN = _insert("turns", codec.TURN_COLUMNS, "INSERT OR REPLACE")
_SELECT_TURNS = f"SELECT {_list(codec.TURN_COLUMNS)} FROM turns WHERE call_id = ? ORDER BY turn"
_KEEP_COLLECTED = _insert("collected", codec.COLLECTED_COLUMNS, "INSERT OR REPLACE")
_SELECT_COLLECTED = f"SELECT {_list(codec.COLLECTED_COLUMNS)} FROM collected"
_COLLECTED_BY_CALL = f"{_SELECT_COLLECTED} WHERE call_id = ?"
_ADD_EVENT = _insert("events", codec.EVENT_COLUMNS) + " ON CONFLICT (call_id, key) DO NOTHING"
_SELECT_EVENTS = (
    f"SELECT {_list(codec.EVENT_COLUMNS)} FROM events WHERE call_id = ? ORDER BY sequence, arrival"
)
_PROBE = "UPDATE probe SET checks = checks + 1 RETURNING checks"


class SqliteStorage:
    """A store in the file `path`, made with its folder when it is not there.

    Durability "process": what was saved outlives a killed process; the last turns may be lost when
    the machine loses power. "power": it outlives that too, for one disk sync a save.
    """

    def __init__(
        self, path: Path, durability: str = "process", busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._synchronous = {"process": "NORMAL", "power": "FULL"}[durability]
        # Connections that nobody uses. A thread takes one for one operation, so there are as many
        # as threads were ever at work at once, and a thread that goes leaves none behind.
        self._idle: deque[sqlite3.Connection] = deque()
        # Threads of this process queue here; between processes SQLite polls, which is unfair.
        self._writing = threading.Lock()
        self._closed = False
        try:
            self._prepare()
        except StorageError:
            self.close()
            raise

    def create_call(self, call: CallRecord) -> None:
        row = codec.call_row(call)
        with self._write() as connection:
            try:
                connection.execute(_INSERT_CALL, row)
            except sqlite3.IntegrityError as error:
                raise _duplicate(call) from error

    def load_call(self, call_id: str) -> CallRecord | None:
        with self._read() as connection:
            row = connection.execute(_CALL_BY_ID, (call_id,)).fetchone()
        return None if row is None else codec.call_record(row)

    def find_call(self, carrier_id: str) -> CallRecord | None:
        with self._read() as connection:
            row = connection.execute(_CALL_BY_CARRIER, (carrier_id,)).fetchone()
        return None if row is None else codec.call_record(row)

    def save_call(
        self,
        call: CallRecord,
        turn: TurnRecord | None = None,
        collected: CollectedRecord | None = None,
    ) -> CallRecord:
        saved = replace(call, version=call.version + 1)
        row = codec.call_row(saved)
        turn_row = None if turn is None else codec.turn_row(turn)
        collected_row = None if collected is None else codec.collected_row(collected)
        with self._write() as connection:
            try:
                kept = _update(connection, row)
            except sqlite3.IntegrityError as error:
                raise _duplicate(call) from error
            if not kept:
                raise _not_saved(connection, call)
            if turn_row is not None:
                connection.execute(_KEEP_TURN, turn_row)
            if collected_row is not None:
                connection.execute(_KEEP_COLLECTED, collected_row)
        return saved

    def calls(self, query: CallQuery) -> Sequence[CallRecord]:
        statement = _search(
            _SELECT_CALL,
            {
                "agent = :agent": query.agent is not None,
                "outcome = :outcome": query.outcome is not None,
                "ended_at IS NULL": query.open_only,
                "updated_at < :quiet_since": query.quiet_since is not None,
            },
            "ORDER BY created_at DESC, rowid DESC LIMIT :limit OFFSET :offset",
        )
        values = {
            "agent": query.agent,
            "outcome": query.outcome,
            "quiet_since": query.quiet_since and codec.moment_text(query.quiet_since),
            "limit": query.limit,
            "offset": query.offset,
        }
        with self._read() as connection:
            rows = connection.execute(statement, values).fetchall()
        return [codec.call_record(row) for row in rows]

    def turns(self, call_id: str) -> Sequence[TurnRecord]:
        with self._read() as connection:
            rows = connection.execute(_SELECT_TURNS, (call_id,)).fetchall()
        return [codec.turn_record(row) for row in rows]

    def collected(self, call_id: str) -> CollectedRecord | None:
        with self._read() as connection:
            row = connection.execute(_COLLECTED_BY_CALL, (call_id,)).fetchone()
        return None if row is None else codec.collected_record(row)

    def find_collected(
        self, agent: str | None, since: datetime | None, limit: int
    ) -> Sequence[CollectedRecord]:
        statement = _search(
            _SELECT_COLLECTED,
            {
                "agent = :agent": agent is not None,
                "collected_at >= :since": since is not None,
            },
            "ORDER BY collected_at DESC, rowid DESC LIMIT :limit",
        )
        values = {"agent": agent, "since": since and codec.moment_text(since), "limit": limit}
        with self._read() as connection:
            rows = connection.execute(statement, values).fetchall()
        return [codec.collected_record(row) for row in rows]

    def add_event(self, event: CallEvent) -> bool:
        row = codec.event_row(event)
        with self._write() as connection:
            return connection.execute(_ADD_EVENT, row).rowcount == 1

    def events(self, call_id: str) -> Sequence[CallEvent]:
        with self._read() as connection:
            rows = connection.execute(_SELECT_EVENTS, (call_id,)).fetchall()
        return [codec.event_record(row) for row in rows]

    def check(self) -> None:
        self._check_place()
        with self._write() as connection:
            if connection.execute(_PROBE).fetchall() == []:
                raise StorageError(f"{self._path} takes no writes: its probe row is missing.")

    def close(self) -> None:
        self._closed = True
        self._close_idle()  # a connection at work is closed when it is given back

    def _prepare(self) -> None:
        """Make the file, private to this user, and bring it to today's form.

        One process at a time: SQLite's own lock does not cover the switch to WAL, and closing a
        second handle of the file would drop the locks of the first (sqlite.org/howtocorrupt.html).
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(f"{self._path}.lock", "w", opener=_private) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                with suppress(FileExistsError), open(self._path, "x", opener=_private):
                    pass
                self._opened = os.stat(self._path)
                with self._read() as connection:
                    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                    if mode != "wal":
                        raise StorageError(f"The file system of {self._path} cannot share memory.")
                    migrate(connection, steps())
        except OSError as error:
            raise StorageError(
                f"{self._path} cannot be used: {error.strerror}. Its folder must belong to the "
                "user that runs this program and have room."
            ) from error

    def _check_place(self) -> None:
        """StorageError unless the file in its place is the one that was opened.

        Open connections go on with a file that was deleted or replaced: all they write is lost.
        """
        try:
            is_there = os.path.samestat(os.stat(self._path), self._opened)
        except OSError:
            is_there = False
        if not is_there:
            raise StorageError(
                f"{self._path} was deleted or replaced while this program used it: what is kept "
                "now is lost. Stop the program before changing the file, and start it again."
            )

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",  # never make a new file in mid-service
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """A connection for one operation; StorageError for what the database refuses."""
        connection = None
        try:
            connection = self._take()
            yield connection
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()  # whatever state it is in goes with it
                connection = None
            raise _explained(error, self._path) from error
        except (UnicodeEncodeError, OverflowError) as error:
            raise StorageError(f"A value cannot be kept: {error}.") from error
        finally:
            if connection is not None:
                self._give_back(connection)

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction: all that is done with it is kept, or none."""
        if not self._writing.acquire(timeout=self._busy_timeout_s):
            raise StorageError(_LOCKED.format(path=self._path))
        try:
            with self._read() as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        finally:
            self._writing.release()

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise StorageError(f"{self._path} has been closed.")
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        self._idle.append(connection)
        if self._closed:  # while it was out
            self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def _update(connection: sqlite3.Connection, row: codec.Row) -> bool:
    """Write a call over its former version; False, and nothing done, when that is not kept."""
    key = codec.call_key(row)
    plain = (*codec.plain_values(row), *key, *codec.indexed_values(row))
    if connection.execute(_UPDATE_PLAIN, plain).rowcount == 1:
        return True
    indexed = (*codec.indexed_values(row), *key)
    if connection.execute(_UPDATE_INDEXED, indexed).rowcount == 0:
        return False
    return connection.execute(_UPDATE_PLAIN, plain).rowcount == 1


def _search(select: str, conditions: Mapping[str, bool], order: str) -> str:
    wanted = [condition for condition, applies in conditions.items() if applies]
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    return f"{select}{where} {order}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _duplicate(call: CallRecord) -> DuplicateCall:
    return DuplicateCall(f"Call {call.call_id} or carrier id {call.carrier_id} is already kept.")


def _not_saved(connection: sqlite3.Connection, call: CallRecord) -> StorageError:
    row = connection.execute("SELECT version FROM calls WHERE call_id = ?", (call.call_id,))
    kept = row.fetchone()
    if kept is None:
        return StorageError(f"Call {call.call_id} is not kept; create it before saving it.")
    return StaleCall(f"Call {call.call_id} is at version {kept[0]}, not {call.version}.")


_LOCKED = "{path} has been locked for too long. Another program holds it: close what has it open."
_READ_ONLY = "{path} cannot be written. It and its folder must belong to the user that runs this."
_BROKEN = "{path} is not a usable database. Restore a backup, or move it away to start anew."
_REASONS = {
    sqlite3.SQLITE_FULL: "The disk of {path} is full. Make room; nothing that was saved is lost.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_NOTADB: _BROKEN,
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_IOERR: "The disk of {path} does not read or write. Check it, and its quota.",
}


def _explained(error: sqlite3.Error, path: Path) -> StorageError:
    # The low byte is the plain code, the rest its finer kind (sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    reason = _REASONS.get(code, "{path} refused an operation.").format(path=path)
    return StorageError(f"{reason} ({error})")
