"""A peer that connects and does not come to say what it wants: it is cut off, others are not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from tests.transports.far_end import run, skip
from transports.request_protocol import HEAD_MOST_BYTES, HEAD_MOST_S, RequestProtocol

HEAD = b"GET /health/live HTTP/1.1\r\nHost: calls.example\r\n"


class Pipe(asyncio.Transport):
    """What the protocol writes to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_cut_off = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See `Transport`."""
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def write(self, data: Any) -> None:
        """See `Transport`."""
        self.written += data

    def is_closing(self) -> bool:
        """See `Transport`."""
        return self.is_cut_off

    def abort(self) -> None:
        """See `Transport`."""
        self.is_cut_off = True

    def pause_reading(self) -> None:
        """See `Transport`."""

    def resume_reading(self) -> None:
        """See `Transport`."""

    def close(self) -> None:
        """See `Transport`."""


class Met:
    """A peer that has just connected."""

    def __init__(self) -> None:
        config = Config(self._serve, interface="asgi3", lifespan="off", timeout_keep_alive=75)
        config.load()
        self.pipe = Pipe()
        self.protocol = RequestProtocol(config, ServerState(), {})
        self.protocol.connection_made(self.pipe)
        self.sends = self.protocol.data_received

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(20):
            while not holds():
                await asyncio.sleep(0)

    async def is_answered(self, times: int = 1) -> None:
        """Wait until that is so."""
        await self.until(lambda: self.pipe.written.count(b"HTTP/1.1 204") == times)


@pytest.mark.parametrize(
    "said", [[], [b"GET /vo"], [HEAD], [HEAD, b"X: y\r\n"], [HEAD + b"\r\n", HEAD]]
)
def test_a_request_that_does_not_come_whole_is_not_waited_for(said: list[bytes]) -> None:
    async def test() -> None:
        met = Met()
        for number, piece in enumerate(said, 1):
            met.sends(piece)
            if piece.endswith(b"\r\n\r\n"):
                await met.is_answered(number)
        skip(HEAD_MOST_S + 1)
        await met.until(lambda: met.pipe.is_cut_off)

    run(test())


def test_a_head_without_an_end_does_not_fill_the_memory() -> None:
    async def test() -> None:
        met = Met()
        met.sends(HEAD + b"X: ")
        sent = 0
        while not met.pipe.is_cut_off:
            assert sent <= HEAD_MOST_BYTES
            met.sends(b"y" * 1000)
            sent += 1000

    run(test())


def test_a_body_may_be_longer_and_take_longer_than_a_head() -> None:
    async def test() -> None:
        met = Met()
        size = 3 * HEAD_MOST_BYTES
        head = HEAD.replace(b"GET", b"POST") + b"Content-Length: %d\r\n\r\n" % size
        met.sends(head + b"y" * (size - 1))
        skip(HEAD_MOST_S + 1)
        for _ in range(3):
            await asyncio.sleep(0)
        assert not met.pipe.is_cut_off
        met.sends(b"y")
        await met.is_answered()

    run(test())


def test_a_connection_that_is_kept_for_later_stays() -> None:
    async def test() -> None:
        met = Met()
        for times in (1, 2, 3):
            met.sends(HEAD + b"\r\n")
            await met.is_answered(times)
            skip(HEAD_MOST_S + 1)
            for _ in range(3):
                await asyncio.sleep(0)
        assert not met.pipe.is_cut_off

    run(test())
