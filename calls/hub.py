"""Live news of calls: words as they are said, stages, levels. For whoever looks on, as it happens.

Nothing here is kept, and nothing of a call depends on it: what counts is in the store.

Kinds and what comes with them:
words  speaker (caller | agent), text, is_final   what is being said
said   turn, caller, agent                        a turn was answered and kept
stage  stage, language
level  caller, agent                              loudness, 0 to 1
moved  to, reason                                 the call goes on over another transport
ended  outcome
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Literal

from settings import Settings

Kind = Literal["words", "said", "stage", "level", "moved", "ended"]

# News that may wait for one listener; beyond it the oldest is dropped.
WAITING_MOST = 256


@dataclass(frozen=True, slots=True)
class News:
    """Something that has just happened in a call."""

    call_id: str
    kind: str
    data: Mapping[str, object]


class _Listener:
    """One who listens, on the event loop where it began to."""

    def __init__(self, call_id: str | None) -> None:
        self.call_id = call_id  # None: all calls
        self._loop = asyncio.get_running_loop()
        self._is_there = asyncio.Event()
        self._waiting: deque[News] = deque(maxlen=WAITING_MOST)
        self._is_woken = False

    def tell(self, news: News) -> None:
        """From any thread."""
        self._waiting.append(news)
        if not self._is_woken:
            self._is_woken = True
            try:
                self._loop.call_soon_threadsafe(self._is_there.set)
            except RuntimeError:  # the loop is closed, and nobody listens any more
                return

    async def next(self) -> News:
        """The oldest that was not told yet, when there is one."""
        while not self._waiting:
            await self._is_there.wait()
            # In this order: whatever comes between the two wakes us again.
            self._is_there.clear()
            self._is_woken = False
        return self._waiting.popleft()


class Hub:
    """Takes news from any thread and tells it to those who listen. Never blocks, keeps nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Replaced, never changed: read without the lock.
        self._listeners: tuple[_Listener, ...] = ()

    def is_wanted(self, call_id: str) -> bool:
        """Whether anybody listens to a call: what costs something to find out can be spared."""
        return any(one.call_id in (None, call_id) for one in self._listeners)

    def publish(self, call_id: str, kind: Kind, **data: object) -> None:
        """Tell whoever listens; nearly free when nobody does. JSON values only."""
        listeners = self._listeners
        if not listeners:
            return
        news = News(call_id, kind, data)
        for one in listeners:
            if one.call_id in (None, call_id):
                one.tell(news)

    async def listen(self, call_id: str | None = None) -> AsyncIterator[News]:
        """News from now on, of one call or of all, until the iterator is closed.

        Who is slow misses the oldest.
        """
        listener = _Listener(call_id)
        with self._lock:
            self._listeners = (*self._listeners, listener)
        try:
            while True:
                yield await listener.next()
        finally:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

    def close(self) -> None:
        """Let go of threads and connections. Safe to call twice."""


def open_hub(settings: Settings) -> Hub:
    """The hub of this process; with REDIS_URL, joined with those of all others."""
    return Hub()
