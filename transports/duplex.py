"""What calls over a socket share: one writer, turns in threads, how a call is left, the last net.

Everything here is used from the event loop of one process.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from calls.turns import Turns
from services import Services
from transports.live_socket import AsgiSocket, LiveSocket, SocketGone

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

# What waits for a peer that does not read; 4 s of sound in base64 are 43 KB. Then it is cut off.
WAITING_MOST = 256 * 1024
# How long what was put may take to go out when a call is over.
END_MOST_S = 5.0
# Messages that cannot be read, or mean nothing where they come, after which the socket is closed.
NONSENSE_MOST = 100
# Of RFC 6455 and its registry.
NORMAL, UNSUPPORTED, WRONG, BROKEN, RESTART, TRY_LATER = 1000, 1003, 1008, 1011, 1012, 1013


class LiveCall(Protocol):
    """A call on its socket, as the process sees it."""

    def leave(self) -> None:
        """Go on in turns at the next good moment: the answer to this turn is given there."""

    def leave_now(self, code: int = RESTART) -> None:
        """Go on in turns at once."""


@dataclass(slots=True)
class Desk:
    """What the calls of one door work with, and which there are. One a door and process."""

    services: Services
    turns: Turns  # of this door
    pool: ThreadPoolExecutor  # for turns: each may wait for a model
    calls: set[LiveCall] = field(default_factory=set)
    # What is still done for calls whose socket was lost, by the carrier's id of the call.
    lost: dict[str, Future[None]] = field(default_factory=dict)
    is_draining: bool = False

    def drain(self) -> None:
        """Have every call go on in turns at its next good moment. For the loop."""
        self.is_draining = True
        for call in tuple(self.calls):
            call.leave()

    def leave_all(self, code: int = RESTART) -> None:
        """The same at once."""
        for call in tuple(self.calls):
            call.leave_now(code)

    def now(self) -> datetime:
        """The moment, as events have it."""
        return self.services.clock()

    def in_thread(self, work: Callable[[], T], then: Callable[[Future[T]], None]) -> Future[T]:
        """Do `work` in a thread and `then`, with what came of it, on the loop."""
        loop = asyncio.get_running_loop()

        def done(future: Future[T]) -> None:
            try:
                loop.call_soon_threadsafe(then, future)
            except RuntimeError:  # the loop is closed: the call goes on elsewhere
                log.info("a turn was answered after its process had ended")

        future = self.pool.submit(work)
        future.add_done_callback(done)
        return future


class Outbox:
    """What goes out of a socket, in order, by one writer; its end is the socket's."""

    def __init__(self, socket: LiveSocket, most: int = WAITING_MOST) -> None:
        self._socket = socket
        self._now = socket.write if isinstance(socket, AsgiSocket) else _cannot
        self._is_sending = False
        self._most = most
        self._waiting: deque[str] = deque()
        self._size = 0
        self._wakes = asyncio.Event()
        self._code: int | None = None  # to close with
        self._writer = asyncio.create_task(self._write())

    @property
    def is_over(self) -> bool:
        """What is put now does not go out any more."""
        return self._code is not None or self._writer.done()

    def put(self, text: str) -> None:
        """Send a message after those before. A peer that leaves too many waiting is cut off."""
        if self.is_over:
            return
        if not self._waiting and not self._is_sending and self._now(text):
            return
        self._waiting.append(text)
        self._size += len(text)
        self._wakes.set()
        if self._size > self._most:
            log.warning("the other side does not read: its socket is closed")
            self._waiting.clear()
            self.close(TRY_LATER)

    def overtake(self, text: str) -> None:
        """Send a message now, in place of those that wait."""
        self._waiting.clear()
        self._size = 0
        self.put(text)

    def close(self, code: int = NORMAL) -> None:
        """Close the socket once all of it is out."""
        if self._code is None:
            self._code = code
            self._wakes.set()

    async def wait(self) -> None:
        """Until the socket is closed by `close`, or gone. Bounded: nothing is written after it."""
        await asyncio.wait([self._writer], timeout=END_MOST_S)
        self._writer.cancel()  # a peer that does not read; the door cuts it off

    async def _write(self) -> None:
        try:
            while True:
                while self._waiting:
                    text = self._waiting.popleft()
                    self._size -= len(text)
                    self._is_sending = True
                    await self._socket.send(text)
                    self._is_sending = False
                if self._code is not None:
                    await self._socket.close(self._code)
                    return
                self._wakes.clear()
                await self._wakes.wait()
        except SocketGone:
            self._waiting.clear()


def _cannot(text: str) -> bool:
    return False


async def guarded(socket: LiveSocket, serving: Awaitable[None]) -> None:
    """The last net under a call: whatever breaks, its socket is closed and the call goes on."""
    try:
        await serving
    except Exception:  # no other call may hear of it, and this one goes on in turns
        log.exception("a live call broke: it goes on in turns")
        await socket.close(BROKEN)


def netted(broke: Callable[[], None], step: Callable[P, None]) -> Callable[P, None]:
    """The same under what a call does when it is called back: `broke` is done when it breaks."""

    def safely(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            step(*args, **kwargs)
        except Exception:  # as above: whoever called back serves other calls, too
            log.exception("a live call broke: it goes on in turns")
            broke()

    return safely
