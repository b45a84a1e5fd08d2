"""The time kind: a time of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields import spoken
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.fields.number import agreed
from conversation.reading.roles import answering, asked_role
from conversation.reading.tagging import tag
from conversation.reading.time_ranges import are_joined
from conversation.reading.times import FoundTime, find_times, is_count, part_of_meal, readings_in

_CLOCK = re.compile(r"(\d{1,2})[:.](\d\d)(?::\d\d)?", re.ASCII)
_OPTION = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_HINTS = {
    "en": "am pm o'clock morning afternoon evening noon half past quarter",
    "hi": "बजे सुबह दोपहर शाम रात साढ़े सवा पौने",
    "ta": "மணி காலை மதியம் மாலை இரவு அரை",
    "ml": "മണി രാവിലെ ഉച്ചയ്ക്ക് വൈകുന്നേരം രാത്രി അര",
}
_FOLLOWS_DAY = re.compile(r"(?:[RW]|M[no]|[no]j?F?M|To),?@$")
_OR = frozenset("or या அல்லது இல்ல അല്ലെങ്കിൽ ya allathu allenkil".split())
# Without am or pm: callers who say 1 to 6 mean the afternoon, 8 to 12 the day; 7 is open.
_WITHOUT_HALF = (8 * 60, 19 * 60 - 1)


class Time:
    """A time of day, canonical as HH:MM. Options: earliest, latest, as HH:MM."""

    name: ClassVar[str] = "time"
    takes: ClassVar[frozenset[str]] = frozenset(("earliest", "latest"))
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """Limits must be times, in order."""
        return limits_are_times(spec)

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """The time that answers; none when nothing tells which of several does.

        Weak where the half of the day is a guess.
        """
        every = find_times(text, context.language)
        found = [one for one in every if one.is_asked_for]
        certain = [one for one in found if one.by_itself]
        pairs = _pairs(text, context.language, every)
        if pairs and all(one in pairs for one in certain):
            return ()
        names = f"{spec.name} {spec.label.get(context.language, '')}"
        role = asked_role(names, context.agent_said)
        return agreed(
            [
                reading
                for one in answering(role, text, certain or found)
                if (reading := _reading(spec, one, text, context))
            ]
        )

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """HHMM, HMM or HH on a 24-hour clock; * may part hour and minutes."""
        return typed_time(digits)

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """A time as HH:MM, or words that name one time."""
        minutes = minutes_of(value, context.language)
        if minutes is None:
            return Problem("not_valid")
        return out_of_bounds(spec, minutes, context) or clock(minutes)

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """On a 12-hour clock."""
        return spoken.time(str(value), language)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A string HH:MM."""
        return {
            "type": "string",
            "pattern": _OPTION.pattern.join("^$"),
            "description": "the time the caller named, as HH:MM on a 24-hour clock",
        }

    def keypad(self, spec: FieldSpec) -> Keypad:
        """Four digits."""
        return Keypad(4, "keypad_time")

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """As soon as speech pauses."""
        return None

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> None:
        """Minutes, or the time of day, may follow."""
        return

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Words around times."""
        return tuple(_HINTS[spoken.base(language)].split())


def clock(minutes: int) -> str:
    """Minutes since midnight as HH:MM."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes_of(value: object, language: str) -> int | None:
    """The time that a model's or reader's `value` is, in minutes; None when it is none."""
    if not isinstance(value, str) or len(value) > 200:
        return None
    match = _CLOCK.fullmatch(value.strip())
    if match is not None:
        hour, minute = int(match[1]), int(match[2])
        return hour * 60 + minute if hour < 24 and minute < 60 else None
    found = find_times(value, language)
    if len(found) != 1 or not found[0].half_known:
        return None
    return found[0].readings[0]


def bounds(spec: FieldSpec) -> tuple[int, int] | None:
    """The field's limits in minutes; None when it has none."""
    if spec.earliest is None and spec.latest is None:
        return None
    earliest = _option(spec.earliest) if spec.earliest else 0
    latest = _option(spec.latest) if spec.latest else 24 * 60 - 1
    return earliest, latest


def limits_are_times(spec: FieldSpec) -> list[str]:
    """What is wrong with the limits of a field whose values are times."""
    wrong = [
        f'{name} is "{limit}"; write a time like 09:30.'
        for name, limit in (("earliest", spec.earliest), ("latest", spec.latest))
        if limit is not None and not _OPTION.fullmatch(limit)
    ]
    if not wrong and spec.earliest and spec.latest and spec.earliest >= spec.latest:
        wrong.append(f"earliest ({spec.earliest}) is not before latest ({spec.latest}).")
    return wrong


def out_of_bounds(spec: FieldSpec, minutes: int, context: Context) -> Problem | None:
    """The problem of a time outside the field's limits."""
    earliest, latest = bounds(spec) or (0, 24 * 60)
    if minutes < earliest:
        return Problem("too_early", {"limit": spoken.time(clock(earliest), context.language)})
    if minutes > latest:
        return Problem("too_late", {"limit": spoken.time(clock(latest), context.language)})
    return None


def typed_time(digits: str) -> str | None:
    """The time typed as `digits` on a 24-hour clock; a single 0 is no time but a key."""
    match = re.fullmatch(r"([01]?\d|2[0-3])(?:\*?([0-5]\d))?", digits, re.ASCII)
    if match is None or digits == "0":
        return None
    return clock(int(match[1]) * 60 + int(match[2] or 0))


def _pairs(text: str, language: str, found: Sequence[FoundTime]) -> list[FoundTime]:
    """The times of "2 to 3 pm" and "2 or 3 pm": neither is the answer alone."""
    tagged = tag(text, language)
    pairs = []
    for first, second in pairwise(found):
        between = tagged.pieces[first.after : second.first]
        is_choice = len(between) == 1 and between[0].word in _OR
        if not second.by_itself and is_count(tagged, second.first, second.after):
            continue
        if is_choice or are_joined(tagged, first, second):
            pairs += [first, second]
    return pairs


def _option(limit: str) -> int:
    hour, minute = limit.split(":")
    return int(hour) * 60 + int(minute)


def _reading(spec: FieldSpec, found: FoundTime, text: str, context: Context) -> Reading | None:
    """The one time that is meant; None when it may be morning or evening."""
    if found.half_known:
        minutes, is_guess = found.readings[0], False
    else:
        meal = part_of_meal(context.agent_said, found)
        possible = [meal] if meal is not None else list(found.readings)
        low, high = bounds(spec) or _WITHOUT_HALF
        inside = readings_in(possible, low, high) if meal is None else possible
        if len(inside) != 1:
            return None
        minutes, is_guess = inside[0], True
    strong = found.by_itself and not (is_guess and minutes >= 13 * 60)
    if is_guess and bounds(spec) and not strong:
        # "Tomorrow at 5", where only one 5 is possible.
        tags = tag(text, context.language).tags
        strong = _FOLLOWS_DAY.search(tags, 0, found.first) is not None
    return Reading(clock(minutes), found.start, found.end, strong)
