"""The law as data: when people of a country may be rung, how often, and where that is written.

Not here: the decision (`compliance.py`). The data are in `rules.yaml`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
RULES_FILE = Path(__file__).parent / "rules.yaml"

# Spans of a day in minutes from its midnight: (opens, closes), the second not included. 1440 is
# the end of the day. Sorted, and none touches the next.
Spans = tuple[tuple[int, int], ...]
# From Monday to Sunday.
Week = tuple[Spans, ...]

ALL_DAY: Spans = ((0, DAY_MINUTES),)
ALWAYS: Week = (ALL_DAY,) * 7


class LawFileError(Exception):
    """The file of the rules cannot be used; every mistake in it, a line each."""


@dataclass(frozen=True, slots=True)
class Cap:
    """So many attempts on one number within so many hours, and no more."""

    most: int
    hours: int  # 0: of the day by the recipient's clock

    @property
    def span(self) -> str:
        """Within what, in words."""
        if not self.hours:
            return "a day"
        return f"{self.hours} hours" if self.hours <= 24 else f"{self.hours // 24} days"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule is written."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of the law of one country, or of a part of it."""

    code: str  # ISO 3166-1 ("US"), 3166-2 for a part ("US-CA"), "" for everywhere else
    name: str
    week: Week = ALWAYS
    holidays: Spans | None = None  # what public holidays leave of the day; None: all of it
    caps: tuple[Cap, ...] = ()
    consent: bool = False  # must be there before an agent may ring to sell something
    verified: bool = False  # somebody read the source; false: general knowledge, for a lawyer
    checked_on: date | None = None
    sources: tuple[Source, ...] = ()
    note: str = ""
    also: tuple[str, ...] = ()  # codes of other places under this law (Réunion, Puerto Rico)
    parts: Mapping[str, Rule] = field(default_factory=dict)  # subdivision → what holds besides

    def on(self, weekday: int, is_holiday: bool) -> Spans:
        """When people may be rung on a day; weekday 0 is Monday."""
        spans = self.week[weekday]
        if is_holiday and self.holidays is not None:
            return common(spans, self.holidays)
        return spans


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """All rules. Compared by identity, so that what follows from it can be kept."""

    countries: Mapping[str, Rule]
    elsewhere: Rule  # of countries that nobody looked up

    def of(self, country: str, subdivisions: Iterable[str] = ()) -> tuple[Rule, ...]:
        """The rules that hold together: of the country, and of those of its parts that have
        their own."""
        rule = self.countries.get(country, self.elsewhere)
        return (rule, *(rule.parts[part] for part in sorted(subdivisions) if part in rule.parts))


@cache
def load_law(path: Path = RULES_FILE) -> Law:
    """The rules in a file; each is read once. LawFileError when there are mistakes in it."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        written = _File.model_validate(read)
    except ValidationError as error:
        lines = (
            f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise LawFileError("\n".join(lines)) from error
    countries = {code: _rule(code, of) for code, of in written.countries.items()}
    for rule in tuple(countries.values()):
        countries |= dict.fromkeys(rule.also, rule)
    return Law(countries, _rule("", written.elsewhere))


def common(left: Spans, right: Spans) -> Spans:
    """The minutes that are in both."""
    found = []
    for opens, closes in left:
        for other_opens, other_closes in right:
            start, end = max(opens, other_opens), min(closes, other_closes)
            if start < end:
                found.append((start, end))
    return tuple(sorted(found))


def read_clock(written: str) -> int:
    """Minutes from midnight of HH:MM; 24:00 is the end of the day. ValueError for others."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)|24:00", written)
    if not found:
        raise ValueError(f'"{written}" is no time of day; write HH:MM, up to 24:00')
    return int(found[1]) * 60 + int(found[2]) if found[1] else DAY_MINUTES


def read_spans(written: str) -> Spans:
    """The spans of "10:00-13:00, 14:00-20:00"; "none" is none. ValueError for others.

    A span that crosses midnight is written as two, on both days.
    """
    if written == "none":
        return ()
    spans = []
    for part in written.split(","):
        opens, dash, closes = part.strip().partition("-")
        spans.append((read_clock(opens), read_clock(closes if dash else "")))
    for start, end in spans:
        if start >= end:
            raise ValueError(f'"{written}": a span ends after it begins, on the same day')
    for (_, end), (start, _) in itertools.pairwise(spans):
        if end >= start:
            raise ValueError(f'"{written}": spans follow each other, with a gap between')
    return tuple(spans)


def show_spans(spans: Spans) -> str:
    """As they are written: "10:00-13:00, 14:00-20:00"."""
    return (
        ", ".join(f"{show_clock(opens)}-{show_clock(closes)}" for opens, closes in spans) or "none"
    )


def show_clock(minute: int) -> str:
    """HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class _Cap(_Strict):
    most: int = Field(ge=1)
    hours: int | None = Field(default=None, ge=1, le=24 * 366)
    days: int | None = Field(default=None, ge=1, le=366)
    of_a_day: bool = False  # of the recipient's clock

    def made(self) -> Cap:
        if self.of_a_day:
            return Cap(self.most, 0)
        return Cap(self.most, self.hours or (self.days or 1) * 24)


class _Source(_Strict):
    title: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://\S+$")


class _Rule(_Strict):
    name: str = Field(min_length=1)
    hours: Mapping[str, str] | None = None  # "mon-fri" → spans; absent: no hours are known
    holidays: str | None = None
    caps: tuple[_Cap, ...] = ()
    consent: bool = False
    verified: bool
    checked_on: date | None = None
    sources: tuple[_Source, ...] = ()
    note: str = ""
    also: tuple[str, ...] = ()
    parts: Mapping[str, _Rule] = Field(default_factory=dict)

    @field_validator("hours")
    @classmethod
    def _readable(cls, hours: Mapping[str, str] | None) -> Mapping[str, str] | None:
        if hours is not None:
            _week(hours)
        return hours

    @field_validator("holidays")
    @classmethod
    def _readable_spans(cls, holidays: str | None) -> str | None:
        if holidays is not None:
            read_spans(holidays)
        return holidays

    def model_post_init(self, _context: Any) -> None:
        if self.verified and not (self.sources and self.checked_on):
            raise ValueError("a verified rule has sources and a date on which they were read")


class _File(_Strict):
    elsewhere: _Rule
    countries: Mapping[str, _Rule]


def _week(written: Mapping[str, str]) -> Week:
    week: dict[str, Spans] = {}
    for days, spans in written.items():
        first, _, last = days.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(f'"{days}" are no days; write mon-fri, or sat')
        of_these = DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]
        for day in of_these:
            if day in week:
                raise ValueError(f"{day} has hours twice")
            week[day] = read_spans(spans)
    if missing := [day for day in DAYS if day not in week]:
        raise ValueError(f'{", ".join(missing)}: no hours; write "none" where nobody is rung')
    return tuple(week[day] for day in DAYS)


def _rule(code: str, written: _Rule) -> Rule:
    return Rule(
        code=code,
        name=written.name,
        week=ALWAYS if written.hours is None else _week(written.hours),
        holidays=None if written.holidays is None else read_spans(written.holidays),
        caps=tuple(cap.made() for cap in written.caps),
        consent=written.consent,
        verified=written.verified,
        checked_on=written.checked_on,
        sources=tuple(Source(source.title, source.url) for source in written.sources),
        note=written.note,
        also=written.also,
        parts={part: _rule(f"{code}-{part}", of) for part, of in written.parts.items()},
    )
