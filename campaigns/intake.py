"""Reading files that people upload: rows of leads, or of numbers that are not to be rung.

`read` is the whole of it. A file is read once, from its beginning, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from campaigns.intake_columns import Columns, header_of, is_person
from campaigns.intake_people import PersonReader
from campaigns.intake_rows import (
    Cells,
    Fault,
    FileRefused,
    Person,
    Problem,
    Reading,
    Row,
    RowRefused,
    Wanted,
)
from campaigns.intake_sheet import is_sheet, sheet_rows
from campaigns.intake_text import text_rows

__all__ = [
    "Fault",
    "FileRefused",
    "Person",
    "Problem",
    "Reading",
    "Row",
    "RowRefused",
    "Wanted",
    "person_of",
    "read",
]


# Rows that are looked at where the names of columns leave open which has the number.
LOOKED_AT = 20


def read(file: Path, wanted: Wanted, reading: Reading) -> Iterator[Row | Problem]:
    """Every row that holds anything, in order; `reading` is kept up to date meanwhile.

    FileRefused at once, or later when the rest of the file turns out to be broken.
    """
    with file.open("rb") as opened:
        head = opened.read(8)
    if not head:
        raise FileRefused("The file is empty.")
    rows = sheet_rows(file, reading) if is_sheet(file, head) else text_rows(file, reading)
    first, columns = _header(rows, wanted)
    reading.columns = columns.shown
    reading.notes.extend(columns.notes)
    if columns.unsayable and not wanted.only_numbers:
        reading.notes.append(columns.unsayable)
    reader = PersonReader(columns, wanted)
    count = 0
    for one in _chain(first, rows):
        count += 1
        if isinstance(one, Problem):
            yield one
            continue
        line, cells = one
        try:
            yield Row(line, reader.read(cells))
        except RowRefused as refused:
            yield Problem(line, refused.column, refused.fault, str(refused), refused.value)
    if not count:
        raise FileRefused("The file has names of columns, and no row below them.")


def person_of(columns: Mapping[str, str], wanted: Wanted) -> Person:
    """One person given by hand, read as a row of a file would be. RowRefused."""
    try:
        found = header_of(list(columns))
    except FileRefused:
        message = "Give the number in phone."
        raise RowRefused(Fault.NO_NUMBER, message, "phone") from None
    return PersonReader(found, wanted).read(list(columns.values()))


def _header(
    rows: Iterator[Cells | Problem], wanted: Wanted
) -> tuple[list[Cells | Problem], Columns]:
    """What the columns are, and rows that came before anybody knew. FileRefused."""
    early: list[Cells | Problem] = []
    for one in rows:
        if isinstance(one, Problem):
            early.append(one)
            if len(early) > 100:
                raise FileRefused(f"No names of columns are found: line {one.line}: {one.message}")
            continue
        line, cells = one
        if is_person(cells, wanted):
            # A plain list of numbers needs no name above it.
            if wanted.only_numbers and len([cell for cell in cells if cell.strip()]) == 1:
                place = next(place for place, cell in enumerate(cells) if cell.strip())
                names = [""] * place + ["phone"]
                return [*early, one], header_of(names)
            raise FileRefused(
                f"The first row (line {line}) is a person already. Put a row with the names of "
                "the columns above it, such as: name,phone"
            )
        columns = header_of(cells)
        if columns.choices > 1:
            below = list(islice(rows, LOOKED_AT))
            columns = header_of(cells, [row[1] for row in below if not isinstance(row, Problem)])
            early += below
        return early, columns
    if early and isinstance(early[0], Problem):
        raise FileRefused(f"No row can be read. Line {early[0].line}: {early[0].message}")
    raise FileRefused("There is nothing in this file.")


def _chain(
    early: list[Cells | Problem], rows: Iterator[Cells | Problem]
) -> Iterator[Cells | Problem]:
    yield from early
    yield from rows
