"""Sheets as people send them, and files that only look like sheets."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from campaigns.intake import Fault, FileRefused, Problem, Reading, Row, Wanted, read

NUMBER = "+919876543210"
WANTED = Wanted(("IN",))


def read_all(file: Path) -> tuple[list[Row], list[Problem], Reading]:
    reading = Reading(file.stat().st_size)
    found = list(read(file, WANTED, reading))
    rows = [one for one in found if isinstance(one, Row)]
    return rows, [one for one in found if isinstance(one, Problem)], reading


def test_a_sheet_of_excels_kind_is_read(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"  # whatever it is called
    with xlsxwriter.Workbook(str(file)) as book:
        hidden = book.add_worksheet("Notes")
        hidden.write_string(0, 0, "nothing here")
        sheet = book.add_worksheet("People")
        sheet.activate()
        sheet.set_first_sheet()
        hidden.hide()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for place, name in enumerate(["Name", "Phone", "consent_at", "Rate", "Open"]):
            sheet.write_string(0, place, name)
        sheet.write_rich_string(1, 0, "As", book.add_format({"bold": True}), "ha")
        sheet.write_number(1, 1, 919876543210)
        sheet.write_datetime(1, 2, datetime(2026, 4, 3), day)
        sheet.write_number(1, 3, 12.5)
        sheet.write_boolean(1, 4, True)
        sheet.write_string(3, 0, "ആശ")
        sheet.write_string(3, 1, "98765 43211")
        sheet.write_string(4, 1, "12")
    rows, problems, reading = read_all(file)
    assert [(row.line, row.person.number) for row in rows] == [(2, NUMBER), (4, "+919876543211")]
    assert rows[0].person.variables == {
        "name": "Asha",
        "consent_at": "2026-04-03",
        "rate": "12.5",
        "open": "true",
    }
    assert rows[0].person.consent_at == datetime(2026, 4, 3, tzinfo=UTC)
    assert [(one.line, one.column, one.fault) for one in problems] == [
        (5, "Phone", Fault.NO_SUCH_NUMBER)
    ]
    assert reading.read_bytes == reading.size_bytes


def test_a_sheet_of_another_program_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["phone", "name"])
    for place in range(300):
        sheet.append([f"+9198765{place:05}", f"P{place}"])
    book.save(tmp_path / "table")
    rows, problems, _ = read_all(tmp_path / "table")
    assert len(rows) == 300
    assert rows[299].person.variables == {"name": "P299"}
    assert not problems


def changed(file: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A sheet of one person, with a part of it changed."""
    plain, other = file.with_suffix(".plain"), file
    with xlsxwriter.Workbook(str(plain)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["phone", "name"])
        sheet.write_row(1, 0, [NUMBER, "A"])
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return other


SHEET = "xl/worksheets/sheet1.xml"


def test_a_cell_far_out_costs_its_row_and_no_memory(tmp_path: Path) -> None:
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    file = changed(tmp_path / "t", SHEET, lambda old: old.replace(b"</sheetData>", cell))
    rows, problems, _ = read_all(file)
    assert len(rows) == 1
    assert [(one.line, one.fault) for one in problems] == [(1_048_576, Fault.TOO_MANY_CELLS)]


def bomb(old: bytes) -> bytes:
    return old.replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>")


def entities(old: bytes) -> bytes:
    return old.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)


def endless(old: bytes) -> bytes:
    """A remark of text that does not get small, for which parsers look again and again."""
    remark = b"<!--" + random.Random(1).randbytes(1024 * 1024).hex().encode() + b"-->"
    return old.replace(b"</sheetData>", remark + b"</sheetData>")


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        (SHEET, bomb, "would have"),
        (SHEET, endless, "a tag has no end"),
        (SHEET, entities, "declares"),
        (SHEET, lambda old: old[:-200], "broken"),
        (SHEET, lambda old: b"", "broken|nothing"),
        ("xl/workbook.xml", lambda old: old.replace(b"<sheet ", b"<shoot "), "no sheet"),
        ("xl/sharedStrings.xml", lambda old: b"<sst/>", "nothing"),
    ],
)
def test_a_file_that_only_looks_like_a_sheet_is_refused_in_words(
    tmp_path: Path, part: str, change: Callable[[bytes], bytes], said: str
) -> None:
    with pytest.raises(FileRefused, match=said):
        read_all(changed(tmp_path / "t", part, change))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.txt"], "an archive"),
        (["content.xml"], "another kind"),
        (["xl/workbook.bin"], "another kind"),
    ],
)
def test_other_archives_are_refused_in_words(tmp_path: Path, names: list[Any], said: str) -> None:
    with zipfile.ZipFile(tmp_path / "t", "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(FileRefused, match=said):
        read_all(tmp_path / "t")


def test_a_sheet_that_arrived_in_part_is_refused_in_words(tmp_path: Path) -> None:
    file = changed(tmp_path / "t", SHEET, lambda old: old)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileRefused, match="broken"):
        read_all(file)
