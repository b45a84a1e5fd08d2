"""Tables of text as people send them: letters, separators, quotes, columns, numbers, dates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.intake import (
    Fault,
    FileRefused,
    Person,
    Problem,
    Reading,
    Row,
    RowRefused,
    Wanted,
    person_of,
    read,
)
from campaigns.intake_people import read_date
from campaigns.intake_seen import SeenNumbers
from campaigns.intake_text import text_rows

WANTED = Wanted(("IN", "US"))
NUMBER = "+919876543210"
OTHER = "+919876543211"


def read_all(
    folder: Path, content: bytes, wanted: Wanted = WANTED
) -> tuple[list[Row], list[Problem], Reading]:
    file = folder / "table"
    file.write_bytes(content)
    reading = Reading(len(content))
    found = list(read(file, wanted, reading))
    rows = [one for one in found if isinstance(one, Row)]
    return rows, [one for one in found if isinstance(one, Problem)], reading


def names(rows: list[Row]) -> list[str]:
    return [row.person.variables.get("name", "") for row in rows]


TABLE = f"name,phone\r\nJosé Ágnes,{NUMBER}\r\nആശ,{OTHER}\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_the_letters_of_a_file_are_found_out(tmp_path: Path, encoding: str) -> None:
    rows, problems, reading = read_all(tmp_path, TABLE.encode(encoding))
    assert names(rows) == ["José Ágnes", "ആശ"]
    assert [row.line for row in rows] == [2, 3]
    assert not problems
    assert not reading.notes


@pytest.mark.parametrize("block_bytes", [1, 20, 64, 200, 4096])
def test_rows_are_the_same_however_many_are_read_together(tmp_path: Path, block_bytes: int) -> None:
    quoted = '"A, B\n\n""C""",1\r\n'
    odd = ["plain,1\n", quoted, "\n", ' "never closed,2\nplain,3\n', "null\0,4\n", "a\rb,5\n"]
    parts = [*odd, "plain,1\n" * 30, *reversed(odd), "x" * 40_000 + ",6\n", quoted, "last,7"]
    content = b"name,phone\r\n" + "".join(parts).encode() + "\né,8\n".encode("cp1252")
    file = tmp_path / "table"
    file.write_bytes(content)
    one_by_one, together = Reading(len(content)), Reading(len(content))
    expected = list(text_rows(file, one_by_one, block_bytes=0))
    assert len(expected) > 40
    assert list(text_rows(file, together, block_bytes)) == expected
    assert together == one_by_one


def test_lines_in_other_letters_are_read_and_told(tmp_path: Path) -> None:
    content = f"name,phone\nJosé,{NUMBER}\n".encode() + f"José,{OTHER}\n".encode("cp1252")
    rows, problems, reading = read_all(tmp_path, content)
    assert names(rows) == ["José", "José"]
    assert not problems
    assert "line 3" in reading.notes[0]
    assert "cp1252" in reading.notes[0]


