"""The floor of the benchmark of clips: one file, read once, served by nothing but ASGI."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]

_DATA = Path(os.environ.get("CLIP_FILE", os.devnull)).read_bytes()
_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"audio/mpeg"), (b"content-length", b"%d" % len(_DATA))],
}
_BODY = {"type": "http.response.body", "body": _DATA}


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """The file, whatever is asked."""
    if scope["type"] == "lifespan":
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})
        return
    await send(_HEAD)
    await send(_BODY)
