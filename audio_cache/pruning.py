"""Forgets clips that nobody has heard for long, and the oldest when there are too many."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from audio_cache.files import USED_EXACT_S
from audio_cache.forms import SUFFIXES

# A clip named in an answer is fetched within minutes; until then it stays, whatever its age.
PROMISED_S = 600 + USED_EXACT_S
_LEFT_BEHIND = (".part", ".new", ".cut")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pass did."""

    files: int = 0
    freed_bytes: int = 0
    left_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Kept:
    used_at: float
    size_bytes: int
    path: Path


def prune(folder: Path, now: float, age_most_s: float, size_most_bytes: int) -> Pruned:
    """Delete what was not used for `age_most_s`, then the longest unused beyond the size.

    Never what was used in the last minutes or is being written. Who has a clip open reads on.
    """
    kept = sorted(_clips(folder, now), key=lambda clip: clip.used_at)
    size = sum(clip.size_bytes for clip in kept)
    files = freed = 0
    for clip in kept:
        if now - clip.used_at <= age_most_s and size <= size_most_bytes:
            break
        if _deleted(clip.path, now):
            files += 1
            freed += clip.size_bytes
            size -= clip.size_bytes
    return Pruned(files, freed, size)


@contextmanager
def only_one(folder: Path, name: str) -> Iterator[bool]:
    """Whether this process may do the work called `name`; of a machine's processes one may.

    OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)


def _clips(folder: Path, now: float) -> Iterator[_Kept]:
    """Every whole clip; what writers that were killed left behind is deleted on the way."""
    for path in folder.glob("??/*"):
        with suppress(OSError):  # it went meanwhile
            status = path.stat()
            if path.suffix in SUFFIXES:
                yield _Kept(status.st_mtime, status.st_size, path)
            elif path.suffix in _LEFT_BEHIND and now - status.st_mtime > PROMISED_S:
                path.unlink()


def _deleted(path: Path, now: float) -> bool:
    with suppress(OSError):
        if now - path.stat().st_mtime > PROMISED_S:
            path.unlink()
            return True
    return False
