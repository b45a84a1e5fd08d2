"""Finds the times of day of an utterance. Spans of time are in `time_ranges`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from conversation.reading.number_steps import HALF, QUARTER
from conversation.reading.tagging import Tagged, tag
from conversation.reading.temporal_words import PARTS_BY_WORD

DAY = 24 * 60  # minutes
NOON = 12 * 60

# Hours that callers mean by a part of the day on a 12-hour clock: morning 9, night 2.
_AM_HOURS = {"morning": range(1, 12), "night": range(1, 6)}
_PM_HOURS = {"afternoon": range(1, 8), "evening": range(2, 12), "night": range(6, 12)}
_PART_OF_MEAL = re.compile(r"\b(" + "|".join(PARTS_BY_WORD) + r")\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundTime:
    """A time of day in an utterance, as it was said."""

    hour: int  # 0..23
    minute: int
    start: int  # character offsets in the utterance
    end: int
    first: int  # tags it covers
    after: int
    half_known: bool  # it is clear which half of the day is meant
    by_itself: bool  # it is a time whatever was asked: not a bare "3"
    is_asked_for: bool = True  # "at 3": a time when a time was asked; a bare 3 in a range only

    @property
    def readings(self) -> tuple[int, ...]:
        """The minutes since midnight it can mean, earliest first."""
        minutes = self.hour * 60 + self.minute
        if self.half_known:
            return (minutes,)
        morning = minutes % NOON
        return (morning, morning + NOON)


@dataclass(frozen=True, slots=True)
class _Core:
    hour: int
    minute: int
    is_24h: bool = False  # 14:30, 09:30: written so that no half of the day is open
    by_itself: bool = False  # "half past 3"


Builder = Callable[[Tagged, int], "_Core | None"]


def _clock(tagged: Tagged, at: int) -> _Core | None:
    """14:30"""
    word = tagged.pieces[at].word
    hour, minute = (int(part) for part in word.split(":"))
    return _core(hour, minute, is_24h=len(word) == 5 and int(word[0]) == 0, by_itself=True)


def _core(hour: int, minute: int, is_24h: bool = False, by_itself: bool = False) -> _Core | None:
    if not (0 <= hour <= 24 and 0 <= minute < 60) or (hour == 24 and minute):
        return None
    return _Core(hour % 24, minute, is_24h or hour > 12 or hour == 0, by_itself)


def _whole(tagged: Tagged, at: int) -> int:
    value = tagged.number(at)
    return int(value) if value == int(value) and 0 <= value < 2400 else -1


def _past(tagged: Tagged, at: int) -> _Core | None:
    """Half past 3, quarter to 4, twenty minutes to 4."""
    is_quarter = tagged.tags[at] in "1q"
    is_half = not is_quarter and tagged.number(at) == HALF
    index = at
    while tagged.tags[index] not in "ptABF":
        index += 1
    direction, hour = tagged.tags[index], _whole(tagged, index + 1)
    minutes = 15 if is_quarter else 30 if is_half else _whole(tagged, at)
    # "10 to 4" is a span of time as often as a time; no span begins at 20 and ends at 4.
    is_said = is_quarter or "u" in tagged.tags[at:index] or direction == "p"
    is_said = is_said or (direction == "t" and minutes in (20, 25) and hour <= 12)
    if not (is_said and 1 <= minutes < 60 and 1 <= hour <= 23) or (is_half and direction != "p"):
        return None
    if direction in "tBF":
        hour, minutes = hour - 1 or 12, 60 - minutes
    return _core(hour, minutes, by_itself=True)


def _hour_and_minutes(tagged: Tagged, at: int) -> _Core | None:
    """Eleven fifteen, 11 15, 3 மணி 30 நிமிடம்."""
    hour = _whole(tagged, at)
    has_clock = tagged.tags[at + 1] == "k"
    index = at + 1 + has_clock
    minute = _whole(tagged, index)
    written = tagged.written(index)
    if has_clock:
        # 5 மணி 10 பேர்: ten people, not ten past five.
        is_said = tagged.tags[index + 1 : index + 2] == "u" or minute in (15, 30, 45)
    else:
        is_said = minute >= 10 and len(written) in (0, 2)
    return _core(hour, minute, by_itself=has_clock) if is_said and hour <= 23 else None


def _noon(tagged: Tagged, at: int) -> _Core | None:
    """Noon, midnight, 12 noon."""
    index = tagged.tags.index("z", at)
    if index > at and tagged.pieces[at].word != "12:00" and not _is_twelve(tagged, at):
        return None
    minutes = int(tagged.pieces[index].value)
    return _Core(minutes // 60, 0, True, True)


def _is_pronoun(tagged: Tagged, at: int) -> bool:
    """The one, this morning one: no number at all."""
    piece = tagged.pieces[at]
    is_one = tagged.text[piece.start : piece.end].lower() == "one"
    return is_one and re.search("[Tsx][PW]?$", tagged.tags[:at]) is not None


def _is_twelve(tagged: Tagged, at: int) -> bool:
    return tagged.tags[at] == "n" and tagged.number(at) == 12


def _hour(tagged: Tagged, at: int) -> _Core | None:
    """3, 3.30, साढ़े तीन, 1430."""
    written = tagged.written(at)
    if re.fullmatch(r"\d{1,2}\.\d\d", written):
        hour, minute = (int(part) for part in written.split("."))
        return _core(hour, minute)
    if re.fullmatch(r"[012]\d[0-5]\d", written):
        return _core(int(written[:2]), int(written[2:]), is_24h=written[0] == "0")
    value = tagged.number(at)
    is_hours = tagged.tags[at + 1 : at + 2] == "h"
    if is_hours and not written and 100 <= value < 2400:  # fifteen hundred hours
        return _core(int(value) // 100, int(value) % 100, is_24h=True)
    if is_hours and value < 13:  # in two hours
        return None
    if not 1 <= value <= 24 or value % QUARTER or _is_pronoun(tagged, at):
        return None
    # साढ़े तीन is a time as it stands; "two and a half" and 3.5 are none.
    in_ascii = tagged.text[tagged.pieces[at].start].isascii()
    if value != int(value) and (written or (in_ascii and tagged.tags[at + 1 : at + 2] != "k")):
        return None
    minute = int(value % 1 * 60)
    return _core(int(value), minute, is_24h=len(written) == 2 and written[0] == "0")


_CORES: tuple[tuple[re.Pattern[str], Builder], ...] = tuple(
    (re.compile(pattern), builder)
    for pattern, builder in (
        (r"[nc]?z", _noon),
        (r"c", _clock),
        (r"(?:1?q|n)u?[ptABF]n", _past),
        (r"nk?nu?", _hour_and_minutes),
        (r"n", _hour),
    )
)
_BEFORE = re.compile(r"[PN][,@IOT]{0,2}$")
_NAMED = re.compile(r"[kh]?(?P<meridiem>a)?k?")
# Not the part of the day of the time that follows: "evening 5, morning 9".
_AFTER = re.compile(r"(?:IT?_?|@|OT?|R)?(?P<part>[PN])(?![,@IOT]{0,2}[cn1q])")
_ABOUT = re.compile(r"@T?$")
_NOT_COUNTED = frozenset("works is suits please thanks was yes".split())
_COUNTED = frozenset("people person bedroom bed ticket seat guest bhk percent of".split())


@lru_cache(maxsize=64)
def find_times(text: str, language: str) -> tuple[FoundTime, ...]:
    """Every time of day in `text`, in order, and every number that could be one in a range."""
    tagged = tag(text, language)
    tags = tagged.tags
    found: list[FoundTime] = []
    index = 0
    while index < len(tags):
        time = None
        if tags[index] in "cn1qz":
            time = _time_at(tagged, index, found[-1].after if found else 0)
        if time is not None:
            found.append(time)
        index = time.after if time is not None else index + 1
    return tuple(_with_part_of_day(tagged, found))


def readings_in(minutes: Sequence[int], low: int, high: int) -> list[int]:
    """Those of `minutes` from `low` to `high`."""
    return [one for one in minutes if low <= one <= high]


def part_of_meal(question: str, found: FoundTime) -> int | None:
    """The minutes that `found` means when `question` names a meal or a part of the day."""
    parts = {PARTS_BY_WORD[word.lower()] for word in _PART_OF_MEAL.findall(question)}
    if len(parts) != 1:
        return None
    hour = _in_half(_Core(found.hour, found.minute), None, parts.pop())
    return None if hour is None else hour * 60 + found.minute


def _time_at(tagged: Tagged, at: int, floor: int) -> FoundTime | None:
    for pattern, build in _CORES:
        match = pattern.match(tagged.tags, at)
        core = build(tagged, at) if match else None
        if match and core:
            return _finished(tagged, core, (floor, at, match.end()))
    return None


def _finished(tagged: Tagged, core: _Core, span: tuple[int, int, int]) -> FoundTime | None:
    """`core` with what stands around it: am, evening, o'clock; None when that makes no time.

    `span` is where the words before it may begin, where it begins and where it ends.
    """
    floor, at, end = span
    tags = tagged.tags
    named = _NAMED.match(tags, end)
    assert named is not None  # everything in it is optional
    after = named.end()
    before = _BEFORE.search(tags, floor, at)
    behind = None if before else _AFTER.match(tags, after)
    meridiem = tagged.pieces[named.start("meridiem")].value if named["meridiem"] else None
    part = None
    if before:
        part = _part(tagged, before.start())
    elif behind:
        part, after = _part(tagged, behind.start("part")), behind.end()
    hour = _in_half(core, meridiem, part)
    if hour is None:
        return None
    by_itself = core.by_itself or after > end
    first = before.start() if before else at
    return FoundTime(
        hour=hour,
        minute=core.minute,
        start=tagged.pieces[first].start,
        end=tagged.pieces[after - 1].end,
        first=first,
        after=after,
        half_known=core.is_24h or meridiem is not None or part is not None,
        by_itself=by_itself or (before is not None and not is_count(tagged, at, after)),
        is_asked_for=by_itself or _is_evident(tagged, first, at, after),
    )


def _part(tagged: Tagged, index: int) -> str:
    return str(tagged.pieces[index].value or "night")


def _in_half(core: _Core, meridiem: str | int | None, part: str | None) -> int | None:
    """The hour of 0..23 that is meant; None when the words do not go together."""
    hour = core.hour
    if core.is_24h:
        return hour
    if meridiem is not None:
        return hour % 12 + (12 if meridiem == "pm" else 0)
    if part is None:
        return hour
    if hour == 12:
        return {"afternoon": 12, "night": 0}.get(part)
    if hour in _AM_HOURS.get(part, ()):
        return hour
    return hour + 12 if hour in _PM_HOURS.get(part, ()) else None


def is_count(tagged: Tagged, at: int, after: int) -> bool:
    """Whether the number at `at` counts what is named behind it: 3 people, 5 March, 2 days."""
    if at and tagged.tags[at - 1] == "M":
        return True
    if after >= len(tagged.pieces):
        return False
    piece = tagged.pieces[after]
    if piece.tag != "_":
        return piece.tag in "$dwmuhMDF"
    if piece.word in _COUNTED:
        return True
    is_plural = len(piece.word) > 3 and piece.word.endswith("s")
    is_name = tagged.text[piece.start].isupper() and piece.word != "i"
    return (is_plural and piece.word not in _NOT_COUNTED) or is_name


def _is_evident(tagged: Tagged, first: int, at: int, after: int) -> bool:
    """Whether a bare number is a time where a time was asked: "at 3", "evening 5", just "3"."""
    if is_count(tagged, at, after):
        return False
    if first < at or _ABOUT.search(tagged.tags, 0, at):
        return True
    return not re.search("[cno]", tagged.tags[:first] + tagged.tags[after:])


def _with_part_of_day(tagged: Tagged, found: list[FoundTime]) -> list[FoundTime]:
    """A part of the day said apart from its time: "tomorrow evening, at about 5", "lunch at 1"."""
    open_ones = [time for time in found if not time.half_known and time.is_asked_for]
    if len(open_ones) != 1:
        return found
    time = open_ones[0]
    covered = {index for other in found for index in range(other.first, other.after)}
    parts = {
        _part(tagged, index)
        for index, letter in enumerate(tagged.tags)
        if letter in "PN" and index not in covered
    } or {PARTS_BY_WORD[word.lower()] for word in _PART_OF_MEAL.findall(tagged.text)}
    if len(parts) != 1:
        return found
    hour = _in_half(_Core(time.hour, time.minute), None, parts.pop())
    if hour is None:
        return found
    settled = replace(time, hour=hour, half_known=True)
    return [settled if other is time else other for other in found]
