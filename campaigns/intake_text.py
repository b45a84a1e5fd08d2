"""Rows of text files: which letters, which separator, where a row ends. In bounded memory.

Not here: what the columns mean (`intake.py`), sheets (`intake_sheet.py`).
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from campaigns.intake_rows import Cells, Fault, FileRefused, Problem, Reading

# As much as a cell of Excel holds: a quote that is still open after it was never closed.
CELL_MOST = 32_767
# Lines that are read together where none of them is odd: a sixth of the time.
BLOCK_BYTES = 64 * 1024
# A longer line is skipped, in pieces.
LINE_BYTES_MOST = 128 * 1024
SAMPLE_BYTES = 256 * 1024
PIECE_BYTES = 256 * 1024
SEPARATORS = ",;\t|"
# Letters of a file with fewer odd bytes than this cannot be told apart by counting them.
TELLING_BYTES = 24
WESTERN = "cp1252"
# In which Windows writes CSV, by country. Others are never meant, but often thought to be.
LETTERS = (
    WESTERN, "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
    "cp932", "gb18030", "big5", "cp949",
)  # fmt: skip

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass
class _Lines:
    """The lines of a file, as text that ends with \\n. Those that were given back come again.

    Where nothing is odd about them, many come at once (`block`).
    """

    file: BinaryIO
    reading: Reading
    fallback: str  # of lines that are not UTF-8
    number: int = 0  # of the line that came last
    taken: list[str] = field(default_factory=list)  # since the row began
    odd: int = 0  # lines that are not UTF-8
    first_odd: int = 0
    nuls: int = 0
    _again: deque[str] = field(default_factory=deque)
    _place: int = 0  # in the file, in bytes from where its lines begin
    _block: bytes = b""
    _odd_until: int = 1  # before this place lines come one by one; the first always does

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number += 1
        if self._again:
            line = self._again.popleft()
        else:
            raw = self.file.readline(LINE_BYTES_MOST)
            if not raw:
                self.number -= 1
                raise StopIteration
            size = len(raw)
            if size == LINE_BYTES_MOST and not raw.endswith(b"\n"):
                self._skip(size)
            self._pass(size)
            line = self._text(raw)
        self.taken.append(line)
        return line

    def block(self, size: int) -> str | None:
        """Whole lines of some `size` bytes; say `used` or `not_used` before asking for more.

        None: lines are to be taken one by one, for now.
        """
        if not size or self._again or self._place < self._odd_until:
            return None
        raw = self.file.read(size)
        if not raw.endswith(b"\n"):
            raw += self.file.readline(LINE_BYTES_MOST)
        text = _plain(raw)
        self._block = raw
        if text is None:
            self.not_used(0)
        return text

    def used(self, lines: int) -> None:
        """The rows of a block, which has so many lines, were read."""
        self.number += lines
        self._pass(len(self._block))

    def not_used(self, lines: int) -> None:
        """Only the rows of its first lines were; the others are to be taken one by one."""
        self._odd_until = self._place + len(self._block)
        begin = 0
        for _ in range(lines):
            begin = self._block.index(b"\n", begin) + 1
        self.file.seek(begin - len(self._block), io.SEEK_CUR)
        self.number += lines
        self._pass(begin)

    def _pass(self, size: int) -> None:
        self._place += size
        self.reading.read_bytes += size

    def give_back(self) -> None:
        """Have all lines of this row but its first come again."""
        rest = self.taken[1:]
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)

    def _skip(self, size: int) -> None:
        while piece := self.file.readline(LINE_BYTES_MOST):
            size += len(piece)
            if piece.endswith(b"\n"):
                break
        self._pass(size)
        raise _LongLine

    def _text(self, raw: bytes) -> str:
        raw = raw.rstrip(b"\r\n")
        if b"\0" in raw:
            raw = raw.replace(b"\0", b"")
            self.nuls += 1
        if b"\r" in raw:
            raw = raw.replace(b"\r", b" ")
        try:
            return raw.decode() + "\n"
        except UnicodeDecodeError:
            self.odd += 1
            self.first_odd = self.first_odd or self.number
            return raw.decode(self.fallback, "replace") + "\n"


class _LongLine(Exception):
    """This line is too long to be one."""


def text_rows(
    path: Path, reading: Reading, block_bytes: int = BLOCK_BYTES
) -> Iterator[Cells | Problem]:
    """The rows of a text file that hold anything, the first with the names. FileRefused."""
    with path.open("rb") as raw:
        sample = raw.read(SAMPLE_BYTES)
        encoding, mark = _encoding(sample)
        raw.seek(mark)
        if encoding != "utf-8" or _is_old_mac(sample):
            file: BinaryIO = _as_utf8(raw, encoding)
        else:
            file = raw
        with file:
            head = file.read(SAMPLE_BYTES)
            file.seek(0 if file is not raw else mark)
            _check_is_text(head)
            fallback = _fallback(head)
            lines = _Lines(file, reading, fallback)
            yield from _rows(lines, _separator(head.decode("utf-8", "replace")), block_bytes)
    reading.read_bytes = reading.size_bytes
    reading.notes.extend(_notes(lines))


def _rows(lines: _Lines, separator: str, block_bytes: int) -> Iterator[Cells | Problem]:
    csv.field_size_limit(CELL_MOST)
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    taken = lines.taken
    while True:
        while block := lines.block(block_bytes):
            yield from _rows_of_block(lines, block, separator)
        taken.clear()
        first = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _LongLine:
            message = f"The line has more than {LINE_BYTES_MOST // 1024} KB. Split it into rows."
            yield Problem(first, "", Fault.TOO_LONG, message, "")
            continue
        except csv.Error as error:
            lines.give_back()
            yield _unreadable(first, taken[0] if taken else "", error)
            continue
        if first == 1 and 1 <= len(cells) <= 2 and cells[0].startswith("sep="):
            continue  # Excel's own way to name the separator
        if any(cells):
            yield first, cells


def _rows_of_block(lines: _Lines, block: str, separator: str) -> Iterator[Cells]:
    text = io.StringIO(block, newline="\n")
    reader = csv.reader(text, delimiter=separator, strict=True, skipinitialspace=True)
    before = lines.number
    read = 0
    try:
        for cells in reader:
            if any(cells):
                yield before + read + 1, cells
            read = reader.line_num
    except csv.Error:  # told when the row is read by itself; or its end is in the next block
        lines.not_used(read)
    else:
        lines.used(read)


def _plain(raw: bytes) -> str | None:
    """Lines as they would come one by one, if that takes nothing but line ends made alike."""
    if b"\0" in raw:
        return None
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n")
        if b"\r" in raw:
            return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _unreadable(line: int, text: str, error: csv.Error) -> Problem:
    if '"' not in text:
        message = f"A cell has more than {CELL_MOST} characters."
        return Problem(line, "", Fault.TOO_LONG, message, text)
    message = (
        'A quotation mark is not closed, or stands in the middle of a cell. Write "" for one that '
        "belongs to the text."
    )
    return Problem(line, "", Fault.QUOTES, message, text)


def _encoding(sample: bytes) -> tuple[str, int]:
    """UTF-8 (or what has its commas and line ends) or a wider one, and where the text begins."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding, len(mark)
    even, odd = sample[:4096:2].count(0), sample[1:4096:2].count(0)
    half = min(len(sample), 4096) / 2
    if half and odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le", 0
    if half and even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be", 0
    return "utf-8", 0


