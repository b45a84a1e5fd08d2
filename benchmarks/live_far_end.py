"""The carrier's side of a live call's sound: a buffer that plays in real time and returns marks.

Apart from `phone/far_end.py`, which keeps the sound for whoever listens: hundreds of callers are
played by one process here, so only lengths and moments are kept. What callers cost must not be
taken for what the server costs.
"""

from __future__ import annotations

from collections import deque


class FarEnd:
    """One call. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self.plays_until = 0.0  # what has arrived is played by then
        self.late_s: list[float] = []  # of every piece: how long the buffer had been empty
        self.heard_s = 0.0
        self._is_within = False  # sound of this answer was played already
        self._marks: deque[tuple[float, str]] = deque()

    def hears(self, seconds: float, now: float) -> None:
        """Sound has arrived. Of an answer that goes on it is late when the buffer is empty."""
        self.late_s.append(max(0.0, now - self.plays_until) if self._is_within else 0.0)
        self._is_within = True
        self.plays_until = max(self.plays_until, now) + seconds
        self.heard_s += seconds

    def asked(self, mark: str, now: float) -> None:
        """A mark has arrived, to be returned when what came before it has been played."""
        self._marks.append((max(self.plays_until, now), mark))

    def clears(self, now: float) -> list[str]:
        """Play no more of what is there; the marks that return at once."""
        self.plays_until = min(self.plays_until, now)
        returned = [mark for _, mark in self._marks]
        self._marks.clear()
        return returned

    def answer_ends(self) -> None:
        """The caller speaks: what comes next is another answer."""
        self._is_within = False

    def played(self, now: float) -> list[str]:
        """The marks that are due."""
        marks = self._marks
        if not marks or marks[0][0] > now:  # asked fifty times a second for every call
            return []
        due = []
        while marks and marks[0][0] <= now:
            due.append(marks.popleft()[1])
        return due

    def is_quiet(self, now: float, for_s: float) -> bool:
        """Everything was played `for_s` ago, and something was."""
        return self._is_within and not self._marks and now - self.plays_until >= for_s
