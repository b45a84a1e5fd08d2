"""The facts in a SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.storage.contract_facts import FactsContract


class TestSqliteFacts(FactsContract):
    """The contract, in a file of the test's own."""

    def variables(self, place: Path) -> Mapping[str, str]:
        return {"DATA_DIR": str(place / "data")}
