"""Clips of live calls in memory: whole, or growing while they are made; and who reads them.

A `Source` is written by one thread. `Sounds` keeps those that were used last. A `Sound` is one
reader of one source, on an event loop. Not here: where the bytes come from (`calls/live_voice.py`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from audio_cache.mulaw import BYTES_A_SECOND

# What is heard all day stays here; a sentence takes 10 to 60 KB.
HOT_BYTES = 64 * 1024 * 1024


class Source:
    """The bytes of one clip, of which there may be more every moment. Any threads read it."""

    __slots__ = ("_lock", "_watchers", "data", "is_over", "is_whole")

    def __init__(self, data: bytes | None = None, is_whole: bool = True) -> None:
        """`data`: all that there will be; None: it is going to grow."""
        self.data: bytes | bytearray = bytearray() if data is None else data
        self.is_over = data is not None
        self.is_whole = data is not None and is_whole
        self._lock = Lock()
        self._watchers: list[Callable[[], None]] = []

    def add(self, piece: bytes) -> None:
        """There is more. From the one thread that writes."""
        assert isinstance(self.data, bytearray)
        self.data += piece
        self._tell()

    def end(self, is_whole: bool) -> None:
        """Nothing more comes; `is_whole`: that was all of it. Safe to call twice."""
        if self.is_over:
            return
        self.data = bytes(self.data)
        self.is_whole = is_whole
        self.is_over = True
        self._tell()

    def watch(self, told: Callable[[], None]) -> None:
        """Have `told` called, in the thread that writes, whenever there is news."""
        with self._lock:
            self._watchers.append(told)

    def unwatch(self, told: Callable[[], None]) -> None:
        """Not any longer. Safe when it never was."""
        with self._lock, suppress(ValueError):
            self._watchers.remove(told)

    def _tell(self) -> None:
        with self._lock:
            watchers = tuple(self._watchers)
        for told in watchers:
            told()


class Sound:
    """A clip in μ-law at 8 kHz, read once from its start. For one event loop; never blocks."""

    __slots__ = ("_is_told", "_is_watching", "_loop", "_more", "_read", "_source")

    def __init__(self, source: Source | None) -> None:
        self._source = source  # None: it is being looked for
        self._read = 0
        self._more: Callable[[], None] | None = None
        self._is_told = False
        self._is_watching = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def read(self) -> bytes:
        """What is there and was not read yet; b"" when there is nothing."""
        if self._source is None:
            return b""
        piece = bytes(self._source.data[self._read :])
        self._read += len(piece)
        return piece

    @property
    def is_over(self) -> bool:
        """All was read, and nothing more comes."""
        source = self._source
        return source is not None and source.is_over and len(source.data) == self._read

    @property
    def is_broken(self) -> bool:
        """It is over and not whole: nobody could make the rest, or any of it."""
        source = self._source
        return source is not None and self.is_over and not source.is_whole

    @property
    def ms(self) -> float | None:
        """Its length; None while it grows."""
        source = self._source
        if source is None or not source.is_over:
            return None
        return len(source.data) * 1000 / BYTES_A_SECOND

    def listen(self, more: Callable[[], None]) -> None:
        """Have `more` called on the loop, soon, whenever `read` or `is_over` may have news.

        Once for what is there already.
        """
        self._more = more
        self._loop = asyncio.get_running_loop()
        source = self._source
        if source is None:
            return
        if not self._is_watching and not source.is_over:
            self._is_watching = True
            source.watch(self._wake)
        if source.is_over or len(source.data) > self._read:
            self._wake()

    def close(self) -> None:
        """Nobody listens any longer. Safe to call twice."""
        self._more = None
        if self._source is not None and self._is_watching:
            self._is_watching = False
            self._source.unwatch(self._wake)

    def found(self, source: Source) -> None:
        """What was looked for is there. On the loop."""
        self._source = source
        if self._more is not None:
            self.listen(self._more)

    def _wake(self) -> None:
        """In whatever thread writes. Several pieces in one go wake once."""
        if self._is_told or self._loop is None:
            return
        self._is_told = True
        with suppress(RuntimeError):  # the loop has ended, and with it who listens
            self._loop.call_soon_threadsafe(self._woken)

    def _woken(self) -> None:
        self._is_told = False
        if self._more is not None:
            self._more()


class Sounds:
    """The clips that were used last, up to a size, and all that grow. For any number of threads."""

    def __init__(self, most_bytes: int = HOT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._sources: OrderedDict[str, Source] = OrderedDict()  # those that are over
        self._growing: dict[str, Source] = {}
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Of those that are over."""
        return self._size_bytes

    def get(self, key: str) -> Source | None:
        """The clip, if it is here: growing, whole, or as far as it came."""
        with self._lock:
            source = self._growing.get(key)
            if source is None:
                source = self._sources.get(key)
                if source is not None:
                    self._sources.move_to_end(key)
            return source

    def has(self, key: str) -> bool:
        """Whether it is here, and whole or growing."""
        source = self.get(key)
        return source is not None and (source.is_whole or not source.is_over)

    def begin(self, key: str) -> Source:
        """A clip that is going to grow here; `ended` must follow."""
        source = Source()
        with self._lock:
            self._growing[key] = source
        return source

    def ended(self, key: str, source: Source, is_whole: bool) -> None:
        """It grows no more. A broken one stays too, for who was promised it."""
        source.end(is_whole)
        with self._lock:
            if self._growing.get(key) is source:
                del self._growing[key]
            if source.data:
                self._keep(key, source)

    def put(self, key: str, whole: bytes) -> Source:
        """A whole clip from disk."""
        source = Source(whole)
        with self._lock:
            self._keep(key, source)
        return source

    def _keep(self, key: str, source: Source) -> None:
        former = self._sources.pop(key, None)
        self._size_bytes -= len(former.data) if former else 0
        self._sources[key] = source
        self._size_bytes += len(source.data)
        while self._size_bytes > self._most_bytes and len(self._sources) > 1:
            _, coldest = self._sources.popitem(last=False)
            self._size_bytes -= len(coldest.data)
