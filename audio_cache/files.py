"""Clips as files: KEY.mp3 or KEY.ulaw when whole, KEY.part while one process here writes it.

KEY.cut is what was written of a clip that nobody could finish, for those who were promised it.

Whoever writes holds a lock (flock) on KEY.part, which ends with its process. So everybody can tell
a clip that grows from one that was given up, and of any number of threads and processes one writes.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from audio_cache.forms import MP3
from audio_cache.keys import is_key

# How exactly is kept when a clip was last used: no more than a write in this time each.
USED_EXACT_S = 300
PIECE_BYTES = 64 * 1024
_PART, _CUT = ".part", ".cut"


class CacheError(Exception):
    """The folder of clips cannot be written: full, read-only, not ours."""


class Claim:
    """The right to write one clip. Ends with `keep`, `keep_instead` or `abandon`."""

    def __init__(self, fd: int, part: Path, whole: Path) -> None:
        self._fd = fd
        self._part = part
        self._whole = whole
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        """Add to the clip; whoever follows it gets that at once. CacheError: give it up."""
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            raise _as_cache_error(error) from error
        self.size_bytes += len(data)

    def keep(self) -> None:
        """The clip is whole. CacheError when it cannot be kept; then it was given up."""
        try:
            os.fdatasync(self._fd)  # or a power cut could leave a whole name for half a clip
            self._part.rename(self._whole)
        except OSError as error:
            self.abandon()
            raise _as_cache_error(error) from error
        self._let_go()

    def keep_instead(self, data: bytes) -> None:
        """Keep `data` as the clip, not what was written; followers still end with the latter."""
        draft = self._part.with_suffix(".new")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fdatasync(file.fileno())
            draft.rename(self._whole)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise _as_cache_error(error) from error
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Keep nothing as the clip. Who follows it, or comes soon, gets what was written.

        Safe to call twice.
        """
        if self._fd < 0:
            return
        with suppress(OSError):  # an unlocked part is nobody's, whether its name goes or not
            if self.size_bytes and not self._whole.exists():
                self._part.rename(self._part.with_suffix(_CUT))
            else:
                self._part.unlink(missing_ok=True)
        self._let_go()

    def _let_go(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)  # which unlocks
            self._fd = -1


class Growing:
    """A clip that is being written, by whichever process, from its first byte on."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._offset = 0

    @property
    def has_more(self) -> bool:
        """Whether `read` would bring something. Touches no disk."""
        return os.fstat(self._fd).st_size > self._offset

    def is_over(self) -> bool:
        """The writer has ended, well or not; what it wrote may still be unread."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(self._fd, fcntl.LOCK_UN)
        return True

    def read(self) -> bytes:
        """What is there and was not read before; b"" when there is nothing yet."""
        data = os.pread(self._fd, PIECE_BYTES, self._offset)
        self._offset += len(data)
        return data

    def close(self) -> None:
        """Follow no longer. Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class ClipFiles:
    """The clips of one machine, in a folder that only its user can read. Any threads, processes.

    `suffix`: of the form that they have. A key stands for one form, so all forms share a folder.
    """

    def __init__(
        self, folder: Path, clock: Callable[[], float] = time.time, suffix: str = MP3
    ) -> None:
        self.folder = folder
        self.suffix = suffix
        self._beside = "" if suffix == MP3 else suffix  # before the ends of unfinished ones
        self._folder = str(folder)
        self._clock = clock

    def use(self, key: str) -> bool:
        """Whether the clip is whole and here; if so it counts as used now."""
        if not is_key(key):
            raise ValueError("not the key of a clip")
        # Each answer asks: a Path costs ten times as much.
        path = f"{self._folder}/{key[:2]}/{key}{self.suffix}"
        try:
            there = os.stat(path)
        except OSError:
            return False
        if not there.st_size:
            with suppress(OSError):
                os.unlink(path)  # a disk has lost what was whole: it is to be made anew
            return False
        now = self._clock()
        if now - there.st_mtime > USED_EXACT_S:
            with suppress(OSError):  # a read-only disk still serves
                os.utime(path, (now, now))
        return True

    def read(self, key: str) -> bytes | None:
        """The whole clip; None when it is not here."""
        return _content(self._whole(key)) or None

    def read_cut(self, key: str) -> bytes | None:
        """What there is of a clip that was given up lately; None when there is nothing."""
        return _content(self._whole(key).with_suffix(self._beside + _CUT))

    def claim(self, key: str) -> Claim | None:
        """The right to write the clip; None when it is whole or another writes it.

        What a writer left behind that was killed is taken over. CacheError when nothing can be
        written here.
        """
        whole = self._whole(key)
        part = whole.with_suffix(self._beside + _PART)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            whole.parent.mkdir(exist_ok=True, mode=0o700)
            while not whole.exists():
                fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # Its former writer may have renamed or removed it before we had the lock.
                    if _is_named(fd, part) and not whole.exists():
                        os.ftruncate(fd, 0)
                        return Claim(fd, part, whole)
                except BlockingIOError:
                    if not Growing(fd).is_over():  # not merely somebody who looks, as we do now
                        os.close(fd)
                        return None
                except OSError:
                    os.close(fd)
                    raise
                os.close(fd)
        except OSError as error:
            raise _as_cache_error(error) from error
        return None

    def follow(self, key: str) -> Growing | None:
        """The clip as it is being written now; None when nobody writes it."""
        try:
            part = self._whole(key).with_suffix(self._beside + _PART)
            fd = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        growing = Growing(fd)
        if growing.is_over():  # a writer that was killed, or one that ended this moment
            growing.close()
            return None
        return growing

    def is_claimed(self, key: str) -> bool:
        """Whether somebody writes the clip now."""
        growing = self.follow(key)
        if growing is not None:
            growing.close()
        return growing is not None

    def has_begun(self, key: str) -> bool:
        """Whether somebody writes the clip now and some of it is there."""
        growing = self.follow(key)
        if growing is None:
            return False
        begun = growing.has_more
        growing.close()
        return begun

    def _whole(self, key: str) -> Path:
        if not is_key(key):
            raise ValueError("not the key of a clip")
        return self.folder / key[:2] / f"{key}{self.suffix}"


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _is_named(fd: int, path: Path) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    opened = os.fstat(fd)
    return (opened.st_dev, opened.st_ino) == (named.st_dev, named.st_ino)


def _as_cache_error(error: OSError) -> CacheError:
    return CacheError(f"the folder of clips cannot be written: {error.strerror or error}")
