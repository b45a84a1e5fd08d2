"""Requests, extractions and brains for tests of the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Event

from agents.schema import Agent
from conversation.extraction import Decision, Extraction, ExtractionRequest, Line
from conversation.fields.base import Value

TODAY = date(2026, 3, 3)


def request(
    utterance: str,
    asked: str | None = None,
    collected: Mapping[str, Value] | None = None,
    history: tuple[Line, ...] = (),
    question: str = "",
) -> ExtractionRequest:
    """An utterance to be read."""
    return ExtractionRequest(
        utterance, "en-IN", TODAY, asked, question, False, collected or {}, history
    )


def extraction(
    values: Mapping[str, object] | None = None,
    decision: Decision = Decision.NEED_MORE_INFO,
    reply: str | None = None,
) -> Extraction:
    """What a model made of it."""
    return Extraction(decision, values or {}, reply, brain="model")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class ScriptedModel:
    """Answers what it is told to: an extraction, an error, or nothing until it is released."""

    answer: Extraction | Exception | None
    name: str = "model"
    answer_when_released: Extraction | Exception = field(default_factory=extraction)
    asked: list[ExtractionRequest] = field(default_factory=list)
    was_asked: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)
    closed: int = 0

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The answer."""
        self.asked.append(request)
        self.was_asked.set()
        answer = self.answer
        if answer is None:
            self.released.wait(30)
            answer = self.answer_when_released
        if isinstance(answer, Exception):
            raise answer
        return replace(answer, brain=self.name)

    def close(self) -> None:
        """Remembers it."""
        self.closed += 1
        self.released.set()
