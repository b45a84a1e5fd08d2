"""Brings a SQLite file to the form that this code reads, one numbered .sql file after the other.

A file `NNNN_name.sql` is never changed once released; the next change is the next number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from storage.base import StorageError

FOLDER = Path(__file__).parent


def steps(folder: Path = FOLDER) -> list[str]:
    """The text of every step in order; step 1 comes first. StorageError on a gap in the numbers."""
    files = sorted(folder.glob("[0-9]*.sql"))
    for number, file in enumerate(files, start=1):
        if not file.name.startswith(f"{number:04}_"):
            raise StorageError(f"Migration {number:04} is missing: the next file is {file.name}.")
    return [file.read_text(encoding="utf-8") for file in files]


def migrate(connection: sqlite3.Connection, wanted: list[str]) -> None:
    """Run the steps of `wanted` that the file has not had, all or none of them.

    StorageError when the file has had more steps than there are: newer code wrote it.
    `connection` must be in autocommit mode.
    """
    if _refuse_newer(connection, wanted) == len(wanted):
        return
    connection.execute("BEGIN EXCLUSIVE")
    try:
        # Asked again under the lock: another process may have been quicker.
        for number in range(_refuse_newer(connection, wanted), len(wanted)):
            for statement in _statements(wanted[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _refuse_newer(connection: sqlite3.Connection, wanted: list[str]) -> int:
    had = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if had > len(wanted):
        raise StorageError(
            f"The database was written by a newer version of this program (form {had}; this one "
            f"knows {len(wanted)}). Start the newer version, or restore an older backup."
        )
    return had


def _statements(script: str) -> Iterator[str]:
    """One statement at a time: `executescript` would commit before the first."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
