"""Hands out clips: GET /audio/KEY.mp3, on the event loop. A clip is heard while it is being made.

Not in a thread: an answer that streams would hold one for seconds, and threads are for turns.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from audio_cache.files import ClipFiles, Growing
from audio_cache.forms import MULAW, as_wav
from audio_cache.keys import is_key
from calls.speech import Speech

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PREFIX, SUFFIX = "/audio/", ".mp3"
# Clips that are served from memory; a sentence takes 10 to 50 KB.
HOT_BYTES = 64 * 1024 * 1024
_POLL_S = 0.02  # how soon a listener gets what has been written
# A clip that has been named in an answer is being made: how long its first sound may take here,
# and how long it may stand still. The carrier itself waits no longer.
_FIRST_S = 10.0
_STALL_S = 10.0
# Keys that are looked up in the database at once, and how many may wait for it: strangers can ask
# for any, and threads are for clips that are there.
LOOKUPS_MOST = 2
LOOKUPS_WAITING = 64
_USED_EVERY_S = 300.0  # a clip served from memory counts as used on disk this often

_RANGE = re.compile(rb"bytes=(\d*)-(\d*)", re.ASCII)
_CONDITIONS = frozenset({b"range", b"if-range", b"if-none-match"})
_KIND = (b"content-type", b"audio/mpeg")
# What was made for a live call that went on in turns: the carrier goes by this, not by the address.
_KIND_LIVE = (b"content-type", b"audio/wav")
_NO_SNIFF = (b"x-content-type-options", b"nosniff")
_UNFINISHED: Headers = [_KIND, (b"cache-control", b"no-store"), _NO_SNIFF]


class _Clip:
    """A whole clip in memory, with the head that goes before it."""

    def __init__(self, files: ClipFiles, key: str, data: bytes) -> None:
        is_live = files.suffix == MULAW
        self.files = files
        self.data = as_wav(data) if is_live else data
        self.etag = b'"%b"' % key.encode()
        self.used_at = 0.0  # when its file was last marked, on the loop's clock
        self.common: Headers = [
            _KIND_LIVE if is_live else _KIND,
            (b"etag", self.etag),
            (b"accept-ranges", b"bytes"),
            # What a key stands for never changes.
            (b"cache-control", b"private, max-age=31536000, immutable"),
            _NO_SNIFF,
        ]
        self.head = [(b"content-length", b"%d" % len(self.data)), *self.common]
        # Made once: to most listeners just these two are sent.
        self.start = {"type": "http.response.start", "status": 200, "headers": self.head}
        self.body = {"type": "http.response.body", "body": self.data}


class _Hot:
    """The clips that were served last, up to a size. For one event loop."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._clips: OrderedDict[str, _Clip] = OrderedDict()
        self._size_bytes = 0

    def get(self, key: str) -> _Clip | None:
        clip = self._clips.get(key)
        if clip is not None:
            self._clips.move_to_end(key)
        return clip

    def put(self, key: str, clip: _Clip) -> None:
        if len(clip.data) > self._most_bytes or key in self._clips:
            return
        self._clips[key] = clip
        self._size_bytes += len(clip.data)
        while self._size_bytes > self._most_bytes:
            _, coldest = self._clips.popitem(last=False)
            self._size_bytes -= len(coldest.data)


