"""The socket of one live call, as `stream` and `relay` use it. On the event loop only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class LiveSocket(Protocol):
    """An accepted socket whose call is not proven yet: `claim` does that.

    One reader, one writer. Whoever serves it returns when it is done; the door closes it then.
    """

    @property
    def is_moving(self) -> bool:
        """The process is about to end: what would be said next is left to `/voice-resume`."""

    def on_move(self, tell: Callable[[], None]) -> None:
        """Call `tell`, once, when `is_moving` becomes true; at once when it is already."""

    def claim(self, carrier_id: str, token: str) -> None:
        """Prove that this is the socket of that call, as the first message has it.

        BadToken, saying why, for one that is forged, of another call or door, too old, used
        before, or whose call has an open socket here, which goes on undisturbed. A socket that
        claims nothing within 10 s is closed.
        """

    async def receive(self) -> str | bytes | None:
        """The next message; None once the socket is closed, by either side, whenever asked."""

    async def send(self, text: str) -> None:
        """Send a message. SocketGone when it is closed, or the peer has not read for 5 s."""

    async def close(self, code: int = 1000) -> None:
        """Close. What was sent before goes out first. Safe to call twice; never raises."""


class SocketGone(OSError):
    """The socket is closed: nothing can be sent any more."""
