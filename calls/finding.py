"""What people write to find calls: parts of numbers, spans of time, places in a list. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from storage.search import ENDING_LEAST, CallSort, NumberMatch, NumberPart, Place

WORDS = frozenset({"anonymous", "unknown", "restricted", "unavailable", "private"})
MS_MOST = 24 * 3600 * 1000
_SEPARATORS = re.compile(r"[\s().\-/]")
_SPAN = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,5})")
# Of the key of a place: microseconds since 1970, or a duration in milliseconds.
PLACE_PATTERN = r"^[0-9]{1,16}~[A-Za-z0-9_.-]{1,100}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_number_part(written: str) -> NumberMatch:
    """A number, its start or its last digits. ValueError says what to write.

    `+9198…` is a start, `…45678` an end; so is what has no +, and a whole number has 11 digits or
    more after its +.
    """
    if written.lower() in WORDS:
        return NumberMatch(NumberPart.WHOLE, written.lower())
    text = _SEPARATORS.sub("", written)
    begins, ends = text.endswith(("…", "*")), text.startswith(("…", "*"))
    text = text.strip("…*")
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        raise ValueError("Write a number as +919876543210, its start +9198, or its last digits.")
    if text.startswith("+") and not ends:
        whole = len(digits) >= 11 and not begins
        return NumberMatch(NumberPart.WHOLE if whole else NumberPart.START, text)
    if len(digits) < ENDING_LEAST:
        raise ValueError(f"Write at least the last {ENDING_LEAST} digits, or a start with its +.")
    return NumberMatch(NumberPart.END, digits)


def read_span_ms(written: str) -> int:
    """Seconds, or minutes:seconds, as milliseconds. ValueError says what to write."""
    found = _SPAN.fullmatch(written)
    if found is None:
        raise ValueError("Write seconds such as 90, or minutes and seconds such as 1:30.")
    span_ms = (int(found[1] or 0) * 60 + int(found[2])) * 1000
    if span_ms > MS_MOST:
        raise ValueError("No call lasts longer than a day.")
    return span_ms


def place_text(place: Place) -> str:
    """A place as a text for an address."""
    key = place.key if isinstance(place.key, int) else (place.key - _EPOCH) // _MICROSECOND
    return f"{key}~{place.call_id}"


def read_place(text: str, sort: CallSort) -> Place:
    """The place that `place_text` wrote for a list sorted so. ValueError when it is none."""
    if not re.fullmatch(PLACE_PATTERN, text):
        raise ValueError("no place in a list")
    key, _, call_id = text.partition("~")
    if sort is CallSort.DURATION:
        return Place(int(key), call_id)
    return Place(_EPOCH + int(key) * _MICROSECOND, call_id)
