"""The door of calls whose carrier hears and speaks: words come in and go out over a socket."""

from __future__ import annotations

from services import Services


async def serve(socket: object, services: Services) -> None:
    """One call, from the carrier's first message to the end of the socket. Never raises."""
    raise NotImplementedError
