"""Who is looking at a page or has opened a socket of one."""

from __future__ import annotations

from flask import Request

from access.nearness import is_from_here
from access.roles import LOCAL, Person
from services import Services


class Gate:
    """Tells who asks, by their session cookie, or as somebody at this machine in local mode."""

    def __init__(self, services: Services) -> None:
        self._local_mode = services.settings.local_mode

    def person_of(self, asked: Request) -> Person | None:
        """Who sends this request; None when nobody has signed in."""
        if self._local_mode and is_from_here(asked):
            return LOCAL
        return None
