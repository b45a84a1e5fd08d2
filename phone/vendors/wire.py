"""The least of an HTTP/1.1 server that a vendor's wire needs. Lean: a benchmark pays for it."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import cast

JSON = "application/json"

# Below those that the kernel gives to outgoing connections, so that a port which is given up for a
# while can be had again.
_PORTS = (20_000, 32_000)
_PORT_TRIES = 200
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LINGER_NOT = struct.pack("ii", 1, 0)


class Asked:
    """One request, and the ways to answer it."""

    __slots__ = ("_head", "_transport", "body", "method", "path", "query")

    def __init__(self, transport: asyncio.Transport, head: bytes, body: bytes) -> None:
        self._transport = transport
        self._head = head
        self.body = body
        line = head[: head.find(b"\r\n")].decode("latin-1").split(" ")
        self.method = line[0]
        self.path, _, self.query = (line[1] if len(line) > 1 else "").partition("?")

    def header(self, name: str) -> str:
        """The value of a header, named in lower case; "" when it did not come."""
        for line in self._head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode("latin-1").lower() == name:
                return value.decode("latin-1").strip()
        return ""

    def send(self, status: int, body: bytes, kind: str = JSON) -> None:
        """The whole answer."""
        head = _head(status, kind)
        self._transport.write(b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body))

    def begin(self, kind: str, headers: Mapping[str, str]) -> None:
        """The head of an answer whose body comes in pieces."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
        head = _head(200, kind) + lines
        self._transport.write(head + b"transfer-encoding: chunked\r\n\r\n")

    def piece(self, data: bytes) -> None:
        """A piece of that body."""
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        """The end of that body."""
        self._transport.write(b"0\r\n\r\n")

    def switch(self, headers: Mapping[str, str]) -> asyncio.Transport:
        """Agree to another protocol; the connection, which is the caller's from now on."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._transport.write(f"HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n".encode())
        return self._transport

    def cut(self) -> None:
        """Hang up in the middle."""
        self._transport.close()

    def reset(self) -> None:
        """Have the connection reset, as by a machine that knows nothing of it."""
        reset(self._transport)


Handler = Callable[[Asked], Awaitable[None]]


class Listener:
    """A port that is answered. It can be given up and taken again; its connections then break."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self.port = port  # 0 until it is open: any
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._transports: set[asyncio.Transport] = set()

    @property
    def address(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen. OSError when the port is taken."""
        if self._server is not None:
            return
        for _ in range(1 if self.port else _PORT_TRIES):
            port = self.port or random.randint(*_PORTS)
            try:
                self._server = await self._listen(port)
            except OSError:
                continue
            self.port = port
            return
        raise OSError(f"no port could be had (wanted: {self.port or 'any'})")

    def close(self) -> None:
        """Refuse connections, and break those that there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in tuple(self._transports):
            reset(transport)

    async def _listen(self, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: _Connection(self._handler, self._transports), "127.0.0.1", port, backlog=2048
        )


class _Connection(asyncio.Protocol):
    """One connection that is kept open; one request at a time."""

    def __init__(self, handler: Handler, transports: set[asyncio.Transport]) -> None:
        self._handler = handler
        self._transports = transports
        self._transport: asyncio.Transport
        self._received = b""
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass
        self._transports.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transports.discard(self._transport)
        if self._answering is not None:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._answering is None:
            self._next()

    def _next(self) -> None:
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _LENGTH.search(self._received, 0, head_end)
        end = head_end + 4 + (int(length[1]) if length else 0)
        if len(self._received) < end:
            return
        asked = Asked(
            self._transport, self._received[:head_end], self._received[head_end + 4 : end]
        )
        self._received = self._received[end:]
        self._answering = asyncio.create_task(self._answer(asked))

    async def _answer(self, asked: Asked) -> None:
        await self._handler(asked)
        self._answering = None
        if self._received:
            self._next()


def reset(transport: asyncio.Transport) -> None:
    """End a connection with RST instead of FIN."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        # uvloop's socket object takes no options: the same file descriptor in one of our own.
        own = socket.socket(fileno=connection.fileno())
        try:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        finally:
            own.detach()
    transport.abort()


def _head(status: int, kind: str) -> bytes:
    phrase = HTTPStatus(status).phrase
    return f"HTTP/1.1 {status} {phrase}\r\ncontent-type: {kind}\r\n".encode()
