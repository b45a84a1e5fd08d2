"""The caller's ear: plays what a server sends, in real time or faster, and keeps account of it.

No clock inside: `at` is seconds of any monotonic clock, never less than before. At a `speed` of 8
a second of sound plays in an eighth of a second.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from phone.mulaw import RATE_HZ

# Longer than this without sound, the agent had finished: it is no hole in what it said.
GAP_MOST_S = 2.0


@dataclass(frozen=True, slots=True)
class Gap:
    """The buffer ran dry while the agent was speaking."""

    at: float  # when sound should have gone on
    length_s: float  # of the clock, not of the sound


@dataclass(frozen=True, slots=True)
class Played:
    """What came to be heard, and the marks that were reached by it."""

    audio: bytes = b""
    marks: tuple[str, ...] = ()


@dataclass(slots=True)
class FarEnd:
    """One play buffer."""

    speed: float = 1.0
    gaps: list[Gap] = field(default_factory=list)
    heard_bytes: int = 0
    cleared_bytes: int = 0
    first_audio_at: float | None = None  # that arrived since the last `turn`
    _queue: deque[bytes | str] = field(default_factory=deque)  # a text is a mark
    _offset: int = 0  # played of the first piece
    _ahead: int = 0  # bytes waiting
    _from: float = 0.0  # when the first sample that waits is to be played
    _gap_counts: bool = False

    @property
    def rate(self) -> float:
        """Samples that are played in a second of the clock."""
        return RATE_HZ * self.speed

    @property
    def is_playing(self) -> bool:
        """There is sound that was not played yet."""
        return self._ahead > 0

    @property
    def dry_at(self) -> float:
        """When all that is here will have been played, or was."""
        return self._from + self._ahead / self.rate

    def take(self, audio: bytes, at: float) -> None:
        """Sound arrives; `play` up to now first."""
        if not audio:
            return
        if self.first_audio_at is None:
            self.first_audio_at = at
        if not self._ahead:
            late_s = at - self._from
            if self._gap_counts and 0 < late_s <= GAP_MOST_S:
                self.gaps.append(Gap(self._from, late_s))
            self._from = max(at, self._from)
        self._gap_counts = True
        self._queue.append(audio)
        self._ahead += len(audio)

    def mark(self, name: str) -> None:
        """A mark arrives. With nothing to play before it, the next `play` reaches it."""
        self._queue.append(name)

    def clear(self, at: float) -> tuple[str, ...]:
        """Forget what waits; the names of all marks in it."""
        marks = tuple(one for one in self._queue if isinstance(one, str))
        self.cleared_bytes += self._ahead
        self._queue.clear()
        self._offset = self._ahead = 0
        self._from = at
        self._gap_counts = False
        return marks

    def turn(self) -> None:
        """What arrives from now on is another utterance: no gap lies between."""
        self.first_audio_at = None
        self._gap_counts = False

    def play(self, at: float) -> Played:
        """What is heard between the last time and `at`."""
        budget = int((at - self._from) * self.rate + 1e-6) if self._ahead else 0
        if not self._queue or (budget <= 0 and not isinstance(self._queue[0], str)):
            return Played()
        pieces: list[bytes] = []
        marks: list[str] = []
        while self._queue:
            first = self._queue[0]
            if isinstance(first, str):
                marks.append(first)
                self._queue.popleft()
                continue
            if budget <= 0:
                break
            piece = first[self._offset : self._offset + budget]
            pieces.append(piece)
            budget -= len(piece)
            self._offset += len(piece)
            if self._offset == len(first):
                self._queue.popleft()
                self._offset = 0
        audio = b"".join(pieces)
        self.heard_bytes += len(audio)
        self._ahead -= len(audio)
        self._from += len(audio) / self.rate
        return Played(audio, tuple(marks))
