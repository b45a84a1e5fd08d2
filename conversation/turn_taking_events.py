"""What turn taking is told by a recogniser, and what it decides. Plain values, no vendor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

# What is heard


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to make a sound; whether it is words is not known yet."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is understood of a piece of speech. A final piece is not told again; another one, of
    what is said after it, replaces the piece before until it is final."""

    text: str
    is_final: bool
    confidence: float | None = None  # 0..1


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The recogniser takes what was said for finished. `is_eager`: it is not sure yet."""

    is_eager: bool = False


@dataclass(frozen=True, slots=True)
class TurnResumed:
    """What an eager `TurnEnded` said does not hold: the caller goes on."""


Heard = SpeechStarted | Words | TurnEnded | TurnResumed

# What is decided


@dataclass(frozen=True, slots=True)
class Cut:
    """Stop speaking now: the caller speaks, or presses a key."""


@dataclass(frozen=True, slots=True)
class Resume:
    """It was no interruption (a cough, "mhm"): say the rest, from what was heard last."""


@dataclass(frozen=True, slots=True)
class Finalise:
    """Ask the recogniser to say now what it has understood: the words are whole as they are."""


@dataclass(frozen=True, slots=True)
class MayEnd:
    """What the turn will probably be: worth reading ahead of time."""

    text: str
    is_stable: bool  # nothing of it is expected to change; False: the recogniser may yet correct it


@dataclass(frozen=True, slots=True)
class TurnEnds:
    """The utterance is whole: it is the caller's turn."""

    text: str
    confidence: float | None = None  # of its least sure piece; None when the recogniser gave none


@dataclass(frozen=True, slots=True)
class KeysEnd:
    """The keys pressed are whole: they are the caller's turn."""

    digits: str  # 0-9 and *, with the # that ended them


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The caller was listened to and said nothing: a silence is the turn."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The last word was said, and the caller does not speak: the line may go down."""


Decision = Cut | Resume | Finalise | MayEnd | TurnEnds | KeysEnd | NoAnswer | Leave


class Mode(Enum):
    """How a call stands between the two."""

    THINKING = auto()  # a turn is being answered, or nothing was said yet
    SPEAKING = auto()  # an answer is played
    STOPPED = auto()  # an answer was cut: what the caller says is heard out
    LISTENING = auto()  # all of the answer was played
    LEAVING = auto()  # an answer is played that ends the call: only an opt-out is listened for
    PARTING = auto()  # all of it was played
