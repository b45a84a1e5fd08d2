"""Requests, extractions and brains for tests of the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Event

from agents.schema import Agent
from conversation.extraction import Decision, Extraction, ExtractionRequest, Line
from conversation.fields.base import Value
from providers.errors import ProviderError

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


@dataclass
class ScriptedModel:
    """Answers what it is told to: an extraction, an error, or nothing until it is released."""

    answer: Extraction | ProviderError | Exception | None
    name: str = "model"
    asked: list[ExtractionRequest] = field(default_factory=list)
    released: Event = field(default_factory=Event)
    closed: int = 0

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The answer."""
        self.asked.append(request)
        if self.answer is None:
            self.released.wait(30)
            return extraction()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        """Remembers it."""
        self.closed += 1
        self.released.set()
