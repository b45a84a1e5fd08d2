"""A call that is deleted while the database is away, or is owed to it, stays deleted."""

from __future__ import annotations

import fcntl
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from storage.base import StorageError
from storage.mongo import MongoStorage
from tests.storage.contract_deletion import a_whole_call, is_gone
from tests.storage.mongod import Mongod
from tests.storage.samples import a_turn
from tests.storage.test_failover import is_caught_up, opened
from tests.waiting import wait_until


def test_what_is_owed_of_a_deleted_call_does_not_come_back_to_life(
    mongod: Mongod, tmp_path: Path, database: MongoStorage
) -> None:
    with closing(opened(mongod, tmp_path)) as store:
        mongod.kill()
        for call_id in ("call-1", "call-2"):
            a_whole_call(store, call_id)
        assert store.delete_call("call-1") is True
        assert is_gone(store, "call-1")

        mongod.start()
        wait_until(partial(is_caught_up, store))

        assert is_gone(store, "call-1")
    assert is_gone(database, "call-1")
    assert len(database.turns("call-2")) == 3


def test_a_call_that_the_database_has_is_deleted_there_when_it_is_back(
    mongod: Mongod, tmp_path: Path, database: MongoStorage
) -> None:
    with closing(opened(mongod, tmp_path)) as store:
        a_whole_call(store, "call-1")
        wait_until(partial(is_caught_up, store))
        mongod.kill()
        assert store.delete_call("call-1") is True

    mongod.start()
    with closing(opened(mongod, tmp_path)) as store:  # another process, later
        wait_until(partial(is_caught_up, store))
        assert is_gone(store, "call-1")
    assert is_gone(database, "call-1")


def test_what_was_set_aside_of_it_goes_too(
    mongod: Mongod, tmp_path: Path, database: MongoStorage
) -> None:
    with closing(opened(mongod, tmp_path)) as store:
        a_whole_call(store, "call-1")
        wait_until(partial(is_caught_up, store))
        stale = store.load_call("call-1")
        assert stale is not None
        database.save_call(stale, a_turn(3, "call-1", caller="elsewhere"))
        mongod.kill()
        store.save_call(stale, a_turn(3, "call-1", caller="my secret words"))
        mongod.start()
        wait_until(partial(is_caught_up, store))
        journal = (tmp_path / "data" / "journal.db").read_bytes()
        journal += (tmp_path / "data" / "journal.db-wal").read_bytes()
        assert b"my secret words" in journal

        assert store.delete_call("call-1") is True

    with closing(opened(mongod, tmp_path)) as store:
        assert is_gone(store, "call-1")


def test_while_others_catch_up_nothing_is_deleted_behind_their_backs(
    mongod: Mongod, tmp_path: Path
) -> None:
    with closing(opened(mongod, tmp_path)) as store:
        a_whole_call(store, "call-1")
        with (tmp_path / "data" / "journal.db.catch-up").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(StorageError, match="try again later"):
                store.delete_call("call-1")
        assert store.delete_call("call-1") is True
