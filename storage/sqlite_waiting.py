"""Tells whoever writes much into an SQLite file that somebody else waits for it.

SQLite lets one writer in at a time and does not queue the others: they look now and then. Who takes
the file again and again must leave it to them, but need not where nobody waits. Whoever finds it
taken puts down when that was, in a small file beside it that all processes of the machine share.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from struct import Struct
from threading import Lock
from time import monotonic_ns
from weakref import finalize

_MOMENT = Struct("=q")  # nanoseconds of the machine's monotonic clock


class Waiting:
    """Beside the file `path`. Safe for many threads. It never fails: what cannot be put down or
    read is as if somebody waited."""

    def __init__(self, path: Path) -> None:
        self._path = f"{path}.waiting"
        self._opening = Lock()
        self._file: int | None = None  # closed when this is let go of: threads may be at it

    def tell(self) -> None:
        """Somebody found the file taken, just now."""
        with suppress(OSError):
            os.pwrite(self._opened(), _MOMENT.pack(monotonic_ns()), 0)

    def since(self, moment_ns: int) -> bool:
        """Whether somebody has found it taken since that moment of `time.monotonic_ns`."""
        try:
            put_down = os.pread(self._opened(), _MOMENT.size, 0)
        except OSError:
            return True
        if len(put_down) < _MOMENT.size:
            return bool(put_down)  # empty: nobody ever waited
        # A moment to come is from before the machine was started.
        return bool(moment_ns <= _MOMENT.unpack(put_down)[0] <= monotonic_ns())

    def _opened(self) -> int:
        with self._opening:
            if self._file is None:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(self._path, flags, 0o600)
                # At its exit a process closes it itself, when no thread writes any more.
                finalize(self, os.close, self._file).atexit = False
            return self._file
