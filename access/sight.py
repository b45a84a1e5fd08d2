"""How much of calls somebody is shown."""

from __future__ import annotations

from access.roles import API_TOKEN_ID, Person, Role
from calls.redaction import Sight


def sight_of_call(person: Person) -> Sight:
    """On the page of one call."""
    return Sight.FULL if person.may(Role.OPERATOR) else Sight.MASKED


def sight_of_lists(person: Person) -> Sight:
    """In lists, exports and figures, which are passed on more easily than meant."""
    return Sight.LISTED if person.may(Role.OPERATOR) else Sight.MASKED


def sight_of_programs(person: Person) -> Sight:
    """The same over JSON: API_TOKEN, which is no person's, sees everything."""
    return Sight.FULL if person.person_id == API_TOKEN_ID else sight_of_lists(person)
