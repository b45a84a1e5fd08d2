"""Live news of calls: words as they are said, stages, levels. For whoever looks on, as it happens.

Nothing here is kept, and nothing of a call depends on it: what counts is in the store. News are
made only of calls that somebody looks at, in this process or, over Redis, in another.

Kinds and what comes with them:
words  speaker (caller | agent), text, is_final   what is being said
said   turn, caller, agent                        a turn was answered and kept
stage  stage, language
level  caller                                     loudness of a stream, 0 to 1
moved  to, reason                                 the call goes on over another transport
ended  outcome
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol

from calls.hub_link import RedisLink
from settings import Settings

Kind = Literal["words", "said", "stage", "level", "moved", "ended"]

# News that may wait for one listener; beyond it the oldest is dropped.
WAITING_MOST = 256
# Stands for every call among those that somebody listens to.
ALL = "*"


@dataclass(frozen=True, slots=True)
class News:
    """Something that has just happened in a call."""

    call_id: str
    kind: str
    data: Mapping[str, object]


class Link(Protocol):
    """Joins the hubs of several processes. Never makes anybody wait."""

    def begin(
        self,
        tell: Callable[[str, str, Mapping[str, object]], None],
        want: Callable[[frozenset[str]], None],
    ) -> None:
        """Call `tell` with the news of others, `want` with the calls that others listen to."""

    def send(self, call_id: str, kind: str, data: Mapping[str, object]) -> None:
        """Tell the others."""

    def wish(self, wanted: frozenset[str]) -> None:
        """Which calls are listened to here."""

    def close(self) -> None:
        """Let go of threads and connections. Safe to call twice."""


class Listening:
    """News from now on, as an async iterator; use it with `with`, on one event loop."""

    def __init__(self, hub: Hub, call_id: str) -> None:
        self.call_id = call_id
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._is_there = asyncio.Event()
        self._waiting: deque[News] = deque(maxlen=WAITING_MOST)
        self._is_woken = False

    def tell(self, news: News) -> None:
        """From any thread. Who is slow misses the oldest."""
        self._waiting.append(news)
        if not self._is_woken:
            self._is_woken = True
            try:
                self._loop.call_soon_threadsafe(self._is_there.set)
            except RuntimeError:  # the loop is closed, and nobody listens any more
                return

    def __aiter__(self) -> Listening:
        return self

    async def __anext__(self) -> News:
        while not self._waiting:
            await self._is_there.wait()
            # In this order: whatever comes between the two wakes us again.
            self._is_there.clear()
            self._is_woken = False
        return self._waiting.popleft()

    def __enter__(self) -> Listening:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hub.leave(self)


class Hub:
    """Takes news from any thread and tells it to those who listen. Never blocks, keeps nothing."""

    def __init__(self, link: Link | None = None) -> None:
        self._lock = threading.Lock()
        self._link = link
        # Replaced, never changed: read without the lock.
        self._listeners: tuple[Listening, ...] = ()
        self._wanted_elsewhere: frozenset[str] = frozenset()
        self._wanted: frozenset[str] = frozenset()
        if link is not None:
            link.begin(self._tell, self._want)

    def is_wanted(self, call_id: str) -> bool:
        """Whether anybody listens to a call: what costs something to find out can be spared."""
        wanted = self._wanted
        return bool(wanted) and (call_id in wanted or ALL in wanted)

    def publish(self, call_id: str, kind: Kind, **data: object) -> None:
        """Tell whoever listens; nearly free when nobody does. JSON values only."""
        wanted = self._wanted
        if not wanted or (call_id not in wanted and ALL not in wanted):
            return
        self._tell(call_id, kind, data)
        elsewhere = self._wanted_elsewhere
        if self._link is not None and (call_id in elsewhere or ALL in elsewhere):
            self._link.send(call_id, kind, data)

    def listen(self, call_id: str | None = None) -> Listening:
        """News from now on, of one call or of all, on the running event loop."""
        listening = Listening(self, ALL if call_id is None else call_id)
        with self._lock:
            self._listeners = (*self._listeners, listening)
            self._sum_up()
        return listening

    def leave(self, listening: Listening) -> None:
        """Tell it nothing more."""
        with self._lock:
            self._listeners = tuple(one for one in self._listeners if one is not listening)
            self._sum_up()

    def close(self) -> None:
        """Let go of threads and connections. Safe to call twice."""
        if self._link is not None:
            self._link.close()

    def _tell(self, call_id: str, kind: str, data: Mapping[str, object]) -> None:
        news = News(call_id, kind, data)
        for one in self._listeners:
            if one.call_id in (ALL, call_id):
                one.tell(news)

    def _want(self, wanted: frozenset[str]) -> None:
        with self._lock:
            self._wanted_elsewhere = wanted
            self._sum_up()

    def _sum_up(self) -> None:
        here = frozenset(one.call_id for one in self._listeners)
        self._wanted = here | self._wanted_elsewhere
        if self._link is not None:
            self._link.wish(here)


def open_hub(settings: Settings) -> Hub:
    """The hub of this process; with REDIS_URL, joined with those of all others."""
    return Hub(RedisLink(settings.redis_url) if settings.redis_url else None)
