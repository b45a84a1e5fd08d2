"""Tokens that programs get for an e-mail and a password: signed ones for an hour, and renewal."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import jwt

from access.keys import derived, digest
from access.links import ALGORITHM, read_token
from access.people import Account, People
from access.recent import Recent
from access.roles import Person
from access.scopes import PERMISSIONS, Scope, names
from storage.register import Entry, EntryQuery, Register, StaleEntry

LASTS = timedelta(hours=1)
RENEWABLE = timedelta(days=30)  # after which the password is asked for again
FAMILY, RENEWAL = "token_family", "refresh_token"
PRUNED_AT_ONCE = 50


class BadToken(ValueError):
    """A token that proves nothing (any more)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What a program gets."""

    token: str
    refresh_token: str
    person: Person
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who sends a request with a token, and what the token allows."""

    person: Person
    scopes: frozenset[Scope]
    family: str = ""  # the tokens that came of one sign-in


class BearerTokens:
    """Makes, renews, reads and ends tokens. All that came of one sign-in end together."""

    def __init__(
        self, secret: bytes, register: Register, people: People, clock: Callable[[], datetime]
    ) -> None:
        self._key = derived(secret, "bearer")
        self._register = register
        self._people = people
        self._clock = clock
        self._families = Recent(lambda family: register.get(FAMILY, family))

    def begin(self, account: Account) -> Pair:
        """The tokens of somebody who proved who they are."""
        now = self._clock()
        family = uuid.uuid4().hex
        body = {"person_id": account.person_id, "session_generation": account.generation}
        self._register.put(Entry(FAMILY, family, body, now, now))
        self._prune(now)
        return self._pair(account, family, now)

    def renew(self, refresh_token: str) -> Pair:
        """New tokens for a refresh token, which is worth nothing afterwards.

        One that comes a second time was copied: then all tokens of its sign-in end. BadToken for
        it and for every other that is not to be renewed.
        """
        now = self._clock()
        entry = self._register.get(RENEWAL, digest(refresh_token))
        if entry is None:
            raise BadToken
        family = str(entry.body["family"])
        if entry.body["used_at"] is not None:
            self.end(family)
            raise BadToken
        account = self._account(family, self._register.get(FAMILY, family))
        used = replace(entry, body={**entry.body, "used_at": now.isoformat()}, updated_at=now)
        try:
            self._register.put(used)
        except StaleEntry:  # it came twice at once
            self.end(family)
            raise BadToken from None
        return self._pair(account, family, now)

    def read(self, token: str) -> Bearer:
        """Who sent a token. BadToken when it is forged, expired or was ended."""
        needed = ("sub", "iat", "jti", "family", "permissions")
        claims = read_token(token, self._key, self._clock, needed, BadToken)
        family = str(claims["family"])
        account = self._account(family, self._families.get(family))
        if account.person_id != claims["sub"]:
            raise BadToken
        return Bearer(account.person, PERMISSIONS[account.role], family)

    def end(self, family: str) -> None:
        """End every token that came of a sign-in; nothing when they have ended."""
        self._register.delete(FAMILY, family)
        self._families.forget(family)

    def family_of(self, refresh_token: str) -> str | None:
        """The sign-in that a refresh token came of; None when it is none of ours."""
        entry = self._register.get(RENEWAL, digest(refresh_token))
        return None if entry is None else str(entry.body["family"])

    def _account(self, family: str, entry: Entry | None) -> Account:
        if entry is None or self._clock() - entry.created_at >= RENEWABLE:
            raise BadToken
        account = self._people.recent(str(entry.body["person_id"]))
        if account is None or account.is_disabled:
            raise BadToken
        if account.generation != entry.body["session_generation"]:
            raise BadToken
        return account

    def _pair(self, account: Account, family: str, now: datetime) -> Pair:
        refresh_token = f"cwr_{secrets.token_urlsafe(32)}"
        body = {"family": family, "used_at": None}
        self._register.put(Entry(RENEWAL, digest(refresh_token), body, now, now))
        permissions = names(PERMISSIONS[account.role])
        claims = {
            "sub": account.person_id,
            "email": account.email,
            "iat": now,
            "exp": now + LASTS,
            "jti": uuid.uuid4().hex,
            "family": family,
            "permissions": permissions,
        }
        token = jwt.encode(claims, self._key, ALGORITHM)
        return Pair(token, refresh_token, account.person, tuple(permissions))

    def _prune(self, now: datetime) -> None:
        for kind in (FAMILY, RENEWAL):
            old = EntryQuery(kind, before=now - RENEWABLE, limit=PRUNED_AT_ONCE)
            for entry in self._register.find(old):
                self._register.delete(kind, entry.key)
