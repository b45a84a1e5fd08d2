"""A call whose sound comes over a socket of ours: heard, answered and spoken here."""

from __future__ import annotations

from providers.telephony.base import StreamWire
from transports.duplex import Desk, LiveSocket


async def serve(socket: LiveSocket, desk: Desk, wire: StreamWire) -> None:
    """Lead the call of a socket that was let in, until either side has done with it.

    The first message names the call and proves it (`desk.check`). Returns with the socket closed.
    """
