"""The server's side of a websocket (RFC 6455), for vendors that are spoken to over one. Lean."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha1

from phone.vendors.wire import Asked, reset

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
_FIN = 0x80
_CONTINUED, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_MASKED = 0x80
MESSAGE_MOST_BYTES = 1 << 20
NORMAL, TOO_BIG = 1000, 1009


class Socket(asyncio.Protocol):
    """One that was opened. Whoever has it sets what is called with what comes in."""

    def __init__(self) -> None:
        self.on_bytes: Callable[[bytes], None] = _ignored
        self.on_text: Callable[[bytes], None] = _ignored
        self.on_lost: Callable[[], None] = _nothing
        self._transport: asyncio.Transport | None = None
        self._former: asyncio.BaseProtocol | None = None  # which keeps count of connections
        self._received = b""
        self._parts: list[bytes] = []  # of a message in several frames
        self._kind = _TEXT

    def begin(self, transport: asyncio.Transport) -> None:
        """Take over the connection from whoever has read the request."""
        self._former = transport.get_protocol()
        self._transport = transport
        transport.set_protocol(self)

    def send(self, text: bytes) -> None:
        """A text message. Nothing happens when the connection is gone."""
        self._send(_TEXT, text)

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """End it in order."""
        self._send(_CLOSE, code.to_bytes(2, "big") + reason.encode())
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def reset(self) -> None:
        """End it as a machine that breaks down does."""
        transport, self._transport = self._transport, None
        if transport is not None:
            reset(transport)

    def stop_reading(self) -> None:
        """Take nothing of what comes from now on."""
        if self._transport is not None:
            self._transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        at = 0
        while self._transport is not None and (frame := _frame(received, at)) is not None:
            start, end = frame
            self._take(received[at], _unmasked(received[start:end], received[start - 4 : start]))
            at = end
        self._received = received[at:]
        if len(self._received) > MESSAGE_MOST_BYTES:
            self.close(TOO_BIG)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._former is not None:
            self._former.connection_lost(exc)
        self.on_lost()

    def _take(self, first: int, payload: bytes) -> None:
        kind = first & 0x0F
        if kind in (_TEXT, _BINARY, _CONTINUED):
            if kind != _CONTINUED:
                self._kind = kind
            if not first & _FIN or self._parts:
                self._parts.append(payload)
                if not first & _FIN:
                    return
                payload = b"".join(self._parts)
                self._parts.clear()
            (self.on_bytes if self._kind == _BINARY else self.on_text)(payload)
        elif kind == _PING:
            self._send(_PONG, payload)
        elif kind == _CLOSE:
            code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else NORMAL
            self.close(code)

    def _send(self, kind: int, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        size = len(payload)
        if size < 126:
            head = bytes((_FIN | kind, size))
        elif size < 1 << 16:
            head = bytes((_FIN | kind, 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((_FIN | kind, 127)) + size.to_bytes(8, "big")
        self._transport.write(head + payload)


def is_upgrade(asked: Asked) -> bool:
    """Whether the request asks for a websocket."""
    return asked.header("upgrade").lower() == "websocket" and bool(
        asked.header("sec-websocket-key")
    )


def opened(asked: Asked) -> Socket:
    """The socket that the request asks for, answered with 101."""
    digest = sha1(asked.header("sec-websocket-key").encode() + _MAGIC, usedforsecurity=False)
    accept = b64encode(digest.digest()).decode()
    headers = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": accept}
    socket = Socket()
    socket.begin(asked.switch(headers))
    return socket


def _frame(received: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` begins and ends; None while it is not all there."""
    if len(received) - at < 6:
        return None
    size = received[at + 1] & ~_MASKED
    start = at + 6
    if size == 126:
        size, start = int.from_bytes(received[at + 2 : at + 4], "big"), at + 8
    elif size == 127:
        size, start = int.from_bytes(received[at + 2 : at + 10], "big"), at + 14
    return (start, start + size) if len(received) >= start + size else None


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    whole = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(size, "big")


def _ignored(data: bytes) -> None:
    pass


def _nothing() -> None:
    pass
