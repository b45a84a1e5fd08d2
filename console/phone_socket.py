"""The socket of the browser phone: one call a socket. Its end is the person's end of the call."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import orjson

from access.roles import Person
from console.phone_call import BrowserCall, Where
from console.phone_caller import Full, Inbox
from console.phone_headset import PIECE_MOST_BYTES, BrowserHeadset
from console.phone_messages import (
    Breaks,
    HungUp,
    Message,
    Orders,
    Ring,
    WrongMessage,
    read_message,
)
from services import Services

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Wire = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Wire]]
Send = Callable[[Wire], Awaitable[None]]
Event = Mapping[str, object]

CALLS_MOST = 16  # of browsers, in one process: each has a thread
EVENTS_MOST = 64  # that wait for a slow page; then the call waits, too
PAGE_MOST_S = 15.0  # for how long; then the page is taken for gone
# Of RFC 6455 and its registry.
NORMAL, UNSUPPORTED, WRONG, TRY_LATER = 1000, 1003, 1008, 1013


class Page:
    """The way to one page, from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.events: asyncio.Queue[Event | bytes] = asyncio.Queue(EVENTS_MOST)
        self.is_gone = threading.Event()
        self.left: Callable[[], None] = self.is_gone.set  # what is done when it reads no more

    def tell(self, event: Event) -> None:
        """Send an event; waits while the page is slow. Nothing when it is gone."""
        if self.is_gone.is_set():
            return
        putting = self.events.put(event)
        try:
            sent = asyncio.run_coroutine_threadsafe(putting, self._loop)
        except RuntimeError:  # the process ends
            putting.close()
            self.is_gone.set()
            return
        try:
            sent.result(PAGE_MOST_S)
        except TimeoutError:
            sent.cancel()
            log.warning("the page of a browser phone reads no more")
            self.is_gone.set()
            self.left()

    def drop_in(self, event: Event | bytes) -> None:
        """Send it when there is room, and never wait: sound that comes late is of no use."""
        with suppress(RuntimeError):  # the process ends
            self._loop.call_soon_threadsafe(self._put, event)

    def _put(self, event: Event | bytes) -> None:
        with suppress(asyncio.QueueFull):
            self.events.put_nowait(event)


class PhoneSocket:
    """Opens calls for pages. One for a process."""

    def __init__(self, services: Services, calls_most: int = CALLS_MOST) -> None:
        self._services = services
        self._free = threading.BoundedSemaphore(calls_most)
        self._calls_most = calls_most

    async def __call__(self, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one page until either side has had enough."""
        page = Page(asyncio.get_running_loop())
        sending = asyncio.create_task(_send_all(page, send))
        # A page that goes away while it is sent something is told by `receive`, too.
        sending.add_done_callback(lambda done: done.cancelled() or done.exception())
        conversation = _Conversation(self, _where(self._services, scope), page)
        try:
            while (wire := await receive())["type"] == "websocket.receive":
                sound = wire.get("bytes")
                if sound is not None:
                    code, reason = conversation.hear(sound)
                else:
                    code, reason = conversation.take(wire.get("text"))
                if code:
                    await send({"type": "websocket.close", "code": code, "reason": reason})
                    return
        finally:
            page.is_gone.set()
            conversation.hang_up()
            sending.cancel()

    def begin(self, where: Where, ring: Ring, page: Page) -> BrowserCall | None:
        """A call in a thread of its own; None when there are too many."""
        if not self._free.acquire(blocking=False):
            return None
        headset = BrowserHeadset(page.drop_in)
        call = BrowserCall(self._services, where, ring, Inbox(), headset)
        page.left = call.hang_up

        def run() -> None:
            try:
                call.run(page.tell)
            finally:
                self._free.release()

        threading.Thread(target=run, name="browser-call", daemon=True).start()
        return call

    def why_not(self, ring: Ring) -> str:
        """Why a call cannot be made here; "" when it can."""
        settings = self._services.settings
        if ring.agent not in self._services.agents:
            return "There is no such agent any more. Load the page again."
        if not settings.local_mode and not settings.webhook_token:
            return "Webhooks are signed with shared keys here, and this phone has none of them."
        if ring.outgoing and not settings.rings_here:
            return "This server has calls placed by a real carrier: it cannot ring a browser."
        return ""

    @property
    def too_many(self) -> str:
        """What a page is told that cannot call now."""
        return f"{self._calls_most} browsers are calling already. Try again when one hangs up."


class _Conversation:
    """What a page has sent so far, on the event loop."""

    def __init__(self, socket: PhoneSocket, where: Where, page: Page) -> None:
        self._socket = socket
        self._where = where
        self._page = page
        self._call: BrowserCall | None = None

    def take(self, frame: str | None) -> tuple[int, str]:
        """Deal with a frame; the code and reason to close with, 0 to go on."""
        if frame is None:
            return UNSUPPORTED, "Send text."
        try:
            message = read_message(frame)
        except WrongMessage as wrong:
            return WRONG, str(wrong)[:120]
        if self._call is None:
            return self._begin(message)
        return self._go_on(self._call, message)

    def hear(self, sound: bytes) -> tuple[int, str]:
        """Deal with sound of the page's microphone, as `take`."""
        if self._call is None:
            return UNSUPPORTED, "Send text."
        if len(sound) > PIECE_MOST_BYTES:
            return WRONG, f"Sound comes in pieces of at most {PIECE_MOST_BYTES} bytes."
        self._call.headset.speak(sound)
        return 0, ""

    def hang_up(self) -> None:
        """The page is gone."""
        if self._call is not None:
            self._call.hang_up()

    def _begin(self, message: Message) -> tuple[int, str]:
        if not isinstance(message, Ring):
            return WRONG, "Ring first."
        problem = self._socket.why_not(message)
        if problem:
            return WRONG, problem
        self._call = self._socket.begin(self._where, message, self._page)
        return (0, "") if self._call else (TRY_LATER, self._socket.too_many)

    def _go_on(self, call: BrowserCall, message: Message) -> tuple[int, str]:
        match message:
            case Ring():
                return WRONG, "This socket has its call."
            case HungUp():
                call.hang_up()
            case Orders(mishap):
                call.order(mishap)
            case Breaks(part, outage):
                # In a thread: it looks at the store. What goes wrong there the page is told.
                asyncio.get_running_loop().run_in_executor(None, call.breaks, part, outage)
            case _:
                try:
                    call.inbox.put(message)
                except Full:
                    return WRONG, "That is faster than anybody acts."
        return 0, ""


async def _send_all(page: Page, send: Send) -> None:
    """Send events as they come; after the last one the socket is closed."""
    while True:
        event = await page.events.get()
        if isinstance(event, bytes):
            await send({"type": "websocket.send", "bytes": event})
            continue
        await send({"type": "websocket.send", "text": orjson.dumps(event).decode()})
        if event["type"] == "ended":
            await send({"type": "websocket.close", "code": NORMAL, "reason": ""})
            return


def _where(services: Services, scope: Scope) -> Where:
    """How the server is reached from here, and how the carrier would name it."""
    settings = services.settings
    host, port = scope.get("server") or ("127.0.0.1", settings.port)
    if not isinstance(port, int):  # a socket of this machine's own kind
        host, port = "127.0.0.1", settings.port
    listens = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if settings.local_mode:
        return Where(listens, "")
    origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
    return Where(listens, services.address.known or origin)
