"""MongoDB alone: many changes together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from storage.changes import arrival, clip_change, creation, saving
from storage.mongo import MongoStorage
from storage.mongo_bulk import TAILS_MOST
from storage.mongo_documents import TOKENS_KEPT
from storage.sending import BATCH_OF_CALL
from tests.storage.mongod import Mongod
from tests.storage.samples import a_call, a_clip, a_collection, a_turn, an_event
from tests.storage.test_mongo import database_of


@pytest.fixture
def uri(shared_mongod: Mongod, tmp_path: Path) -> str:
    return shared_mongod.uri(database_of(tmp_path))


@pytest.fixture
def store(uri: str) -> Iterator[MongoStorage]:
    with closing(MongoStorage(uri)) as opened:
        opened.connect()
        yield opened


def test_changes_of_every_kind_are_written_together_and_once(store: MongoStorage) -> None:
    changes = [
        creation(a_call()),
        saving(a_call(version=1), a_turn(0), None),
        arrival(an_event("status:1")),
        saving(a_call(version=2, outcome="completed"), a_turn(1), a_collection()),
        clip_change(a_clip()),
        creation(a_call("call-2")),
    ]

    first = store.apply_all(changes)
    again = store.apply_all(changes)

    assert first == [True] * 6
    # A callback and a clip that are there have to be asked for alone.
    assert again == [True, True, False, True, False, True]
    assert [store.apply(change) for change in changes] == [True] * 6
    assert store.load_call("call-1") == a_call(version=2, outcome="completed")
    assert store.turns("call-1") == [a_turn(0), a_turn(1)]
    assert store.collected("call-1") == a_collection()
    assert store.find_collected(None, None, 5) == [a_collection()]
    assert store.events("call-1") == [an_event("status:1")]
    assert store.load_clip("clip-1") == a_clip()


def test_what_cannot_be_written_spoils_nothing_for_the_others(store: MongoStorage) -> None:
    for number in range(4):
        store.create_call(a_call(f"call-{number}"))
    store.save_call(a_call("call-1"), a_turn(0, "call-1"))

    known = store.apply_all(
        [
            saving(a_call("call-0", version=1), a_turn(0, "call-0"), None),
            saving(a_call("call-1", version=1), a_turn(0, "call-1", caller="late"), None),
            saving(a_call("call-2", version=1, carrier_id="CA-call-0"), None, None),
            creation(a_call("call-5", carrier_id="CA-call-0")),
            saving(a_call("call-3", version=1, state={"x": "y" * 17_000_000}), None, None),
        ]
    )
    assert known == [False] * 5  # one is too large to be sent at all
    known = store.apply_all(
        [
            saving(a_call("call-0", version=1), a_turn(0, "call-0"), None),
            saving(a_call("call-1", version=1), a_turn(0, "call-1", caller="late"), None),
            saving(a_call("call-2", version=1, carrier_id="CA-call-0"), None, None),
            creation(a_call("call-5", carrier_id="CA-call-0")),
            creation(a_call("call-6")),
        ]
    )

    assert known == [True, False, False, False, True]
    assert store.turns("call-0") == [a_turn(0, "call-0")]
    assert store.turns("call-1") == [a_turn(0, "call-1")]
    assert store.load_call("call-2") == a_call("call-2")


def test_turns_are_landed_behind_and_leave_the_call(uri: str, store: MongoStorage) -> None:
    store.create_call(a_call())
    store.apply_all([saving(a_call(version=1), a_turn(0), a_collection())])

    store.land()

    with MongoClient[dict[str, Any]](uri) as client:
        kept = client.get_default_database()
        assert kept["turns"].count_documents({"call_id": "call-1"}) == 1
        assert kept["collected"].count_documents({"call_id": "call-1"}) == 1
    store.save_call(a_call(version=1), a_turn(1))
    assert store.turns("call-1") == [a_turn(0), a_turn(1)]


def test_turns_that_nobody_landed_do_not_pile_up_in_a_call(uri: str, store: MongoStorage) -> None:
    store.create_call(a_call())
    saves = [saving(a_call(version=n + 1), a_turn(n), None) for n in range(TAILS_MOST + 1)]

    known = store.apply_all(saves)

    assert known == [*[True] * TAILS_MOST, False]
    assert store.apply(saves[-1])
    assert [turn.turn for turn in store.turns("call-1")] == list(range(TAILS_MOST + 1))
    with MongoClient[dict[str, Any]](uri) as client:
        call = client.get_default_database()["calls"].find_one({"_id": "call-1"})
    assert call is not None
    assert call["tails"] == []


def test_a_call_is_caught_up_in_parts_that_it_remembers_and_has_room_for() -> None:
    assert 2 * BATCH_OF_CALL <= TAILS_MOST < TOKENS_KEPT


def test_calls_are_found_together_by_their_index(uri: str, store: MongoStorage) -> None:
    for number in range(3):
        store.create_call(a_call(f"call-{number}"))

    found = store.find_calls(["CA-call-0", "CA-call-2", "CA-unknown"])

    assert found == {"CA-call-0": a_call("call-0"), "CA-call-2": a_call("call-2")}
    with MongoClient[dict[str, Any]](uri) as client:
        wanted = {"carrier_id": {"$in": ["CA-call-0", "CA-call-2"]}}
        plan = client.get_default_database()["calls"].find(wanted).explain()
    assert "carrier_id_1" in str(plan["queryPlanner"]["winningPlan"])
