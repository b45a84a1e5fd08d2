"""The person on the line, as the phone sees them: what they hear and what they do.

A caller is played by a script (`script.py`) or by someone at a terminal (`terminal.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class PickUp(StrEnum):
    """What becomes of a phone that rings; the values are the carrier's words."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Heard:
    """Something the agent played into the line."""

    text: str  # what is said; the address of a recording when `played`
    language: str  # BCP-47; "" when the document does not say
    voice: str = ""
    played: bool = False


@dataclass(frozen=True, slots=True)
class Listening:
    """The agent waits for the caller."""

    speech: bool
    keys: bool
    language: str
    hints: tuple[str, ...]
    timeout_s: float
    prompt_s: float  # how long the agent talks while it listens already
    speech_timeout: str = ""  # seconds of silence that end speech, or "auto"
    barge_in: bool = True  # whether it stops talking when the caller begins
    keys_most: int = 0  # that are awaited; 0: until the key that ends them, or the timeout
    keys_end: str = "#"  # "": no key ends them
    # Tells the agent what is heard so far, while the caller talks; None: it does not ask for that.
    tells: Callable[[str], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Speaks:
    """Words, in one or several pieces. `after_s` counts from the start of the prompt; None waits
    until the agent has finished."""

    pieces: tuple[str, ...]
    confidence: float = 0.9
    after_s: float | None = None
    gap_s: float = 0.25  # of silence between two pieces, where they are really spoken

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Presses:
    """Keys, one after the other."""

    keys: str
    gap_s: float = 0.4  # between two keys
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class MakesNoise:
    """A cough, a door: a sound without words."""

    seconds: float = 0.4
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class StaysSilent:
    """Nothing, for as long as the agent waits."""


@dataclass(frozen=True, slots=True)
class HangsUp:
    """The end, from the caller's side."""

    after_s: float | None = None


Move = Speaks | Presses | MakesNoise | StaysSilent | HangsUp


@dataclass(frozen=True, slots=True)
class Dialling:
    """The agent has somebody else rung: `kind` is Number, Sip, Client, Queue, Conference, …"""

    kind: str
    target: str
    timeout_s: int
    caller_id: str


class Caller(Protocol):
    """A person at a phone."""

    def picks_up(self, number: str) -> PickUp:
        """Their phone rings; `number` is shown."""

    def hears(self, heard: Heard) -> None:
        """The agent said or played something."""

    def moves(self, listening: Listening) -> Move:
        """It is their turn."""

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """Somebody else is rung for them; what becomes of it."""
