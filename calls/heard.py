"""What a call's ears tell, besides the words: that nobody listens, or somebody does again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from providers.stt.base import SpeechStarted, TurnEnded, TurnResumed, Words


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

    # More was said than was kept, or whoever did not hear it listens again: the caller has to be
    # asked to say it again.
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
