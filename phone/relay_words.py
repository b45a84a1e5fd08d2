"""The carrier's voice in a relay: words that wait, are spoken in time, cut or told as played.

No clock inside: `at` is seconds of any monotonic clock. What is told of it is documented only as a
value of `events`; its form was seen on the wire: `tokensPlayed` comes with the words of a clause
when that was played, or when it was cut.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from phone.clock import CHARACTERS_A_SECOND

# From the first words to the first sound: seen to be 0.32 to 0.34 s.
BEGINS_S = 0.3
_CLAUSE_ENDS = (".", "!", "?", ":", ";", ",", "।", "…")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that waits to be spoken."""

    text: str
    language: str
    interruptible: str  # none | dtmf | speech | any
    preemptible: bool
    cycle: int  # what was sent up to a `last`
    ends: bool  # a clause

    @property
    def seconds(self) -> float:
        """How long it takes to say."""
        return (len(self.text) + 1) / CHARACTERS_A_SECOND


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that were played, up to the end of a clause or to where it was cut."""

    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    """The agent begins to speak, or falls silent."""

    speaks: bool


Told = Word | Clause | Voice


class RelayWords:
    """The play queue of one session. At a `speed` of 8 a second passes in an eighth of one."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._queue: deque[Word] = deque()
        self._open = ""  # the beginning of a word whose rest did not arrive yet
        self._starts_at = 0.0  # the first word that waits
        self._clause: list[str] = []
        self._cycle = 0
        self._cycle_is_open = False
        self.is_speaking = False
        self.spoke_from = 0.0  # when the last utterance began
        self.quiet_from = 0.0  # when the last word was heard

    @property
    def due_at(self) -> float | None:
        """When `play` has something to tell; None: not before more words arrive."""
        if not self._queue:
            return None
        if not self.is_speaking:
            return self._starts_at
        return self._starts_at + self._queue[0].seconds / self._speed

    @property
    def playing(self) -> Word | None:
        """What is being said, or will be in a moment."""
        return self._queue[0] if self._queue else None

    def take(self, text: str, word: Word, is_last: bool, at: float) -> list[Told]:
        """Words arrive, said as `word` is; what was cut by them."""
        cut: list[Told] = []
        if not self._cycle_is_open:
            self._cycle += 1
            if any(one.preemptible for one in self._queue):
                cut = [*self.clear(at), *self.silence()]
        self._cycle_is_open = not is_last
        text, self._open = self._open + text, ""
        texts = text.split()
        if texts and not is_last and not text[-1].isspace():
            self._open = texts.pop()
        if not self._queue and not self.is_speaking and texts:
            self._starts_at = at + BEGINS_S / self._speed
        elif not self._queue:
            self._starts_at = max(self._starts_at, at)
        for number, one in enumerate(texts, 1):
            ends = one.endswith(_CLAUSE_ENDS) or (is_last and number == len(texts))
            self._queue.append(
                Word(one, word.language, word.interruptible, word.preemptible, self._cycle, ends)
            )
        return cut

    def play(self, at: float) -> list[Told]:
        """What happened by `at`, in order."""
        told: list[Told] = []
        while self._queue:
            if not self.is_speaking:
                if at < self._starts_at:
                    break
                self.is_speaking = True
                self.spoke_from = self._starts_at
                told.append(Voice(True))
            first = self._queue[0]
            ends_at = self._starts_at + first.seconds / self._speed
            if at < ends_at:
                break
            self._queue.popleft()
            self._starts_at = self.quiet_from = ends_at
            told.append(first)
            self._clause.append(first.text)
            if first.ends:
                told.append(self._told_clause())
        if self.is_speaking and not self._queue and not self._cycle_is_open:
            self.is_speaking = False
            told.append(Voice(False))
        return told

    def clear(self, at: float) -> list[Told]:
        """Say nothing more of what is here; what was heard of the clause that is cut.

        That it fell silent is told by `silence`, after the interruption.
        """
        self._queue.clear()
        self._open = ""
        self._cycle_is_open = False
        self.quiet_from = min(self.quiet_from, at)
        return [self._told_clause()] if self._clause else []

    def silence(self) -> list[Told]:
        """It was cut: it is silent."""
        was, self.is_speaking = self.is_speaking, False
        return [Voice(False)] if was else []

    def _told_clause(self) -> Clause:
        clause = Clause(" ".join(self._clause))
        self._clause.clear()
        return clause
