"""The bytes of one clip for whoever plays it live: whole from memory, or as they are made."""

from __future__ import annotations

from collections.abc import Callable

from audio_cache.mulaw import BYTES_A_SECOND


class Sound:
    """A clip in μ-law at 8 kHz, read once from its start. For one event loop; never blocks."""

    __slots__ = ("_failed", "_listener", "_over", "_pieces", "_read", "_size")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._read = 0  # pieces that were read
        self._size = 0
        self._over = False
        self._failed = False
        self._listener: Callable[[], None] | None = None

    def read(self) -> bytes:
        """What is there and was not read yet; b"" when there is nothing."""
        pieces = self._pieces[self._read :]
        self._read += len(pieces)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    @property
    def is_over(self) -> bool:
        """Nothing more comes: ask after `read`, which may have left nothing."""
        return self._over

    @property
    def is_broken(self) -> bool:
        """It is over and not whole: nobody could make the rest, or any of it."""
        return self._over and self._failed

    @property
    def ms(self) -> float | None:
        """Its length; None while it grows."""
        return self._size * 1000 / BYTES_A_SECOND if self._over else None

    def listen(self, more: Callable[[], None]) -> None:
        """Have `more` called on the loop each time there is more to read, and when it is over."""
        self._listener = more

    def close(self) -> None:
        """Nobody listens any longer. Safe to call twice."""
        self._listener = None
