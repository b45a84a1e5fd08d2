"""Tokens that an administrator makes for programs: shown once, kept as a digest, with scopes."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from access.bearer import BadToken, Bearer
from access.keys import digest
from access.people import People
from access.recent import Recent
from access.roles import LOCAL, Person, Role
from access.scopes import PERMISSIONS, Scope, named, names
from storage.base import StorageError
from storage.register import Entry, EntryQuery, Register

KIND = "api_token"
PREFIX = "cw_"
NAME_MOST = 60
TOKENS_MOST = 1_000
# When a token was last used is written once in this time: not at every request.
USE_NOTED_EVERY = timedelta(minutes=5)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is known of a token, which is not the token."""

    token_id: str
    name: str
    scopes: frozenset[Scope]
    owner_id: str
    owner: str  # e-mail, or what they are called
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    is_revoked: bool

    @property
    def prefix(self) -> str:
        """How the token begins, by which its holder knows it."""
        return f"{PREFIX}{self.token_id}_"


class ApiTokens:
    """Makes, reads and revokes tokens. Safe for use from many threads."""

    def __init__(self, register: Register, people: People, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._people = people
        self._clock = clock
        self._recent = Recent(lambda token_id: register.get(KIND, token_id))
        self._noted: dict[str, datetime] = {}

    def make(
        self, owner: Person, name: str, scopes: Iterable[Scope], lasts: timedelta | None
    ) -> tuple[ApiToken, str]:
        """A new token; its text is known now and never again. None: it does not expire."""
        now = self._clock()
        token_id = secrets.token_hex(6)
        text = f"{PREFIX}{token_id}_{secrets.token_urlsafe(32)}"
        body = {
            "name": " ".join(name.split())[:NAME_MOST],
            "hash": digest(text),
            "scopes": names(scopes),
            "owner_id": owner.person_id,
            "owner": owner.email or owner.name,
            "expires_at": (now + lasts).isoformat() if lasts else None,
            "last_used_at": None,
            "is_revoked": False,
        }
        return _token(self._register.put(Entry(KIND, token_id, body, now, now))), text

    def all(self) -> Sequence[ApiToken]:
        """Every token, the newest first."""
        return [_token(entry) for entry in self._register.find(EntryQuery(KIND, limit=TOKENS_MOST))]

    def load(self, token_id: str) -> ApiToken | None:
        """A token by its id."""
        entry = self._register.get(KIND, token_id)
        return None if entry is None else _token(entry)

    def revoke(self, token_id: str) -> None:
        """From now on, and in other processes seconds later, the token opens nothing."""
        entry = self._register.get(KIND, token_id)
        if entry is not None:
            now = self._clock()
            self._register.put(
                replace(entry, body={**entry.body, "is_revoked": True}, updated_at=now)
            )
            self._recent.forget(token_id)

    def read(self, text: str) -> Bearer:
        """What a token allows: its scopes, as far as its owner still may. BadToken when nothing."""
        token_id = text.removeprefix(PREFIX).partition("_")[0]
        # As much as an id has: what is longer is no key of ours.
        entry = self._recent.get(token_id[:32]) if text.startswith(PREFIX) else None
        if entry is None or not secrets.compare_digest(str(entry.body["hash"]), digest(text)):
            raise BadToken
        token = _token(entry)
        now = self._clock()
        if token.is_revoked or (token.expires_at is not None and token.expires_at <= now):
            raise BadToken
        role = self._owners_role(token)
        self._note_use(token, now)
        person = Person(f"token-{token.token_id}", "", f"{token.name} ({token.prefix}…)", role)
        return Bearer(person, token.scopes & PERMISSIONS[role])

    def _owners_role(self, token: ApiToken) -> Role:
        if token.owner_id == LOCAL.person_id:
            return LOCAL.role
        owner = self._people.recent(token.owner_id)
        if owner is None or owner.is_disabled:
            raise BadToken
        return owner.role

    def _note_use(self, token: ApiToken, now: datetime) -> None:
        known = (token.last_used_at, self._noted.get(token.token_id))
        if any(last is not None and now - last < USE_NOTED_EVERY for last in known):
            return
        self._noted[token.token_id] = now
        try:
            entry = self._register.get(KIND, token.token_id)
            if entry is not None:
                body = {**entry.body, "last_used_at": now.isoformat()}
                self._register.put(replace(entry, body=body, updated_at=now))
        except StorageError:  # another process noted it, or the register is away: the next does
            log.debug("use of a token is not noted", extra={"token_id": token.token_id})


def _token(entry: Entry) -> ApiToken:
    body = entry.body
    scopes = body["scopes"]
    return ApiToken(
        token_id=entry.key,
        name=str(body["name"]),
        scopes=named(scopes if isinstance(scopes, list) else ()),
        owner_id=str(body["owner_id"]),
        owner=str(body["owner"]),
        created_at=entry.created_at,
        expires_at=_moment(body["expires_at"]),
        last_used_at=_moment(body["last_used_at"]),
        is_revoked=bool(body["is_revoked"]),
    )


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
