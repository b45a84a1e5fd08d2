"""Who is looking at a page or has opened a socket of one."""

from __future__ import annotations

from flask import Request

from access.nearness import is_from_here
from access.roles import LOCAL, Person
from console.cookies import kept
from services import Services


class Gate:
    """Tells who asks, by their session cookie, or as somebody at this machine in local mode."""

    def __init__(self, services: Services) -> None:
        self._local_mode = services.settings.local_mode
        self._sessions = services.entrance.sessions

    def person_of(self, asked: Request) -> Person | None:
        """Who sends the request of this context; None when nobody has signed in.

        StorageError when the register cannot say. It may take as long as that: not for the loop.
        """
        secret = kept()
        person = self._sessions.person_of(secret) if secret else None
        if person is None and self._local_mode and is_from_here(asked):
            return LOCAL
        return person
