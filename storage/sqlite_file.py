"""An SQLite file that threads and processes of one machine share: opening, connections, errors.

Not here: what is in it. Open it after a fork, never before: its connections do not survive one.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from storage.base import StorageError
from storage.migrations import migrate, steps
from storage.sqlite_waiting import Waiting

# How long a writer waits for others. Less than the 4 s of silence that a caller may be left with.
BUSY_TIMEOUT_S = 3.0


# After some of many rows were written: whoever waits for the file gets it, not the same writer.
PAUSE_S = 0.0005
# Who finds the file taken looks again after this; SQLite's own handler may sleep for 100 ms. Each
# look is that much later than the one before, for whoever holds the file still after 50 ms is slow.
LOOK_S, LATER, LOOK_MOST_S = 0.0004, 1.05, 0.003


class FileUnusable(StorageError):
    """The file cannot be read or written: a full or broken disk, rights, somebody's lock."""


class SqliteFile:
    """The file `path`, made with its folder when it is not there, in today's form.

    Durability "process": what was saved outlives a killed process; the last writes may be lost
    when the machine loses power. "power": it outlives that too, for one disk sync a write.
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
        self._idle_writer: deque[sqlite3.Connection] = deque()  # one, which does not wait
        # Threads of this process queue here; between processes SQLite polls, which is unfair.
        self._writing = threading.Lock()
        self._waiting = Waiting(path)
        self._closed = False
        try:
            self._prepare()
        except StorageError:
            self.close()
            raise

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
        with self._using(self._idle) as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction: all that is done with it is kept, or none."""
        with self._writer() as connection, self._transaction(connection):
            yield connection

    @contextmanager
    def _writer(self) -> Iterator[sqlite3.Connection]:
        """A connection for one operation of the one thread that may write now."""
        if not self._writing.acquire(blocking=False):
            self._waiting.tell()
            if not self._writing.acquire(timeout=self._busy_timeout_s):
                raise FileUnusable(_LOCKED.format(path=self._path))
        try:
            with self._using(self._idle_writer) as connection:
                yield connection
        finally:
            self._writing.release()

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Keep all that is done meanwhile with a writer's connection, or none of it."""
        self._begin(connection)
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Wait for the file as SQLite would, but look more often, and tell that somebody waits."""
        until, look_s = monotonic() + self._busy_timeout_s, LOOK_S
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or monotonic() >= until:
                    raise
            else:
                return
            self._waiting.tell()
            sleep(look_s)
            look_s = min(look_s * LATER, LOOK_MOST_S)

    @contextmanager
    def _using(self, idle: deque[sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
        connection = None
        try:
            connection = self._take(idle)
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
                self._give_back(connection, idle)

    def _take(self, idle: deque[sqlite3.Connection] | None = None) -> sqlite3.Connection:
        if self._closed:
            raise StorageError(f"{self._path} has been closed.")
        with suppress(IndexError):
            return (self._idle if idle is None else idle).pop()
        connection = self._open()
        if idle is self._idle_writer:
            connection.execute("PRAGMA busy_timeout = 0")  # see `_begin`
        return connection

    def _give_back(
        self, connection: sqlite3.Connection, idle: deque[sqlite3.Connection] | None = None
    ) -> None:
        (self._idle if idle is None else idle).append(connection)
        if self._closed:  # while it was out
            self._close_idle()

    def _close_idle(self) -> None:
        for idle in (self._idle, self._idle_writer):
            with suppress(IndexError):
                while True:
                    idle.pop().close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


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


def _code(error: sqlite3.Error) -> int:
    """The low byte is the plain code, the rest its finer kind (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _explained(error: sqlite3.Error, path: Path) -> StorageError:
    code = _code(error)
    if code in _REASONS:
        return FileUnusable(f"{_REASONS[code].format(path=path)} ({error})")
    return StorageError(f"{path} refused an operation. ({error})")
