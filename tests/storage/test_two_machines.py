"""Two machines with a journal each before one real MongoDB, which are sent the same turns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.changes import saving
from storage.failover import FailoverStorage
from storage.journal import Journal
from storage.mongo import MongoStorage
from storage.records import CallRecord
from tests.storage import samples
from tests.storage.mongod import Mongod
from tests.storage.samples import a_turn


class Overtaken(Journal):
    """Another process takes back what the database refused, just after this one has looked."""

    def owing(self, carrier_ids: Collection[str]) -> set[str]:
        owed = super().owing(carrier_ids)
        self._take_back()
        return owed

    def owes(self, call_id: str) -> bool:
        is_owed = super().owes(call_id)
        self._take_back()
        return is_owed

    def _take_back(self) -> None:
        for one in self.owed("call-1"):
            self.withdraw(one)


@pytest.fixture
def call(database: MongoStorage) -> CallRecord:
    """A call of which the other machine has just saved a turn."""
    database.connect()
    call = samples.a_call(updated_at=datetime.now(UTC))
    database.create_call(call)
    return database.save_call(replace(call, state={"turn": 1}), a_turn(1))


@pytest.fixture
def store(mongod: Mongod, call: CallRecord, tmp_path: Path) -> Iterator[FailoverStorage]:
    """This machine, which has written the same turn into its journal."""
    journal = Overtaken(tmp_path / "journal.db")
    assert journal.keep(saving(call, a_turn(1), None))
    database = MongoStorage(mongod.uri())
    with closing(FailoverStorage(database, journal, tmp_path / "lock")) as made:
        yield made


def test_a_call_is_found_though_this_machine_has_just_lost_a_turn_of_it(
    store: FailoverStorage, call: CallRecord
) -> None:
    assert store.find_call("CA-call-1") == call


def test_a_call_and_its_turns_are_read_though_this_machine_has_just_lost_one(
    store: FailoverStorage, call: CallRecord
) -> None:
    assert store.turns("call-1") == [a_turn(1)]
    assert store.load_call("call-1") == call
