"""Where somebody is: the time zones and states that a number, or what the file says, may mean.

Not here: what hour it is there (`compliance.py`); how columns are read (`whereabouts.py`).
"""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
import yaml
from phonenumbers import NumberParseException, PhoneNumberType
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_geographical_number
from phonenumbers.tzdata import TIMEZONE_DATA

# Zones that nobody's phone keeps: Xinjiang's is unofficial, and Crimea has no +380 numbers.
_NOT_OF_PHONES = frozenset({"Asia/Urumqi", "Europe/Simferopol"})
# Countries that the zone table of the time zone database leaves out.
_LEFT_OUT = {"XK": "Europe/Belgrade", "AC": "Atlantic/St_Helena", "TA": "Atlantic/St_Helena"}
# phonenumbers names a whole offset after one city. Where that city is another country's, and
# changes its clock on other days, this is the zone that is meant.
_STANDS_FOR = {("RU", "Europe/Bucharest"): "Europe/Kaliningrad"}
# A +1 number without a place (toll-free, personal) may ring anywhere in these, Hawaii and
# Newfoundland, too. Guam and the other territories in the Pacific are countries of their own here,
# and are left out: with them 10:00-19:00 would leave no moment of the day.
_NORTH_AMERICA = ("CA", "US")
_PLACELESS = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOIP,
    }
)
# Where a mobile number has the area code of the town it was bought in. Elsewhere it may be
# anywhere in its country, whatever phonenumbers says (of Indonesia's: Jakarta).
_MOBILES_OF_A_PLACE = frozenset({"BR", "MX", "US", "CA"})
# `zones_of` and `subdivisions_of` answer the same for numbers with this many first characters and
# their length in common: "+" and the longest prefix that phonenumbers has zones for.
ZONE_DIGITS = 1 + 9
# Two zones have the same clock when it shows the same at all of these moments.
_SAMPLES = tuple(
    datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=12 * step) for step in range(2 * 365 * 2)
)


