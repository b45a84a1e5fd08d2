"""Rows of XLSX sheets (ECMA-376 part 1, §18), in bounded memory however large the sheet.

Libraries make a sheet whole before they give its first row, and a cell far out makes it huge. Here
the first visible sheet is read as it is unpacked; texts that cells share lie in a file.
"""

from __future__ import annotations

import mmap
import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from xml.parsers import expat

from campaigns.intake_rows import Cells, Fault, FileRefused, Problem, Reading

# Of all parts of a sheet together, unpacked. A million rows of ten columns have half of it.
UNPACKED_BYTES_MOST = 2 * 1024**3
# Unpacked to packed. Sheets get to 30, a bomb to 1000.
RATIO_MOST = 200
CELL_MOST = 32_767
# A sheet has no more (§18.3.1.13); what says so lies.
COLUMNS_MOST = 16_384
PIECE_BYTES = 128 * 1024
# Of one tag or remark. The parser begins anew with each piece until it sees the end: one without
# an end would keep it busy for hours.
TAG_BYTES_MOST = 1024 * 1024
# Cells of one row that are looked at.
CELLS_READ_MOST = 300

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"{")
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_SAVE_AS = "Save it as XLSX or CSV."
# Numbers of date formats that every program knows (§18.8.30).
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


def is_sheet(path: Path, head: bytes) -> bool:
    """Whether a file is to be read as a sheet; FileRefused when it is neither that nor text."""
    if head.startswith(_ZIP):
        return True
    if head.startswith(_OLE):
        if _has(path, "EncryptedPackage".encode("utf-16-le")):
            raise FileRefused("This sheet is protected by a password. Save it without one.")
        raise FileRefused(f"This is a sheet of before 2007 (XLS). {_SAVE_AS}")
    if head.startswith(_OTHERS):
        raise FileRefused(f"This is not a table. {_SAVE_AS}")
    return False


def sheet_rows(path: Path, reading: Reading) -> Iterator[Cells | Problem]:
    """The rows of a sheet that hold anything, the first with the names. FileRefused."""
    try:
        with zipfile.ZipFile(path) as archive, ExitStack() as at_end:
            book = _Book(archive)
            texts = at_end.enter_context(_Texts(book.shared))
            yield from _Sheet(book, texts, reading).rows()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileRefused(f"The sheet is broken ({error}). Save it once more.") from error
    except expat.ExpatError as error:
        raise FileRefused(f"The sheet is broken ({error}). Save it once more.") from error
    reading.read_bytes = reading.size_bytes


