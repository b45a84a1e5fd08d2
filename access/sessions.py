"""Sessions of people at the console: begun at sign-in, ended by whoever has the right to."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from access.keys import digest
from access.people import Account, People
from access.recent import Recent
from access.roles import Person
from storage.register import Entry, EntryQuery, Register

KIND = "session"
PRUNED_AT_ONCE = 50


class Sessions:
    """Which sessions there are. The cookie holds a secret, the register only its digest."""

    def __init__(
        self,
        register: Register,
        people: People,
        clock: Callable[[], datetime],
        lasts: timedelta,
    ) -> None:
        self._register = register
        self._people = people
        self._clock = clock
        self._lasts = lasts
        self._recent = Recent(self._load)

    def begin(self, account: Account) -> str:
        """A new session of somebody who proved who they are; the secret that stands for it."""
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        body = {"person_id": account.person_id, "session_generation": account.generation}
        self._register.put(Entry(KIND, digest(secret), body, now, now))
        self._prune(now)
        return secret

    def person_of(self, secret: str) -> Person | None:
        """Whose session it is; None when it has ended, a few seconds ago at least.

        StorageError when the register is away for longer than what was known of it counts.
        """
        entry = self._recent.get(digest(secret))
        if entry is None or self._clock() - entry.created_at >= self._lasts:
            return None
        account = self._people.recent(str(entry.body["person_id"]))
        if account is None or account.is_disabled:
            return None
        if account.generation != entry.body["session_generation"]:
            return None
        return account.person

    def end(self, secret: str) -> None:
        """End a session; nothing when it is none."""
        key = digest(secret)
        self._register.delete(KIND, key)
        self._recent.forget(key)

    def _load(self, key: str) -> Entry | None:
        return self._register.get(KIND, key)

    def _prune(self, now: datetime) -> None:
        for entry in self._register.find(
            EntryQuery(KIND, before=now - self._lasts, limit=PRUNED_AT_ONCE)
        ):
            self._register.delete(KIND, entry.key)
