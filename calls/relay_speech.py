"""What the carrier was given to say in an answer, and what of it the caller has heard. Pure.

The carrier tells in words: pieces as they were played, and on an interruption the piece that was
cut. Which words of ours those are is found by their letters: it may write them a little otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conversation.actions import Action, Part, Say

# Of a voice that takes its time: what is estimated ends rather too late than too early.
CHARACTERS_A_SECOND = 11.0
# From the first words sent to the first sound: seen to be 0.32 to 0.34 s at the carrier.
BEGINS_S = 0.4


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that go to the carrier in one message."""

    text: str  # with the space that parts it from what follows
    language: str
    interruptible: bool
    is_last: bool  # of a run that may, or may not, be cut as a whole


def pieces(actions: tuple[Action, ...]) -> list[Piece]:
    """What is to be spoken. A run of words ends where the next may be cut and it may not."""
    parts = [
        (part, one.interruptible)
        for one in actions
        if isinstance(one, Say)
        for part in one.parts
        if part.text.strip()
    ]
    return list(_run(parts))


def _run(parts: list[tuple[Part, bool]]) -> Iterator[Piece]:
    for index, (part, interruptible) in enumerate(parts):
        goes_on = index + 1 < len(parts)
        is_last = not goes_on or parts[index + 1][1] != interruptible
        text = part.text.strip() + (" " if goes_on else "")
        yield Piece(text, part.language, interruptible, is_last)


class RelaySpeech:
    """The words of one answer on their way to the caller's ear."""

    __slots__ = ("_ends", "_letters", "_pieces", "_told", "heard_letters", "text")

    def __init__(self, spoken: list[Piece]) -> None:
        self._pieces = spoken
        self.text = "".join(one.text for one in spoken)
        self._letters, self._ends = _letters(self.text)
        self.heard_letters = 0
        self._told = False

    @property
    def seconds(self) -> float:
        """About how long it takes to be said, from the first words sent."""
        return BEGINS_S + len(self.text) / CHARACTERS_A_SECOND if self.text else 0.0

    @property
    def is_told(self) -> bool:
        """The carrier has told at least once what it played."""
        return self._told

    @property
    def is_heard(self) -> bool:
        """All of it was played, as far as the carrier has told."""
        return self.heard_letters >= len(self._letters)

    @property
    def heard(self) -> str:
        """What was played."""
        return self.text[: self._cut()].strip()

    def played(self, words: str) -> None:
        """These words were played, after those before."""
        self._told = True
        self.heard_letters = self._found(_letters(words)[0])

    def cut(self, words: str) -> None:
        """The caller cut in while these words were played, or when that far from the beginning."""
        self._told = True
        self.heard_letters = self._found(_letters(words)[0])

    def all_played(self) -> None:
        """Everything was played."""
        self.heard_letters = len(self._letters)

    def rest(self) -> list[Piece]:
        """What was not played, from the word that was cut."""
        cut = self._cut()
        while 0 < cut < len(self.text) and not self.text[cut - 1].isspace():
            cut -= 1
        left: list[Piece] = []
        begin = 0
        for one in self._pieces:
            text = one.text[max(cut - begin, 0) :]
            begin += len(one.text)
            if text.strip():
                left.append(Piece(text, one.language, one.interruptible, one.is_last))
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

    def _found(self, words: str) -> int:
        """How many letters were played when `words` are what was played last.

        The nearest place counts: at what is known already, then behind it, then from the start.
        """
        known = self.heard_letters
        while words:
            at = self._letters.find(words, max(0, known - len(words)))
            if at >= 0:
                return max(known, at + len(words))
            if self._letters.startswith(words):
                return max(known, len(words))
            # It is written otherwise there: what of it begins as ours does.
            words = words[: len(words) // 2] if len(words) > 8 else ""
        return known


def _letters(text: str) -> tuple[str, list[int]]:
    """The letters and figures of a text, and where each ends in it."""
    kept: list[str] = []
    ends: list[int] = []
    for index, character in enumerate(text, 1):
        if character.isalnum():
            for letter in character.casefold():
                kept.append(letter)
                ends.append(index)
    return "".join(kept), ends
