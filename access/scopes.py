"""What a program may be allowed to do, and which of it each role allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from access.roles import Role


class Scope(StrEnum):
    """One permission of the JSON interface."""

    ANALYTICS_READ = "analytics:read"  # figures of many calls, without anybody's words
    AGENTS_READ = "agents:read"
    # Calls in full: numbers, words and values unmasked. So viewers do not have it.
    CALLS_READ = "calls:read"
    CALLS_WRITE = "calls:write"  # ring, hang up
    # Campaigns with their leads and the do-not-call lists: numbers unmasked, as calls.
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"  # make, fill, start and stop them
    MESSAGES_READ = "messages:read"
    MESSAGES_WRITE = "messages:write"
    AGENTS_WRITE = "agents:write"
    WEBHOOKS_WRITE = "webhooks:write"  # whoever gets them gets what calls collect
    PEOPLE_WRITE = "people:write"  # people, tokens, the audit log; deletes, too


_VIEWER = frozenset({Scope.ANALYTICS_READ, Scope.AGENTS_READ})
_OPERATOR = _VIEWER | {
    Scope.CALLS_READ,
    Scope.CALLS_WRITE,
    Scope.CAMPAIGNS_READ,
    Scope.CAMPAIGNS_WRITE,
    Scope.MESSAGES_READ,
    Scope.MESSAGES_WRITE,
}

PERMISSIONS: Mapping[Role, frozenset[Scope]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: frozenset(Scope),
}

# For the page on which scopes are chosen.
ABOUT: Mapping[Scope, str] = {
    Scope.ANALYTICS_READ: "figures and metrics",
    Scope.AGENTS_READ: "see agents",
    Scope.CALLS_READ: "see calls and what they collected, in full",
    Scope.CALLS_WRITE: "ring and hang up",
    Scope.CAMPAIGNS_READ: "see campaigns, their leads and who is not to be called",
    Scope.CAMPAIGNS_WRITE: "make campaigns, upload leads, start and stop them",
    Scope.MESSAGES_READ: "see messages, in full",
    Scope.MESSAGES_WRITE: "send messages",
    Scope.AGENTS_WRITE: "change agents",
    Scope.WEBHOOKS_WRITE: "say where news of calls are sent to",
    Scope.PEOPLE_WRITE: "people, tokens, deleting",
}


def named(names: Iterable[str]) -> frozenset[Scope]:
    """Scopes by name; names that are none any more allow nothing."""
    known = {str(scope): scope for scope in Scope}
    return frozenset(known[name] for name in names if name in known)


def names(scopes: Iterable[Scope]) -> list[str]:
    """The names of scopes in the order in which they are declared."""
    wanted = set(scopes)
    return [str(scope) for scope in Scope if scope in wanted]
