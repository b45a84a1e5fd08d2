"""People and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Each may do what those before it may."""

    VIEWER = "viewer"  # look: calls with personal values masked, agents, figures
    OPERATOR = "operator"  # also: hear recordings, see values unmasked, ring, hang up, export
    ADMIN = "admin"  # also: change agents, delete, people and tokens, the audit log

    def covers(self, other: Role) -> bool:
        """Whether who has this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, or a token that stands for somebody."""

    person_id: str
    email: str
    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether this person may do what `role` may."""
        return self.role.covers(role)


# Whoever holds API_TOKEN is this person.
API_TOKEN_ID = "api-token"
# Whoever sits at this machine, in local mode: no password was asked.
LOCAL = Person("local", "", "This machine", Role.ADMIN)
