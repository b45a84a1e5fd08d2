"""What the carrier was given to say in an answer, and what of it the caller has heard. Pure.

The carrier tells in words: pieces as they were played, and on an interruption the piece that was
cut. Which words of ours those are is found by their letters: it may write them a little otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from conversation.actions import Part

# Of a voice that takes its time: what is estimated ends rather too late than too early.
CHARACTERS_A_SECOND = 11.0
# From the first words sent to the first sound: seen to be 0.32 to 0.34 s at the carrier.
BEGINS_S = 0.4
# Letters in a row that are not in a text by chance.
_KNOWN_BY = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that go to the carrier in one message."""

    text: str  # with the space that parts it from what follows
    language: str
    interruptible: bool
    is_last: bool  # of a run that may, or may not, be cut as a whole
    number: int  # of the part it is, in what is said


def pieces(parts: Sequence[tuple[Part, bool]]) -> list[Piece]:
    """What is to be spoken, of parts that may be interrupted or not.

    A run of words ends where the next may be cut and it may not, or the other way round.
    """
    spoken = [(n, part, may) for n, (part, may) in enumerate(parts) if part.text.strip()]
    found = []
    for index, (number, part, may) in enumerate(spoken):
        goes_on = index + 1 < len(spoken)
        is_last = not goes_on or spoken[index + 1][2] != may
        text = part.text.strip() + (" " if goes_on else "")
        found.append(Piece(text, part.language, may, is_last, number))
    return found


class RelaySpeech:
    """The words of one answer on their way to the caller's ear."""

    __slots__ = ("_ends", "_letters", "_pieces", "heard_letters", "is_told", "text")

    def __init__(self, spoken: list[Piece]) -> None:
        self._pieces = spoken
        self.text = "".join(one.text for one in spoken)
        self._letters, self._ends = _letters(self.text)
        self.heard_letters = 0
        self.is_told = False  # the carrier has told at least once what it played

    @property
    def planned(self) -> Sequence[Piece]:
        """All of it."""
        return self._pieces

    @property
    def is_heard(self) -> bool:
        """All of it was played, as far as the carrier has told."""
        return self.heard_letters >= len(self._letters)

    @property
    def heard(self) -> str:
        """What was played."""
        return self.text[: self._cut()].strip()

    @property
    def now(self) -> Piece | None:
        """The piece in which the first word stands that was not played yet; None past the end."""
        if self.is_heard:
            return None
        end, at = 0, self._ends[self.heard_letters]
        for one in self._pieces:
            end += len(one.text)
            if at <= end:
                return one
        return None

    def played(self, words: str) -> bool:
        """These words were played last, after those before; whether they are words of ours."""
        letters = _letters(words)[0]
        found = self._found(letters)
        if found is None:
            return not letters
        self.heard_letters = max(self.heard_letters, found)
        self.is_told = True
        return True

    def all_played(self) -> None:
        """Everything was played."""
        self.heard_letters = len(self._letters)

    def rest(self) -> list[Piece]:
        """What was not played, from the word that was cut."""
        cut = self._cut()
        if cut < len(self.text) and not self.text[cut].isspace():
            while cut > 0 and not self.text[cut - 1].isspace():
                cut -= 1
        left: list[Piece] = []
        begin = 0
        for one in self._pieces:
            text = one.text[max(cut - begin, 0) :]
            begin += len(one.text)
            if text.strip():
                left.append(replace(one, text=text))
        return left

    def _cut(self) -> int:
        """The character after the last that was played, with the marks that belong to it."""
        if not self.heard_letters:
            return 0
        end = self._ends[min(self.heard_letters, len(self._ends)) - 1]
        while end < len(self.text) and not self.text[end].isspace():
            if self.text[end].isalnum():
                break
            end += 1
        return end

    def _found(self, words: str) -> int | None:
        """How many letters were played when `words` are what was played last; None: unknown words.

        The nearest place counts: at what is known already, behind it, from the start.
        """
        while words:
            at = self._letters.find(words, max(0, self.heard_letters - len(words)))
            if at < 0 and self._letters.startswith(words):
                at = 0
            if at >= 0:
                return at + len(words)
            # A word that was cut may be written otherwise; what stands before it is not.
            words = words[:-1] if len(words) > _KNOWN_BY else ""
        return None


def seconds_of(words: Sequence[Piece]) -> float:
    """About how long it takes to be said, from the first words sent."""
    characters = sum(len(one.text) for one in words)
    return BEGINS_S + characters / CHARACTERS_A_SECOND if words else 0.0


@lru_cache(maxsize=512)  # most sentences are said in many calls
def _letters(text: str) -> tuple[str, tuple[int, ...]]:
    """The letters and figures of a text, and where each ends in it."""
    kept: list[str] = []
    ends: list[int] = []
    for index, character in enumerate(text, 1):
        if character.isalnum():
            for letter in character.casefold():
                kept.append(letter)
                ends.append(index)
    return "".join(kept), tuple(ends)
