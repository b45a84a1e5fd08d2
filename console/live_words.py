"""The socket /console/live/call: what is said in a call, as it is said, for who sees its page.

Words are told to those who see them on the page of a call as well, and are kept nowhere.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from urllib.parse import parse_qs

import orjson

from access.roles import Person
from calls.hub import Hub, Listening
from console.asgi import Receive, Scope, Send

# How long a listener may take to take a message.
SEND_S = 10.0
# Listeners of one process.
LISTENERS_MOST = 200
_TRY_LATER, _NO_CALL = 1013, 1008  # closing codes (RFC 6455 registry)
_CALL_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class LiveWords:
    """The listeners of one process. A message is {"kind": kind, …} as `calls.hub` has it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._count = 0

    async def __call__(self, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        """One opened socket, until either side closes it."""
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("call_id", [""])
        if not _CALL_ID.fullmatch(asked[-1]):
            await send({"type": "websocket.close", "code": _NO_CALL})
            return
        if self._count >= LISTENERS_MOST:
            await send({"type": "websocket.close", "code": _TRY_LATER})
            return
        self._count += 1
        try:
            with self._hub.listen(asked[-1]) as news:
                await _serve(news, receive, send)
        finally:
            self._count -= 1


async def _serve(news: Listening, receive: Receive, send: Send) -> None:
    talking = asyncio.create_task(_talk(news, send))
    hearing = asyncio.create_task(_until_closed(receive))
    try:
        await asyncio.wait({talking, hearing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        talking.cancel()
        hearing.cancel()
        is_there = not hearing.done()
        await asyncio.gather(talking, hearing, return_exceptions=True)
    if is_there:  # and takes nothing
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(SEND_S):
                await send({"type": "websocket.close", "code": _TRY_LATER})


async def _talk(news: Listening, send: Send) -> None:
    async for one in news:
        text = orjson.dumps({**one.data, "kind": one.kind}).decode()
        async with asyncio.timeout(SEND_S):
            await send({"type": "websocket.send", "text": text})


async def _until_closed(receive: Receive) -> None:
    """Hear a page out, which has nothing to say, until it is gone."""
    while (await receive())["type"] != "websocket.disconnect":
        pass
