"""The socket of one live call, as `stream` and `relay` use it. On the event loop only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from agents.schema import Transport
from transports.bridge import Receive, Send
from transports.socket_protocol import Fast, Sink

log = logging.getLogger(__name__)

# How long the first message that counts may take, and the peer to read what waits for it.
CLAIM_MOST_S = 10.0
SEND_MOST_S = 5.0


class SocketGone(OSError):
    """The socket is closed: nothing can be sent any more."""


class LiveSocket(Protocol):
    """An accepted socket whose call is not proven yet: `claim` does that.

    One reader, one writer. Whoever serves it returns when it is done; the door closes it then.
    """

    @property
    def is_moving(self) -> bool:
        """The process is about to end: what would be said next is left to `/voice-resume`."""

    @property
    def closed_with(self) -> int | None:
        """The other side's code, once it has closed; 1006 when it just went (RFC 6455, 7.1.5)."""

    def on_move(self, tell: Callable[[], None]) -> None:
        """Call `tell`, once, when `is_moving` becomes true; at once when it is already."""

    def claim(self, carrier_id: str, token: str) -> None:
        """Prove that this is the socket of that call, as the first message has it.

        BadToken, saying why, for one that is forged, of another call or door, too old, used
        before, or whose call has an open socket here, which goes on undisturbed. The carrier may
        open a relay's socket again with its token when it was lost a minute ago at most. A socket
        that claims nothing within 10 s is closed.
        """

    async def receive(self) -> str | bytes | None:
        """The next message; None once the socket is closed, by either side, whenever asked."""

    async def send(self, text: str) -> None:
        """Send a message. SocketGone when it is closed, or the peer has not read for 5 s."""

    async def close(self, code: int = 1000) -> None:
        """Close. What was sent before goes out first. Safe to call twice; never raises."""


class AsgiSocket:
    """A `LiveSocket` over ASGI. It keeps no timer: `looks` is called now and then."""

    __slots__ = (
        "_abort",
        "_claim",
        "_fast",
        "_is_closed",
        "_loop",
        "_on_move",
        "_opened_at",
        "_receive",
        "_send",
        "_sending_since",
        "carrier_id",
        "closed_with",
        "is_lost",
        "is_moving",
        "token",
        "transport",
    )

    def __init__(
        self,
        transport: Transport,
        receive: Receive,
        send: Send,
        claim: Callable[[AsgiSocket, str, str], None],
        abort: Callable[[], None],
        fast: Fast | None = None,
    ) -> None:
        """`fast`: the short ways of the server, when it has any."""
        self.transport = transport
        self.carrier_id = ""  # of the call, once it is proven
        self.token = ""  # which proved it
        self.is_lost = False  # the other side has closed it, or nobody
        self.closed_with: int | None = None
        self.is_moving = False
        self._receive = receive
        self._send = send
        self._claim = claim
        self._abort = abort
        self._fast = fast
        self._loop = asyncio.get_running_loop()
        self._opened_at = self._loop.time()
        self._sending_since: float | None = None
        self._is_closed = False
        self._on_move: list[Callable[[], None]] = []

    def on_move(self, tell: Callable[[], None]) -> None:
        """See `LiveSocket`."""
        if self.is_moving:
            tell()
        else:
            self._on_move.append(tell)

    def move(self) -> None:
        """Tell whoever serves it that the call is to go on elsewhere."""
        if not self.is_moving:
            self.is_moving = True
            for tell in self._on_move:
                tell()

    def claim(self, carrier_id: str, token: str) -> None:
        """See `LiveSocket`."""
        self._claim(self, carrier_id, token)

    def tell(self, sink: Sink) -> bool:
        """Have messages told to `sink` as they come, not by `receive`, which then only tells the
        end. False: this server cannot."""
        if self._fast is not None:
            self._fast.tell(sink)
        return self._fast is not None

    def write(self, text: str) -> bool:
        """Send a message at once. False, with nothing sent: only `send` can."""
        return self._fast is not None and not self._is_closed and self._fast.write(text)

    async def receive(self) -> str | bytes | None:
        """See `LiveSocket`."""
        if self._is_closed:
            return None
        message = await self._receive()
        if message["type"] == "websocket.receive":
            text: str | None = message.get("text")
            return text if text is not None else bytes(message.get("bytes") or b"")
        self._is_closed = self.is_lost = True
        self.closed_with = message.get("code")
        return None

    async def send(self, text: str) -> None:
        """See `LiveSocket`."""
        if self._is_closed:
            raise SocketGone("the socket is closed")
        self._sending_since = self._loop.time()
        try:
            await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError) as error:  # ASGI: it was closed meanwhile
            self._is_closed = self.is_lost = True
            raise SocketGone("the socket is gone") from error
        finally:
            self._sending_since = None

    async def close(self, code: int = 1000) -> None:
        """See `LiveSocket`."""
        if self._is_closed:
            return
        self._is_closed = True
        self._sending_since = self._loop.time()
        try:
            await self._send({"type": "websocket.close", "code": code})
        except (OSError, RuntimeError):
            return  # gone already
        finally:
            self._sending_since = None

    def looks(self, now: float) -> None:
        """Cut off a peer that does not read, or says no call. `now` is the time of the loop."""
        waiting_since = self._sending_since
        if waiting_since is not None and now - waiting_since > SEND_MOST_S:
            log.warning("a socket is cut off", extra={"reason": "it does not read"})
            self._abort()
        elif not self.carrier_id and now - self._opened_at > CLAIM_MOST_S:
            log.warning("a socket is cut off", extra={"reason": "it says no call"})
            self._abort()
