"""What people write to find calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from calls.finding import place_text, read_number_part, read_place, read_span_ms
from calls.values import shown_value
from storage.search import CallSort, NumberMatch, NumberPart, Place


@pytest.mark.parametrize(
    ("written", "part", "text"),
    [
        ("+919876543210", NumberPart.WHOLE, "+919876543210"),
        ("+91 98765-43210", NumberPart.WHOLE, "+919876543210"),
        ("+9198", NumberPart.START, "+9198"),
        ("+91", NumberPart.START, "+91"),
        ("+91987654321*", NumberPart.START, "+91987654321"),
        ("43210", NumberPart.END, "43210"),
        ("… 432 10", NumberPart.END, "43210"),
        ("98765 43210", NumberPart.END, "9876543210"),
        ("Anonymous", NumberPart.WHOLE, "anonymous"),
    ],
)
def test_a_number_or_a_part_of_one_is_read(written: str, part: NumberPart, text: str) -> None:
    assert read_number_part(written) == NumberMatch(part, text)


@pytest.mark.parametrize("written", ["", "+", "123", "12a4", "+1234567890123456", "٤٥٦٧٨", "%"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="Write"):
        read_number_part(written)


def test_a_span_is_seconds_or_minutes_and_seconds() -> None:
    assert read_span_ms("90") == read_span_ms("1:30") == 90_000
    assert read_span_ms("0") == 0
    for wrong in ("", "-1", "1:2:3", "1.5", "٣", "99999"):
        with pytest.raises(ValueError, match=r"\."):
            read_span_ms(wrong)


@pytest.mark.parametrize("key", [datetime(2026, 11, 20, 9, 0, 0, 5, tzinfo=UTC), 90_500])
def test_a_place_comes_back_from_an_address(key: datetime | int) -> None:
    sort = CallSort.DURATION if isinstance(key, int) else CallSort.CREATED

    assert read_place(place_text(Place(key, "call-1")), sort) == Place(key, "call-1")


@pytest.mark.parametrize(
    "text",
    ["", "~", "x~call", "-5~call", "5~a b", "5", "٣~call", "5~" + "x" * 200, "9" * 17 + "~x"],
)
def test_a_damaged_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (any: who shows it words it)
        read_place(text, CallSort.CREATED)


def test_values_read_like_words() -> None:
    assert shown_value({"amount": 600, "currency": "INR"}) == "600 INR"
    assert shown_value({"start": "14:00", "end": "17:00"}) == "14:00–17:00"
    assert shown_value(True) == "yes"
    assert shown_value(2.0) == "2"
    assert shown_value(["a", {"b": None}]) == "a, b: "
    assert shown_value(timedelta(seconds=1)) == "0:00:01"
