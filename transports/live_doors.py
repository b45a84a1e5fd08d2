"""The sockets of live calls, /media and /relay: who may open one, how many, until when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from access.nearness import why_not_from_here
from agents.schema import Transport
from calls.load import LOOK_S
from providers.errors import BadSignature
from providers.telephony.base import Webhook
from services import Services
from transports import relay, stream
from transports.admission import Admission
from transports.bridge import Receive, Scope, Send
from transports.connecting import PATHS
from transports.duplex import RESTART, Desk
from transports.guard import called_address
from transports.handshake import refuse
from transports.live_socket import AsgiSocket, LiveSocket
from transports.live_token import LASTS_S, BadToken, LiveTokens, OldToken
from transports.socket_protocol import ABORT, FAST, Fast

log = logging.getLogger(__name__)

# Serves an accepted socket until its call is over or goes on elsewhere.
Serve = Callable[[LiveSocket, Desk], Awaitable[None]]
SERVES: Mapping[Transport, Serve] = {Transport.STREAM: stream.serve, Transport.RELAY: relay.serve}

# Turns at once of one door: each may wait for a model, which is what a thread is for.
TURNS_MOST = 512
# For how long the carrier of a relay may open a lost socket again.
RETURN_MOST_S = 60.0
# How long sockets that were cut off take to be gone.
_GONE_MOST_S = 1.0
# How often sockets and gauges are looked at, in looks at the loop.
_LOOKS_BETWEEN = 10
_STEP_S = 0.05


class LiveDoors:
    """The doors of one process, from `open` to `close`. On the event loop only."""

    def __init__(self, services: Services, serves: Mapping[Transport, Serve] = SERVES) -> None:
        self._services = services
        self._serves = serves
        self._live = services.live
        self._admission = Admission.of(services.settings, services.live.load)
        self._tokens = LiveTokens(services.secret, services.clock)
        self._paths = {path: transport for transport, path in PATHS.items()}
        self._sockets: set[AsgiSocket] = set()
        self._calls: dict[str, AsgiSocket] = {}  # by the carrier's id
        self._used: dict[str, float] = {}  # tokens, and when each may be forgotten
        self._lost: dict[str, float] = {}  # tokens of relays whose socket was lost, and when
        self._desks: dict[Transport, Desk] = {}
        self._looking: asyncio.Task[None] | None = None

    def has(self, scope: Scope) -> bool:
        """Whether the path is that of a socket of a live call."""
        return scope["path"].rstrip("/") in self._paths

    def open(self) -> None:
        """Let calls in from now on."""
        most = max(1, min(self._services.settings.live_calls_most, TURNS_MOST))
        for transport in self._paths.values():
            pool = ThreadPoolExecutor(most, thread_name_prefix=str(transport))
            self._desks[transport] = Desk(self._services, self._live.turns(transport), pool)
        self._live.load.begins()
        self._looking = asyncio.create_task(self._look())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the carrier in, or answer 403 or 503 in place of opening."""
        transport = self._paths[scope["path"].rstrip("/")]
        await receive()  # websocket.connect
        stranger = self._why_stranger(scope)
        if stranger:
            self._refused(transport, "stranger", stranger)
            await refuse(scope, send, 403, "This socket is for the carrier.")
            return
        refusal = self._admission.refusal()
        if refusal is not None:
            self._refused(transport, str(refusal))
            await refuse(scope, send, 503, "No live call can be taken now.")
            return
        await send({"type": "websocket.accept"})
        abort: Callable[[], None] = scope["extensions"].get(ABORT, _cannot_abort)
        fast: Fast | None = scope["extensions"].get(FAST)
        socket = AsgiSocket(transport, receive, send, self._claim, abort, fast)
        self._sockets.add(socket)
        self._live.load.opened(transport)
        try:
            await self._serves[transport](socket, self._desks[transport])
        finally:
            self._leaves(socket)
        await socket.close()

    async def drain(self, seconds: float) -> None:
        """Take no new calls, have the open ones move, and wait for them at most so long.

        Afterwards the carrier gets a moment more to ask how those that moved go on.
        """
        load = self._live.load
        load.is_draining = True
        if self._sockets:
            log.info("live calls move", extra={"calls": len(self._calls)})
        for socket in tuple(self._sockets):
            socket.move()
        for desk in self._desks.values():
            desk.drain()
        if not await self._are_gone(seconds):
            log.warning("live calls are cut off", extra={"calls": len(self._calls)})
            for desk in self._desks.values():
                desk.leave_all(RESTART)
            # All at once: each may be waited for until it is cut off.
            await asyncio.gather(*(socket.close(RESTART) for socket in self._sockets))
            await self._are_gone(_GONE_MOST_S)
        while load.is_awaiting:  # which forgets after a few seconds
            await asyncio.sleep(_STEP_S)

    async def _are_gone(self, seconds: float) -> bool:
        """Wait at most so long for all sockets to be gone; whether they are."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._sockets and loop.time() < until:
            await asyncio.sleep(_STEP_S)
        return not self._sockets

    def close(self) -> None:
        """Let nobody in any more. Turns that are being answered are waited for."""
        self._live.load.is_serving = False
        if self._looking is not None:
            self._looking.cancel()
        for desk in self._desks.values():
            desk.pool.shutdown(cancel_futures=True)

    def _why_stranger(self, scope: Scope) -> str:
        """Why whoever opens a socket is not the carrier; "" when it is."""
        asked = _request(scope)
        if self._services.settings.local_mode:
            return why_not_from_here(asked)
        base = self._services.address.configured or called_address(asked)
        url = f"{_as_socket(base)}{scope['path']}"
        headers = {name.lower(): value for name, value in asked.headers.items()}
        # Which of the two is signed differs between the carrier's own servers.
        other = url[:-1] if url.endswith("/") else f"{url}/"
        reason = ""
        for one in (url, other):
            try:
                self._services.telephony.verify(Webhook(one, {}, b"", headers))
            except BadSignature as error:
                reason = reason or str(error)
            else:
                return ""
        return reason

    def _claim(self, socket: AsgiSocket, carrier_id: str, token: str) -> None:
        """See `LiveSocket.claim`."""
        try:
            if socket.carrier_id:
                raise BadToken("the socket has a call already")
            if carrier_id in self._calls:
                raise BadToken("the call has a socket already")
            self._check(token, carrier_id, socket.transport)
        except BadToken as error:
            self._refused(socket.transport, "token", str(error))
            raise
        socket.carrier_id, socket.token = carrier_id, token
        self._calls[carrier_id] = socket
        self._live.load.returns(carrier_id)

    def _check(self, token: str, carrier_id: str, transport: Transport) -> None:
        now = asyncio.get_running_loop().time()
        may_return = now - self._lost.pop(token, -RETURN_MOST_S) < RETURN_MOST_S
        try:
            self._tokens.check(token, carrier_id, transport)
        except OldToken:
            if not may_return:
                raise
        if token in self._used and not may_return:
            raise BadToken("used before")
        # As long as the token itself is good by the worst of clocks.
        self._used[token] = now + 2 * LASTS_S

    def _leaves(self, socket: AsgiSocket) -> None:
        self._sockets.discard(socket)
        self._live.load.closed(socket.transport)
        carrier_id = socket.carrier_id
        if carrier_id:
            del self._calls[carrier_id]
            self._live.load.leaves(carrier_id)
            if socket.is_lost and socket.transport is Transport.RELAY:
                self._lost[socket.token] = asyncio.get_running_loop().time()

    def _refused(self, transport: Transport, reason: str, detail: str = "") -> None:
        self._services.metrics.socket_refused(reason)
        extra = {"transport": str(transport), "reason": reason, "detail": detail}
        log.warning("socket refused", extra=extra)

    async def _look(self) -> None:
        """Look at the loop, at the sockets, and tell the gauges."""
        load, loop, looks = self._live.load, asyncio.get_running_loop(), 0
        while True:
            await asyncio.sleep(LOOK_S)
            load.looks()
            looks += 1
            if looks % _LOOKS_BETWEEN == 0:
                now = loop.time()
                for socket in tuple(self._sockets):
                    socket.looks(now)
                self._forget(now)
                self._services.metrics.live(load.by_transport, load.lag_ms)

    def _forget(self, now: float) -> None:
        for token in [one for one, until in self._used.items() if until <= now]:
            del self._used[token]
        for token in [one for one, at in self._lost.items() if now - at >= RETURN_MOST_S]:
            del self._lost[token]


def _request(scope: Scope) -> Request:
    headers = Headers([(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]])
    environ = EnvironBuilder(path=scope["path"], headers=headers).get_environ()
    environ["REMOTE_ADDR"] = (scope.get("client") or ("",))[0]
    environ["wsgi.url_scheme"] = "https" if scope.get("scheme") == "wss" else "http"
    return Request(environ)


def _as_socket(base: str) -> str:
    scheme, _, rest = base.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}"


def _cannot_abort() -> None:
    log.warning("a socket cannot be cut off by this server")
