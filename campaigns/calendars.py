"""Public holidays by country and state, with the days on which they are observed.

From the `holidays` package. Dates that are only known when the moon is seen are its estimates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache

import holidays

# Whose holidays are those of most people, where the calendar of the whole country leaves them out
# because one of its parts has others: Easter Monday is none in Scotland.
_MOST_LIVE_IN = {"GB": "ENG"}


@cache
def is_known(country: str) -> bool:
    """Whether there is a calendar of this country."""
    return country in _supported()


@cache
def _supported() -> Mapping[str, frozenset[str]]:
    return {
        country: frozenset(parts)
        for country, parts in holidays.list_supported_countries(include_aliases=False).items()
    }


@lru_cache(maxsize=2048)
def _days_of(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """The holidays of a year. Building one takes milliseconds, so they are kept."""
    parts = _supported().get(country)
    if parts is None or (subdivision and subdivision not in parts):
        return {}
    days = holidays.country_holidays(
        country, subdiv=subdivision or None, years=year, language=_language(country)
    )
    return dict(days)


@cache
def _language(country: str) -> str | None:
    """English where the calendar has it; None: the country's own."""
    languages = holidays.list_localized_countries(include_aliases=False).get(country, [])
    english = (language for language in ("en_US", "en_GB", "en_IN") if language in languages)
    return next(english, None)


def holiday_named(country: str, subdivisions: Iterable[str], day: date) -> str:
    """What is celebrated on a day in the country or one of its parts; "" when nothing is, or
    nobody knows. Of whoever may be in any part it is what most celebrate."""
    if name := _days_of(country, "", day.year).get(day):
        return name
    for subdivision in tuple(subdivisions) or (_MOST_LIVE_IN.get(country, ""),):
        if name := _days_of(country, subdivision, day.year).get(day):
            return name
    return ""
