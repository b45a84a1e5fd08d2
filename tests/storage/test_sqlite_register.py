"""The register in a SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from storage.register import EntryQuery
from storage.sqlite_register import SqliteRegister
from tests.storage.contract_register import RegisterContract


class TestSqliteRegister(RegisterContract):
    """The contract, in a file of the test's own."""

    def variables(self, place: Path) -> Mapping[str, str]:
        return {"DATA_DIR": str(place / "data")}


@pytest.mark.parametrize("name", ["status", "who", "action", "number", "carrier_id"])
def test_what_is_looked_for_often_is_found_without_reading_all_of_its_kind(
    tmp_path: Path, name: str
) -> None:
    with closing(SqliteRegister(tmp_path / "calls.db")) as register:
        statements: list[str] = []
        connection = register._take()
        connection.set_trace_callback(statements.append)
        register._give_back(connection)
        register.find(EntryQuery("recording", {name: "waiting"}))
        register.count(EntryQuery("recording", {name: "waiting"}))
        connection.set_trace_callback(None)
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {one}").fetchall() for one in statements]

    assert len(plans) == 2
    assert all(f"register_by_{name} (kind=? AND <expr>=?)" in str(plan) for plan in plans)


def test_a_name_that_is_none_is_never_part_of_a_statement(tmp_path: Path) -> None:
    with closing(SqliteRegister(tmp_path / "calls.db")) as register:
        with pytest.raises(ValueError, match="no name to look for"):
            register.find(EntryQuery("person", {"x' OR 1=1 --": 1}))