def test_a_file_in_letters_of_another_alphabet_is_read(tmp_path: Path) -> None:
    people = "".join(f"Иван Петрович Сидоров,+9198765{place:05}\n" for place in range(50))
    rows, _, reading = read_all(tmp_path, f"name,phone\n{people}".encode("cp1251"))
    assert names(rows)[0] == "Иван Петрович Сидоров"
    assert "not in UTF-8" in reading.notes[0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(tmp_path: Path, separator: str) -> None:
    cells = [["phone", "name", "rate"], [NUMBER, '"Rao, Asha; | x"', "1"]]
    content = "\n".join(separator.join(row) for row in cells)
    rows, _, _ = read_all(tmp_path, content.encode())
    assert rows[0].person.variables == {"name": "Rao, Asha; | x", "rate": "1"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_computer(tmp_path: Path, end: str) -> None:
    rows, _, _ = read_all(
        tmp_path, end.join(["name,phone", f"A,{NUMBER}", "", f"B,{OTHER}"]).encode()
    )
    assert names(rows) == ["A", "B"]
    assert [row.line for row in rows] == [2, 4]


def test_excels_own_line_about_the_separator_is_understood(tmp_path: Path) -> None:
    rows, _, _ = read_all(tmp_path, f"sep=;\nname;phone\nA;{NUMBER}\n".encode())
    assert names(rows) == ["A"]


def test_a_cell_may_have_lines(tmp_path: Path) -> None:
    content = f'name,phone\n"A\nB, ""C""",{NUMBER}\nD,{OTHER}\n'.encode()
    rows, problems, _ = read_all(tmp_path, content)
    assert names(rows) == ['A B, "C"', "D"]
    assert [row.line for row in rows] == [2, 4]
    assert not problems


def test_a_quote_that_is_never_closed_costs_its_own_row_only(tmp_path: Path) -> None:
    people = "".join(f"P{place},+9198765{place:05}\n" for place in range(1500))
    content = f'name,phone\nA,{NUMBER}\n"B,{OTHER}\n{people}"C,+919876543212\n'.encode()
    rows, problems, _ = read_all(tmp_path, content)
    assert len(rows) == 1501
    assert [(one.line, one.fault) for one in problems] == [(3, Fault.QUOTES), (1504, Fault.QUOTES)]
    assert problems[0].shown_value == f'"B,{OTHER}'
    assert rows[-1].line == 1503


def test_a_line_without_an_end_is_skipped_in_pieces(tmp_path: Path) -> None:
    content = f"name,phone\nA,{NUMBER}\n".encode() + b"x" * 3_000_000 + f"\nB,{OTHER}\n".encode()
    rows, problems, _ = read_all(tmp_path, content)
    assert names(rows) == ["A", "B"]
    assert [(one.line, one.fault) for one in problems] == [(3, Fault.TOO_LONG)]
    assert rows[1].line == 4


def test_nuls_are_left_out(tmp_path: Path) -> None:
    rows, _, reading = read_all(tmp_path, f"name,phone\nA\0B,{NUMBER}\n".encode())
    assert names(rows) == ["AB"]
    assert "NUL" in reading.notes[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n,,\n", "nothing in this file"),
        (b"name,phone\n", "no row below"),
        (f"Asha,{NUMBER}\nRavi,{OTHER}\n".encode(), "a person already"),
        (b"name,city\nA,B\n", "call it phone. There are: name, city"),
        (b"<html><table>", "web page"),
        (b"{\"a\": 1}", "not a table"),
        (b"%PDF-1.7", "not a table"),
        (bytes(range(1, 32)) * 50, "not a table"),
        (b"PK\x03\x04 and so on", "broken"),
        (b"\xd0\xcf\x11\xe0 old", "before 2007"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n", "10,000 columns"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_people_is_refused_in_words(
    tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(FileRefused, match=said):
        read_all(tmp_path, content)


def test_columns_without_a_name_or_with_the_same_are_told(tmp_path: Path) -> None:
    content = f"Property Type,,phone,mobile,Property-Type\nvilla,x,{NUMBER},1,flat\n".encode()
    rows, _, reading = read_all(tmp_path, content)
    assert rows[0].person.variables == {
        "property_type": "villa",
        "mobile": "1",
        "property_type_2": "flat",
    }
    assert "Column 2 has no name" in " ".join(reading.notes)
    assert "not from mobile" in " ".join(reading.notes)


def test_columns_that_no_sentence_can_say_are_told_and_kept(tmp_path: Path) -> None:
    content = f"phone,Amount (₹),% off,नाम,2 BHK,City\n{NUMBER},5,6,अ,x,Pune\n".encode()
    rows, _, reading = read_all(tmp_path, content)
    assert rows[0].person.variables == {
        "amount_₹": "5", "%_off": "6", "नाम": "अ", "_2_bhk": "x", "city": "Pune",
    }  # fmt: skip
    [note] = reading.notes
    assert note.startswith("No agent's sentence can say Amount (₹), % off, नाम, 2 BHK: begin")

    _, _, barred = read_all(tmp_path, content, Wanted(("IN",), only_numbers=True))
    assert not barred.notes

    many = ",".join(f"வரி {place}" for place in range(30))
    _, _, reading = read_all(tmp_path, f"phone,{many}\n{NUMBER}\n".encode())
    assert "வரி 9, 20 more:" in reading.notes[0]


@pytest.mark.parametrize(
    ("phones", "read_from"),
    [
        (["", "", "022 2345 6789", "", ""], "Contact Number"),
        (["", "ask her", "x", "-", ""], "Contact Number"),
        (["9876543219", "", "9876543218", "", "9876543217"], "Phone"),
    ],
)
def test_of_two_columns_for_the_number_the_one_that_has_numbers_is_read(
    tmp_path: Path, phones: list[str], read_from: str
) -> None:
    people = "".join(f"98765432{place:02},{one}\n" for place, one in enumerate(phones))
    rows, problems, reading = read_all(tmp_path, f"Contact Number,Phone\n{people}".encode())
    assert reading.notes[0].startswith(f"The number is read from {read_from}, not from ")
    lines = [row.line for row in rows] + [problem.line for problem in problems]
    assert sorted(lines) == [2, 3, 4, 5, 6]
    assert len(rows) == (5 if read_from == "Contact Number" else 3)


def test_rows_of_other_lengths(tmp_path: Path) -> None:
    content = f"name,phone,city\nA,{NUMBER}\nB,{OTHER},Kochi,,\nC,+919876543212,x,y\nD\n".encode()
    rows, problems, _ = read_all(tmp_path, content)
    assert names(rows) == ["A", "B"]
    assert [(one.line, one.fault) for one in problems] == [
        (4, Fault.TOO_MANY_CELLS),
        (5, Fault.NO_NUMBER),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "'+919876543210", '="+919876543210"', "919876543210.0", "+91\u200b98765\u00a043210",
        "९८७६५४३२१०", "٩٨٧٦٥٤٣٢١٠", "\u202a+919876543210\u202c", "9.19876543210E+11",
        " 9876543210 ",
    ],
)  # fmt: skip
def test_a_number_as_spreadsheets_and_keyboards_write_it(tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    rows, problems, _ = read_all(tmp_path, f'phone\n"{quoted}"\n'.encode())
    assert not problems
    assert rows[0].person.number == NUMBER


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("9.19877E+11", Fault.SHORTENED),
        ("9,19877E+11", Fault.SHORTENED),
        ("unknown", Fault.NOT_A_NUMBER),
        ("12345", Fault.NO_SUCH_NUMBER),
        ("+919876543210 / +919876543211", Fault.NOT_A_NUMBER),
        ("+9118601234567", Fault.COSTLY),
        ("+447400123456", Fault.COUNTRY_NOT_ALLOWED),
        ("''", Fault.NOT_A_NUMBER),
    ],
)
def test_a_number_that_is_not_rung_is_told_with_its_column(
    tmp_path: Path, cell: str, fault: Fault
) -> None:
    rows, problems, _ = read_all(tmp_path, f'name,Telephone\nA,"{cell}"\n'.encode())
    assert not rows
    assert [(one.line, one.column, one.fault) for one in problems] == [(2, "Telephone", fault)]
    assert problems[0].message


def test_where_and_whether_somebody_agreed(tmp_path: Path) -> None:
    content = (
        "phone,timezone,state,consent,consent_at,country\n"
        "2024561414,America/Denver,Colorado,web form,2026-11-20,US\n"
        f"{NUMBER},Mars/Olympus,,,,\n"
        f"{NUMBER},,Atlantis,,,\n"
        f"{NUMBER},,,,3/4/2026,\n"
        f"{NUMBER},,,no,,XX\n"
        f"{NUMBER},,,no,,GB\n"
    ).encode()
    rows, problems, _ = read_all(tmp_path, content)
    person = rows[0].person
    assert (person.number, person.country, person.subdivision) == ("+12024561414", "US", "CO")
    assert "America/Denver" in person.zones
    assert person.consent_basis == "web form"
    assert person.consent_at == datetime(2026, 11, 20, tzinfo=UTC)
    assert [(one.line, one.column, one.fault) for one in problems] == [
        (3, "timezone", Fault.BAD_ZONE),
        (4, "state", Fault.BAD_STATE),
        (5, "consent_at", Fault.BAD_DATE),
        (6, "country", Fault.BAD_COUNTRY),
        (7, "country", Fault.COUNTRY_NOT_ALLOWED),
    ]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-11-20", "2026-11-20"), ("20.11.2026", "2026-11-20"), ("20/11/2026", "2026-11-20"),
        ("11/20/2026", "2026-11-20"), ("5/5/2026", "2026-05-05"), ("20 Nov 2026", "2026-11-20"),
        ("November 20, 2026", "2026-11-20"), ("२०.११.२०२६", "2026-11-20"),
        ("2026-11-20T23:00:00-05:00", "2026-11-21"),
    ],
)  # fmt: skip
def test_a_date_as_people_write_it(cell: str, day: str) -> None:
    assert read_date(cell).date().isoformat() == day


