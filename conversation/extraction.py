"""What a brain is asked and what it answers; the same for a model and for the rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from conversation.fields.base import Value


class Decision(StrEnum):
    """The model's view of the turn, in the words of the original system."""

    THANK_YOU_RESPONSE = "THANK_YOU_RESPONSE"
    NEED_MORE_INFO = "NEED_MORE_INFO"
    HANDOVER_TO_HUMAN = "HANDOVER_TO_HUMAN"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said in the call, for the record and for the model's context."""

    role: str  # "caller" or "agent"
    text: str


@dataclass(frozen=True, slots=True)
class ExtractionRequest:
    """One utterance to be read. The agent is passed beside it."""

    utterance: str
    language: str  # BCP-47, of the call
    today: date
    asked: str | None  # the field that was asked; None: an open question or the confirmation
    agent_said: str  # the question as it was put
    confirming: bool  # the caller was asked whether what was read back is right
    collected: Mapping[str, Value]
    history: tuple[Line, ...] = ()  # the last lines, oldest first


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a brain made of an utterance. Nothing in it is trusted: the engine validates it."""

    decision: Decision = Decision.NEED_MORE_INFO
    values: Mapping[str, object] = field(default_factory=dict)  # by field name; only what was heard
    reply: str | None = None  # answer to a side question
    language: str | None = None  # the language the caller wants to go on in
    doubtful: frozenset[str] = frozenset()  # fields on which two brains disagree: read back
    partial: bool = False  # a piece of the answer that was asked; the caller will go on
    brain: str = "rules"  # who answered, for the record
    model: str = ""  # of a model: which one, and what it read and wrote
    input_tokens: int = 0
    output_tokens: int = 0


def with_late(now: Extraction, late: Extraction, missing: Collection[str]) -> Extraction:
    """`now`, and of what a brain made too late of the utterance before, the values still missing.

    They come out of turn, so the caller is asked whether they are right. Not who asks for a person.
    """
    if now.decision is Decision.HANDOVER_TO_HUMAN:
        return now
    news = {
        name: value
        for name, value in late.values.items()
        if name in missing and name not in now.values
    }
    if not news:
        return now
    return replace(
        now,
        values={**now.values, **news},
        doubtful=now.doubtful | news.keys(),
        partial=False,
    )
