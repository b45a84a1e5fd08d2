"""How much of calls somebody is shown."""

from __future__ import annotations

from access.roles import Person, Role
from calls.redaction import Sight


def sight_of_call(person: Person) -> Sight:
    """On the page of one call."""
    return Sight.FULL if person.may(Role.OPERATOR) else Sight.MASKED


def sight_of_lists(person: Person) -> Sight:
    """In lists, exports and figures, which are passed on more easily than meant."""
    return Sight.LISTED if person.may(Role.OPERATOR) else Sight.MASKED
