"""Everything the engine can want done. A transport puts them on its wire, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agents.schema import HandoverReason
from conversation.extraction import ExtractionRequest


class HangUpReason(StrEnum):
    """Why the agent ends the call."""

    COMPLETED = "completed"
    SILENT = "silent"
    STUCK = "stuck"
    LIMIT = "limit"
    DECLINED = "declined"  # the caller does not want to go on
    OPTED_OUT = "opted_out"  # and wants no more calls at all
    HANDED_OVER = "handed_over"
    MACHINE = "machine"  # nobody is there
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of speech in one language. Fixed parts repeat from call to call and are cached."""

    text: str
    language: str
    fixed: bool = True  # False: holds a value of this call
    clip: str = ""  # key of its recording; "": the carrier's own voice speaks it


@dataclass(frozen=True, slots=True)
class Say:
    """Speak the parts one after the other."""

    parts: tuple[Part, ...]
    interruptible: bool = True

    @property
    def text(self) -> str:
        """All of it as one line, for transcripts."""
        return " ".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for the caller: speech, keys, or nothing."""

    language: str
    hints: tuple[str, ...] = ()
    keys_most: int | None = 1  # keys that end the turn at once; None: the caller ends with #
    timeout_s: int = 6  # silence after the end of playback that counts as no answer
    end_silence_s: int | None = None  # pause that ends the speech; None: the recogniser decides
    asked: str | None = None  # the field that was asked


@dataclass(frozen=True, slots=True)
class Extract:
    """Read an utterance; answer with `Extracted` or `ExtractionFailed`."""

    request: ExtractionRequest


@dataclass(frozen=True, slots=True)
class UseTool:
    """Call a tool; answer with `ToolAnswered`."""

    tool: str
    argument: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Bring an operator onto the line; answer with `HandoverAnswered`."""

    to: str  # as in the agent's file
    reason: HandoverReason
    timeout_s: int


@dataclass(frozen=True, slots=True)
class KeepWaiting:
    """The answer is not ready yet: come back for it. Never the engine's, always a session's."""


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record both sides from here on. What was said before it has announced that."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""

    reason: HangUpReason


Action = Say | Listen | Extract | UseTool | HandOver | KeepWaiting | StartRecording | HangUp
