"""What a caller is saying, gathered from the pieces a recogniser tells. No decisions here."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from conversation.reading.words import split
from conversation.turn_taking_events import Words
from conversation.turn_taking_words import telling_words

TEXT_MOST = 2000  # characters of a turn; what is said beyond them is not kept
KNOWN_S = 0.2  # of a pause that are over when words become final, at most
GAP_S = 0.25  # between two words it is quiet for less
FINAL_S = 0.6  # after Finalise, until the words are taken as they are
STABLE_S = 0.25  # words that did not change for so long are worth reading ahead of time
LISTENER_S = 0.6  # after "mhm", until the agent goes on
LOUD_MOST_S = 1.5  # a sound after words, of which no more are told, is no pause for so long
_ROOM = 20  # characters of a long word
_LATE_S = 2.0  # time in which the last piece of a turn that was taken becomes final
_SAME = 75  # rapidfuzz ratio (0..100) from which words are those told before, corrected


class Speech:
    """The words of one turn while it is being said; then of the next one.

    A turn may be taken before its last piece is final. That piece is told again then, whole: the
    words of it that were taken are not counted twice.
    """

    __slots__ = (
        "_confidences",
        "_finals",
        "_spent",
        "_spent_at",
        "began_at",
        "changed_at",
        "ended",
        "interim",
        "loud_at",
    )

    def __init__(self) -> None:
        self._finals: list[str] = []
        self._confidences: list[float] = []
        self._spent = ""  # what was taken of the piece that is not final yet
        self._spent_at = 0.0
        self.interim = ""
        self.began_at = 0.0  # when the first words of the turn came
        self.changed_at = 0.0  # when the words last changed
        self.ended = False  # the recogniser took it for finished since then
        self.loud_at = float("-inf")  # when a sound was last heard, words or not

    @property
    def final(self) -> str:
        """The final words."""
        return " ".join(self._finals)

    @property
    def text(self) -> str:
        """All the words, as they are understood now."""
        return " ".join(self.pieces)

    @property
    def pieces(self) -> Sequence[str]:
        """The same, as the recogniser told them."""
        return (*self._finals, self.interim) if self.interim else self._finals

    def quiet_after(self, pause_s: float) -> float:
        """When the pause after the last words is as long; in running speech there is none yet."""
        if self.ended:
            return self.changed_at + pause_s
        loud_at = min(self.loud_at, self.changed_at + LOUD_MOST_S)
        return max(self.changed_at + pause_s, loud_at + max(pause_s, GAP_S))

    def resumes_at(self, cut_at: float, latest: float) -> float:
        """When the agent goes on after a stop that was none, as far as is known now."""
        if not self.text:
            return latest
        if self.interim:
            return max(latest, self.changed_at + STABLE_S)
        return max(cut_at, min(latest, self.changed_at + LISTENER_S))

    @property
    def is_full(self) -> bool:
        """Whether there is hardly room for another word."""
        return len(self.text) > TEXT_MOST - _ROOM

    @property
    def is_doubtful(self) -> bool:
        """Whether it is a single word that the recogniser never stood by."""
        return not self._finals and not self.ended and telling_words(self.interim) <= 1

    def hear(self, words: Words, at: float) -> bool:
        """Take in a piece; whether the words, or how sure they are, changed."""
        text = self._unspent(" ".join(words.text[:TEXT_MOST].split()), at)
        before = self.text
        if not before:
            self.began_at = at
        was_interim = bool(self.interim)
        if words.is_final:
            self._spent = self.interim = ""
            room = TEXT_MOST - len(self.final) - 1
            if text and room > 0:
                self._finals.append(text[:room])
                if words.confidence is not None:
                    self._confidences.append(words.confidence)
        else:
            self.interim = text
        if self.text == before and was_interim == bool(self.interim):
            return False
        if self.text != before:
            self.changed_at = at
            self.ended = False
        else:  # words became final, which says nothing of a silence: more may be under way
            self.changed_at = max(self.changed_at, at - KNOWN_S)
        return True

    def piece_ended(self) -> None:
        """The recogniser will not tell the piece again, whether or not it is final."""
        self._spent = ""

    def take(self, at: float) -> tuple[str, float | None]:
        """The words as a turn, and how sure they are; the next turn begins."""
        text = self.text
        confidence = min(self._confidences) if self._confidences and not self.interim else None
        self.drop(at)
        return text, confidence

    def drop(self, at: float) -> None:
        """Forget the words; those of a piece that is not final yet are not heard again either."""
        if self.interim:
            self._spent = f"{self._spent} {self.interim}".strip()[:TEXT_MOST]
            self._spent_at = at
        self._finals.clear()
        self._confidences.clear()
        self.interim = ""
        self.ended = False

    def _unspent(self, text: str, at: float) -> str:
        """What of a piece belongs to this turn, when its beginning was taken for the last one."""
        if not self._spent or not text:
            return text
        count = len(split(self._spent))
        words = split(text)
        if len(words) > count:
            told, rest = text[: words[count].start], text[words[count].start :]
        else:
            told, rest = text, ""
        if fuzz.ratio(told.casefold(), self._spent.casefold()) >= _SAME:
            return rest
        # Other words, and no more of them, at once: a correction of those that were taken.
        return rest if not rest and at - self._spent_at < _LATE_S else text
