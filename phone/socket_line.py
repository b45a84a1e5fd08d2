"""The carrier's end of a line over a websocket: how it is opened and closed, breaks and hangs.

Not here: what is said over it. Everything happens on the event loop that opened it; many lines may
share one.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import picows
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from phone.faults import SocketFault
from phone.weather import Moment, Weather
from phone.webhook import Handshake

OPEN_S = 10.0  # of the clock: longer, and the carrier gives up (31901)
CLOSE_S = 1.0


class SocketLine(WSListener, ABC):
    """One line, over one socket at a time. `open` it, until `is_over`; `stop` hangs up."""

    goodbye: ClassVar[bytes | None] = None  # why the carrier closes when the caller has hung up

    def __init__(self, handshake: Handshake, weather: Weather) -> None:
        self.handshake = handshake
        self.weather = weather
        self.fault: SocketFault | None = None  # why it ended, when it should not have
        self.closed_with: int | None = None  # the server's last code; None: open, or no close
        self.is_over = False
        self.is_frozen = False
        self.on_end: Callable[[], None] | None = None  # told that it is over, whoever ended it
        self._transport: WSTransport | None = None
        self._parts = b""  # of a message that comes in several frames
        self._moments = 0
        self._loop: asyncio.AbstractEventLoop

    @abstractmethod
    async def open(self) -> None:
        """Connect, and say what comes first. SocketFault when refused."""

    def stop(self) -> None:
        """The caller hangs up, and the carrier closes. Safe to call twice."""
        if self.is_over:
            return
        if self.is_frozen:
            self._abort()
        else:
            self._close(WSCloseCode.OK, self.goodbye)
        self._end()

    async def wait_closed(self) -> None:
        """Return when the socket is closed, or should have been long ago."""
        if self._transport is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._transport.wait_disconnected()

    def drop(self) -> None:
        """The connection breaks without a word."""
        self._abort()

    def freeze(self) -> None:
        """Nothing goes through any more, and the connection stays open for a while."""
        if self._transport is not None and not self.is_frozen:
            self.is_frozen = True
            self._transport.underlying_transport.pause_reading()
            self._loop.call_later(self.weather.frozen_most_s, self.drop)

    # What the socket tells

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The socket is open. A server may close it before anything is said."""
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame of the server."""
        if self.is_over or transport is not self._transport:
            return
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.CONTINUATION | WSMsgType.BINARY:
                self._parts += frame.get_payload_as_bytes()
                if frame.fin:
                    message, self._parts = self._parts, b""
                    self._takes(message)
            case WSMsgType.CLOSE:
                self._closed(int(frame.get_close_code().value or 1005))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """That socket is closed, by whomever."""
        if not self.is_over and transport is self._transport:
            self._lost()

    # What a line makes of it

    @abstractmethod
    def _takes(self, message: bytes) -> None:
        """A whole message of the server."""

    @abstractmethod
    def _lost(self) -> None:
        """There is no connection any more."""

    def _closed(self, code: int) -> None:
        """The server closes."""
        self.closed_with = code
        self._close(WSCloseCode.OK)

    def _end(self, fault: SocketFault | None = None) -> None:
        """The line is over. Safe to call twice."""
        if self.is_over:
            return
        self.is_over = True
        self.fault = fault
        if self.on_end is not None:
            self.on_end()

    # What it does

    async def _connect(self) -> None:
        """Open a socket. TimeoutError, OSError, picows.WSError."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.timeout(OPEN_S):
            await picows.ws_connect(
                lambda: self,
                self.handshake.url,
                extra_headers=dict(self.handshake.headers),
                max_redirects=0,
                websocket_handshake_timeout=OPEN_S,
            )

    @property
    def _way_out(self) -> WSTransport | None:
        """What messages go through; None while they do not."""
        return None if self.is_over or self.is_frozen else self._transport

    def _send(self, message: str) -> None:
        if (way_out := self._way_out) is not None:
            with contextlib.suppress(ConnectionError):  # `_lost` follows
                way_out.send(WSMsgType.TEXT, message.encode())

    def _close(self, code: WSCloseCode, reason: bytes | None = None) -> None:
        if self._transport is not None:
            self._transport.send_close(code, reason)
            self._transport.disconnect()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.underlying_transport.abort()

    def _came(self, moment: Moment) -> None:
        """The weather may have something to happen now."""
        if moment not in (self.weather.drops, self.weather.freezes):
            return
        self._moments += 1
        if self._moments == self.weather.times:
            if moment is self.weather.drops:
                self.drop()
            else:
                self.freeze()
