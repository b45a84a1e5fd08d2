"""Lists in MongoDB: calls that do not match are passed over without being read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.mongo import MongoStorage
from storage.mongo_search import BRIEF_FIELDS, order, wanted_calls
from storage.search import CallSearch, CallSort, NumberMatch, NumberPart
from tests.storage.contract_search import some_calls
from tests.storage.mongod import Mongod
from tests.storage.test_mongo import database_of


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