def _is_old_mac(sample: bytes) -> bool:
    return b"\r" in sample and b"\n" not in sample


def _as_utf8(raw: BinaryIO, encoding: str) -> BinaryIO:
    """The rest of a file in UTF-8 and with \\n, in a file without a name."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
    if encoding == "utf-8":  # its other letters are looked at line by line
        newlines = io.IncrementalNewlineDecoder(
            codecs.getincrementaldecoder("utf-8")("surrogateescape"), translate=True
        )
    file = tempfile.TemporaryFile()
    while piece := raw.read(PIECE_BYTES):
        file.write(newlines.decode(piece).encode("utf-8", "surrogateescape"))
    file.write(newlines.decode(b"", True).encode("utf-8", "surrogateescape"))
    file.seek(0)
    return file


def _check_is_text(head: bytes) -> None:
    if head.lstrip()[:1] == b"<":
        raise FileRefused("This is a web page or XML, not a table. Save the table as CSV or XLSX.")
    control = sum(head.count(code) for code in range(1, 32) if code not in b"\t\n\r\x0b\x0c\x1a")
    nuls = head.count(0)
    if control > len(head) * 0.02 or nuls > len(head) * 0.2:
        raise FileRefused("This is not a table of text. Save the table as CSV or XLSX.")


def _fallback(head: bytes) -> str:
    """In which letters lines are that are not UTF-8."""
    odd = [line for line in head.splitlines() if not line.isascii() and not _is_utf8(line)]
    odd = odd[:-1] if len(head) == SAMPLE_BYTES else odd  # the last may be cut
    joined = b"\n".join(odd)
    if sum(byte > 127 for byte in joined[:100_000]) < TELLING_BYTES:
        return WESTERN
    found = from_bytes(joined[:100_000], cp_isolation=list(LETTERS))
    best = found.best()
    if best is None:
        return WESTERN
    alike = {
        one.encoding for one in found if (one.chaos, one.coherence) == (best.chaos, best.coherence)
    }
    return WESTERN if WESTERN in alike else best.encoding


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _separator(head: str) -> str:
    lines = [line for line in head.splitlines() if line.strip()][:20]
    if not lines:
        return ","
    if lines[0].startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    counts = [(_count(lines[0], one), -place) for place, one in enumerate(SEPARATORS)]
    most, place = max(counts)
    if not most:  # one column, or names without a separator above rows that have one
        counts = [
            (min(_count(line, one) for line in lines[1:] or lines), -place)
            for place, one in enumerate(SEPARATORS)
        ]
        most, place = max(counts)
    return SEPARATORS[-place] if most else ","


def _count(line: str, separator: str) -> int:
    """Separators outside quotes."""
    return sum(part.count(separator) for part in line.split('"')[::2])


def _notes(lines: _Lines) -> Iterator[str]:
    if lines.odd:
        noun = "1 line is" if lines.odd == 1 else f"{lines.odd:,} lines are"
        yield (
            f"{noun} not in UTF-8 (the first is line {lines.first_odd}) and read as "
            f"{lines.fallback}: look at the names. If they are wrong, save the file as CSV UTF-8."
        )
    if lines.nuls:
        noun = "1 line has" if lines.nuls == 1 else f"{lines.nuls:,} lines have"
        yield f"{noun} NUL bytes, which were left out."
