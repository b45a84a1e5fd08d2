"""Finds the spans of time of an utterance: from two to five, after three, mornings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversation.reading.tagging import Piece, Tagged, tag
from conversation.reading.times import DAY, FoundTime, find_times, is_count

# The day's last minute stands for "open end".
LAST_MINUTE = DAY - 1
# What callers mean by a part of the day when they are asked between what times.
PARTS = {
    "morning": (8 * 60, 12 * 60),
    "afternoon": (12 * 60, 17 * 60),
    "evening": (17 * 60, 21 * 60),
    "night": (19 * 60, 23 * 60),
}
# Where bare hours lie ("2 to 5", "9 to 5") when the field sets no bounds.
_WAKING = (8 * 60, 20 * 60)
# "After 7" may be either half of the day.
_BEGINNING = (7 * 60, 20 * 60 - 1)

_WITH_BETWEEN = re.compile(r"bT?[@]?T?$")
_ALL_DAY = re.compile(
    r"\b(?:any ?time|all day(?: long)?|(?:the )?(?:whole|entire) day|round the clock|24[ /x]*7)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundRange:
    """A span of time in an utterance, in minutes since midnight."""

    begins: int
    ends: int
    start: int  # character offsets in the utterance
    end: int
    strong: bool  # both ends were said, and as times


def find_ranges(
    text: str, language: str, bounds: tuple[int, int] | None = None
) -> tuple[FoundRange, ...]:
    """Every span of time in `text`, in order; `bounds` (minutes) is where the field allows them.

    What can be read in two ways is left out: "6 to 9" is breakfast as well as dinner.
    """
    tagged = tag(text, language)
    times = list(find_times(text, language))
    found: list[FoundRange] = []
    index = 0
    while index < len(times):
        pair = times[index : index + 2]
        if len(pair) == 2 and are_joined(tagged, pair[0], pair[1]):
            span = _between(pair[0], pair[1], bounds)
            if span is not None and _is_time(tagged, *pair):
                found.append(span)
            index += 2
            continue
        span = _open(tagged, times[index], bounds)
        if span is not None:
            found.append(span)
        index += 1
    return tuple(found) or _parts(tagged, bounds, bool(times))


def are_joined(tagged: Tagged, first: FoundTime, second: FoundTime) -> bool:
    """Whether two neighbouring times are the ends of one span."""
    joint = tagged.tags[first.after : second.first]
    if re.fullmatch(r"[t@T]*t[@T]*", joint):
        return True
    if joint in ("", ",") and first.by_itself and second.by_itself:
        return max(first.readings) < max(second.readings)  # "2 pm, 5 pm"
    return (
        joint in ("&", "&T", "&@") and _WITH_BETWEEN.search(tagged.tags, 0, first.first) is not None
    )


def _is_time(tagged: Tagged, first: FoundTime, second: FoundTime) -> bool:
    """Not "2 to 5 people", "between 400 and 500 rupees", "March 5 to 7"."""
    if first.by_itself or second.by_itself:
        return True
    before = tagged.tags[first.first - 1 : first.first]
    return before != "$" and not is_count(tagged, second.first, second.after)


def _between(
    first: FoundTime, second: FoundTime, bounds: tuple[int, int] | None
) -> FoundRange | None:
    span = _sensible(first, second, bounds)
    if span is None:
        return None
    strong = first.by_itself or second.by_itself
    return FoundRange(*span, start=first.start, end=second.end, strong=strong)


def _sensible(
    first: FoundTime, second: FoundTime, bounds: tuple[int, int] | None
) -> tuple[int, int] | None:
    """The one span that is meant, in minutes; None when there are several or none."""
    begins, ends = first.readings, second.readings
    if len(begins) == len(ends) == 1:
        return begins[0], ends[0]
    pairs = [(begin, end) for begin in begins for end in ends if begin < end]
    if len(begins) == 1 or len(ends) == 1:
        # One end is clear: the other is the nearest to it, 11 to 1 pm, 10 am to 2.
        return min(pairs, key=lambda pair: pair[1] - pair[0], default=None)
    low, high = bounds or _WAKING
    inside = [pair for pair in pairs if low <= pair[0] and pair[1] <= high]
    return inside[0] if len(inside) == 1 else None


def _open(tagged: Tagged, time: FoundTime, bounds: tuple[int, int] | None) -> FoundRange | None:
    """After 3, from 3 onwards, before 5, until 5."""
    low, high = bounds or (0, LAST_MINUTE)
    before = tagged.pieces[time.first - 1] if time.first else None
    behind = tagged.pieces[time.after] if time.after < len(tagged.pieces) else None
    if not time.is_asked_for:
        return None
    inner = bounds or _BEGINNING
    values = [value for value in time.readings if inner[0] <= value <= inner[1]]
    if time.half_known:
        values = list(time.readings)
    if len(values) != 1:
        return None
    if (before and before.tag == "A") or (behind and _begins(behind)):
        return FoundRange(values[0], high, time.start, time.end, strong=False)
    if (before and before.tag in "Bt" and before.value != "from") or (behind and behind.tag == "v"):
        return FoundRange(low, values[0], time.start, time.end, strong=False)
    return None


def _begins(behind: Piece) -> bool:
    """Whether the piece behind a time makes it the start of an open span."""
    return behind.tag == "G" or behind.value == "from" or behind.word in ("onwards", "onward")


def _parts(
    tagged: Tagged, bounds: tuple[int, int] | None, has_times: bool
) -> tuple[FoundRange, ...]:
    """In the morning, afternoons, any time: only when no hour was said."""
    low, high = bounds or (0, LAST_MINUTE)
    if has_times:
        return ()
    whole = _ALL_DAY.search(tagged.text)
    if whole:
        return (FoundRange(low, high, whole.start(), whole.end(), strong=False),)
    spoken = [piece for piece in tagged.pieces if piece.tag in "PN"]
    ranges = []
    for piece in spoken:
        begins, ends = PARTS[str(piece.value or "night")]
        if max(begins, low) < min(ends, high):
            ranges.append(
                FoundRange(max(begins, low), min(ends, high), piece.start, piece.end, strong=False)
            )
    return tuple(ranges)
