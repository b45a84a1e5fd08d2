"""The short way of messages: told whole, whatever bytes come, in whatever pieces."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from transports.socket_protocol import FAST, UNREAD_MOST, SocketProtocol

REQUEST = (
    b"GET /media HTTP/1.1\r\nHost: calls.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(b"k" * 16) + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXTS = ["a", "x" * 125, "y" * 126, "मेरा नाम", "z" * 3000, ""]


class Pipe(asyncio.Transport):
    """What the protocol writes to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False
        self.is_cut_off = False
        self.reads = True

    def get_write_buffer_size(self) -> int:
        """See `Transport`."""
        return 0 if self.reads else len(self.written)

    def abort(self) -> None:
        """See `Transport`."""
        self.is_cut_off = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See `Transport`."""
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def write(self, data: Any) -> None:
        """See `Transport`."""
        self.written += data

    def pause_reading(self) -> None:
        """See `Transport`."""

    def resume_reading(self) -> None:
        """See `Transport`."""

    def is_closing(self) -> bool:
        """See `Transport`."""
        return self.is_closed

    def close(self) -> None:
        """See `Transport`."""
        self.is_closed = True


class Served:
    """A socket whose application has messages told to a list."""

    def __init__(self) -> None:
        self.told: list[str | bytes] = []
        self.fast: Any = None
        config = Config(
            self._serve,
            interface="asgi3",
            ws_per_message_deflate=False,
            ws_max_size=65_536,
            lifespan="off",
        )
        config.load()
        self.pipe = Pipe()
        self.protocol = SocketProtocol(config, ServerState(), {})
        self.protocol.connection_made(self.pipe)
        self.has_ended = asyncio.Event()
        self.is_open = asyncio.Event()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.fast = scope["extensions"][FAST]
        self.fast.tell(self.told.append)
        self.is_open.set()
        message = await receive()
        assert message["type"] == "websocket.disconnect"
        self.has_ended.set()

    async def open(self) -> None:
        """Send the request and wait until it is accepted."""
        self.protocol.data_received(REQUEST)
        await asyncio.wait_for(self.is_open.wait(), 20)
        self.pipe.written = b""


def run(test: Callable[[Served], Any]) -> None:
    async def whole() -> None:
        served = Served()
        await served.open()
        await asyncio.wait_for(test(served), 20)
        if not served.has_ended.is_set():
            served.protocol.connection_lost(None)
            await asyncio.wait_for(served.has_ended.wait(), 20)

    asyncio.run(whole())


def text(said: str) -> bytes:
    return Frame(Opcode.TEXT, said.encode()).serialize(mask=True)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 128, 10**6])
def test_messages_come_whole_in_whatever_pieces(size: int) -> None:
    async def test(served: Served) -> None:
        data = b"".join(text(said) for said in TEXTS)
        for at in range(0, len(data), size):
            served.protocol.data_received(data[at : at + size])

        assert served.told == TEXTS

    run(test)


def test_pings_between_messages_are_answered() -> None:
    async def test(served: Served) -> None:
        ping = Frame(Opcode.PING, b"are you there").serialize(mask=True)
        served.protocol.data_received(text("one") + ping + text("two"))

        assert served.told == ["one", "two"]
        assert served.pipe.written == Frame(Opcode.PONG, b"are you there").serialize(mask=False)

    run(test)


@pytest.mark.parametrize("reads", [True, False])
def test_who_pings_and_does_not_read_the_answers_is_cut_off(reads: bool) -> None:
    async def test(served: Served) -> None:
        served.pipe.reads = reads
        if not reads:
            served.protocol.pause_writing()
        ping = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)
        pings = UNREAD_MOST // 125 + 1
        for _ in range(pings // 100 + 1):
            served.protocol.data_received(ping * 100)

        assert served.pipe.is_cut_off is not reads

    run(test)


def test_a_message_in_fragments_is_put_together() -> None:
    async def test(served: Served) -> None:
        first = Frame(Opcode.TEXT, b"in ", fin=False).serialize(mask=True)
        last = Frame(Opcode.CONT, b"parts", fin=True).serialize(mask=True)
        served.protocol.data_received(text("whole") + first)
        served.protocol.data_received(last + text("and on"))

        assert served.told == ["whole", "in parts", "and on"]

    run(test)


def test_binary_messages_are_told_as_such() -> None:
    async def test(served: Served) -> None:
        served.protocol.data_received(Frame(Opcode.BINARY, b"\x00\x01").serialize(mask=True))
        served.protocol.data_received(text("after"))

        assert served.told == [b"\x00\x01", "after"]

    run(test)


def test_the_end_is_told_by_receive() -> None:
    async def test(served: Served) -> None:
        close = Frame(Opcode.CLOSE, (1000).to_bytes(2, "big")).serialize(mask=True)
        served.protocol.data_received(text("last") + close)
        await served.has_ended.wait()

        assert served.told == ["last"]

    run(test)


@pytest.mark.parametrize(
    "data",
    [
        Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True),  # no UTF-8
        Frame(Opcode.TEXT, b"no mask").serialize(mask=False),
        Frame(Opcode.TEXT, b"x" * 70_000).serialize(mask=True),
        b"\xf1\x80\x00\x00\x00\x00",  # reserved bits
        b"\x83\x80\x00\x00\x00\x00",  # no such opcode
        b"\xff" * 2000,
    ],
    ids=["not UTF-8", "not masked", "too long", "reserved", "unknown", "noise"],
)
def test_what_breaks_the_protocol_is_not_told(data: bytes) -> None:
    async def test(served: Served) -> None:
        served.protocol.data_received(text("before"))
        served.protocol.data_received(data)

        assert served.told == ["before"]

    run(test)


def test_a_text_is_written_at_once_while_the_socket_is_open() -> None:
    async def test(served: Served) -> None:
        assert served.fast.write("at once")
        assert served.pipe.written == Frame(Opcode.TEXT, b"at once").serialize(mask=False)

        served.protocol.pause_writing()
        assert not served.fast.write("not now")
        served.protocol.resume_writing()
        served.protocol.connection_lost(None)
        assert not served.fast.write("not any more")

    run(test)
