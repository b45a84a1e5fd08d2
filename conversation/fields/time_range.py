"""The time_range kind: from one time of a day to a later one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields import spoken
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.fields.number import agreed
from conversation.fields.time import (
    Time,
    bounds,
    clock,
    limits_are_times,
    minutes_of,
    out_of_bounds,
    typed_time,
)
from conversation.reading.time_ranges import find_ranges

_WRITTEN = re.compile(r"(.{1,20}?)\s*(?:-|–|/|\bto\b)\s*(.{1,20})")
_HINTS = {
    "en": "between from to till until am pm o'clock after before morning afternoon evening",
    "hi": "से तक बजे सुबह दोपहर शाम रात के बीच",
    "ta": "முதல் வரை மணி காலை மதியம் மாலை இரவு",
    "ml": "മുതൽ വരെ മണി രാവിലെ ഉച്ചയ്ക്ക് വൈകുന്നേരം രാത്രി",
}

_ONE = Time()


class TimeRange:
    """Canonical as {"start": "14:00", "end": "17:00"}; 00:00 and 23:59 are open ends.

    Options: earliest, latest, as HH:MM.
    """

    name: ClassVar[str] = "time_range"
    takes: ClassVar[frozenset[str]] = frozenset(("earliest", "latest"))
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """Limits must be times, in order."""
        return limits_are_times(spec)

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """The span of time, if there is one; strong when both ends were said as times."""
        found = find_ranges(text, context.language, bounds(spec))
        strong = [one for one in found if one.strong]
        return agreed(
            [
                Reading(
                    {"start": clock(one.begins), "end": clock(one.ends)},
                    one.start,
                    one.end,
                    one.strong,
                )
                for one in strong or found
            ]
        )

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """HHMMHHMM; or two times with * between, where bare hours are heard as speech is: 2*5."""
        pair = re.fullmatch(r"(\d{4})(\d{4})|(\d{1,4})\*(\d{1,4})", digits, re.ASCII)
        if pair is None:
            return None
        first, second = (part for part in pair.groups() if part is not None)
        if len(first) <= 2 and len(second) <= 2:
            found = find_ranges(f"{int(first)} to {int(second)}", "en", bounds(spec))
            return {"start": clock(found[0].begins), "end": clock(found[0].ends)} if found else None
        start, end = typed_time(first), typed_time(second)
        return None if start is None or end is None else {"start": start, "end": end}

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """An object with start and end, or text that says both."""
        start, end = _ends(value, context.language)
        if start is None or end is None:
            return Problem("not_valid")
        if end <= start:
            return Problem("ends_before_start")
        problem = out_of_bounds(spec, start, context) or out_of_bounds(spec, end, context)
        return problem or {"start": clock(start), "end": clock(end)}

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """Both ends on a 12-hour clock; after, before or any time for open ends."""
        assert isinstance(value, Mapping)
        return spoken.time_range(str(value["start"]), str(value["end"]), language)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """An object with start and end."""
        time = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}
        return {
            "type": "object",
            "properties": {"start": time, "end": time},
            "required": ["start", "end"],
            "description": "the span of time the caller named, both ends as HH:MM on a 24-hour "
            "clock; 00:00 or 23:59 for an end that the caller left open",
        }

    def keypad(self, spec: FieldSpec) -> Keypad:
        """Eight digits, or two hours with * between."""
        return Keypad(None, "keypad_time_range")

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """Callers pause between the two ends."""
        return 2

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """One end alone waits for the other; both, told as times, are all there is."""
        context = Context(language, date.min)
        found = self.read(spec, text, context)
        if found:
            return True if all(one.strong for one in found) else None
        return False if _ONE.read(spec, text, context) else None

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Words around spans of time."""
        return tuple(_HINTS[spoken.base(language)].split())


def _ends(value: object, language: str) -> tuple[int | None, int | None]:
    """Start and end in minutes, each None when it is no time."""
    if isinstance(value, Mapping):
        return minutes_of(value.get("start"), language), minutes_of(value.get("end"), language)
    if not isinstance(value, str) or len(value) > 200:
        return None, None
    written = _WRITTEN.fullmatch(value.strip())
    if written is not None:
        start, end = minutes_of(written[1], language), minutes_of(written[2], language)
        if start is not None and end is not None:
            return start, end
    found = find_ranges(value, language)
    return (found[0].begins, found[0].ends) if len(found) == 1 else (None, None)
