"""A vendor at the other end of a socket, by a library that our own side does not use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from providers.stt.base import HearingEvent
from settings import Settings, read_settings

Behaviour = Callable[[ServerConnection], Awaitable[None]]
LIMIT_S = 10.0


class Peer:
    """What one socket saw, and how it behaves."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour
        self.refusal: tuple[int, str] | None = None  # status and body instead of a socket
        self.refuses: Callable[[str], bool] = lambda path: True
        self.received: list[str | bytes] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.close_code: int | None = None
        self.address = ""

    def settings(self, **more: str) -> Settings:
        """Those of a server whose recognisers are here."""
        return read_settings(
            {
                "DEEPGRAM_API_KEY": "dg-key",
                "DEEPGRAM_BASE_URL": self.address,
                "ELEVENLABS_API_KEY": "el-key",
                "ELEVENLABS_BASE_URL": self.address,
                **more,
            }
        )

    async def serve(self, socket: ServerConnection) -> None:
        if self.behaviour is not None:
            await self.behaviour(socket)
        async for message in socket:
            self.received.append(message)
        self.close_code = socket.close_code

    def refuse(self, socket: ServerConnection, request: Request) -> Response | None:
        self.paths.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if self.refusal is None or not self.refuses(request.path):
            return None
        status, body = self.refusal
        return socket.respond(HTTPStatus(status), body)


@asynccontextmanager
async def listening_at(peer: Peer) -> AsyncIterator[Peer]:
    """The peer, while it listens."""
    async with serve(peer.serve, "127.0.0.1", 0, process_request=peer.refuse) as server:
        peer.address = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield peer


class Told:
    """What a recognition told."""

    def __init__(self) -> None:
        self.events: list[HearingEvent] = []

    def __call__(self, event: HearingEvent) -> None:
        self.events.append(event)


async def until(holds: Callable[[], object]) -> None:
    """Go on as soon as it holds; fails when that takes too long."""
    async with asyncio.timeout(LIMIT_S):
        while not holds():
            await asyncio.sleep(0.005)


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test on a loop of its own."""
    asyncio.run(test)