class _Book:
    """The parts of a workbook that are needed. FileRefused."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        parts = {one.filename: one for one in archive.infolist()}
        if "xl/workbook.bin" in parts or "content.xml" in parts:
            raise FileRefused(f"This is a sheet of another kind. {_SAVE_AS}")
        if "xl/workbook.xml" not in parts:
            raise FileRefused("This is an archive, not a sheet. Unpack it, and send the table.")
        size = sum(one.file_size for one in parts.values())
        packed = sum(one.compress_size for one in parts.values())
        if size > UNPACKED_BYTES_MOST or size > max(packed, 4096) * RATIO_MOST:
            raise FileRefused(
                f"Unpacked, the sheet would have {size // 1_000_000:,} MB. Save it as CSV."
            )
        self._archive = archive
        self._parts = parts
        self.is_1904 = False
        self.sheet_bytes = 1
        self.sheet = self._first_sheet()
        self.shared = self.part("xl/sharedStrings.xml")
        self.dates = self._date_styles()

    def part(self, name: str) -> Iterator[bytes]:
        """A part in pieces; nothing when there is none."""
        if name not in self._parts:
            return iter(())
        return _pieces(self._archive.open(self._parts[name]), self._parts[name].file_size)

    def _first_sheet(self) -> Iterator[bytes]:
        found: list[str] = []

        def started(name: str, attributes: Mapping[str, str]) -> None:
            if name == "sheet" and attributes.get("state", "visible") == "visible":
                found.extend(value for key, value in attributes.items() if key.endswith("id"))
            elif name == "workbookPr":
                self.is_1904 = attributes.get("date1904") in ("1", "true")

        _parse(self.part("xl/workbook.xml"), started)
        targets: dict[str, str] = {}

        def related(name: str, attributes: Mapping[str, str]) -> None:
            if name == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        _parse(self.part("xl/_rels/workbook.xml.rels"), related)
        for one in found:
            target = targets.get(one, "")
            name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if "worksheets/" in name and name in self._parts:
                self.sheet_bytes = max(1, self._parts[name].file_size)
                return self.part(name)
        raise FileRefused("There is no sheet in this file.")

    def _date_styles(self) -> frozenset[int]:
        """Styles of cells (`s`) that show a number as a date."""
        formats = set(_DATE_FORMATS)
        styles: list[int] = []
        within = [False]

        def started(name: str, attributes: Mapping[str, str]) -> None:
            if name == "numFmt":
                code = _QUOTED.sub("", attributes.get("formatCode", "")).lower()
                if any(letter in code for letter in "ydh"):
                    formats.add(_whole(attributes.get("numFmtId", "")))
            elif name == "cellXfs":
                within[0] = True
            elif name == "cellStyles":
                within[0] = False
            elif name == "xf" and within[0]:
                styles.append(_whole(attributes.get("numFmtId", "0")))

        _parse(self.part("xl/styles.xml"), started)
        return frozenset(place for place, one in enumerate(styles) if one in formats)


class _Texts:
    """The texts that cells share, in a file without a name: there may be as many as cells."""

    def __init__(self, shared: Iterator[bytes]) -> None:
        self._starts = array("Q", [0])
        self._file = tempfile.TemporaryFile()
        self._size = 0
        self._text: list[str] = []
        self._is_open, self._is_hint = False, 0
        _parse(shared, self._started, self._ended, self._said)
        self._file.flush()
        self._map = (
            mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) if self._size else b""
        )

    def __enter__(self) -> _Texts:
        return self

    def __exit__(self, *error: object) -> None:
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        self._file.close()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def text(self, place: int) -> str:
        """The text in its place; "" when there is none."""
        if not 0 <= place < len(self):
            return ""
        return self._map[self._starts[place] : self._starts[place + 1]].decode("utf-8", "replace")

    def _started(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "t":
            self._is_open = not self._is_hint
        elif name == "rPh":  # how it is pronounced
            self._is_hint += 1

    def _ended(self, name: str) -> None:
        if name == "t":
            self._is_open = False
        elif name == "rPh":
            self._is_hint -= 1
        elif name == "si":
            self._size += self._file.write(
                "".join(self._text)[: CELL_MOST + 1].encode("utf-8", "replace")
            )
            self._starts.append(self._size)
            self._text.clear()

    def _said(self, text: str) -> None:
        if self._is_open:
            self._text.append(text)


class _Sheet:
    """One sheet, row by row."""

    def __init__(self, book: _Book, texts: _Texts, reading: Reading) -> None:
        self._book = book
        self._texts = texts
        self._reading = reading
        self._done: list[Cells | Problem] = []
        self._row = 0
        self._cells: list[str] = []
        self._place = -1
        self._kind, self._style = "n", 0
        self._is_value = False
        self._value: list[str] = []
        self._far = False  # more cells than anybody can name
        self._size = 0

    def rows(self) -> Iterator[Cells | Problem]:
        """Rows that hold anything."""
        parser = _parser(self._started, self._ended, self._said)
        unpacked = 0
        for piece in self._book.sheet:
            unpacked += len(piece)
            _feed(parser, piece, unpacked)
            share = min(1.0, unpacked / self._book.sheet_bytes)
            self._reading.read_bytes = int(self._reading.size_bytes * share)
            yield from self._done
            self._done.clear()
        parser.Parse(b"", True)
        yield from self._done

    def _started(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._style = _whole(attributes.get("s", "0"))
            self._place = _column(attributes.get("r", ""), self._place + 1)
            self._value.clear()
            self._size = 0
        elif name in ("v", "t"):
            self._is_value = True
        elif name == "row":
            self._row = _whole(attributes.get("r", "")) or self._row + 1
            self._cells, self._place, self._far = [], -1, False

    def _ended(self, name: str) -> None:
        if name in ("v", "t"):
            self._is_value = False
        elif name == "c":
            if self._value:
                self._put(self._text("".join(self._value)))
        elif name == "row":
            if self._far:
                message = f"The row has cells beyond column {CELLS_READ_MOST}."
                self._done.append(Problem(self._row, "", Fault.TOO_MANY_CELLS, message, ""))
            elif any(self._cells):
                self._done.append((self._row, self._cells))

    def _said(self, text: str) -> None:
        if self._is_value:
            self._size += len(text)
            if self._size <= CELL_MOST:
                self._value.append(text)

    def _put(self, text: str) -> None:
        if not text:
            return
        if self._place >= CELLS_READ_MOST and self._row > 1:
            self._far = True
            return
        missing = self._place - len(self._cells)
        if missing > 0:
            self._cells.extend([""] * missing)
        self._cells.append(text)

    def _text(self, value: str) -> str:
        match self._kind:
            case "s":
                return self._texts.text(_whole(value, -1))
            case "n" if self._style in self._book.dates:
                return _date(value, self._book.is_1904)
            case "n":
                return _number(value)
            case "b":
                return "true" if value == "1" else "false"
            case "e":  # an error such as #N/A
                return ""
            case "d":
                return value
        return value  # str, inlineStr


def _parse(
    pieces: Iterator[bytes],
    started: Callable[[str, Mapping[str, str]], None],
    ended: Callable[[str], None] | None = None,
    said: Callable[[str], None] | None = None,
) -> None:
    parser = _parser(started, ended, said)
    fed = 0
    for piece in pieces:
        fed += len(piece)
        _feed(parser, piece, fed)
    if fed:
        parser.Parse(b"", True)


def _feed(parser: expat.XMLParserType, piece: bytes, fed: int) -> None:
    """Parse a piece; `fed` are the bytes up to its end. FileRefused."""
    parser.Parse(piece, False)
    if fed - parser.CurrentByteIndex > TAG_BYTES_MOST:
        raise FileRefused("The sheet is broken (a tag has no end). Save it once more.")


def _parser(
    started: Callable[[str, Mapping[str, str]], None],
    ended: Callable[[str], None] | None,
    said: Callable[[str], None] | None,
) -> expat.XMLParserType:
    """One that tells names without what stands before their colon, and takes no entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*declared: object) -> None:
        raise FileRefused("The sheet declares what no sheet has. Save it once more.")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, given: started(name.rpartition(":")[2], given)
    if ended is not None:
        parser.EndElementHandler = lambda name: ended(name.rpartition(":")[2])
    if said is not None:
        parser.CharacterDataHandler = said
    return parser


def _pieces(part: IO[bytes], size: int) -> Iterator[bytes]:
    """A part of the archive; no more of it than the archive says that there is."""
    with part:
        while piece := part.read(PIECE_BYTES):
            size -= len(piece)
            if size < 0:
                raise FileRefused("The sheet is larger than it says. Save it as CSV.")
            yield piece


def _column(reference: str, following: int) -> int:
    """The place of a cell ("C7" is 2)."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return following
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - 64
    return min(place, COLUMNS_MOST) - 1


def _number(value: str) -> str:
    """A number as somebody would write it: 919876543210 for 9.19876543210E11."""
    if value.isdecimal():
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(number)


def _date(value: str, is_1904: bool) -> str:
    try:
        moment = (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(days=float(value))
        moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    except (ValueError, OverflowError):
        return value
    if float(value) < 1:
        return moment.strftime("%H:%M")
    if moment.time() == datetime.min.time():
        return moment.date().isoformat()
    return moment.isoformat(" ")


def _whole(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _has(path: Path, wanted: bytes) -> bool:
    """Whether a file holds these bytes."""
    end = b""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            if wanted in end + piece:
                return True
            end = piece[-len(wanted) :]
    return False
