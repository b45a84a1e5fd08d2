"""What the pages need of the event loop: sockets, by path. Each lives in one process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from access.roles import Person, Role
from console.asgi import Receive, Scope, Send
from console.gate import Gate
from console.live import Live, calls_topic
from console.live_words import LiveWords
from console.phone_socket import PhoneSocket
from services import Services
from storage.base import StorageError

log = logging.getLogger(__name__)

# How often it is asked whether somebody may still listen.
ASKED_AGAIN_S = 5.0

# An opened socket: whoever it is, until either side closes it.
Socket = Callable[[Person, Scope, Receive, Send], Awaitable[None]]


class Doors:
    """Opens the sockets of the pages to those who may."""

    def __init__(
        self, app: Flask, services: Services, asked_again_s: float = ASKED_AGAIN_S
    ) -> None:
        self._app = app
        self._asked_again_s = asked_again_s
        self._gate = Gate(services)
        self._sockets = sockets(app, services)

    def has(self, scope: Scope) -> bool:
        """Whether the path is that of a socket."""
        return scope["path"] in self._sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let somebody in who may, or close: 1008, which the browser sees as a failed handshake."""
        role, socket = self._sockets[scope["path"]]
        await receive()  # websocket.connect
        person = await self._person(scope, role)
        if person is None:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        serving = asyncio.ensure_future(socket(person, scope, receive, send))
        try:
            while not (await asyncio.wait([serving], timeout=self._asked_again_s))[0]:
                # Whoever was signed out, disabled or given another role hears no more.
                if await self._person(scope, role) != person:
                    serving.cancel()
                    await asyncio.wait([serving])
                    await send({"type": "websocket.close", "code": 1008})
                    return
            await serving
        finally:
            serving.cancel()

    async def _person(self, scope: Scope, role: Role) -> Person | None:
        """Who may open this socket; asked of the register, which the loop does not wait for."""
        try:
            person = await asyncio.to_thread(self._ask, scope)
        except StorageError:
            log.exception("who opens a socket cannot be told")
            return None
        return person if person is not None and person.may(role) else None

    def _ask(self, scope: Scope) -> Person | None:
        headers = Headers([(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]])
        origin, host = headers.get("Origin", ""), headers.get("Host", "")
        # Browsers send the origin with every socket; another page's is not ours (CSWSH).
        if origin.partition("://")[2] != host:
            return None
        environ = EnvironBuilder(path=scope["path"], headers=headers).get_environ()
        environ["REMOTE_ADDR"] = (scope.get("client") or ("",))[0]
        with self._app.request_context(environ) as context:
            return self._gate.person_of(context.request)


def sockets(app: Flask, services: Services) -> Mapping[str, tuple[Role, Socket]]:
    """Every socket by its path, and who may open it."""
    return {
        "/console/phone/socket": (Role.OPERATOR, PhoneSocket(services)),
        "/console/live/call": (Role.OPERATOR, LiveWords(services.hub)),
        "/console/live": (Role.VIEWER, Live([calls_topic(services.storage)])),
    }