@pytest.mark.parametrize("cell", ["3/4/2026", "31.02.2026", "soon", "20261", "0000-00-00"])
def test_a_date_that_may_be_two_or_none_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="write 2026-11-20"):
        read_date(cell)


def test_long_cells_are_told_and_joiners_stay(tmp_path: Path) -> None:
    word = "ക്\u200dഷ\u200b\u0007"
    content = f"phone,note\n{NUMBER},{word}\n{OTHER},{'x' * 3000}\n".encode()
    rows, problems, _ = read_all(tmp_path, content)
    assert rows[0].person.variables["note"] == "ക്\u200dഷ"
    assert [(one.line, one.column, one.fault) for one in problems] == [(3, "note", Fault.TOO_LONG)]
    assert len(problems[0].shown_value) < 100


def test_a_plain_list_of_numbers_needs_no_name_when_they_are_not_to_be_rung(
    tmp_path: Path,
) -> None:
    wanted = Wanted(("IN",), only_numbers=True)
    rows, problems, _ = read_all(
        tmp_path, f"{NUMBER}\n98765 43211\nx\n+447400123456\n".encode(), wanted
    )
    assert [row.person for row in rows] == [
        Person(NUMBER, "IN", {}, ()),
        Person(OTHER, "IN", {}, ()),
        Person("+447400123456", "", {}, ()),
    ]
    assert [one.line for one in problems] == [3]


def test_somebody_by_hand_is_read_as_a_row() -> None:
    person = person_of({"phone": "98765 43210", "name": "Asha"}, WANTED)
    assert (person.number, person.variables, person.zones) == (
        NUMBER,
        {"name": "Asha"},
        ("Asia/Kolkata",),
    )
    with pytest.raises(RowRefused) as refused:
        person_of({"name": "Asha"}, WANTED)
    assert refused.value.column == "phone"


def test_a_number_seen_before_is_told_with_its_line() -> None:
    seen = SeenNumbers()
    numbers = [f"+9198{place:08}" for place in range(0, 60_000, 3)]
    assert not any(seen.put(number, line) for line, number in enumerate(numbers, 1))
    assert [seen.put(number, 0) for number in numbers] == list(range(1, len(numbers) + 1))
    assert len(seen) == len(numbers)
