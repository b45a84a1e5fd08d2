"""The journal before a MongoDB that is killed, stopped and brought back for real."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from settings import read_settings
from storage import open_storage
from storage.base import Storage, StorageError
from storage.changes import change_text, creation, saving
from storage.failover import FailoverStorage
from storage.journal import Journal
from storage.mongo import MongoStorage
from storage.records import CallEvent, CallQuery, CallRecord
from tests.storage import samples
from tests.storage.mongod import Mongod
from tests.storage.samples import a_clip, a_collection, a_turn
from tests.waiting import wait_until

# The journal forgets what is old.
NOW = datetime.now(UTC)


def a_call(call_id: str = "call-1", **changes: object) -> CallRecord:
    return samples.a_call(call_id, **{"updated_at": NOW, **changes})


def an_event(key: str) -> CallEvent:
    return samples.an_event(key, at=NOW)


def variables(mongod: Mongod, place: Path) -> dict[str, str]:
    return {"DATA_DIR": str(place / "data"), "MONGODB_URI": mongod.uri()}


def opened(mongod: Mongod, place: Path) -> Storage:
    return open_storage(read_settings(variables(mongod, place)))


@pytest.fixture
def store(mongod: Mongod, tmp_path: Path) -> Iterator[Storage]:
    with closing(opened(mongod, tmp_path)) as made:
        yield made


def has_come_to(talked: list[int], turn: int) -> bool:
    return max(talked) >= turn


def is_caught_up(store: Storage) -> bool:
    return store.check() == "ok"


OUTAGES = [
    pytest.param(Mongod.kill, Mongod.start, id="killed"),
    pytest.param(Mongod.pause, Mongod.resume, id="paused"),
]


@pytest.mark.parametrize(("leave", "come_back"), OUTAGES)
def test_a_call_goes_on_while_the_database_is_away_and_is_there_when_it_is_back(
    mongod: Mongod,
    store: Storage,
    database: MongoStorage,
    leave: Callable[[Mongod], None],
    come_back: Callable[[Mongod], None],
) -> None:
    store.create_call(a_call())
    call = store.save_call(a_call(), a_turn(0))

    leave(mongod)
    for turn in (1, 2, 3):
        found = store.find_call("CA-call-1")
        assert found == call
        call = store.save_call(replace(call, state={"turn": turn}), a_turn(turn))
    call = store.save_call(call, collected=a_collection())
    assert store.add_event(an_event("status:1"))
    assert not store.add_event(an_event("status:1"))
    store.create_call(a_call("call-2"))
    assert store.check() == "journal"
    assert store.turns("call-1") == [a_turn(turn) for turn in range(4)]
    assert store.collected("call-1") == a_collection()
    assert {one.call_id for one in store.calls(CallQuery())} == {"call-1", "call-2"}
    assert store.find_collected(None, None, 5) == [a_collection()]

    come_back(mongod)
    wait_until(partial(is_caught_up, store))
    for kept in (store, database):
        assert kept.load_call("call-1") == call
        assert kept.load_call("call-2") == a_call("call-2")
        assert kept.turns("call-1") == [a_turn(turn) for turn in range(4)]
        assert kept.collected("call-1") == a_collection()
        assert kept.events("call-1") == [an_event("status:1")]


def test_a_clip_kept_while_the_database_is_away_is_made_from_here_and_known_there_later(
    mongod: Mongod, store: Storage, database: MongoStorage
) -> None:
    database.connect()
    database.keep_clip(a_clip("elsewhere"))
    store.keep_clip(a_clip("before"))
    assert database.load_clip("before") == a_clip("before")
    assert store.load_clip("elsewhere") == a_clip("elsewhere")

    mongod.kill()
    store.keep_clip(a_clip())
    store.keep_clip(a_clip(text="kept already"))
    assert store.load_clip("clip-1") == a_clip()
    assert store.load_clip("before") == a_clip("before")
    assert store.load_clip("elsewhere") is None

    mongod.start()
    wait_until(partial(is_caught_up, store))
    assert database.load_clip("clip-1") == a_clip()


def test_what_an_older_version_left_in_the_outbox_is_sent(
    mongod: Mongod, tmp_path: Path, database: MongoStorage
) -> None:
    change = saving(a_call(version=1, stage="collecting"), a_turn(0, usage={}), None)
    assert change.turn is not None
    row_before_campaigns = (*change.row[:-3], change.row[-1])
    (tmp_path / "data").mkdir()
    with closing(Journal(tmp_path / "data" / "journal.db")) as journal:
        journal.keep(creation(a_call()))
        journal.keep(change)
        shorter = change_text(replace(change, row=row_before_campaigns, turn=change.turn[:-1]))
        with journal._write() as connection:
            statement = "UPDATE outbox SET change = ? WHERE token = ?"
            connection.execute(statement, (shorter, change.token))

    with closing(opened(mongod, tmp_path)) as store:
        wait_until(partial(is_caught_up, store))

    assert database.turns("call-1") == [a_turn(0, usage={})]
    assert database.load_call("call-1") == a_call(version=1, stage="collecting")


def test_what_was_heard_while_the_database_was_away_is_there_when_it_is_back(
    mongod: Mongod, store: Storage, database: MongoStorage
) -> None:
    store.create_call(a_call())
    call = store.save_call(a_call(), a_turn(0))
    mongod.kill()
    call = store.save_call(call, a_turn(1, former={"heard": "Between what"}))
    store.save_call(call, a_turn(1, heard="Between", former={"heard": "Between what"}))
    assert [turn.heard for turn in store.turns("call-1")] == ["Between what", "Between"]

    mongod.start()
    wait_until(partial(is_caught_up, store))

    for kept in (store, database):
        assert [turn.heard for turn in kept.turns("call-1")] == ["Between what", "Between"]


@pytest.mark.parametrize(("leave", "come_back"), OUTAGES)
def test_many_threads_lose_and_double_nothing_while_the_database_comes_and_goes(
    mongod: Mongod,
    store: Storage,
    database: MongoStorage,
    leave: Callable[[Mongod], None],
    come_back: Callable[[Mongod], None],
) -> None:
    talked = [0] * 6

    def talk(number: int) -> None:
        call = a_call(f"call-{number}")
        store.create_call(call)
        for turn in range(60):
            found = store.find_call(f"CA-call-{number}")
            assert found is not None
            assert found.version == turn
            store.save_call(replace(found, state={"turn": turn}), a_turn(turn, call.call_id))
            talked[number] = turn

    with ThreadPoolExecutor(6) as threads:
        done = [threads.submit(talk, number) for number in range(6)]
        for turn in (10, 30):
            wait_until(partial(has_come_to, talked, turn))
            leave(mongod)
            wait_until(partial(has_come_to, talked, turn + 10))
            come_back(mongod)
        for one in done:
            one.result()

    wait_until(partial(is_caught_up, store))
    for number in range(6):
        call = database.load_call(f"call-{number}")
        assert call is not None
        assert (call.version, call.state) == (60, {"turn": 59})
        assert [turn.turn for turn in database.turns(call.call_id)] == list(range(60))


def test_it_starts_while_the_database_is_away(
    mongod: Mongod, tmp_path: Path, database: MongoStorage, caplog: pytest.LogCaptureFixture
) -> None:
    mongod.kill()
    with closing(opened(mongod, tmp_path)) as store:
        told = [one.message for one in caplog.records]
        assert told == ["the database is away; calls go on from the journal"]
        store.create_call(a_call())
        assert store.check() == "journal"
        assert store.load_call("call-1") == a_call()

        mongod.start()
        wait_until(partial(is_caught_up, store))

    assert database.load_call("call-1") == a_call()


def test_it_does_not_start_with_a_user_whom_the_database_refuses(
    mongod: Mongod, tmp_path: Path
) -> None:
    settings = read_settings(variables(mongod, tmp_path))
    settings = replace(
        settings, mongodb_uri=mongod.uri().replace("mongodb://", "mongodb://somebody:secret@")
    )

    with pytest.raises(StorageError, match="MONGODB_URI"):
        open_storage(settings)


def test_what_a_machine_wrote_before_it_was_restarted_is_sent_afterwards(
    mongod: Mongod, tmp_path: Path, database: MongoStorage
) -> None:
    mongod.kill()
    with closing(opened(mongod, tmp_path)) as store:
        store.create_call(a_call())
        store.save_call(a_call(), a_turn(0), a_collection())
    mongod.start()

    with closing(opened(mongod, tmp_path)) as store:
        wait_until(partial(is_caught_up, store))

    assert database.load_call("call-1") == a_call(version=1)
    assert database.turns("call-1") == [a_turn(0)]
    assert database.collected("call-1") == a_collection()


@pytest.mark.parametrize("had_it", [False, True], ids=["before", "after"])
def test_a_process_killed_before_or_after_the_database_had_the_change_loses_and_doubles_nothing(
    mongod: Mongod, tmp_path: Path, database: MongoStorage, had_it: bool
) -> None:
    changes = [creation(a_call()), saving(a_call(version=1), a_turn(0), None)]
    (tmp_path / "data").mkdir()
    with closing(Journal(tmp_path / "data" / "journal.db")) as journal:
        for change in changes:
            journal.keep(change)
            if had_it:
                database.apply(change)

    with closing(opened(mongod, tmp_path)) as store:
        assert store.find_call("CA-call-1") == a_call(version=1)
        store.save_call(a_call(version=1), a_turn(1))
        wait_until(partial(is_caught_up, store))

    assert database.load_call("call-1") == a_call(version=2)
    assert database.turns("call-1") == [a_turn(0), a_turn(1)]


def test_two_processes_share_the_journal_and_one_of_them_is_killed(
    mongod: Mongod, store: Storage, tmp_path: Path, database: MongoStorage
) -> None:
    writer = Path(__file__).with_name("writer.py")
    root = str(writer.parents[2])
    store.create_call(a_call("call-1"))
    mongod.kill()
    process = subprocess.Popen(
        [sys.executable, str(writer), "stream", "call-2"],
        env={**variables(mongod, tmp_path), "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        for _ in range(50):
            process.stdout.readline()
        call = store.load_call("call-2")  # journalled by the other
        assert call is not None
        assert call.version >= 50
        process.kill()
        told = 50 + process.stdout.read().count("\n")

    mongod.start()
    wait_until(partial(is_caught_up, store))

    call = database.load_call("call-2")
    assert call is not None
    assert call.version in (told, told + 1)
    assert [turn.turn for turn in database.turns("call-2")] == list(range(call.version))


def test_a_call_that_another_machine_saved_is_taken_up_from_there(
    store: Storage, database: MongoStorage
) -> None:
    store.create_call(a_call())
    elsewhere = database.save_call(a_call(), a_turn(0))

    found = store.find_call("CA-call-1")
    assert found == elsewhere
    assert found is not None
    store.save_call(found, a_turn(1))

    assert database.turns("call-1") == [a_turn(0), a_turn(1)]


def test_a_call_that_another_machine_went_on_with_is_set_aside_and_reported(
    mongod: Mongod,
    store: Storage,
    database: MongoStorage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store.create_call(a_call())
    mongod.kill()
    ours = store.save_call(a_call(stage="collecting"), a_turn(0))
    store.save_call(ours, a_turn(1))
    store.create_call(a_call("call-2"))
    store.add_event(an_event("status:1"))
    # No look at the database before the other machine has been there.
    store.close()
    mongod.start()
    theirs = database.save_call(a_call(stage="completed"), a_turn(0, caller="elsewhere"))
    database.save_call(theirs)

    with caplog.at_level(logging.ERROR), closing(opened(mongod, tmp_path)) as store:
        wait_until(partial(is_caught_up, store))
        assert store.load_call("call-1") == replace(theirs, version=2)

    messages = [one.message for one in caplog.records if one.levelno == logging.ERROR]
    assert messages == [
        "the database refused a change that had been accepted; it is set aside in the journal"
    ]
    assert database.load_call("call-1") == replace(theirs, version=2)
    assert database.turns("call-1") == [a_turn(0, caller="elsewhere")]
    assert database.load_call("call-2") == a_call("call-2")
    assert database.events("call-1") == [an_event("status:1")]


class SmallJournal(Journal):
    """A journal on a disk that is full after `pages` pages of 4 KB."""

    pages = 90  # the tables alone take two thirds of them

    def _open(self) -> sqlite3.Connection:
        connection = super()._open()
        connection.execute(f"PRAGMA max_page_count = {self.pages}")
        return connection


def test_a_full_disk_of_the_journal_is_a_clear_error_and_what_was_accepted_stays(
    mongod: Mongod, database: MongoStorage, tmp_path: Path
) -> None:
    mongod.kill()
    path = tmp_path / "journal.db"
    call: CallRecord = a_call()
    with closing(FailoverStorage(database, SmallJournal(path), tmp_path / "lock")) as store:
        store.create_call(call)
        with pytest.raises(StorageError, match=r"disk of .* is full"):  # noqa: PT012
            for turn in range(1000):
                call = store.save_call(call, a_turn(turn, caller="word " * 1000))
        assert store.load_call("call-1") == call
        assert len(store.turns("call-1")) == call.version

    mongod.start()
    with (
        closing(MongoStorage(mongod.uri())) as again,
        closing(FailoverStorage(again, Journal(path), tmp_path / "lock")) as store,
    ):
        wait_until(partial(is_caught_up, store))
        assert again.load_call("call-1") == call
        assert len(again.turns("call-1")) == call.version
