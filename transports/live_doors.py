"""The sockets of live calls, /media and /relay: who may open one, how many, until when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from agents.schema import Transport
from services import Services
from transports.live_socket import LiveSocket

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Serves an accepted socket until its call is over or goes on elsewhere.
Serve = Callable[[LiveSocket, Services], Awaitable[None]]

PATHS = {"/media": Transport.STREAM, "/relay": Transport.RELAY}


class LiveDoors:
    """The doors of one process, from `open` to `close`. On the event loop only."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def has(self, scope: Scope) -> bool:
        """Whether the path is that of a socket of a live call."""
        return scope["path"] in PATHS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the carrier in, or answer 403 or 503 in place of opening."""
        raise NotImplementedError

    async def drain(self, seconds: float) -> None:
        """Take no new calls, have the open ones move, and wait for them at most so long."""
        raise NotImplementedError
