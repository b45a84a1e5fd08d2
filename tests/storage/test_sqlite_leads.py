"""Leads, do-not-call lists and deliveries in a SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from storage.do_not_call import DoNotCallQuery
from storage.leads import LeadQuery
from storage.sqlite_do_not_call import SqliteDoNotCall
from storage.sqlite_file import SqliteFile
from storage.sqlite_leads import SqliteLeads
from tests.storage.contract_deliveries import DeliveriesContract
from tests.storage.contract_do_not_call import DoNotCallContract, an_entry
from tests.storage.contract_leads import LeadsContract
from tests.storage.lead_samples import LATER, NOW, UNTIL, a_lead, a_refusal, an_attempt


def in_file(place: Path) -> Mapping[str, str]:
    return {"DATA_DIR": str(place / "data")}


class TestSqliteLeads(LeadsContract):
    """The contract, in a file of the test's own."""

    def variables(self, place: Path) -> Mapping[str, str]:
        return in_file(place)


class TestSqliteDoNotCall(DoNotCallContract):
    """The contract, in a file of the test's own."""

    def variables(self, place: Path) -> Mapping[str, str]:
        return in_file(place)


class TestSqliteDeliveries(DeliveriesContract):
    """The contract, in a file of the test's own."""

    def variables(self, place: Path) -> Mapping[str, str]:
        return in_file(place)


class Traced:
    """The statements of a file, and how the database goes about them."""

    def __init__(self, file: SqliteFile) -> None:
        self._statements: list[str] = []
        self._connections = [file._take(idle) for idle in (file._idle, file._idle_writer)]
        for connection, idle in zip(
            self._connections, (file._idle, file._idle_writer), strict=True
        ):
            connection.set_trace_callback(self._statements.append)
            file._give_back(connection, idle)

    def plans(self) -> list[str]:
        """A line for each step of each plan."""
        for connection in self._connections:
            connection.set_trace_callback(None)
        return [
            str(step[3])
            for statement in self._statements
            if not statement.startswith(("BEGIN", "COMMIT", "--", "PRAGMA"))
            for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]


def test_nothing_that_the_dialer_or_a_page_asks_looks_through_all_leads(tmp_path: Path) -> None:
    with closing(SqliteLeads(tmp_path / "calls.db")) as leads:
        leads.add([a_lead(line) for line in range(9)])
        traced = Traced(leads)
        lead = leads.claim("diwali", NOW, "me", UNTIL)
        assert lead is not None
        leads.save(leads.begin(lead, an_attempt(lead)))
        leads.keep_attempt(an_attempt(lead))
        leads.expired(UNTIL, 10)
        leads.next_due("diwali")
        leads.hold("diwali", a_refusal(), NOW, 2)
        leads.refusals("diwali", None, 10)
        leads.refusals("diwali", lead.lead_id, 10, LATER)
        leads.rung([lead.number], NOW)
        leads.known("diwali", [lead.number])
        leads.find(LeadQuery("diwali", reason="hours", after=(NOW, "x")))
        leads.find(LeadQuery("diwali", number=lead.number))
        leads.attempts_of(lead.lead_id)
        leads.counts("diwali")
        leads.tallies("diwali")
        leads.cancel("diwali", NOW, 2)
        leads.delete("diwali", 2)
        leads.forget(lead.number)

        plans = traced.plans()

    assert len(plans) > 30
    assert [one for one in plans if one.startswith("SCAN") and "json_each" not in one] == []


def test_who_is_due_first_is_found_without_sorting(tmp_path: Path) -> None:
    with closing(SqliteLeads(tmp_path / "calls.db")) as leads:
        leads.add([a_lead()])
        traced = Traced(leads)
        leads.claim("diwali", NOW, "me", UNTIL)
        leads.expired(UNTIL, 10)
        leads.hold("diwali", a_refusal(), NOW, 2)
        plans = traced.plans()

    assert len(plans) > 5
    assert [one for one in plans if "TEMP B-TREE" in one] == []


def test_leads_that_are_rung_are_counted_in_an_index_of_those_alone(tmp_path: Path) -> None:
    with closing(SqliteLeads(tmp_path / "calls.db")) as leads:
        traced = Traced(leads)
        leads.ringing()

        assert "SEARCH leads USING COVERING INDEX leads_leased (status=?)" in traced.plans()


@pytest.mark.parametrize("campaign_id", [None, "", "diwali"])
def test_pages_of_a_do_not_call_list_are_read_where_they_are(
    tmp_path: Path, campaign_id: str | None
) -> None:
    with closing(SqliteDoNotCall(tmp_path / "calls.db")) as lists:
        lists.add([an_entry()])
        traced = Traced(lists)
        lists.find(DoNotCallQuery(campaign_id, after=(NOW, "", "")))
        lists.of("+911", "diwali")
        lists.among(["+911"], "diwali")
        plans = traced.plans()

    assert [one for one in plans if one.startswith("SCAN") and "json_each" not in one] == []
