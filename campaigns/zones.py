"""Where somebody is: the time zones and states that a number, or what the file says, may mean.

Not here: what hour it is there (`compliance.py`).
"""

from __future__ import annotations


def zones_of(
    number: str, country: str, zone_override: str = "", subdivision: str = ""
) -> tuple[str, ...]:
    """The IANA zones in which the owner of a number may be, sorted; empty when nothing is known.

    `country` is ISO 3166 ("" for numbers of none), `subdivision` ISO 3166-2 without the country.
    What the file says narrows the zones of a number that may be anywhere in its country. Where it
    contradicts the number, both stay: people must be within hours in each.
    Zones that have the same clock are named once.
    """
    return ()


def subdivisions_of(number: str, country: str, subdivision: str = "") -> frozenset[str]:
    """The states whose law holds: of the file, and of the area code (+1 only)."""
    return frozenset((subdivision,)) if subdivision else frozenset()


def read_zone(written: str) -> str:
    """The zone that somebody wrote into a column ("asia/kolkata", "EST", "UTC+5:30").

    ValueError, saying what is wrong, when there is no such zone.
    """
    return written


def read_subdivision(written: str, country: str) -> str:
    """The ISO 3166-2 code, without the country, of a state ("California", "CA", "US-CA").

    ValueError, saying what is wrong, when the country has no such state.
    """
    return written
