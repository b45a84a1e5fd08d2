"""ASGI root of a process: sockets and clips on the event loop, all else to the Flask app.

Not here: how many processes there are and where they listen (`gunicorn.conf.py`).
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from flask import Flask

from agents.loader import AgentFileError
from app import BODY_MOST_BYTES, create_app, services_of
from calls.prices import PricesError
from console.doors import Doors
from console.first_run import announce
from phone.vendors.stand_ins import stand_ins
from settings import Settings, SettingsError, load_settings
from storage.base import StorageError
from transports.bridge import Bridge, Receive, Scope, Send
from transports.clips import Clips, is_clip
from transports.handshake import refuse
from transports.live_doors import LiveDoors
from transports.spooling import Spooling

log = logging.getLogger(__name__)

# Makes the application of the settings, and of those of who hears and speaks in live calls.
OpenApp = Callable[[Settings, Settings], AbstractContextManager[WSGIApplication]]
# The sockets of live calls; None for an application that has none.
OpenLive = Callable[[WSGIApplication], LiveDoors | None]

# The carrier's forms are 1-2 KB.
SMALL_BODY_BYTES = 64 * 1024
# How long a body may take to arrive. The carrier sends its own at once, and waits 15 s in all.
BODY_MOST_S = 10.0
# Larger bodies that are read at once: they, and no more, can fill the memory.
LARGE_BODIES_MOST = 16

_FORM = b"application/x-www-form-urlencoded"


class Server:
    """Everything that one process serves. The application lives from startup to shutdown.

    A body is read on the loop before the application gets a thread: whoever sends one slowly, or
    not to its end, holds up nobody and is not heard.
    """

    def __init__(
        self,
        open_app: OpenApp,
        body_most_s: float = BODY_MOST_S,
        open_live: OpenLive | None = None,
    ) -> None:
        self._open_app = open_app
        self._open_live = open_live or live_doors_of
        self._body_most_s = body_most_s
        self._large_bodies = asyncio.Semaphore(LARGE_BODIES_MOST)
        self._clips: Clips | None = None
        self._doors: Doors | None = None
        self._live: LiveDoors | None = None
        self._uploads: Spooling | None = None
        self._drain_s = 0.0
        self._forms: Bridge
        self._others: Bridge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._request(scope, receive, send)
            case "websocket" if self._live is not None and self._live.has(scope):
                await self._live(scope, receive, send)
            case "websocket" if self._doors is not None and self._doors.has(scope):
                await self._doors(scope, receive, send)
            case "websocket":
                await receive()  # websocket.connect
                await refuse(scope, send, 404, "No socket is served here.")
            case "lifespan":
                await self._serve(receive, send)

    async def drain(self) -> None:
        """Have live calls go on elsewhere, while everything is still served. At once with none."""
        if self._live is not None:
            await self._live.drain(self._drain_s)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._clips is not None and is_clip(scope):
            await self._clips(scope, receive, send)
            return
        if self._uploads is not None and self._uploads.has(scope):
            await self._uploads(scope, receive, send)
            return
        kind, size = _kind_and_size(scope)
        is_small = size is not None and size <= SMALL_BODY_BYTES
        try:
            async with asyncio.timeout(self._body_most_s):
                async with nullcontext() if is_small else self._large_bodies:
                    body = await _body(receive, size)
        except TimeoutError:
            await _refuse_slow(send)
            return
        if body is None:
            return
        if is_small and scope["method"] == "POST" and kind.startswith(_FORM):
            await self._forms(scope, body, receive, send)
        else:
            await self._others(scope, body, receive, send)

    async def _serve(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        async with AsyncExitStack() as stack:
            try:
                settings = load_settings()
                for_live = await stack.enter_async_context(local_vendors(settings))
                app = stack.enter_context(self._open_app(settings, for_live))
            except (SettingsError, AgentFileError, PricesError, StorageError) as error:
                # The message says what to write; a traceback would hide it.
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            self._clips, self._doors = clips_of(app), doors_of(app)
            self._live, self._drain_s = self._open_live(app), settings.live_drain_s
            self._forms = Bridge(app, settings.web_threads, "form", streams=False)
            stack.callback(self._forms.close)
            self._others = Bridge(app, max(4, settings.web_threads // 4), "other")
            stack.callback(self._others.close)
            folder = Path(settings.data_dir) / "uploads"
            self._uploads = Spooling(self._others, folder, settings.upload_megabytes)
            stack.callback(self._uploads.close)
            # Agents, word lists and modules stay for good: without them a collection in the
            # middle of a turn takes microseconds instead of milliseconds.
            gc.collect()
            gc.freeze()
            if self._live is not None:
                self._live.open()
                stack.callback(self._live.close)
            await send({"type": "lifespan.startup.complete"})
            await receive()  # lifespan.shutdown: every request has been answered
        await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Receive, size: int | None) -> bytes | None:
    """The whole body; None when the client left before its end.

    Of one that the application refuses for its size no more than shows the size: nothing when its
    length was announced. The server holds a body to its Content-Length.
    """
    if size is not None and size > BODY_MOST_BYTES:
        return b""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return bytes(message.get("body", b""))
    body = bytearray()
    while message["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > BODY_MOST_BYTES:
            return bytes(body)
        message = await receive()
    return None


async def _refuse_slow(send: Send) -> None:
    text = b"The body did not arrive in time."
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", b"%d" % len(text)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 408, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _kind_and_size(scope: Scope) -> tuple[bytes, int | None]:
    """Content type and length of the body; None for one in chunks. The server checked them."""
    kind = b""
    size: int | None = 0
    for name, value in scope["headers"]:
        if name == b"content-length":
            size = int(value)
        elif name == b"content-type":
            kind = value
        elif name == b"transfer-encoding":
            size = None
    return kind, size


def clips_of(app: WSGIApplication) -> Clips | None:
    """The clips that the application names in its answers; None when it is not ours."""
    if isinstance(app, Flask) and "callwright" in app.extensions:
        return Clips(services_of(app).speech)
    return None


def doors_of(app: WSGIApplication) -> Doors | None:
    """The sockets of the application's pages; None when it is not ours."""
    if isinstance(app, Flask) and "callwright" in app.extensions:
        return Doors(app, services_of(app))
    return None


def live_doors_of(app: WSGIApplication) -> LiveDoors | None:
    """The sockets of live calls; None when the application is not ours."""
    if isinstance(app, Flask) and "callwright" in app.extensions:
        return LiveDoors(services_of(app))
    return None


@asynccontextmanager
async def local_vendors(settings: Settings) -> AsyncIterator[Settings]:
    """The settings of who hears and speaks in live calls: of this process, when nobody has a key.

    In local mode only: they know the words of our own phone's voice, and nobody else's.
    """
    if not settings.local_mode or settings.has_speech_key or not settings.live_calls_most:
        yield settings
        return
    async with stand_ins() as leading_there:
        log.info("live calls are heard and spoken by stand-ins, as there is no key for speech")
        changed: dict[str, Any] = dict(leading_there)
        yield replace(settings, **changed)


@contextmanager
def callwright(settings: Settings, for_live: Settings) -> Iterator[WSGIApplication]:
    """The application with its services, which are let go of at the end."""
    app = create_app(settings, for_live)
    services = services_of(app)
    told = {
        "agents": len(services.agents),
        "brain": services.brain.name,
        "voice": "carrier" if services.speech.files is None else "clips",
    }
    log.info("ready for calls", extra=told)
    announce(services)
    try:
        yield app
    finally:
        services.close()


app = Server(callwright)
