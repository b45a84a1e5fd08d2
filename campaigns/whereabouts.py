"""Columns that say where somebody is: a time zone or a state, as people write them.

Not here: what follows from them (`zones.py`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from zoneinfo import available_timezones

import holidays

from campaigns.calendars import is_known
from campaigns.zones import states

_LENGTH_MOST = 80
# What people of a country call their zones. Elsewhere the same letters mean something else.
_NORTH_AMERICAN = {
    "eastern": "America/New_York", "et": "America/New_York", "est": "America/New_York",
    "edt": "America/New_York", "central": "America/Chicago", "ct": "America/Chicago",
    "cst": "America/Chicago", "cdt": "America/Chicago", "mountain": "America/Denver",
    "mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pacific": "America/Los_Angeles", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "alaska": "America/Anchorage", "akst": "America/Anchorage",
    "akdt": "America/Anchorage", "hawaii": "Pacific/Honolulu", "hst": "Pacific/Honolulu",
    "atlantic": "America/Halifax", "ast": "America/Halifax", "adt": "America/Halifax",
    "newfoundland": "America/St_Johns", "nst": "America/St_Johns", "ndt": "America/St_Johns",
}  # fmt: skip
# Two zones: letters by which people who put their clocks forward and people who do not call theirs.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "US": {**_NORTH_AMERICAN, "mst": "America/Denver America/Phoenix"},
    "CA": {
        **_NORTH_AMERICAN, "mst": "America/Edmonton America/Whitehorse",
        "cst": "America/Winnipeg America/Regina",
    },
    "IN": {"ist": "Asia/Kolkata"},
    "IL": {"ist": "Asia/Jerusalem"},
    "IE": {"ist": "Europe/Dublin", "gmt": "Europe/Dublin"},
    "GB": {"gmt": "Europe/London", "bst": "Europe/London"},
    "AU": {
        "aest": "Australia/Brisbane Australia/Sydney", "aedt": "Australia/Sydney",
        "acst": "Australia/Darwin Australia/Adelaide", "acdt": "Australia/Adelaide",
        "awst": "Australia/Perth",
    },
    "NZ": {"nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland"},
    "BR": {"brt": "America/Sao_Paulo"},
    "ID": {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"},
    "RU": {"msk": "Europe/Moscow"},
    "JP": {"jst": "Asia/Tokyo"},
    "SG": {"sgt": "Asia/Singapore"},
    "ZA": {"sast": "Africa/Johannesburg"},
    "AE": {"gst": "Asia/Dubai"},
}  # fmt: skip


@lru_cache(maxsize=4096)
def read_zones(written: str, country: str = "") -> tuple[str, ...]:
    """The zone that somebody wrote into a column: "asia/kolkata", or "EST" in its country. Several
    when it may be any of them: Sydney in summer is "AEST", too, to those who live there.

    ValueError, saying what is wrong, when there is no such zone.
    """
    plain = _plain(written)
    if name := _NAMES.get(country, {}).get(plain.removesuffix(" time")):
        return tuple(name.split())
    # A name without a place ("EST", "Etc/GMT+5") keeps its clock all year, which nobody's does.
    if "/" in plain and not plain.startswith("etc/"):
        if name := _zones_by_name().get(plain.replace(" ", "_")):
            return (name,)
    raise ValueError(
        f'"{written[:_LENGTH_MOST]}" is no time zone; write it as Asia/Kolkata or America/New_York'
    )


@lru_cache(maxsize=4096)
def read_subdivision(written: str, country: str) -> str:
    """The ISO 3166-2 code, without the country, of a state ("California", "CA", "US-CA").

    ValueError, saying what is wrong, when nobody knows such a state of the country.
    """
    plain = _plain(written).removeprefix(f"{country.lower()}-")
    if code := _states_by_name(country).get(plain):
        return code
    raise ValueError(
        f'"{written[:_LENGTH_MOST]}" is no state of {country or "an unknown country"} that we know;'
        " write its ISO 3166-2 code, as in US-CA"
    )


def _plain(text: str) -> str:
    """Without accents, capitals and doubled blanks."""
    letters = unicodedata.normalize("NFKD", text[:_LENGTH_MOST]).casefold()
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


@cache
def _zones_by_name() -> Mapping[str, str]:
    return {name.lower(): name for name in available_timezones()}


@cache
def _states_by_name(country: str) -> Mapping[str, str]:
    names = {code.lower(): code for code in states(country)}
    if is_known(country):
        calendar = holidays.country_holidays(country)
        # Some calendars have towns and school regions among their parts.
        codes = [code for code in calendar.subdivisions if len(code) <= 3]
        for name, code in calendar.subdivisions_aliases.items():
            if code in codes:
                names[_plain(name)] = code
        names |= {code.lower(): code for code in codes}
    return names
