"""Takes large bodies into files on the event loop's behalf, before the application is given them.

The application is asked first, with the head of the request alone: whoever may not send a file is
told so before they have sent it. Not here: what a view does with it (`uploads.py`).
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlencode

from access.asking import ASKED_FIRST
from transports.bridge import Bridge, Message, Receive, Scope, Send
from transports.errors import ApiError
from transports.upload_parts import BadForm, find_file
from transports.uploads import FIELD, PATHS, UPLOAD, WANTED, Upload

log = logging.getLogger(__name__)

# Uploads of one process at the same time.
AT_ONCE = 8
# How long a sender may say nothing, and how long all of it may take.
SILENCE_MOST_S, WHOLE_MOST_S = 30.0, 2 * 3600.0
# Written at once, in a thread.
WRITE_BYTES = 1024 * 1024
# What is left on the disk for calls. A file takes thrice its size for a while: as it comes, as it
# is kept, as it is read.
FREE_BYTES_LEAST, COPIES = 256 * 1024 * 1024, 3
LOOK_EVERY_BYTES = 32 * 1024 * 1024
# How long whoever was refused may go on sending, so that they come to hear why.
LISTEN_MOST_S = 10.0
_FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent."""

    upload: Upload | ApiError
    form: bytes = b""  # the other fields, urlencoded
    ended: bool = True  # nothing more is coming


class _GoneError(Exception):
    """The sender has left."""


class Spooling:
    """Serves upload routes. `folder` is made when it is needed."""

    def __init__(self, bridge: Bridge, folder: Path, megabytes_most: int) -> None:
        self._bridge = bridge
        self._folder = folder
        self._megabytes_most = megabytes_most
        self.running = 0
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="upload")

    def has(self, scope: Scope) -> bool:
        """Whether a request is an upload."""
        return scope["method"] == "POST" and PATHS.fullmatch(scope["path"]) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the body in and answer."""
        refusal = await self._asked(scope)
        if refusal is not None:
            await _refuse(refusal, receive, send)
            return
        if self.running >= AT_ONCE:
            message = "Too many files are being sent at this moment. Send it again in a minute."
            busy = ApiError(503, "too_many_uploads", message, headers={"Retry-After": "60"})
            await self._answer(scope, Body(busy, ended=False), receive, send)
            return
        self.running += 1
        try:
            with await self._opened() as file:
                body = await self._body(scope, receive, file)
                await self._answer(scope, body, receive, send)
        except _GoneError:
            log.info("an upload was broken off")
        finally:
            self.running -= 1

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown()

    async def _asked(self, scope: Scope) -> list[Message] | None:
        """What the application says by the head alone; None: send it."""
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await self._bridge(_head(scope, {}), b"", _never, keep, {ASKED_FIRST: True})
        names = {name.lower() for name, _ in said[0]["headers"]}
        return None if WANTED.lower().encode() in names else said

    async def _body(self, scope: Scope, receive: Receive, file: IO[bytes]) -> Body:
        try:
            size = await self._spooled(scope, receive, file)
        except ApiError as error:
            return Body(error, ended=False)
        except TimeoutError:
            message = "The file did not arrive in time."
            return Body(ApiError(408, "too_slow", message), ended=False)
        except OSError as error:
            log.exception("an upload cannot be written")
            message = f"The file cannot be kept here now: {error.strerror}."
            return Body(ApiError(507, "no_room", message), ended=False)
        kind = _header(scope, b"content-type")
        if not kind.lower().startswith(_FORM):
            query = parse_qs(scope["query_string"].decode("latin-1"))
            name = query.get("name", [""])[0]
            return Body(Upload(file, name, 0, size))
        try:
            found = await self._in_thread(find_file, file, kind, FIELD)
        except BadForm as error:
            return Body(ApiError(400, "bad_form", str(error)))
        upload = Upload(file, found.name, found.first, found.size_bytes)
        return Body(upload, urlencode(found.fields).encode())

    async def _spooled(self, scope: Scope, receive: Receive, file: IO[bytes]) -> int:
        """The size of the body, which is in the file then."""
        most = self._megabytes_most * 1_000_000
        announced = _header(scope, b"content-length")
        self._check_size(int(announced or 0), most)
        await self._in_thread(self._check_room, int(announced or 0))
        size, looked_at = 0, 0
        waiting = bytearray()
        async with asyncio.timeout(WHOLE_MOST_S):
            more = True
            while more:
                async with asyncio.timeout(SILENCE_MOST_S):
                    message = await receive()
                if message["type"] != "http.request":
                    raise _GoneError
                waiting += message.get("body", b"")
                more = message.get("more_body", False)
                self._check_size(size + len(waiting), most)
                if len(waiting) >= WRITE_BYTES or not more:
                    size += len(waiting)
                    await self._in_thread(file.write, bytes(waiting))
                    waiting.clear()
                if size - looked_at >= LOOK_EVERY_BYTES:
                    looked_at = size
                    await self._in_thread(self._check_room, 0)
        await self._in_thread(file.flush)
        return size

    def _check_size(self, size: int, most: int) -> None:
        # A form has some bytes around its file.
        if size > most + 64 * 1024:
            message = (
                f"The file is larger than {self._megabytes_most} MB (UPLOAD_MEGABYTES). Send it in "
                "parts, or without columns that nobody needs."
            )
            details = {"megabytes_most": self._megabytes_most}
            raise ApiError(413, "file_too_large", message, details=details)

    def _check_room(self, size: int) -> None:
        if shutil.disk_usage(self._folder).free < size * COPIES + FREE_BYTES_LEAST:
            message = "There is no room for this file on the disk here. Make some in DATA_DIR."
            raise ApiError(507, "no_room", message)

    async def _opened(self) -> IO[bytes]:
        """A file for a body; closed by a thread that is still opening it when nobody waits."""
        opening = asyncio.get_running_loop().run_in_executor(self._threads, self._file)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_opened)
            raise

    def _file(self) -> IO[bytes]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=self._folder)

    async def _answer(self, scope: Scope, body: Body, receive: Receive, send: Send) -> None:
        changed = {b"content-length": str(len(body.form)).encode()}
        if body.form:
            changed[b"content-type"] = b"application/x-www-form-urlencoded"
        given = {UPLOAD: body.upload}
        head = _head(scope, changed)
        if body.ended:
            await self._bridge(head, body.form, receive, send, given)
            return
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await self._bridge(head, b"", _never, keep, given)
        await _refuse(said, receive, send)

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _close_opened(opening: asyncio.Future[IO[bytes]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


async def _refuse(said: list[Message], receive: Receive, send: Send) -> None:
    """Send an answer to somebody who is still sending, and hear them out for a while.

    Whoever sends all before they read would be reset with the connection, and not know why.
    """
    start = said[0]
    headers = [*start["headers"], (b"connection", b"close")]
    await send({**start, "headers": headers})
    for message in said[1:]:
        await send({**message, "more_body": True})
    try:
        async with asyncio.timeout(LISTEN_MOST_S):
            while (message := await receive())["type"] == "http.request":
                if not message.get("more_body"):
                    break
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b""})


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("not reached")


def _header(scope: Scope, wanted: bytes) -> str:
    return next((v.decode("latin-1") for name, v in scope["headers"] if name == wanted), "")


def _head(scope: Scope, changed: Mapping[bytes, bytes]) -> Scope:
    """A request with other headers, and without what says how its body comes."""
    gone = {b"transfer-encoding", b"content-length", *changed}
    kept = [(name, value) for name, value in scope["headers"] if name not in gone]
    return {**scope, "headers": [*kept, *changed.items()]}
