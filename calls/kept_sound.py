"""The sound of a caller that nobody has understood yet, for whoever listens next. Pure."""

from __future__ import annotations

from collections import deque

from providers.stt.base import RATE_HZ
from providers.stt.loudness import loud_bytes

# While somebody speaks or nobody listens: longer than it takes to be listened to again after two
# failures, and 64 kB a call at most.
KEPT_MOST = 8 * RATE_HZ
# While it is quiet: what it takes a recogniser to notice that somebody speaks.
QUIET_MOST = 2 * RATE_HZ
# Kept of what was understood, when it is not known where the words end.
TAIL = RATE_HZ * 3 // 10
# Samples of loud sound that may be a word.
LOUD_LEAST = RATE_HZ // 10


class KeptSound:
    """Pieces of sound in order. Positions count the samples sent on the present connection."""

    __slots__ = ("_at", "_loud", "_loud_lost", "_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._loud = 0  # samples of it
        self._at = 0  # position of the first sample that is kept
        self._loud_lost = 0

    @property
    def is_whole(self) -> bool:
        """Nothing that may have been words was thrown away since they were understood last."""
        return self._loud_lost < LOUD_LEAST

    def add(self, piece: bytes) -> int:
        """More of it; how many of its samples are loud."""
        loud = loud_bytes(piece)
        self._pieces.append(piece)
        self._size += len(piece)
        self._loud += loud
        most = KEPT_MOST if self._loud >= LOUD_LEAST else QUIET_MOST
        while self._size > most:
            self._loud_lost += self._drop()
        return loud

    def pardon(self) -> None:
        """What was thrown away was no words."""
        self._loud_lost = 0

    def reach(self, position: int) -> None:
        """Everything up to there is understood."""
        while self._pieces and self._at + len(self._pieces[0]) <= position:
            self._drop()
        self._loud_lost = 0

    def reach_end(self) -> None:
        """All but the last moment is understood."""
        self.reach(self._at + self._size - TAIL)

    def forget(self) -> None:
        """Nothing of it is wanted."""
        self.reach(self._at + self._size)

    def restart(self) -> bytes:
        """All that is kept: what a new connection is sent first."""
        self._at = 0
        self._loud_lost = 0
        return b"".join(self._pieces)

    def _drop(self) -> int:
        """Throw the oldest piece away; how much of it was loud."""
        piece = self._pieces.popleft()
        loud = loud_bytes(piece)
        self._size -= len(piece)
        self._at += len(piece)
        self._loud -= loud
        return loud
