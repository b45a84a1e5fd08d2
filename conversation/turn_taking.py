"""Who speaks when in a live call: when the caller's turn is over, when the agent falls silent.

Pure: no clock and no timers. Times are seconds of any clock that only goes forward; whoever uses
this calls `tick` when `due_at` has come.
"""

from __future__ import annotations

from conversation.turn_taking_events import (
    Cut,
    Decision,
    Finalise,
    Heard,
    KeysEnd,
    MayEnd,
    NoAnswer,
    Resume,
    SpeechStarted,
    TurnEnded,
    TurnEnds,
    TurnResumed,
    Words,
)
from conversation.turn_taking_expected import Expected, Manner, expected, manner_of

__all__ = [
    "Cut",
    "Decision",
    "Expected",
    "Finalise",
    "Heard",
    "KeysEnd",
    "Manner",
    "MayEnd",
    "NoAnswer",
    "Resume",
    "SpeechStarted",
    "TurnEnded",
    "TurnEnds",
    "TurnResumed",
    "TurnTaking",
    "Words",
    "expected",
    "manner_of",
]


class TurnTaking:
    """One call's. Every method returns what is to be done, in order.

    After a TurnEnds, KeysEnd or NoAnswer nothing more ends until `answer`: what the caller says
    meanwhile is kept, and becomes the next turn.
    """

    def __init__(self, manner: Manner, ends_turns: bool = False) -> None:
        """`ends_turns`: the recogniser's TurnEnded is told by what was said, not by silence."""
        self.manner = manner
        self.ends_turns = ends_turns
        self.due_at: float | None = None  # when `tick` wants to be called; always ahead

    @property
    def unanswered(self) -> str:
        """Words of the caller that are in no turn yet: to be taken when the line is lost."""
        return ""

    def answer(self, expected: Expected | None, at: float) -> list[Decision]:
        """A new answer begins to be spoken; None: it does not listen (it ends the call).

        [Cut] when the caller is still talking: nothing of it is to be spoken until Resume; a
        TurnEnds instead means that the caller said more before hearing any of it (heard "").
        A filler is no answer: while one is spoken the turn is still being answered.
        """
        return []

    def plays(self, interruptible: bool, at: float) -> list[Decision]:
        """The part that plays from now on may, or may not, be cut short."""
        return []

    def played(self, at: float) -> list[Decision]:
        """All of the answer was played: silence counts from here."""
        return []

    def hears(self, event: Heard, at: float, heard: str | None = None) -> list[Decision]:
        """The recogniser told something. `heard` is what of the answer had been played by then:
        it tells whether the question was put already. None: not known, taken for not put."""
        return []

    def key(self, digit: str, at: float) -> list[Decision]:
        """The caller pressed a key: 0-9, * or #; others are ignored."""
        return []

    def waits(self, at: float) -> list[Decision]:
        """The turn is being answered. TurnEnds, KeysEnd and NoAnswer imply it; for the start."""
        return []

    def tick(self, at: float) -> list[Decision]:
        """`due_at` has come. Safe at any time."""
        return []
