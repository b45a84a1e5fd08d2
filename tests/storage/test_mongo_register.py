"""The register in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from storage.base import DatabaseAway
from storage.mongo_register import MongoRegister
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


def test_while_the_database_is_away_the_register_says_so_and_then_works(
    mongod: real.Mongod,
) -> None:
    register = MongoRegister(mongod.uri(), timeout_s=0.5)
    mongod.kill()

    with pytest.raises(DatabaseAway):
        register.put(entry("asha"))

    mongod.start()
    assert register.put(entry("asha")).version == 1
    register.close()
