"""The door of calls whose carrier hears and speaks: words come in and go out over a socket."""

from __future__ import annotations

from transports.duplex import Desk
from transports.live_socket import LiveSocket


async def serve(socket: LiveSocket, desk: Desk) -> None:
    """One call, from the carrier's first message to the end of the socket. Never raises."""
    raise NotImplementedError