@cache
def zone_of_country(country: str) -> str:
    """A time zone of a country, that of its example number; UTC when there is none."""
    example = phonenumbers.example_number(country) if country else None
    if example is None:
        return "UTC"
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    return next(iter(zones_of(number, country)), "UTC")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """The zone of that name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not in the database, or no name at all
        return None


def zones_of(
    number: str, country: str, told: Sequence[str] = (), subdivision: str = ""
) -> tuple[str, ...]:
    """The IANA zones in which the owner of a number may be, sorted; empty when nothing is known.

    `country` is ISO 3166 ("" for numbers of none), `subdivision` ISO 3166-2 without the country,
    `told` the zones that the file says.
    What the file says narrows the zones of a number that may be anywhere in its country. Where it
    contradicts the number, both stay: people must be within hours in each.
    Zones that have the same clock are named once.
    """
    zones = _own_zones(number, country)
    if of_state := states(country).get(subdivision):
        zones = _narrowed(zones, of_state)
    if there_are := [name for name in told if zone(name) is not None]:
        zones = _narrowed(zones, there_are)
    return zones


def subdivisions_of(number: str, country: str, subdivision: str = "") -> frozenset[str]:
    """The states whose law holds: of the file, and of the area code (+1 only).

    Both, since some laws take the area code for where somebody lives (Florida's, 501.059).
    """
    told = frozenset((subdivision,)) if subdivision else frozenset()
    if country not in _NORTH_AMERICA:
        return told
    return told | _places().codes.get(number[:5], frozenset())


def states(country: str) -> Mapping[str, tuple[str, ...]]:
    """The zones of each state of a country with several clocks; empty for others."""
    return _places().zones.get(country, {})


@cache
def zones_of_country(country: str) -> tuple[str, ...]:
    """All zones of a country, sorted, those with the same clock once; empty when it has none."""
    return _once(zone for zone in _table().get(country, ()) if zone not in _NOT_OF_PHONES)


class _NoSuchNumberError(Exception):
    """Nothing can be told by its digits; not kept, as others with the same prefix may be right."""


def _own_zones(number: str, country: str) -> tuple[str, ...]:
    everywhere = zones_of_country(country)
    if len(everywhere) == 1:
        return everywhere
    if country in _NORTH_AMERICA and number[:5] in _places().codes:
        return _zones_of_area(number[1:5], country)
    try:
        return _zones_of_prefix(number[:ZONE_DIGITS], len(number), country)
    except _NoSuchNumberError:
        return everywhere


@cache
def _zones_of_area(code: str, country: str) -> tuple[str, ...]:
    """Of a whole area code ("1850"): a mobile number tells no more, though its next digits do of
    those with a wire."""
    named = {
        name for prefix, names in TIMEZONE_DATA.items() if prefix[:4] == code for name in names
    }
    return _in_country(named, country)


@lru_cache(maxsize=20_000)
def _zones_of_prefix(prefix: str, length: int, country: str) -> tuple[str, ...]:
    """Of numbers with these first digits."""
    try:
        # The digits left out are of one person, and tell no more of the place.
        parsed = phonenumbers.parse(prefix.ljust(length, "2"))
    except NumberParseException as error:
        raise _NoSuchNumberError from error
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        raise _NoSuchNumberError
    if kind in _PLACELESS:
        return _north_america() if parsed.country_code == 1 else zones_of_country(country)
    if kind == PhoneNumberType.MOBILE and country not in _MOBILES_OF_A_PLACE:
        return zones_of_country(country)
    named = time_zones_for_geographical_number(parsed)
    return _in_country((name for name in named if name != UNKNOWN_TIMEZONE), country)


def _in_country(named: Iterable[str], country: str) -> tuple[str, ...]:
    """The zones of a country with the clocks of those that phonenumbers named; or all of them."""
    everywhere = zones_of_country(country)
    if not everywhere:
        return _once(named)
    clocks = {_clock(_STANDS_FOR.get((country, name), name)) for name in named}
    return tuple(name for name in everywhere if _clock(name) in clocks) or everywhere


@cache
def _north_america() -> tuple[str, ...]:
    return _once(zone for country in _NORTH_AMERICA for zone in zones_of_country(country))


def _narrowed(zones: Sequence[str], told: Sequence[str]) -> tuple[str, ...]:
    """Those zones that were told; with what was told besides, where it contradicts them."""
    clocks = {_clock(name) for name in told}
    both = tuple(name for name in zones if _clock(name) in clocks)
    return both or _once((*zones, *told))


def _once(zones: Iterable[str]) -> tuple[str, ...]:
    zones = tuple(zones)
    if len(zones) == 1:
        return zones if zone(zones[0]) else ()
    first: dict[tuple[timedelta | None, ...], str] = {}
    for name in sorted(zones, key=lambda name: (name not in _well_known(), name)):
        if zone(name) is not None:
            first.setdefault(_clock(name), name)
    return tuple(sorted(first.values()))


@cache
def _well_known() -> frozenset[str]:
    """Zones with names that people know: America/New_York rather than America/Detroit."""
    return frozenset(name for names in TIMEZONE_DATA.values() for name in names)


@lru_cache(maxsize=1024)
def _clock(name: str) -> tuple[timedelta | None, ...]:
    there = zone(name)
    return tuple(moment.astimezone(there).utcoffset() for moment in _SAMPLES) if there else ()


@cache
def _table() -> Mapping[str, tuple[str, ...]]:
    """Country → zones, from the time zone database."""
    data = pkgutil.get_data("tzdata", "zoneinfo/zone.tab")
    text = (data or b"").decode("utf-8")
    zones: dict[str, tuple[str, ...]] = {country: (name,) for country, name in _LEFT_OUT.items()}
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    return zones


@dataclass(frozen=True, slots=True)
class _Places:
    zones: Mapping[str, Mapping[str, tuple[str, ...]]]  # country → state → zones
    codes: Mapping[str, frozenset[str]]  # "+1415" → states


@cache
def _places() -> _Places:
    text = (Path(__file__).parent / "places.yaml").read_text(encoding="utf-8")
    zones: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    codes: dict[str, set[str]] = defaultdict(set)
    for country, of_country in yaml.safe_load(text).items():
        for state, place in of_country.items():
            zones[country][state] = tuple(place["zones"])
            for code in place.get("codes", ()):
                codes[f"+1{code}"].add(state)
    return _Places(dict(zones), {code: frozenset(found) for code, found in codes.items()})
