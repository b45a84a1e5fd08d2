"""The socket /console/live: tells open pages what has changed, whoever changed it.

The store is what all processes and machines share, so each process that has listeners looks into
it: one small question for all of them, and none without. What a page does with the news is its own
business: it fetches what it shows anew, by the rights of whoever looks at it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson

from access.roles import Person
from console.asgi import Receive, Scope, Send
from storage.base import Storage, StorageError

log = logging.getLogger(__name__)

# Between two looks, and the most between two at a store that is away.
LOOK_S, AWAY_MOST_S = 0.25, 5.0
# Calls that are looked at: the newest, and the newest of those that go on.
CALLS_MOST = 200
# News that may wait for one listener; beyond it the listener is told that anything has changed.
WAITING_MOST = 200
# How long a listener may take to take a message.
SEND_S = 10.0
# Listeners of one process; each costs a few kilobytes and, on news, a request or two.
LISTENERS_MOST = 500
_TRY_LATER = 1013  # closing code (RFC 6455 registry)


@dataclass(frozen=True, slots=True)
class Mark:
    """How something stands: equal marks mean that nothing has changed."""

    stamp: object
    is_open: bool = False  # when it goes out of sight, that is news


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that pages want news of. A message is {"kind": kind, "<kind>_id": key}."""

    kind: str
    look: Callable[[], Mapping[str, Mark]]  # by key; StorageError when it cannot


def calls_topic(storage: Storage) -> Topic:
    """News of calls: they appear, are saved, end."""

    def look() -> Mapping[str, Mark]:
        return {one.call_id: Mark(one.updated_at, one.is_open) for one in storage.pulse(CALLS_MOST)}

    return Topic("call", look)


class _Listener:
    """What one page has still to be told."""

    def __init__(self) -> None:
        self.is_new = True  # nothing was told to it yet
        self._waiting: dict[bytes, None] = {}
        self._is_there = asyncio.Event()

    def tell(self, news: Sequence[bytes]) -> None:
        self._waiting.update(dict.fromkeys(news))
        if len(self._waiting) > WAITING_MOST:
            self._waiting = {_ANYTHING: None}
        self._is_there.set()

    async def talk(self, send: Send) -> None:
        """Send what there is, for ever; TimeoutError when nobody takes it, OSError at its end."""
        while True:
            await self._is_there.wait()
            self._is_there.clear()
            waiting, self._waiting = self._waiting, {}
            for message in waiting:
                async with asyncio.timeout(SEND_S):
                    await send({"type": "websocket.send", "text": message.decode()})


class Live:
    """The listeners of one process, and the look at the store for all of them."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = topics
        self._listeners: set[_Listener] = set()
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Nobody listens, and nobody looks."""
        return not self._listeners and (self._watching is None or self._watching.done())

    async def __call__(self, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        """One opened socket, until either side closes it."""
        if len(self._listeners) >= LISTENERS_MOST:
            await send({"type": "websocket.close", "code": _TRY_LATER})
            return
        listener = _Listener()
        self._listeners.add(listener)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        talking = asyncio.create_task(listener.talk(send))
        hearing = asyncio.create_task(_until_closed(receive))
        try:
            await asyncio.wait({talking, hearing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._listeners.discard(listener)
            talking.cancel()
            hearing.cancel()
            is_there = not hearing.done()
            await asyncio.gather(talking, hearing, return_exceptions=True)
        if is_there:  # and takes nothing
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(SEND_S):
                    await send({"type": "websocket.close", "code": _TRY_LATER})

    async def _watch(self) -> None:
        """Look and tell, as long as anybody listens."""
        before: list[Mapping[str, Mark]] | None = None
        pause_s = LOOK_S
        while self._listeners:
            try:
                now = await asyncio.to_thread(lambda: [topic.look() for topic in self._topics])
            except StorageError as error:
                if pause_s == LOOK_S:
                    log.warning("pages get no news: the store is away", exc_info=error)
                pause_s = min(pause_s * 2, AWAY_MOST_S)
            else:
                pause_s = LOOK_S
                news = list(self._news(before, now)) if before is not None else []
                before = now
                for listener in self._listeners:
                    # What happened between the page and this look, nobody has told it.
                    if listener.is_new:
                        listener.is_new = False
                        listener.tell([_ANYTHING])
                    elif news:
                        listener.tell(news)
            await asyncio.sleep(pause_s)

    def _news(
        self, before: Sequence[Mapping[str, Mark]], now: Sequence[Mapping[str, Mark]]
    ) -> Iterator[bytes]:
        for topic, was, is_now in zip(self._topics, before, now, strict=True):
            for key in changed_keys(was, is_now):
                yield orjson.dumps({"kind": topic.kind, f"{topic.kind}_id": key})


def changed_keys(before: Mapping[str, Mark], now: Mapping[str, Mark]) -> Iterator[str]:
    """What is new or another than before, and what was open and is gone."""
    for key, mark in now.items():
        if before.get(key) != mark:
            yield key
    for key, mark in before.items():
        if mark.is_open and key not in now:
            yield key


async def _until_closed(receive: Receive) -> None:
    """Hear a page out, which has nothing to say, until it is gone."""
    while (await receive())["type"] != "websocket.disconnect":
        pass


_ANYTHING = orjson.dumps({"kind": "all"})
