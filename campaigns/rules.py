"""The law as data: when people of a country may be rung, how often, and where that is written.

Not here: the decision (`compliance.py`). The data are in `rules.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

# Spans of a day in minutes from its midnight: (opens, closes), the second not included. 1440 is
# the end of the day. Sorted, none touches the next.
Spans = tuple[tuple[int, int], ...]
# From Monday to Sunday.
Week = tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]

ALL_DAY: Spans = ((0, 1440),)
ALWAYS: Week = (ALL_DAY,) * 7


@dataclass(frozen=True, slots=True)
class Cap:
    """So many attempts on one number, and no more, within so many hours."""

    most: int
    hours: int  # 0: of the day by the recipient's clock


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
    holidays: Spans = ALL_DAY  # on a public holiday, instead of its weekday; empty: none
    caps: tuple[Cap, ...] = ()
    consent: bool = False  # consent is needed for calls of an agent that sell something
    verified: bool = False  # somebody read the source; false: general knowledge, for a lawyer
    checked_on: date | None = None
    sources: tuple[Source, ...] = ()
    note: str = ""
    parts: Mapping[str, Rule] = field(default_factory=dict)  # subdivision → what holds besides


@dataclass(frozen=True, slots=True)
class Law:
    """All rules."""

    countries: Mapping[str, Rule]
    elsewhere: Rule  # of countries that nobody looked up

    def of(self, country: str, subdivisions: frozenset[str] = frozenset()) -> tuple[Rule, ...]:
        """The rules that hold together: of the country, and of those of its parts that have
        their own."""
        rule = self.countries.get(country, self.elsewhere)
        return (rule, *(rule.parts[part] for part in sorted(subdivisions) if part in rule.parts))


def load_law() -> Law:
    """The rules in `rules.yaml`; read once. LawFileError when there is a mistake in it."""
    return Law({}, Rule("", "elsewhere"))
