"""The sound of a caller that nobody has understood yet, for whoever listens next. Pure."""

from __future__ import annotations

from collections import deque

from providers.stt.base import RATE_HZ
from providers.stt.loudness import loud_bytes

# While somebody speaks or nobody listens: longer than it takes to be listened to again after two
# failures, and 64 kB a call at most.
KEPT_MOST = 8 * RATE_HZ
# While nobody is known to speak: what it takes a recogniser to notice that somebody does.
QUIET_MOST = 2 * RATE_HZ
# Kept of what was understood, when it is not known where the words end.
TAIL = RATE_HZ * 3 // 10
# Of what is thrown away, in loud samples: more may have been words.
LOUD_LEAST = RATE_HZ // 10


class KeptSound:
    """Pieces of sound in order. Positions count the samples sent on the present connection."""

    __slots__ = ("_at", "_loud_lost", "_pieces", "_size", "is_spoken")

    def __init__(self) -> None:
        self.is_spoken = False  # somebody speaks, as far as is known
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._at = 0  # position of the first sample that is kept
        self._loud_lost = 0

    @property
    def is_whole(self) -> bool:
        """Nothing that may have been words was thrown away since they were understood last."""
        return self._loud_lost < LOUD_LEAST

    def add(self, piece: bytes, is_heard: bool) -> None:
        """More; `is_heard`: somebody listens to it now."""
        self._pieces.append(piece)
        self._size += len(piece)
        most = QUIET_MOST if is_heard and not self.is_spoken else KEPT_MOST
        while self._size > most:
            self._loud_lost += loud_bytes(self._drop())

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

    def _drop(self) -> bytes:
        piece = self._pieces.popleft()
        self._size -= len(piece)
        self._at += len(piece)
        return piece
