"""When words of the caller are still to come in a relay: then nothing that they said is over.

The carrier tells words when they are finished, and that somebody makes a sound when it begins and
ends. Times are seconds of the loop's clock.
"""

from __future__ import annotations

from dataclasses import replace

from agents.schema import Agent
from conversation.turn_taking import Manner, manner_of

# The pause that recognisers of the carrier wait for, at least, before they tell words as finished.
WAITED_S = 0.5
# From the end of what a caller says to its words: what recognisers of the carrier take at most.
WORDS_MOST_S = 1.5
# Whoever makes a sound for longer than this says nothing: the television does.
SOUND_MOST_S = 20.0
# From words that are not finished to those that follow; the carrier waits 5 s in a turn at most.
UNFINISHED_MOST_S = 6.0
# From the last word of a call to its end: so long words are waited for that began before it, or
# just after.
PARTING_MOST_S = 3.0


def relay_manner(agent: Agent) -> Manner:
    """How an agent takes turns where the carrier has waited for a pause already."""
    manner = manner_of(agent)
    return replace(manner, end_silence_s=max(manner.end_silence_s - WAITED_S, 0.0))


class WordsToCome:
    """Those of one call."""

    __slots__ = ("_latest", "_until")

    def __init__(self) -> None:
        self._until = 0.0
        self._latest = float("inf")

    def not_before(self, at: float) -> float:
        """When what is due at `at` may be done."""
        return max(at, min(self._until, self._latest))

    def last_word(self, at: float) -> None:
        """The agent has said the last word: nothing is waited for much longer."""
        self._latest = at + PARTING_MOST_S

    def sound_begins(self, at: float) -> None:
        """The caller makes a sound."""
        self._until = at + SOUND_MOST_S

    def sound_ends(self, at: float) -> None:
        """They make none any more."""
        if self._until > at:
            self._until = at + WORDS_MOST_S

    def unfinished(self, at: float) -> None:
        """There are words, and they are not finished."""
        self._until = max(self._until, at + UNFINISHED_MOST_S)

    def finished(self) -> None:
        """The words are here; or keys, which stand for them."""
        self._until = 0.0
