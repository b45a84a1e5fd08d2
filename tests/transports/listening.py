"""A client that asks for one clip, without a server between."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from transports.clips import Clips, is_clip


class Listener:
    """A client of one request; leaves when told to."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.leaves_after: int | None = None  # messages
        self.hears = asyncio.Event()  # the first sound has come
        self._left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        """Nothing until it leaves."""
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Keep what comes."""
        self.sent.append(message)
        if message.get("body"):
            self.hears.set()
        if self.leaves_after is not None and len(self.sent) >= self.leaves_after:
            self._left.set()
            await asyncio.sleep(0)

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer."""
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        """All that came of it."""
        return b"".join(message.get("body", b"") for message in self.sent[1:])


async def ask(
    clips: Clips,
    key: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    listener: Listener | None = None,
) -> Listener:
    """Who has asked for a clip and heard it out."""
    listener = listener or Listener()
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": f"/audio/{key}.mp3", "headers": raw}
    assert is_clip(scope)
    await clips(scope, listener.receive, listener.send)
    return listener


def run(asked: Coroutine[Any, Any, Listener]) -> Listener:
    """The same in a loop of its own."""
    return asyncio.run(asyncio.wait_for(asked, 20))