class Clips:
    """Answers requests for clips of one process."""

    def __init__(self, speech: Speech, hot_bytes: int = HOT_BYTES) -> None:
        self._speech = speech
        files = speech.files
        self._files = files
        # One folder has the clips of both forms, and a key stands for one of them.
        self._forms = (files, ClipFiles(files.folder, suffix=MULAW)) if files else ()
        self._hot = _Hot(hot_bytes)
        self._lookups: dict[str, asyncio.Task[bool]] = {}  # by key
        self._free = asyncio.Semaphore(LOOKUPS_MOST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET or HEAD of an address that `is_clip`."""
        key = scope["path"][len(PREFIX) : -len(SUFFIX)]
        files = self._files
        clip = self._hot.get(key)
        if files is None or (clip is None and not is_key(key)):
            await _refuse(send, 404, "not_found", "There is no such clip.")
            return
        clip = clip or await asyncio.to_thread(self._from_disk, key)
        if clip is None:
            await self._grow(files, key, scope, receive, send)
            return
        self._hot.put(key, clip)
        now = asyncio.get_running_loop().time()
        if now - clip.used_at > _USED_EVERY_S:
            clip.used_at = now
            await asyncio.to_thread(clip.files.use, key)
        await _send_whole(clip, scope, send)

    def _from_disk(self, key: str) -> _Clip | None:
        for files in self._forms:
            data = files.read(key)
            if data is not None:
                return _Clip(files, key, data)
        return None

    async def _grow(
        self, files: ClipFiles, key: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Stream a clip that is being made, here or by another process; have it made if needed."""
        growing = await asyncio.to_thread(files.follow, key)
        if growing is None:
            lookup = self._lookup(key)
            if lookup is None:
                await _refuse(send, 503, "busy", "Too many clips are being looked for.")
                return
            if not await asyncio.shield(lookup):  # others may wait for it too
                await _refuse(send, 404, "not_found", "There is no such clip.")
                return
            growing = await asyncio.to_thread(files.follow, key)
        if growing is None or not await _has_begun(growing):
            if growing is not None:
                growing.close()
            await self._finished(files, key, scope, send)
            return
        try:
            await _send_growing(growing, scope["method"] == "HEAD", receive, send)
        finally:
            growing.close()

    def _lookup(self, key: str) -> asyncio.Task[bool] | None:
        """Whether a clip is known; then it is being made. None when too many are asked for."""
        lookup = self._lookups.get(key)
        if lookup is None and len(self._lookups) < LOOKUPS_MOST + LOOKUPS_WAITING:
            lookup = self._lookups[key] = asyncio.create_task(self._remade(key))
            lookup.add_done_callback(lambda _: self._lookups.pop(key))
        return lookup

    async def _remade(self, key: str) -> bool:
        async with self._free:
            return await asyncio.to_thread(self._speech.remake, key)

    async def _finished(self, files: ClipFiles, key: str, scope: Scope, send: Send) -> None:
        """Send a clip that nobody is making any more: the whole of it, or as far as it came.

        A sentence that breaks off beats silence: the question comes again, in the carrier's voice.
        """
        clip = await asyncio.to_thread(self._from_disk, key)
        if clip is not None:
            self._hot.put(key, clip)
            await _send_whole(clip, scope, send)
            return
        cut = await asyncio.to_thread(files.read_cut, key)
        if cut is None:
            await _refuse(send, 503, "not_made", "The clip cannot be made now.")
            return
        headers = [*_UNFINISHED, (b"content-length", b"%d" % len(cut))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        is_head = scope["method"] == "HEAD"
        await send({"type": "http.response.body", "body": b"" if is_head else cut})


def is_clip(scope: Scope) -> bool:
    """Whether the request is one for a clip."""
    path: str = scope["path"]
    return path.startswith(PREFIX) and path.endswith(SUFFIX) and scope["method"] in ("GET", "HEAD")


async def _send_whole(clip: _Clip, scope: Scope, send: Send) -> None:
    given = {name: value for name, value in scope["headers"] if name in _CONDITIONS}
    if not given and scope["method"] == "GET":
        await send(clip.start)
        await send(clip.body)
        return
    wanted, known = given.get(b"range", b""), given.get(b"if-none-match", b"")
    if_range = given.get(b"if-range", b"")
    status, head, body = 200, clip.head, clip.data
    if known and _matches(known, clip.etag):
        status, head, body = 304, clip.common, b""
    elif wanted and if_range in (b"", clip.etag):
        status, head, body = _ranged(clip, wanted)
    await send({"type": "http.response.start", "status": status, "headers": head})
    is_head = scope["method"] == "HEAD"
    await send({"type": "http.response.body", "body": b"" if is_head else body})


def _matches(known: bytes, etag: bytes) -> bool:
    tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]
    return etag in tags or b"*" in tags


def _ranged(clip: _Clip, wanted: bytes) -> tuple[int, Headers, bytes]:
    """The answer to one range; what is no single range is ignored (RFC 9110, 14.2)."""
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or not (found[1] or found[2]):
        return 200, clip.head, clip.data
    size = len(clip.data)
    # Longer numbers than any size has mean its end.
    first, last = (int(one[:18]) if one else -1 for one in found.groups())
    if first < 0:
        first, last = max(size - last, 0), size - 1
    elif last < 0 or last >= size:
        last = size - 1
    elif last < first:
        return 200, clip.head, clip.data
    if first >= size:
        whole = [(b"content-range", b"bytes */%d" % size), (b"content-length", b"0")]
        return 416, [*whole, *clip.common], b""
    body = clip.data[first : last + 1]
    part = [
        (b"content-range", b"bytes %d-%d/%d" % (first, last, size)),
        (b"content-length", b"%d" % len(body)),
    ]
    return 206, [*part, *clip.common], body


async def _has_begun(growing: Growing) -> bool:
    """Wait for the first sound; False when none comes."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _FIRST_S
    while not growing.has_more:
        if growing.is_over() or loop.time() > until:
            return growing.has_more
        await asyncio.sleep(_POLL_S)
    return True


async def _send_growing(growing: Growing, is_head: bool, receive: Receive, send: Send) -> None:
    """What is written, as it is written, until its writer ends or the listener leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": _UNFINISHED})
    leaving = asyncio.ensure_future(_left(receive))
    loop = asyncio.get_running_loop()
    moved_at = loop.time()
    try:
        while not is_head and not leaving.done():
            is_over = growing.is_over()  # asked first: what was written before it is then read
            if growing.has_more:
                piece = await asyncio.to_thread(growing.read)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                moved_at = loop.time()
            elif is_over or loop.time() - moved_at > _STALL_S:
                break
            else:
                await asyncio.sleep(_POLL_S)
    finally:
        leaving.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = orjson.dumps({"error": {"code": code, "message": message}})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        _NO_SNIFF,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
