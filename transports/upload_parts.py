"""Finds the file in a form (RFC 7578) that lies on the disk: where it begins and ends.

Nothing is copied, and no more is in memory than a piece; the other fields are small, or refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from werkzeug.http import parse_options_header

PIECE_BYTES = 1024 * 1024
HEAD_BYTES_MOST = 8 * 1024
FIELD_BYTES_MOST = 64 * 1024
PARTS_MOST = 50


class BadForm(ValueError):
    """This is no form; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """The file of a form, and its other fields."""

    first: int = 0
    size_bytes: int = 0
    name: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)


def find_file(file: IO[bytes], content_type: str, wanted: str) -> Found:
    """The first part called `wanted` that has a file name. BadForm."""
    _, options = parse_options_header(content_type)
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    if not 1 <= len(boundary) <= 200:
        raise BadForm("The form does not say where its parts end (boundary).")
    found = Found()
    for start, end in _parts(file, b"--" + boundary):
        file.seek(start)
        head, gap, _ = file.read(min(HEAD_BYTES_MOST, end - start)).partition(b"\r\n\r\n")
        if not gap:
            raise BadForm("A part of the form has no end of its head.")
        name, filename = _names(head)
        first = start + len(head) + len(gap)
        if filename is not None:
            if name == wanted and not found.size_bytes:
                found = Found(first, end - first, filename, found.fields)
        elif end - first > FIELD_BYTES_MOST:
            raise BadForm(f"The field {name[:40]} of the form is too long.")
        else:
            file.seek(first)
            found.fields.append((name, file.read(end - first).decode("utf-8", "replace")))
    return found


def _names(head: bytes) -> tuple[str, str | None]:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            _, options = parse_options_header(value.strip())
            return options.get("name", ""), options.get("filename")
    return "", None


def _parts(file: IO[bytes], mark: bytes) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends."""
    start = None
    count = 0
    for at, after in _places(file, mark):
        if start is not None:
            # The line end before a boundary belongs to it.
            yield start, max(start, at - 2)
        if after == b"--":
            return
        start = at + len(mark) + 2
        count += 1
        if count > PARTS_MOST:
            raise BadForm("The form has too many fields.")
    raise BadForm("The form is broken off: its last boundary is missing.")


def _places(file: IO[bytes], mark: bytes) -> Iterator[tuple[int, bytes]]:
    """Where the boundary stands, and what follows it: at the beginning, and after line ends."""
    # Lines that only begin like it are passed over without a word of Python: there may be millions.
    pattern = re.compile(b"\r\n" + re.escape(mark) + b"(?=(--|\r\n))")
    size_bytes = len(mark) + 4
    file.seek(0)
    first = file.read(len(mark) + 2)
    if first[:-2] == mark and first[-2:] in (b"--", b"\r\n"):
        yield 0, first[-2:]
    base, kept = 0, b""
    while True:
        file.seek(base + len(kept))
        piece = file.read(PIECE_BYTES)
        if not piece:
            return
        whole = kept + piece
        for found in pattern.finditer(whole):
            yield base + found.start() + 2, found[1]
        kept = whole[-(size_bytes - 1) :]
        base += len(whole) - len(kept)
