"""Follows clips that other processes of this machine make, into memory: one thread for all."""

from __future__ import annotations

import time
from threading import Condition, Thread

from audio_cache.files import ClipFiles, Growing
from calls.sounds import Sounds, Source

_POLL_S = 0.01  # how soon what was written there is heard here
# A writer that stands still for so long is stopped, or its machine asleep: nobody waits longer.
# Vendors that stall end their clip well before.
STALL_S = 8.0


class Following:
    """The clips of other processes that callers of this one hear. For any number of threads."""

    def __init__(self, files: ClipFiles, sounds: Sounds) -> None:
        self._files = files
        self._sounds = sounds
        self._news = Condition()
        self._followed: dict[str, _Followed] = {}
        self._is_closed = False
        self._thread: Thread | None = None

    def follow(self, key: str) -> Source | None:
        """The clip as another process writes it; None when nobody does."""
        with self._news:
            known = self._followed.get(key)
            if known is not None:
                return known.source
            if self._is_closed:
                return None
            growing = self._files.follow(key)
            if growing is None:
                return None
            followed = _Followed(growing, self._sounds.begin(key))
            self._followed[key] = followed
            if self._thread is None:
                self._thread = Thread(target=self._run, name="clip-follow", daemon=True)
                self._thread.start()
            self._news.notify()
            return followed.source

    def close(self) -> None:
        """Follow no longer. Safe to call twice."""
        with self._news:
            self._is_closed = True
            self._news.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._followed and not self._is_closed:
                    self._news.wait()
                followed = dict(self._followed)
                is_closed = self._is_closed
            ended = [key for key, one in followed.items() if one.is_over_now() or is_closed]
            for key in ended:
                followed[key].growing.close()
                self._sounds.ended(key, followed[key].source, self._files.use(key))
            with self._news:
                for key in ended:
                    del self._followed[key]
                if is_closed:
                    return
                self._news.wait(_POLL_S)


class _Followed:
    """One clip, and when it last grew."""

    def __init__(self, growing: Growing, source: Source) -> None:
        self.growing = growing
        self.source = source
        self._moved_at = time.monotonic()

    def is_over_now(self) -> bool:
        """Hand on what is there; whether nothing more comes."""
        is_over = self.growing.is_over()  # asked first: what was written before it is then read
        while piece := self.growing.read():
            self.source.add(piece)
            self._moved_at = time.monotonic()
        return is_over or time.monotonic() - self._moved_at > STALL_S
