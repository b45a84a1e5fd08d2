"""SQLite: the contract of a store, and what only a file can suffer."""

from __future__ import annotations

import ctypes
import gc
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage.base import Storage, StorageError
from storage.records import CallQuery
from storage.sqlite import SqliteStorage
from tests.storage.contract import StorageContract
from tests.storage.samples import a_call, a_collection, a_turn, an_event

ROOT = Path(__file__).parents[2]
WRITER = Path(__file__).with_name("writer.py")


class TestSqlite(StorageContract):
    def variables(self, place: Path) -> Mapping[str, str]:
        return {"DATA_DIR": str(place / "data")}


class TestSqliteThatSurvivesAPowerCut(StorageContract):
    def variables(self, place: Path) -> Mapping[str, str]:
        return {"DATA_DIR": str(place / "data"), "DURABILITY": "power"}


class SmallDisk(SqliteStorage):
    """A store whose disk is full after `pages` pages of 4 KB."""

    pages = 140  # the tables alone take half of them

    def _open(self) -> sqlite3.Connection:
        connection = super()._open()
        connection.execute(f"PRAGMA max_page_count = {self.pages}")
        return connection


def a_store(path: Path, make: Callable[[Path], SqliteStorage] = SqliteStorage) -> closing[Storage]:
    return closing(make(path))


def pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


# The file


def test_the_file_and_its_folder_are_private(tmp_path: Path) -> None:
    path = tmp_path / "made" / "calls.db"
    with a_store(path) as store:
        store.create_call(a_call())
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}

    assert set(modes) == {"calls.db", "calls.db-wal", "calls.db-shm", "calls.db.lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_closed_store_is_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with a_store(path) as store:
        store.create_call(a_call())

    assert not (tmp_path / "calls.db-wal").exists()
    assert pragma(path, "journal_mode") == "wal"
    assert pragma(path, "integrity_check") == "ok"


@pytest.mark.parametrize(("durability", "level"), [("process", 1), ("power", 2)])
def test_durability_sets_how_often_the_disk_is_synced(
    tmp_path: Path, durability: str, level: int
) -> None:
    with closing(SqliteStorage(tmp_path / "calls.db", durability)) as store:
        connection = store._open()
        with closing(connection):
            assert connection.execute("PRAGMA synchronous").fetchone() == (level,)


def test_a_path_with_odd_characters_is_that_path(tmp_path: Path) -> None:
    path = tmp_path / "50% off? #1 அ" / "calls.db"
    with a_store(path) as store:
        store.create_call(a_call())

    assert path.is_file()


def test_a_connection_serves_thread_after_thread(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "calls.db")) as store:
        store.create_call(a_call())
        found: list[object] = []
        for _ in range(10):
            thread = threading.Thread(target=lambda: found.append(store.load_call("call-1")))
            thread.start()
            thread.join()

        assert found == [a_call()] * 10
        assert len(store._idle) == 1


def test_a_store_closed_in_another_thread_leaves_no_connection(tmp_path: Path) -> None:
    store = SqliteStorage(tmp_path / "calls.db")
    with store._read() as at_work:
        thread = threading.Thread(target=store.close)
        thread.start()
        thread.join()
        assert at_work.execute("SELECT 1").fetchone() == (1,)

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        at_work.execute("SELECT 1")
    del at_work
    gc.collect()  # an unclosed connection would warn here, and warnings are errors


# What the disk does


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match=r"data/calls\.db cannot be used: Not a directory"):
        SqliteStorage(tmp_path / "file" / "data" / "calls.db")


@contextmanager
def nobody_special() -> Iterator[None]:
    """The modes of files bind this thread even if root runs it (capabilities(7), Linux only)."""
    if sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None)
    header = (ctypes.c_uint32 * 2)(0x20080522)  # version 3, of this thread
    sets = (ctypes.c_uint32 * 6)()  # the first is what is in effect
    libc.capget(header, sets)
    usual = sets[0]
    sets[0] &= ~(1 << 1)  # CAP_DAC_OVERRIDE
    libc.capset(header, sets)
    try:
        yield
    finally:
        sets[0] = usual
        libc.capset(header, sets)


def test_a_folder_without_write_access_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with nobody_special(), pytest.raises(StorageError, match="Permission denied"):
            SqliteStorage(tmp_path / "calls.db")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with a_store(path, SmallDisk) as store:
        store.create_call(a_call())
        with pytest.raises(StorageError, match="full"):
            store.save_call(a_call(state={"heard": "x" * 1_000_000}), a_turn(0))
        assert store.load_call("call-1") == a_call()
        assert store.turns("call-1") == []
        store.save_call(a_call(stage="collecting"))  # a small one has room

    with a_store(path) as store:
        saved = store.load_call("call-1")
        assert saved == a_call(stage="collecting", version=1)
        store.save_call(saved, a_turn(0, caller="x" * 1_000_000))


@pytest.mark.parametrize(
    "content", [b"not a database, " * 500, b"SQLite format 3\0" + b"\7" * 5000]
)
def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.db"
    path.write_bytes(content)

    with pytest.raises(StorageError, match=r"calls\.db is not a usable database"):
        SqliteStorage(path)
    assert path.read_bytes() == content


