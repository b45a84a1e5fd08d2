"""What calls over a socket share: the socket, one writer, turns in threads, how a call is left.

Everything here is used from the event loop of one process. The last net of a call is here, too:
whatever breaks in one, its socket is closed, and the carrier goes on with it in turns.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from calls.turns import Turns
from services import Services

log = logging.getLogger(__name__)

T = TypeVar("T")

# What waits for a peer that does not read; 4 s of sound in base64 are 43 KB. Then it is cut off.
WAITING_MOST = 256 * 1024
# How long one message may take to be taken by the peer's side.
SEND_MOST_S = 10.0
# Messages that mean nothing, or cannot be read, after which the socket is closed.
NONSENSE_MOST = 100
# Of RFC 6455 and its registry.
NORMAL, UNSUPPORTED, WRONG, BROKEN, RESTART, TRY_LATER = 1000, 1003, 1008, 1011, 1012, 1013


class LiveSocket(Protocol):
    """A socket of the carrier that was let in."""

    async def receive(self) -> str | bytes | None:
        """The next message; None once the socket is gone, and from then on."""

    async def send(self, text: str) -> None:
        """Send a message. Waits while the peer does not read; nothing when the socket is gone."""

    async def close(self, code: int = NORMAL) -> None:
        """Close it. Safe to call twice, and when it is gone."""


class LiveCall(Protocol):
    """A call on its socket, as the process sees it."""

    def leave(self) -> None:
        """Go on in turns at the next good moment: the answer of the turn is given there."""

    def leave_now(self, code: int = RESTART) -> None:
        """Go on in turns at once."""


@dataclass(slots=True)
class Desk:
    """What the calls of one door work with, and which there are. One a door and process."""

    services: Services
    turns: Turns  # of this door
    # Whether a token of the document proves that the socket is that of the call.
    check: Callable[[str, str], bool]  # (carrier_id, token)
    pool: ThreadPoolExecutor  # for turns: each may wait for a model
    calls: set[LiveCall] = field(default_factory=set)
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

    def in_thread(self, work: Callable[[], T], then: Callable[[T | BaseException], None]) -> None:
        """Do `work` in a thread, and `then`, with what came of it or its exception, on the loop."""
        loop = asyncio.get_running_loop()

        def run() -> None:
            outcome: T | BaseException
            try:
                outcome = work()
            except Exception as error:  # the loop deals with it: the call goes on elsewhere
                outcome = error
            try:
                loop.call_soon_threadsafe(then, outcome)
            except RuntimeError:
                log.info("a turn was answered after the process had ended")

        self.pool.submit(run)


class Outbox:
    """What goes out of a socket, in order, by one writer."""

    def __init__(self, socket: LiveSocket) -> None:
        self._socket = socket
        self._waiting: deque[str] = deque()
        self._size = 0
        self._wakes = asyncio.Event()
        self._closes_with: int | None = None
        self._writer = asyncio.create_task(self._write())

    @property
    def is_over(self) -> bool:
        """Nothing that is put goes out any more."""
        return self._writer.done() or self._closes_with is not None

    def put(self, text: str) -> None:
        """Send a message after those before. A peer that leaves too many waiting is cut off."""

    def close(self, code: int = NORMAL) -> None:
        """Close the socket after what was put."""

    async def wait(self) -> None:
        """Until everything is out and the socket is closed."""

    async def _write(self) -> None:
        pass


async def guarded(socket: LiveSocket, serving: Awaitable[None]) -> None:
    """The last net under a call: whatever breaks, its socket is closed and the call goes on."""
    try:
        await serving
    except Exception:  # the caller of this call, and of every other, must not hear of it
        log.exception("a live call broke: it goes on in turns")
        await socket.close(BROKEN)
