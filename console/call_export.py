"""The list of calls as a file: CSV, sent while it is read, or a sheet for Excel.

Calls are read a page at a time, so that neither a file nor its reader holds up the store. Texts
that a spreadsheet would run as a formula are made harmless: in CSV by an apostrophe before them
(owasp.org/www-community/attacks/CSV_Injection), in a sheet by being cells of text.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from agents.schema import Agent
from calls.redaction import Sight, redacted_collected, shown_number
from calls.values import shown_value
from console.call_story import label_of
from storage.base import Storage
from storage.records import CollectedRecord
from storage.search import CallBrief, CallSearch

Cell = str | int | float | None

# Calls that are read together: 0.5 MB of what they collected, in some ten milliseconds.
PAGE_CALLS = 500
# Rows of a sheet, its heading included (support.microsoft.com: Excel specifications and limits).
SHEET_ROWS_MOST = 1_048_576
# A spreadsheet takes a text that begins so for a formula.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CELL_MOST = 32_767  # characters; Excel refuses more
_CHUNK_BYTES = 256 * 1024

_HEADINGS = (
    "Call", "Carrier's id", "Agent", "Agent's version", "Direction", "Caller", "Our number",
    "Began (UTC)", "Ended (UTC)", "Seconds", "Outcome", "Stage", "Status", "Language", "Transport",
    "Turns", "Complete",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of calls, with a column for every field that their agents collect."""

    storage: Storage
    search: CallSearch
    agents: Mapping[str, Agent]
    sight: Sight

    def headings(self) -> list[str]:
        """The first row."""
        fields = [
            label_of(agent, name) if self.search.agent else f"{agent.agent}: {name}"
            for agent, name in self._fields()
        ]
        return [*_HEADINGS, *fields, "Other values"]

    def rows(self) -> Iterator[list[Cell]]:
        """A row for every call, in the order of the list."""
        for call, collected in self._calls():
            yield self._row(call, collected)

    def _calls(self) -> Iterator[tuple[CallBrief, CollectedRecord | None]]:
        query = replace(
            self.search, limit=PAGE_CALLS, after_place=None, before_place=None, offset=0
        )
        while page := self.storage.search(query):
            collected = self.storage.collected_by([call.call_id for call in page])
            yield from ((call, collected.get(call.call_id)) for call in page)
            if len(page) < PAGE_CALLS:
                return
            query = replace(query, after_place=page[-1].place(query.sort))

    def _fields(self) -> list[tuple[Agent, str]]:
        """The fields that have a column of their own."""
        name = self.search.agent
        return [
            (agent, spec.name)
            for agent in self.agents.values()
            if name in (None, agent.agent)
            for spec in agent.fields
        ]

    def _row(self, call: CallBrief, collected: CollectedRecord | None) -> list[Cell]:
        agent = self.agents.get(call.agent)
        values: dict[str, object] = {}
        if collected is not None:
            values = dict(redacted_collected(collected, agent, self.sight).data)
        fields: list[Cell] = [
            _cell(values.pop(name, None)) if owner.agent == call.agent else None
            for owner, name in self._fields()
        ]
        other = "; ".join(f"{name}: {shown_value(value)}" for name, value in values.items())
        return [
            call.call_id,
            call.carrier_id,
            call.agent,
            call.agent_version,
            call.direction,
            shown_number(call.caller_number, self.sight),
            call.line_number,
            _moment(call.created_at),
            _moment(call.ended_at),
            None if call.duration_ms is None else round(call.duration_ms / 1000, 3),
            call.outcome,
            call.stage,
            call.status,
            call.language,
            call.transport,
            call.turns,
            None if collected is None else shown_value(collected.complete),
            *fields,
            other or None,
        ]


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The table as CSV in UTF-8, with the mark by which Excel knows that."""
    written = io.StringIO()
    writer = csv.writer(written)
    written.write("\ufeff")
    writer.writerow([harmless(one) for one in table.headings()])
    for row in table.rows():
        writer.writerow([harmless(one) for one in row])
        if written.tell() > _CHUNK_BYTES:
            yield written.getvalue().encode("utf-8", "replace")
            written.seek(0)
            written.truncate()
    yield written.getvalue().encode("utf-8", "replace")


def sheet_file(table: Table) -> IO[bytes]:
    """The table as a sheet, in a file without a name; rows go to the disk as they come."""
    with ExitStack() as unless_made:
        file = unless_made.enter_context(tempfile.TemporaryFile())
        options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
        with xlsxwriter.Workbook(file, options) as book:
            sheet = book.add_worksheet("Calls")
            sheet.freeze_panes(1, 0)
            _write(sheet, 0, table.headings(), book.add_format({"bold": True}))
            for place, row in enumerate(table.rows(), start=1):
                if place == SHEET_ROWS_MOST - 1:
                    _write(sheet, place, ["More calls than a sheet can hold: export CSV."])
                    break
                _write(sheet, place, row)
        file.seek(0)
        unless_made.pop_all()
    return file


def file_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """A file piece by piece; it is closed at the end, or when nobody wants more."""
    with file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece


def harmless(cell: Cell) -> Cell:
    """A cell that no spreadsheet runs as a formula."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_RISKY):
        return f"'{cell}"
    return cell


def _write(sheet: Any, row: int, cells: Sequence[Cell], form: Any = None) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            text = cell[:_CELL_MOST].encode("utf-8", "replace").decode()
            sheet.write_string(row, column, text, form)
        elif cell is not None:
            sheet.write_number(row, column, cell, form)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: object) -> Cell:
    """A value as a cell: a number stays one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return None if value is None else shown_value(value)
