"""Lists in MongoDB: calls that do not match are passed over without being read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pymongo
import pytest
from pymongo import MongoClient

from storage.base import StorageError
from storage.mongo import MongoStorage
from storage.mongo_documents import Document
from storage.mongo_making import SearchIndexes
from storage.mongo_search import BRIEF_FIELDS, SEARCH_INDEXES, order, wanted_calls
from storage.search import CallSearch, CallSort, NumberMatch, NumberPart
from tests.storage.contract_search import some_calls
from tests.storage.mongod import Mongod
from tests.storage.test_mongo import database_of
from tests.waiting import wait_until


def test_where_there_are_many_calls_whoever_reaches_the_database_waits_for_no_index(
    shared_mongod: Mongod, tmp_path: Path
) -> None:
    client: MongoClient[Document] = MongoClient(shared_mongod.uri(database_of(tmp_path)))
    with client, closing(MongoStorage(shared_mongod.uri(database_of(tmp_path)))) as store:
        calls = client.get_default_database()["calls"]
        calls.insert_many({"created_at": str(n), "ended_at": str(n)} for n in range(40_000))
        with pytest.raises(StorageError, match="still making"):
            store.search(CallSearch())

        with pymongo.timeout(0.1):  # which the indexes take longer than
            SearchIndexes(calls, at_once_most=1_000).make()

        names = {index.document["name"] for index in SEARCH_INDEXES}
        wait_until(lambda: names <= set(calls.index_information()))


@pytest.fixture
def store(shared_mongod: Mongod, tmp_path: Path) -> Iterator[MongoStorage]:
    with closing(MongoStorage(shared_mongod.uri(database_of(tmp_path)))) as made:
        made.connect()
        some_calls(made)
        yield made


@pytest.mark.parametrize(
    "query",
    [
        CallSearch(stage="handover", language="ta-IN"),
        CallSearch(agent="pizza", outcome="completed"),
        CallSearch(sort=CallSort.DURATION, stage="language"),
        CallSearch(caller=NumberMatch(NumberPart.END, "0000")),
        CallSearch(line=NumberMatch(NumberPart.WHOLE, "+10000000000")),
    ],
)
def test_calls_that_do_not_match_are_not_read(store: MongoStorage, query: CallSearch) -> None:
    for wanted, index in list(wanted_calls(query))[-1:]:  # those that have ended
        found = store._calls.find(wanted, BRIEF_FIELDS, sort=order(query), hint=index).limit(50)

        assert found.explain()["executionStats"]["totalDocsExamined"] == 0
