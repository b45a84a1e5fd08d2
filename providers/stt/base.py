"""The contract of a recogniser: sound in, words out, while the caller speaks. On the event loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from conversation.turn_taking_events import SpeechStarted, TurnEnded, TurnResumed, Words

__all__ = [
    "RATE_HZ",
    "TIMEOUT",
    "Broken",
    "HearingEvent",
    "HearingOrder",
    "Reached",
    "Recogniser",
    "Recognition",
    "SpeechStarted",
    "Tell",
    "TurnEnded",
    "TurnResumed",
    "Words",
]

# Everything is μ-law (ITU-T G.711) of this rate, one channel: a byte is a sample.
RATE_HZ = 8000

# The code of a failure: nobody listened within two seconds.
TIMEOUT = "TIMEOUT"


@dataclass(frozen=True, slots=True)
class HearingOrder:
    """What is listened for in one call."""

    language: str  # BCP-47, the language of the call now
    languages: tuple[str, ...] = ()  # of the agent: all that the caller may speak
    hints: tuple[str, ...] = ()  # words that are likely
    model: str = ""  # the vendor's id; "": the usual one
    vendor: str = ""  # who is asked first; "": the usual one


@dataclass(frozen=True, slots=True)
class Broken:
    """The recogniser is gone and says no more. `reason` as in ProviderError.code."""

    reason: str
    is_permanent: bool = False  # it would refuse again
    is_deaf: bool = False  # what it was sent of late was not understood, whatever that was


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the words that are told next go, in seconds of the sound sent on the connection."""

    end_s: float


HearingEvent = SpeechStarted | Reached | Words | TurnEnded | TurnResumed | Broken

Tell = Callable[[HearingEvent], None]


class Recognition(Protocol):
    """One recogniser that listens to one caller. Used from the event loop only."""

    def send(self, audio: bytes) -> None:
        """Let it hear more, never waiting: a peer that takes nothing is told as Broken."""

    def finalise(self) -> None:
        """Have it say now what it has understood of what it heard: Words that are final."""

    def keep_alive(self) -> bool:
        """Tell it that there is more to come; False: nothing but sound tells it that."""

    def change(self, order: HearingOrder) -> bool:
        """Listen for something else from now on; False: that takes another connection."""

    def close(self) -> None:
        """Hear no more; nothing is told after this. Safe to call twice."""


class Recogniser(Protocol):
    """A vendor. Its connections live on one event loop."""

    name: str  # one for each interface; the log and the metrics know it by that
    vendor: str  # who sends the bill
    ends_turns: bool  # it tells TurnEnded by what was said, not by silence alone

    def understands(self, language: str) -> bool:
        """Whether it knows the language (BCP-47) in the model that would be used."""

    def serves(self, order: HearingOrder) -> bool:
        """Whether it may be asked for that: it knows the language, and its model is wanted."""

    def model(self, order: HearingOrder) -> str:
        """The vendor's name of what would listen, as the bill has it."""

    async def open(self, order: HearingOrder, tell: Tell) -> Recognition:
        """A connection that listens. ProviderError when there is none within two seconds.

        `tell` is called on the loop, in order, from within the arrival of a message; it never
        blocks and never raises.
        """
