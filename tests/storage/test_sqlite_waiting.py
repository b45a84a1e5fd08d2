"""Who waits for an SQLite file is known to whoever writes much into it, whatever its process."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread
from time import monotonic, monotonic_ns

import pytest

from storage.base import StorageError
from storage.sqlite import SqliteStorage
from storage.sqlite_lead_adding import Pace
from storage.sqlite_leads import SqliteLeads
from storage.sqlite_waiting import Waiting
from tests.storage.lead_samples import a_lead
from tests.storage.samples import a_call
from tests.waiting import wait_until


def test_nobody_waits_until_somebody_does(tmp_path: Path) -> None:
    one, other = Waiting(tmp_path / "calls.db"), Waiting(tmp_path / "calls.db")
    began = monotonic_ns()
    assert not one.since(began)
    other.tell()
    assert one.since(began)
    assert not one.since(monotonic_ns())


def test_another_process_tells(tmp_path: Path) -> None:
    waiting, began = Waiting(tmp_path / "calls.db"), monotonic_ns()
    code = (
        "from pathlib import Path; from storage.sqlite_waiting import Waiting; "
        f"Waiting(Path({str(tmp_path / 'calls.db')!r})).tell()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert waiting.since(began)


@pytest.mark.parametrize("content", [b"abc", (1 << 62).to_bytes(8, sys.byteorder), b"x" * 4096])
def test_whatever_is_in_the_file_nothing_breaks(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "calls.db.waiting").write_bytes(content)
    waiting, began = Waiting(tmp_path / "calls.db"), monotonic_ns()
    waiting.since(began)
    waiting.tell()
    assert waiting.since(began)


def test_where_it_cannot_be_kept_somebody_always_waits(tmp_path: Path) -> None:
    waiting = Waiting(Path(os.devnull) / "calls.db")
    waiting.tell()
    assert waiting.since(monotonic_ns())


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    Waiting(tmp_path / "calls.db").tell()
    assert (tmp_path / "calls.db.waiting").stat().st_mode & 0o777 == 0o600


def test_who_adds_many_rests_for_those_who_wait_and_not_for_nobody(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path / "calls.db")
    rested_at = monotonic()
    pace = Pace(waiting, _rested_at=rested_at)
    pace.rest()
    pace._free_until = monotonic() + 0.01
    pace.rest()
    assert pace._rested_at == rested_at
    waiting.tell()
    pace._free_until = monotonic() + 0.01
    pace.rest()
    assert pace._rested_at > rested_at


def test_who_adds_many_rests_now_and_then_should_nobody_be_able_to_tell(tmp_path: Path) -> None:
    pace = Pace(Waiting(tmp_path / "calls.db"))
    pace._free_until = monotonic() + 0.01
    pace.rest()
    assert pace._rested_at > 0


def test_a_call_is_kept_while_many_leads_are_added(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(SqliteLeads(path)) as leads, closing(SqliteStorage(path)) as store:
        adding = Thread(target=leads.add, args=[[a_lead(line) for line in range(4_000)]])
        adding.start()
        kept = 0
        while adding.is_alive():
            store.create_call(a_call(f"c{kept}", carrier_id=f"CA{kept}"))
            kept += 1
        adding.join()
        assert kept > 1
        assert leads.counts("diwali") == {("waiting", "", ""): 4_000}
        assert store.load_call(f"c{kept - 1}") is not None


def test_who_waits_tells_and_gets_the_file_once_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(SqliteStorage(path)) as store:
        began, waiting = monotonic_ns(), Waiting(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            keeping = Thread(target=store.create_call, args=[a_call()])
            keeping.start()
            wait_until(lambda: waiting.since(began))
            other.execute("COMMIT")
            keeping.join()
        assert store.load_call(a_call().call_id) is not None


def test_who_gets_no_turn_in_time_is_told_so_and_may_try_again(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(SqliteStorage(path, busy_timeout_s=0.01)) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="locked"):
                store.create_call(a_call())
        store.create_call(a_call())
