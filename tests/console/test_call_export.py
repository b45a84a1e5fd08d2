"""Calls as a file: what is in it, what is masked, what cannot run, who may have it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from access.audit import entries_of
from access.roles import Role
from calls.sheets import harmless
from console.call_export import PAGE_CALLS
from storage.records import CollectedRecord
from tests.console.sitting import Sitting
from tests.transports.doors import NOW, a_call

PATH = "/console/calls/export"


def keep(sitting: Sitting, calls: int, data: dict[str, object] | None = None) -> None:
    for number in range(calls):
        call = replace(
            a_call(f"CA{number}", f"call-{number}"), created_at=NOW + timedelta(seconds=number)
        )
        sitting.services.storage.create_call(call)
        over = replace(call, ended_at=NOW + timedelta(minutes=5), outcome="completed")
        collected = CollectedRecord(
            call.call_id, call.carrier_id, call.agent, call.caller_number, "en-IN", "completed",
            True, data if data is not None else {"charge": 500 + number}, NOW,
        )  # fmt: skip
        sitting.services.storage.save_call(over, collected=collected)


def csv_of(sitting: Sitting, query: str = "", role: Role = Role.OPERATOR) -> list[dict[str, str]]:
    answer = sitting.visitor(role).get(f"{PATH}.csv?{query}")
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_csv_has_every_call_and_what_it_collected(sitting: Sitting) -> None:
    keep(sitting, 3)

    rows = csv_of(sitting)

    assert [row["Call"] for row in rows] == ["call-2", "call-1", "call-0"]
    assert [row["logistics: charge"] for row in rows] == ["502", "501", "500"]
    assert rows[0]["Outcome"] == "completed"
    assert rows[0]["Complete"] == "yes"
    assert rows[2]["Seconds"] == "300.0"


def test_an_export_is_filtered_and_sorted_like_the_list(sitting: Sitting) -> None:
    keep(sitting, 3)

    assert csv_of(sitting, "outcome=failed") == []
    rows = csv_of(sitting, "agent=logistics&sort=duration")
    assert [row["Call"] for row in rows] == ["call-2", "call-1", "call-0"]
    assert rows[0]["Charge"] == "502"


def test_an_export_goes_past_the_pages_that_it_is_read_in(sitting: Sitting) -> None:
    calls = PAGE_CALLS + 3
    keep(sitting, calls)

    assert len({row["Call"] for row in csv_of(sitting)}) == calls


def test_a_sheet_has_the_same_as_text_and_numbers(sitting: Sitting) -> None:
    keep(sitting, 2, {"charge": 7.5, "note": "=1+1"})

    answer = sitting.visitor(Role.OPERATOR).get(f"{PATH}.xlsx")

    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 3
    assert "<v>7.5</v>" in sheet
    assert "<f>" not in sheet
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "＝1"]
)
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["plain", "", None, -1, 2.5])
def test_everything_else_stays_as_it_is(cell: str | float | None) -> None:
    assert harmless(cell) == cell


def test_values_that_callers_gave_cannot_run(sitting: Sitting) -> None:
    keep(sitting, 1, {"charge": '=HYPERLINK("http://evil")', "gone": "=1"})

    [row] = csv_of(sitting)

    assert row["logistics: charge"].startswith("'=")
    assert "=1" not in row["Other values"].removeprefix("gone: ")
    assert row["Caller"] == "'+919876543210"


def test_an_export_is_for_operators_and_in_the_audit_log(sitting: Sitting) -> None:
    keep(sitting, 1)

    assert sitting.visitor(Role.VIEWER).get(f"{PATH}.csv").status_code == 403
    csv_of(sitting, "number=43210&outcome=completed")

    [noted] = sitting.services.audit.find(entries_of(action="export calls"))
    assert noted.role == Role.OPERATOR
    assert noted.details == {"filters": {"number": "set", "outcome": "completed"}}


def test_a_filter_that_cannot_be_used_exports_nothing(sitting: Sitting) -> None:
    answer = sitting.visitor(Role.OPERATOR).get(f"{PATH}.csv?from=yesterday")

    assert answer.status_code == 422
    assert "2026-11-20" in answer.text


def ways(count: int) -> Sequence[str]:
    return [f"{PATH}.csv"] * count


def test_too_many_exports_at_once_are_told_to_wait_and_those_that_end_make_room(
    sitting: Sitting,
) -> None:
    keep(sitting, 1)
    client = sitting.visitor(Role.OPERATOR)

    under_way = [client.get(path, buffered=False) for path in ways(2)]
    assert client.get(f"{PATH}.csv").status_code == 503
    for answer in under_way:
        answer.close()

    assert client.get(f"{PATH}.csv").status_code == 200
