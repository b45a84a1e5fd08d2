"""SQLite files of every age are brought to the form of today."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.base import StorageError
from storage.codec import turn_row
from storage.migrations import migrate, steps
from storage.sqlite import SqliteStorage
from tests.storage.samples import a_call, a_turn

# As the first version wrote it.
FIRST_CALL = (
    "INSERT INTO calls VALUES ('call-1', 'CA-call-1', 'logistics', 'v1', 'inbound', "
    "'+919876543210', '+914400000000', 'language', 'en-IN', NULL, "
    "'2026-03-01T12:00:00.123456+00:00', '2026-03-01T12:00:00.123456+00:00', NULL, "
    "'queued', -1, 'gather', '{}', '{}', 0)"
)


def test_migrations_are_numbered_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").touch()
    (tmp_path / "0003_third.sql").touch()

    with pytest.raises(StorageError, match="0002 is missing"):
        steps(tmp_path)
    assert len(steps()) >= 1


def test_a_database_is_brought_forward_step_by_step(tmp_path: Path) -> None:
    first = "CREATE TABLE a (x);\n-- one; two\nINSERT INTO a VALUES ('1; 2');\n"
    second = "ALTER TABLE a ADD COLUMN y;\nUPDATE a SET y = x;\n"
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as connection:
        migrate(connection, [first])
        migrate(connection, [first, second])
        migrate(connection, [first, second])

        assert connection.execute("SELECT * FROM a").fetchall() == [("1; 2", "1; 2")]
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, ["CREATE TABLE a (x);", "DROP TABLE a;\nDROP TABLE missing;"])

        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    a_store_of_tomorrow = len(steps()) + 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {a_store_of_tomorrow}")

    with pytest.raises(StorageError, match="newer version"):
        SqliteStorage(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (a_store_of_tomorrow,)


def test_what_the_first_version_wrote_is_read_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, steps()[:1])
        connection.execute(FIRST_CALL)

    with closing(SqliteStorage(path)) as store:
        assert store.load_call("call-1") == a_call()


def test_a_turn_from_before_usage_is_read(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, steps()[:2])
        connection.execute(FIRST_CALL)
        row = turn_row(a_turn(0))[:-3]
        connection.execute(f"INSERT INTO turns VALUES ({', '.join('?' * len(row))})", row)

    with closing(SqliteStorage(path)) as store:
        assert store.turns("call-1") == [a_turn(0, usage={})]
