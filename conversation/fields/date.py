"""The date kind: a day, spoken absolutely or counted from today."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields import spoken
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.fields.number import agreed
from conversation.reading.dates import find_dates, resolve_day
from conversation.reading.roles import answering, asked_role

_LIMIT = re.compile(r"today|tomorrow|yesterday|[+-]\d{1,5}d|\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ][\d:.+Z-]*)?", re.ASCII)
_RELATIVE = {"today": 0, "tomorrow": 1, "yesterday": -1}
_HINTS = {
    "en": "today tomorrow Monday Tuesday Wednesday Thursday Friday Saturday Sunday next this",
    "hi": "आज कल परसों सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार अगले तारीख",
    "ta": "இன்று நாளை திங்கள் செவ்வாய் புதன் வியாழன் வெள்ளி சனி ஞாயிறு அடுத்த தேதி",
    "ml": "ഇന്ന് നാളെ മറ്റന്നാൾ തിങ്കൾ ചൊവ്വ ബുധൻ വ്യാഴം വെള്ളി ശനി ഞായർ അടുത്ത തീയതി",
}


class Date:
    """A day, canonical as YYYY-MM-DD.

    Options: earliest, latest; each "today", "tomorrow", "+3d" or an ISO date.
    """

    name: ClassVar[str] = "date"
    takes: ClassVar[frozenset[str]] = frozenset(("earliest", "latest"))
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """Limits must be days, in order."""
        wrong = [
            f'{name} is "{limit}"; write "today", "tomorrow", "+3d" or a date like 2026-12-31.'
            for name, limit in (("earliest", spec.earliest), ("latest", spec.latest))
            if limit is not None and _limit(limit, datetime.date(2024, 1, 1)) is None
        ]
        if wrong or spec.earliest is None or spec.latest is None:
            return wrong
        # A day counted from today against a fixed one is in order at some times and not at others.
        if ("-" in spec.earliest[1:]) != ("-" in spec.latest[1:]):
            return []
        today = datetime.date(2024, 1, 1)
        earliest, latest = _limit(spec.earliest, today), _limit(spec.latest, today)
        if earliest and latest and earliest > latest:
            return [f"earliest ({spec.earliest}) is after latest ({spec.latest})."]
        return []

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """The day that answers; none when nothing tells which of several does.

        Of a plan's two days ("from the 5th till the 7th") it is the one the field is about.
        """
        is_past = self._is_past(spec, context)
        found = find_dates(text, context.language, context.today, is_past)
        if not is_past:  # "a cough since Monday" plans nothing
            found = tuple(one for one in found if not _SINCE.search(text, 0, one.start))
        role = asked_role(_names(spec, context), context.agent_said)
        fitting = answering(role, text, found)
        strong = [one for one in fitting if one.strong]
        return agreed(
            [
                Reading(one.value.isoformat(), one.start, one.end, one.strong)
                for one in strong or fitting
            ]
        )

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """DDMM or DDMMYYYY, day first in every language; or the day alone; * may part them."""
        parts = re.fullmatch(r"(\d\d)(\d\d)(\d{4})?|(\d{1,2})\*(\d{1,2})(?:\*(\d{4}))?", digits)
        if parts is None:
            parts = re.fullmatch(r"(\d{1,2})", digits)
        if parts is None:
            return None
        day, *rest = (int(part) for part in parts.groups() if part is not None)
        month = rest[0] if rest else None
        year = rest[1] if len(rest) == 2 else None
        found = resolve_day(context.today, day, month, year, self._is_past(spec, context))
        return None if found is None else found.isoformat()

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """An ISO date, with a time behind it or not; or words that name one day."""
        found = self._day(spec, value, context)
        if found is None:
            return Problem("not_valid")
        earliest, latest = (
            _limit(limit, context.today) if limit else None
            for limit in (spec.earliest, spec.latest)
        )
        if earliest is not None and found < earliest:
            if found < context.today <= earliest:
                return Problem("in_the_past")
            return Problem("too_early", {"limit": self._said(spec, earliest, context.language)})
        if latest is not None and found > latest:
            return Problem("too_late", {"limit": self._said(spec, latest, context.language)})
        return found.isoformat()

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """Weekday, day and month; the year where the field reaches into other years."""
        return self._said(spec, datetime.date.fromisoformat(str(value)), language)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A string of format date."""
        return {
            "type": "string",
            "format": "date",
            "description": "the day the caller named as YYYY-MM-DD, counted from today's date",
        }

    def keypad(self, spec: FieldSpec) -> Keypad:
        """Four or eight digits."""
        return Keypad(None, "keypad_date")

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """As soon as speech pauses."""
        return None

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> None:
        """A month or a year may follow."""
        return

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Weekdays and months."""
        words = _HINTS[spoken.base(language)].split()
        return (*words, *spoken.months(language))

    def _day(self, spec: FieldSpec, value: object, context: Context) -> datetime.date | None:
        if not isinstance(value, str) or len(value) > 200:
            return None
        iso = _ISO.fullmatch(value.strip())
        if iso is not None:
            return _iso(iso[1])
        found = find_dates(value, context.language, context.today, self._is_past(spec, context))
        return found[0].value if len(found) == 1 else None

    def _is_past(self, spec: FieldSpec, context: Context) -> bool:
        """Whether the field is about the past: nothing after today is allowed."""
        latest = _limit(spec.latest, context.today) if spec.latest else None
        return latest is not None and latest <= context.today

    def _said(self, spec: FieldSpec, day: datetime.date, language: str) -> str:
        starts_now = spec.earliest is not None and not _ISO.fullmatch(spec.earliest)
        return spoken.day(day, language, with_year=spec.latest is not None and not starts_now)


_SINCE = re.compile(r"\bsince (?:the |last |this )*$", re.IGNORECASE)


def _names(spec: FieldSpec, context: Context) -> str:
    return f"{spec.name} {spec.label.get(context.language, '')}"


def _iso(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _limit(limit: str, today: datetime.date) -> datetime.date | None:
    """The day that an option means; None when it is none."""
    if not _LIMIT.fullmatch(limit):
        return None
    if limit in _RELATIVE:
        return today + datetime.timedelta(days=_RELATIVE[limit])
    if limit.endswith("d"):
        return today + datetime.timedelta(days=int(limit[:-1]))
    return _iso(limit)
