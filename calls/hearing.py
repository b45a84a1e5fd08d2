"""Who hears the callers of this process: which recogniser, and one call's ears.

What is made of the words is decided elsewhere (`conversation/turn_taking.py`). On the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.schema import Agent
from providers.stt import open_recognisers
from providers.stt.base import (
    HearingOrder,
    Recogniser,
    SpeechStarted,
    TurnEnded,
    TurnResumed,
    Words,
)
from settings import Settings


@dataclass(frozen=True, slots=True)
class Away:
    """Nobody listens for now: the recogniser is lost, and the next try follows.

    The sound of the gap is kept and heard when somebody listens again. Until then the silence of
    the recogniser is not that of the caller.
    """

    attempt: int  # 1: tried again at once; 2, 3, 4: after 1, 2, 4 seconds


@dataclass(frozen=True, slots=True)
class Back:
    """Somebody listens again."""

    # More was said than was kept: the caller has to be asked to say it again.
    has_lost_words: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody will listen to this call any more. What was understood until now has been told."""


Heard = SpeechStarted | Words | TurnEnded | TurnResumed | Away | Back | Gone

TellHeard = Callable[[Heard], None]


@dataclass(frozen=True, slots=True)
class HearingUse:
    """What was sent to one recogniser, for the bill."""

    provider: str
    model: str
    seconds: float


class Ears:
    """The hearing of one call: from the event loop only, and it never waits."""

    def hear(self, audio: bytes) -> None:
        """Sound of the caller, μ-law, of any length."""

    def finalise(self) -> None:
        """Have what was said so far told as final words, now."""

    def change(self, order: HearingOrder) -> None:
        """Listen in another language, or for other words, from now on."""

    def forget(self) -> None:
        """The caller is asked to say it again: what was not understood yet is not needed."""

    def used(self) -> Sequence[HearingUse]:
        """What was sent since this was asked last."""
        return ()

    def close(self) -> None:
        """Hear no more; nothing is told after this. Safe to call twice."""


class Hearing:
    """The recognisers of this process, the best first."""

    def __init__(self, recognisers: Sequence[Recogniser]) -> None:
        self._recognisers = tuple(recognisers)

    def for_agent(self, agent: Agent) -> Recogniser | None:
        """Who would listen to a call of this agent that begins now.

        None when a language of the agent is understood by nobody who answers at present.
        """
        return next(iter(self._recognisers), None)

    def open(self, order: HearingOrder, tell: TellHeard) -> Ears:
        """Ears for one call; at once, the connection is made meanwhile.

        `tell` is called on the loop, in order, and must not block or raise; not from within `open`.
        """
        return Ears()

    def close(self) -> None:
        """Let go of everything."""


def open_hearing(settings: Settings) -> Hearing:
    """Whoever has a key; nobody when there is none."""
    return Hearing(open_recognisers(settings))
