"""Tables as files: CSV, sent while it is made, or a sheet for Excel.

Texts that a spreadsheet would run as a formula are made harmless: in CSV by an apostrophe before
them (owasp.org/www-community/attacks/CSV_Injection), in a sheet by being cells of text.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Any, Protocol

import xlsxwriter  # type: ignore[import-untyped]

from calls.values import shown_value

Cell = str | int | float | None

# Rows of a sheet, its heading included (support.microsoft.com: Excel specifications and limits).
SHEET_ROWS_MOST = 1_048_576
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A spreadsheet takes a text that begins so for a formula.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CELL_MOST = 32_767  # characters; Excel refuses more
_CHUNK_BYTES = 256 * 1024


class Table(Protocol):
    """Rows with names above them, made while they are read."""

    @property
    def name(self) -> str:
        """What its rows are: "Calls"."""

    def headings(self) -> Sequence[str]:
        """The first row."""

    def rows(self) -> Iterator[Sequence[Cell]]:
        """All others."""


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
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            _write(sheet, 0, table.headings(), book.add_format({"bold": True}))
            for place, row in enumerate(table.rows(), start=1):
                if place == SHEET_ROWS_MOST - 1:
                    more = f"More {table.name.lower()} than a sheet can hold: export CSV."
                    _write(sheet, place, [more])
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


def moment_cell(at: datetime | None) -> str | None:
    """A moment as spreadsheets read it."""
    return None if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def value_cell(value: object) -> Cell:
    """A value as a cell: a number stays one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return None if value is None else shown_value(value)
