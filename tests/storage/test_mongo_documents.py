"""MongoDB alone: saves of several documents that break off in their middle, and errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from storage.base import DatabaseAway, StaleCall, StorageError
from storage.changes import Change, arrival, creation, saving
from storage.mongo import MongoStorage
from storage.search import CallSearch
from tests.storage.mongod import Mongod
from tests.storage.samples import a_call, a_collection, a_turn, an_event
from tests.storage.test_mongo import database_of


class Interrupted(Exception):
    """The process died here."""


class DiesBeforeLanding(MongoStorage):
    """A process that dies when it has saved a call and before it has copied the tail."""

    def _land(self, call_id: str, tail: dict[str, Any]) -> None:
        raise Interrupted


@pytest.fixture
def uri(shared_mongod: Mongod, tmp_path: Path) -> str:
    return shared_mongod.uri(database_of(tmp_path))


@pytest.fixture
def store(uri: str) -> Iterator[MongoStorage]:
    with closing(MongoStorage(uri)) as opened:
        opened.connect()
        opened.create_call(a_call())
        yield opened


def break_off(uri: str, change: Change) -> None:
    with closing(DiesBeforeLanding(uri)) as dying, pytest.raises(Interrupted):
        dying.apply(change)


def first_save() -> Change:
    return saving(a_call(version=1, outcome="completed"), a_turn(0), a_collection())


def test_a_save_that_broke_off_is_whole_to_whoever_reads(uri: str, store: MongoStorage) -> None:
    break_off(uri, first_save())

    assert store.turns("call-1") == [a_turn(0)]
    assert store.collected("call-1") == a_collection()
    assert store.load_call("call-1") == a_call(version=1, outcome="completed")


def test_a_save_that_broke_off_is_found_among_what_was_collected(
    uri: str, store: MongoStorage
) -> None:
    break_off(uri, first_save())

    assert store.find_collected("logistics", None, 10) == [a_collection()]


def test_the_next_save_finishes_the_one_that_broke_off(uri: str, store: MongoStorage) -> None:
    break_off(uri, first_save())

    store.save_call(a_call(version=1), a_turn(1))

    assert store.turns("call-1") == [a_turn(0), a_turn(1)]
    assert store.collected("call-1") == a_collection()


def test_a_stale_save_finishes_the_one_that_broke_off_and_nothing_else(
    uri: str, store: MongoStorage
) -> None:
    break_off(uri, first_save())

    with pytest.raises(StaleCall):
        store.save_call(a_call(), a_turn(0, caller="too late"))

    assert store.turns("call-1") == [a_turn(0)]


def test_a_save_that_broke_off_can_be_made_again(uri: str, store: MongoStorage) -> None:
    change = first_save()
    break_off(uri, change)

    assert store.apply(change)
    assert store.apply(change)

    assert store.turns("call-1") == [a_turn(0)]
    call = store.load_call("call-1")
    assert call is not None
    assert call.version == 1


def test_a_change_that_is_applied_again_after_others_counts_once(store: MongoStorage) -> None:
    change = saving(a_call(version=1), a_turn(0), None)
    store.apply(change)
    store.save_call(a_call(version=1), a_turn(0, caller="no, six hundred"))

    assert store.apply(change)

    assert store.turns("call-1") == [a_turn(0, caller="no, six hundred")]


def test_a_copy_that_comes_late_does_not_replace_a_later_one(uri: str, store: MongoStorage) -> None:
    class Late(MongoStorage):
        left: dict[str, Any]

        def _land(self, call_id: str, tail: dict[str, Any]) -> None:
            self.left = tail

    with closing(Late(uri)) as late:
        late.apply(saving(a_call(version=1), a_turn(0), a_collection()))
        store.save_call(a_call(version=1), a_turn(0, caller="later"), a_collection(data={}))

        MongoStorage._land(late, "call-1", late.left)

    assert store.turns("call-1") == [a_turn(0, caller="later")]
    assert store.collected("call-1") == a_collection(data={})


def test_a_call_created_again_with_its_token_is_the_same(store: MongoStorage) -> None:
    change = creation(a_call("call-2"))

    assert store.apply(change)
    assert store.apply(change)


def test_a_callback_sent_again_with_its_token_is_new_and_kept_once(store: MongoStorage) -> None:
    change = arrival(an_event("status:1"))

    assert store.apply(change) is True
    assert store.apply(change) is True
    assert store.add_event(an_event("status:1")) is False
    assert store.events("call-1") == [an_event("status:1")]


def test_a_turn_from_before_usage_is_read(uri: str, store: MongoStorage) -> None:
    store.save_call(a_call(), a_turn(0))
    with MongoClient[dict[str, Any]](uri) as client:
        client.get_default_database()["turns"].update_many({}, {"$unset": {"usage": ""}})

    assert store.turns("call-1") == [a_turn(0, usage={})]


def test_a_call_from_before_there_were_campaigns_is_of_none(uri: str, store: MongoStorage) -> None:
    store.save_call(a_call(), a_turn(0))
    with MongoClient[dict[str, Any]](uri) as client:
        gone = {"$unset": {"campaign_id": "", "lead_id": ""}}
        client.get_default_database()["calls"].update_many({}, gone)

    assert store.load_call("call-1") == a_call(version=1)
    [brief] = store.search(CallSearch(campaign_id=""))
    assert (brief.campaign_id, brief.lead_id) == ("", "")
    store.save_call(a_call(version=1), a_turn(1))


def test_what_was_collected_can_be_searched(uri: str, store: MongoStorage) -> None:
    store.save_call(a_call(), collected=a_collection())

    with MongoClient[dict[str, Any]](uri) as client:
        found = client.get_default_database()["collected"].find_one({"data.charge.amount": 600})

    assert found is not None
    assert found["call_id"] == "call-1"


def test_a_call_of_more_than_a_document_holds_is_refused_and_harms_nothing(
    store: MongoStorage,
) -> None:
    with pytest.raises(StorageError):
        store.save_call(a_call(state={"heard": "x" * 17_000_000}))

    assert store.load_call("call-1") == a_call()


@pytest.mark.parametrize(
    "wrong",
    ["mongodb://host/?replicaSet", "mongodb://a:b:c@host/", "mongodb://host:99999/"],
)
def test_an_address_that_cannot_be_used_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(StorageError, match="MONGODB_URI") as refused:
        MongoStorage(wrong)
    assert not isinstance(refused.value, DatabaseAway)


def test_a_user_that_is_not_known_is_refused_and_no_secret_shown(shared_mongod: Mongod) -> None:
    address = shared_mongod.uri().replace("mongodb://", "mongodb://somebody:secret@")
    with closing(MongoStorage(address)) as store, pytest.raises(StorageError) as refused:
        store.connect()
    assert not isinstance(refused.value, DatabaseAway)
    assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there_is_away(mongod: Mongod) -> None:
    mongod.kill()
    with closing(MongoStorage(mongod.uri(), timeout_s=0.2)) as store:
        for attempt in (store.connect, store.check, lambda: store.load_call("call-1")):
            with pytest.raises(DatabaseAway):
                attempt()
