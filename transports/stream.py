"""A call whose sound comes over a socket of ours: heard, answered and spoken here."""

from __future__ import annotations

from transports.duplex import Desk
from transports.live_socket import LiveSocket


async def serve(socket: LiveSocket, desk: Desk) -> None:
    """Lead the call of a socket that was let in, until either side has done with it.

    The first message names the call and proves it (`LiveSocket.claim`). Never raises.
    """