def test_pages_that_rot_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    SqliteStorage(path).close()
    empty_bytes = path.stat().st_size  # the header and what tables there are stay
    with a_store(path) as store:
        for number in range(50):
            store.create_call(a_call(f"call-{number}", state={"heard": "x" * 1000}))
    with path.open("r+b") as file:
        file.seek(empty_bytes)
        file.write(b"\xa5" * (path.stat().st_size - empty_bytes))

    with a_store(path) as store, pytest.raises(StorageError, match="not a usable database"):
        store.calls(CallQuery())


def test_a_file_that_vanished_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(SqliteStorage(path)) as store:
        store._close_idle()
        path.unlink()

        with pytest.raises(StorageError, match="cannot be written"):
            store.create_call(a_call())
        assert not path.exists()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_taken_away_in_mid_service_fails_the_check(
    tmp_path: Path, replaced: bool
) -> None:
    path = tmp_path / "calls.db"
    with closing(SqliteStorage(path)) as store:
        path.rename(tmp_path / "away.db")
        if replaced:
            path.write_bytes((tmp_path / "away.db").read_bytes())

        with pytest.raises(StorageError, match="deleted or replaced"):
            store.check()


def test_a_store_locked_too_long_says_so_and_serves_readers(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    store = SqliteStorage(path, busy_timeout_s=0.01)
    with closing(store), closing(sqlite3.connect(path, isolation_level=None)) as other:
        store.create_call(a_call())
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked"):
            store.save_call(a_call(), a_turn())
        assert store.load_call("call-1") == a_call()

        other.execute("ROLLBACK")
        assert store.save_call(a_call(), a_turn()).version == 1


def test_a_writer_that_hangs_holds_up_other_threads_for_a_while_only(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "calls.db", busy_timeout_s=0.01)) as store:
        store.create_call(a_call())
        with store._write(), pytest.raises(StorageError, match="locked"):
            store.save_call(a_call(), a_turn())
        assert store.save_call(a_call(), a_turn()).version == 1


def test_a_failure_in_the_middle_of_a_save_undoes_all_of_it(tmp_path: Path) -> None:
    with a_store(tmp_path / "calls.db") as store:
        store.create_call(a_call())

        with pytest.raises(StorageError):  # the turn of a call that is not kept
            store.save_call(a_call(stage="completed"), a_turn(0, "call-2"))

        assert store.load_call("call-1") == a_call()


# Speed: every query of the contract has its index


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.load_call("call-1"),
        lambda store: store.find_call("CA-call-1"),
        lambda store: store.calls(CallQuery()),
        lambda store: store.calls(CallQuery(agent="pizza")),
        lambda store: store.calls(CallQuery(outcome="completed")),
        lambda store: store.calls(CallQuery(agent="pizza", outcome="completed")),
        lambda store: store.turns("call-1"),
        lambda store: store.collected("call-1"),
        lambda store: store.find_collected(None, None, 10),
        lambda store: store.find_collected("pizza", None, 10),
        lambda store: store.find_collected("pizza", a_call().created_at, 10),
        lambda store: store.save_call(a_call(), a_turn(), a_collection()),
    ],
)
def test_nothing_is_sorted_or_searched_in_full(
    tmp_path: Path, ask: Callable[[Storage], object]
) -> None:
    for plan in plans(tmp_path, ask):
        assert "SCAN" not in plan or "USING INDEX" in plan
        assert "TEMP B-TREE" not in plan


def test_the_sweep_of_quiet_calls_reads_open_calls_only(tmp_path: Path) -> None:
    query = CallQuery(open_only=True, quiet_since=a_call().updated_at)

    found = plans(tmp_path, lambda store: store.calls(query))

    assert any("USING INDEX calls_open" in plan for plan in found)


def plans(place: Path, ask: Callable[[Storage], object]) -> list[str]:
    """How SQLite goes about every statement that `ask` has it run."""
    with closing(SqliteStorage(place / "calls.db")) as store:
        store.create_call(a_call())
        statements: list[str] = []
        pools = store._idle, store._idle_writer
        connections = [store._take(pool) for pool in pools]
        for connection, pool in zip(connections, pools, strict=True):
            connection.set_trace_callback(statements.append)
            store._give_back(connection, pool)
        ask(store)
        for connection in connections:
            connection.set_trace_callback(None)
        assert statements
        return [
            step[3]
            for statement in statements
            for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK"))
        ]


# Others at the file


def test_documents_can_be_queried_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with a_store(path) as store:
        store.create_call(a_call())
        store.save_call(a_call(), a_turn(), a_collection())
        store.add_event(an_event("status:1"))

    with closing(sqlite3.connect(path)) as connection:
        amount = "SELECT json_extract(data, '$.charge.amount') FROM collected"
        assert connection.execute(amount).fetchall() == [(600,)]
        day = "SELECT date(collected_at) FROM collected"
        assert connection.execute(day).fetchall() == [("2026-03-01",)]


def test_processes_that_open_a_new_file_at_once_make_it_once(tmp_path: Path) -> None:
    crowd = [
        subprocess.Popen(
            [sys.executable, str(WRITER), "open"],
            env={"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    answers: list[list[str]] = []
    for round_ in range(40):
        for process in crowd:
            assert process.stdin is not None
            process.stdin.write(f"{tmp_path / str(round_)}\n")
            process.stdin.flush()
        answers.append([process.stdout.readline() for process in crowd if process.stdout])
    for process in crowd:
        process.communicate(timeout=30)

    assert answers == [["opened\n"] * 4] * 40
