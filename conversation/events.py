"""Everything that can happen in a call, as the engine is told it. Times come in with the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conversation.extraction import Extraction


class Direction(StrEnum):
    """Who rang whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class HandoverResult(StrEnum):
    """What became of the attempt to reach an operator."""

    ANSWERED = "answered"  # and the conversation with the operator is over
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The caller is on the line."""

    at: datetime
    direction: Direction = Direction.INBOUND
    variables: Mapping[str, str] = field(default_factory=dict)
    leaves_message: bool = False  # on a machine: the carrier is listening for the end of a greeting


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the caller said in a turn, final."""

    text: str
    at: datetime
    confidence: float | None = None  # 0..1; None when the recogniser gave none


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys the caller pressed: 0-9, * and #."""

    digits: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller was listened to and said nothing."""

    at: datetime


@dataclass(frozen=True, slots=True)
class BargeIn:
    """The caller spoke over the agent; `heard` is what of it had been played."""

    heard: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Extracted:
    """The answer to an `Extract` action."""

    extraction: Extraction
    at: datetime


@dataclass(frozen=True, slots=True)
class ExtractionFailed:
    """No brain could answer an `Extract` action."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """The answer to a `UseTool` action."""

    tool: str
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandoverAnswered:
    """The answer to a `HandOver` action: how reaching the operator ended."""

    result: HandoverResult
    at: datetime


@dataclass(frozen=True, slots=True)
class MachineAnswered:
    """The carrier has heard that no person is on the line."""

    at: datetime
    leaves_message: bool = False  # it records by now: say what is left on machines


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The line is down, whoever hung up."""

    at: datetime
    reason: str = "hangup"


Event = (
    CallStarted
    | Utterance
    | Digits
    | Silence
    | BargeIn
    | Extracted
    | ExtractionFailed
    | ToolAnswered
    | HandoverAnswered
    | MachineAnswered
    | CallEnded
)
