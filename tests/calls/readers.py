"""A brain whose readings come when a test says so, and a clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.llm.rules import RulesBrain
from tests.conversation.casting import NOON


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class HeldInquiry:
    """Answers once it is given an answer. Waiting takes the whole of the time allowed."""

    clock: Clock
    by_rules: Extraction
    answer: Extraction | None = None
    came_late: Extraction | None = None
    waits: list[float] = field(default_factory=list)
    settled: bool = False

    def wait(self, seconds: float) -> Extraction | None:
        """The answer, or the time is over."""
        self.waits.append(round(seconds, 3))
        if self.answer is None:
            self.clock.move(seconds)
        return self.answer

    def settle(self) -> Extraction:
        """The answer, or the rules'."""
        self.settled = True
        return self.answer or self.by_rules

    def late(self) -> Extraction | None:
        """What came too late."""
        return self.came_late


@dataclass
class HeldBrain:
    """Keeps its inquiries for the test. `ready` answers at once, by the rules."""

    clock: Clock
    ready: bool = False
    inquiries: list[HeldInquiry] = field(default_factory=list)
    requests: list[ExtractionRequest] = field(default_factory=list)
    has_begun: Event = field(default_factory=Event)
    name: str = "held"

    def begin(self, agent: Agent, request: ExtractionRequest) -> HeldInquiry:
        """A new inquiry."""
        by_rules = RulesBrain().extract(agent, request)
        inquiry = HeldInquiry(self.clock, by_rules, by_rules if self.ready else None)
        self.requests.append(request)
        self.inquiries.append(inquiry)
        self.has_begun.set()
        return inquiry

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The rules' answer."""
        return RulesBrain().extract(agent, request)
