"""The register in MongoDB."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from storage.base import DatabaseAway
from storage.mongo_client import TIMEOUT_S
from storage.mongo_register import MongoRegister, _order, _wanted
from storage.register import EntryQuery
from tests.storage import mongod as real
from tests.storage.contract_register import RegisterContract, entry


class TestMongoRegister(RegisterContract):
    """The contract, in a database of the test's own."""

    @pytest.fixture(autouse=True)
    def _server(self, shared_mongod: real.Mongod) -> None:
        self._mongod = shared_mongod

    def variables(self, place: Path) -> Mapping[str, str]:
        uri = self._mongod.uri(f"register_{abs(hash(place)) % 10**12}")
        return {"DATA_DIR": str(place / "data"), "MONGODB_URI": uri}


@pytest.mark.parametrize("name", ["status", "who", "action", "number", "carrier_id"])
def test_what_is_looked_for_often_is_found_without_reading_all_of_its_kind(
    shared_mongod: real.Mongod, tmp_path: Path, name: str
) -> None:
    uri = shared_mongod.uri(f"register_{abs(hash(tmp_path)) % 10**12}")
    with closing(MongoRegister(uri)) as register:
        for number in range(20):
            register.put(entry(f"kept-{number}", 0.0, **{name: "kept"}))
        for oldest_first in (False, True):
            query = EntryQuery("person", {name: "waiting"}, oldest_first=oldest_first)
            found = register._entries.find(_wanted(query)).sort(_order(query))
            assert found.explain()["executionStats"]["totalDocsExamined"] == 0


def test_of_a_database_that_was_away_nobody_waits_long_for(mongod: real.Mongod) -> None:
    with closing(MongoRegister(mongod.uri())) as register:
        register.put(entry("asha"))
        mongod.kill()
        with pytest.raises(DatabaseAway):
            register.get("person", "asha")

        began_at = time.monotonic()
        for _ in range(3):
            with pytest.raises(DatabaseAway):
                register.get("person", "asha")
        assert time.monotonic() - began_at < 3 * TIMEOUT_S

        mongod.start()
        assert register.get("person", "asha") is not None


def test_while_the_database_is_away_the_register_says_so_and_then_works(
    mongod: real.Mongod,
) -> None:
    with closing(MongoRegister(mongod.uri())) as register:
        mongod.kill()

        with pytest.raises(DatabaseAway):
            register.put(entry("asha"))

        mongod.start()
        assert register.put(entry("asha")).version == 1
