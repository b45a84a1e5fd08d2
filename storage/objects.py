"""Where recordings are kept as files: the contract, and a folder of this machine.

Every backend passes the same suite (tests/storage/contract_objects.py). `objects_s3` is another.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from storage.base import StorageError

# Bytes that are read or written at once.
PIECE_BYTES = 64 * 1024
# What a process that was killed left half-written is deleted when it is this old.
LEFT_OVER_S = 3600.0
_NAME = re.compile(
    r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}/){0,4}[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}"
)


class ObjectsAway(StorageError):
    """The store of objects cannot be reached, read or written now."""


class NoSuchObject(StorageError):
    """Nothing is kept under that name."""


class Objects(Protocol):
    """Named files that nobody else can read. Safe for use from many threads and processes.

    A name is of one to five parts of letters, digits, -, _ and . (not first), with / between them;
    ValueError for others. ObjectsAway from every method.
    """

    def keep(self, name: str, content: BinaryIO) -> int:
        """Keep what `content` has from here to its end, over what was kept; its size in bytes.

        All of it or nothing: whoever reads meanwhile gets the former content, or none.
        """

    def size(self, name: str) -> int | None:
        """Size in bytes; None when nothing is kept under the name."""

    def read(self, name: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The bytes from `first` to `last`, both included, in pieces. NoSuchObject at once."""

    def delete(self, name: str) -> bool:
        """Forget it for good; False when nothing was kept."""

    def close(self) -> None:
        """Let go of connections. Safe to call twice."""


def checked(name: str) -> str:
    """The name, when it is one; ValueError otherwise."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name for an object")
    return name


class FolderObjects:
    """Objects as files in `folder`, synced to the disk, for this user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, content: BinaryIO) -> int:
        path = self._folder / checked(name)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _clear(path.parent)
            try:
                size = _write(part, content)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            _sync(path.parent)
        except OSError as error:
            raise _away(path, error) from error
        return size

    def size(self, name: str) -> int | None:
        path = self._folder / checked(name)
        try:
            return path.stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _away(path, error) from error

    def read(self, name: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        path = self._folder / checked(name)
        try:
            file = path.open("rb")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NoSuchObject(f"There is no {name}.") from error
        except OSError as error:
            raise _away(path, error) from error
        return _pieces(file, first, last)

    def delete(self, name: str) -> bool:
        path = self._folder / checked(name)
        try:
            path.unlink()
            _sync(path.parent)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _away(path, error) from error
        return True

    def close(self) -> None:
        """Nothing is open."""


def _write(part: Path, content: BinaryIO) -> int:
    size = 0
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        while piece := content.read(PIECE_BYTES):
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return size


def _pieces(file: BinaryIO, first: int, last: int | None) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = None if last is None else last + 1 - first
        while left is None or left > 0:
            piece = file.read(PIECE_BYTES if left is None else min(PIECE_BYTES, left))
            if not piece:
                return
            left = None if left is None else left - len(piece)
            yield piece


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk, too."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _clear(folder: Path) -> None:
    for left in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_OVER_S:
                left.unlink()


def _away(path: Path, error: OSError) -> ObjectsAway:
    return ObjectsAway(
        f"{path} cannot be used: {error.strerror}. Its folder must belong to the user that runs "
        "this program and have room."
    )
