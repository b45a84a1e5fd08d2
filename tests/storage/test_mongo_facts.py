"""The facts in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo import MongoClient

from storage.base import DatabaseAway
from storage.mongo_facts import LOOK_BACK, MongoFacts
from tests.storage import mongod as real
from tests.storage.contract_facts import SOON, FactsContract, a_fact
from tests.storage.samples import NOON


class TestMongoFacts(FactsContract):
    """The contract, in a database of the test's own."""

    @pytest.fixture(autouse=True)
    def _server(self, shared_mongod: real.Mongod) -> None:
        self._mongod = shared_mongod

    def variables(self, place: Path) -> Mapping[str, str]:
        uri = self._mongod.uri(f"facts_{abs(hash(place)) % 10**12}")
        return {"DATA_DIR": str(place / "data"), "MONGODB_URI": uri}


def test_calls_from_before_there_were_facts_are_found_bit_by_bit(
    shared_mongod: real.Mongod,
) -> None:
    uri = shared_mongod.uri("facts_of_old_calls")
    many = LOOK_BACK + 10
    with MongoClient[dict[str, object]](uri) as client:
        client["facts_of_old_calls"]["calls"].insert_many(
            {
                "_id": f"call-{number}",
                "carrier_id": f"CA{number}",
                "version": 1,
                "created_at": NOON.isoformat(),
                "updated_at": NOON.isoformat(),
                "ended_at": (NOON + timedelta(seconds=number)).isoformat(),
            }
            for number in range(many)
        )
    facts = MongoFacts(uri)
    assert len(facts.unread(SOON, many)) == LOOK_BACK
    assert len(facts.unread(SOON, many)) == many
    facts.keep([a_fact(f"call-{number}") for number in range(many)])
    assert facts.unread(SOON, many) == []
    facts.close()


def test_while_the_database_is_away_there_are_no_facts_and_then_there_are(
    mongod: real.Mongod,
) -> None:
    with closing(MongoFacts(mongod.uri())) as facts:
        mongod.kill()
        with pytest.raises(DatabaseAway):
            facts.keep([a_fact()])
        mongod.start()
        facts.keep([a_fact()])
        assert facts.get("call-1") == a_fact()
