"""The clips that one process makes of one vendor's voice: each once, for callers or ahead of time.

Not here: how one is made (`calls/clip_maker.py`), and what an answer needs (`calls/speech.py`).
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock

from audio_cache.files import CacheError, ClipFiles
from calls.clip_maker import ClipMaker, Making
from calls.sounds import Sounds
from storage.records import ClipRecord

log = logging.getLogger(__name__)

# Clips asked of the vendor at once for callers: more than any plan of a vendor takes.
CALLERS_MOST = 48
# The same ahead of time. More would be in callers' way at the vendor.
AHEAD_MOST = 3
# Clips that may wait to be made ahead of time; what comes then is made when it is needed.
QUEUED_MOST = 64


class Makings:
    """Which clips are being made, in whose thread. For any number of threads."""

    def __init__(self, files: ClipFiles, maker: ClipMaker, sounds: Sounds | None = None) -> None:
        """`sounds`: has what is made be heard from memory, while it is made and after."""
        self.files = files
        self.maker = maker
        self._sounds = sounds
        self._lock = Lock()
        self._makings: dict[str, Making] = {}
        self._queued: set[str] = set()
        self._for_callers = 0
        self._callers = ThreadPoolExecutor(CALLERS_MOST, thread_name_prefix="clip")
        self._ahead = ThreadPoolExecutor(AHEAD_MOST, thread_name_prefix="clip-ahead")

    @property
    def is_busy(self) -> bool:
        """Callers are waiting for clips."""
        return self._for_callers > 0

    def get(self, key: str) -> Making | None:
        """The clip as it is being made here; None when it is not."""
        return self._makings.get(key)

    def start(self, record: ClipRecord) -> Making | None:
        """Have the clip made for a caller; None when another makes it, or nobody can."""
        making = self._begun(record)
        if making is None:
            return None
        with self._lock:
            self._for_callers += 1
        try:
            future = self._callers.submit(self.maker.make, making)
        except RuntimeError:  # closed
            self._ended(making, None)
            return None
        future.add_done_callback(lambda done: self._ended(making, done))
        return making

    def make(self, record: ClipRecord) -> bool | None:
        """Make it in this thread; whether it is kept. None when another does, or nobody can."""
        making = self._begun(record)
        if making is None:
            return None
        try:
            self.maker.make(making)
        finally:
            self._forget(making)
        return making.is_kept

    def queue(self, record: ClipRecord) -> None:
        """Have it made ahead of time, unless too many wait. Waits for nothing."""
        with self._lock:
            if record.key in self._queued or len(self._queued) >= QUEUED_MOST:
                return
            self._queued.add(record.key)
        try:
            future = self._ahead.submit(self.make, record)
        except RuntimeError:  # closed
            return
        future.add_done_callback(partial(self._unqueue, record.key))

    def close(self) -> None:
        """Break off what is being made: seconds, when a vendor hangs. Safe to call twice."""
        self.maker.close()
        self._ahead.shutdown(cancel_futures=True)
        self._callers.shutdown(cancel_futures=True)
        self.maker.synthesiser.close()

    def _begun(self, record: ClipRecord) -> Making | None:
        """The clip as ours to make; None when another makes it, or nobody can."""
        try:
            claim = self.files.claim(record.key)
        except CacheError as error:
            log.error("no clip can be made", extra={"reason": str(error)})
            return None
        if claim is None:
            return None
        if not self.maker.admits():
            claim.abandon()
            return None
        sounds = self._sounds
        making = Making(record, claim, sounds.begin(record.key) if sounds else None)
        with self._lock:
            self._makings[record.key] = making
        return making

    def _unqueue(self, key: str, done: Future[bool | None]) -> None:
        with self._lock:
            self._queued.discard(key)

    def _ended(self, making: Making, done: Future[None] | None) -> None:
        with self._lock:
            self._for_callers -= 1
        if done is None or done.cancelled():
            self.maker.drop(making)
        self._forget(making)

    def _forget(self, making: Making) -> None:
        if self._sounds is not None and making.source is not None:
            self._sounds.ended(making.record.key, making.source, making.is_whole)
        with self._lock:
            if self._makings.get(making.record.key) is making:
                del self._makings[making.record.key]
