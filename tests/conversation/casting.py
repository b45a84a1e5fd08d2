"""Agents and a played call for tests of the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.schema import Agent
from conversation.actions import Action, Extract, HandOver, HangUp, Listen, Say
from conversation.engine import advance
from conversation.events import (
    CallStarted,
    Digits,
    Event,
    Extracted,
    ExtractionFailed,
    HandoverAnswered,
    HandoverResult,
    Silence,
    Utterance,
)
from conversation.extraction import Extraction
from conversation.state import CallState, new_state
from providers.llm.rules import RulesBrain

NOON = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)  # noon in Kolkata, a Tuesday


def rates(**changes: Any) -> Agent:
    """An agent that asks for a charge and a time window, in English and Tamil."""
    both = ("en-IN", "ta-IN")
    agent = Agent.model_validate(
        {
            "agent": "rates",
            "name": "Rate line",
            "goal": "Collect a rate.",
            "languages": both,
            "timezone": "Asia/Kolkata",
            "say": {
                "language_menu": {"en-IN": "English or Tamil?", "ta-IN": "தமிழா?"},
                "welcome": {"en-IN": "Welcome to {agent_name}.", "ta-IN": "வணக்கம்."},
                "confirm": {
                    "en-IN": "You charge {charge}, {window}. Right?",
                    "ta-IN": "{charge}, {window}. சரியா?",
                },
                "thanks": {"en-IN": "Thanks for {charge}.", "ta-IN": "நன்றி."},
                "handover": {"en-IN": "Connecting you.", "ta-IN": "இணைக்கிறேன்."},
                "goodbye": {"en-IN": "Goodbye.", "ta-IN": "வணக்கம்."},
            },
            "fields": [
                {
                    "name": "charge",
                    "kind": "money",
                    "currency": "INR",
                    "min": 1,
                    "ask": {"en-IN": "What do you charge?", "ta-IN": "கட்டணம் என்ன?"},
                    "ask_again": {"en-IN": "The charge?", "ta-IN": "கட்டணம்?"},
                },
                {
                    "name": "window",
                    "kind": "time_range",
                    "ask": {"en-IN": "Between what times?", "ta-IN": "எந்த நேரம்?"},
                    "label": {"en-IN": "time window", "ta-IN": "நேரம்"},
                },
            ],
            "confirm": ["charge", "window"],
            "handover": {"to": "+914400000000"},
            "answers": [
                {
                    "about": "who is calling",
                    "say": {"en-IN": "Acme Freight.", "ta-IN": "ஆக்மி."},
                }
            ],
        }
    )
    return agent.model_copy(update=changes)


def english(**changes: Any) -> Agent:
    """The same agent with one language, so that no menu is read."""
    return rates(languages=("en-IN",), **changes)


class Played:
    """A call played through the engine with a brain; keeps every step."""

    def __init__(self, agent: Agent, brain: Any = None, state: CallState | None = None) -> None:
        self.agent = agent
        self.brain = brain or RulesBrain()
        self.at = NOON
        self.state = state or new_state(agent, NOON)
        self.actions: tuple[Action, ...] = ()
        if state is None:
            self.feed(CallStarted(self.at))

    def feed(self, event: Event) -> Played:
        """One event, and the answers to whatever is asked of a brain."""
        self.state, self.actions = advance(self.agent, self.state, event)
        while self.actions and isinstance(asked := self.actions[-1], Extract):
            answer = self.brain.extract(self.agent, asked.request)
            heard: Event = (
                Extracted(answer, self.at)
                if isinstance(answer, Extraction)
                else ExtractionFailed(self.at)
            )
            self.state, self.actions = advance(self.agent, self.state, heard)
        return self

    def say(self, *utterances: str) -> Played:
        """The caller speaks, once a turn, ten seconds apart."""
        for text in utterances:
            self.at += timedelta(seconds=10)
            self.feed(Utterance(text, self.at))
        return self

    def press(self, digits: str) -> Played:
        """The caller presses keys."""
        return self.feed(Digits(digits, self.at))

    def wait(self, times: int = 1) -> Played:
        """The caller says nothing, as often as told."""
        for _ in range(times):
            self.feed(Silence(self.at))
        return self

    def operator(self, result: HandoverResult) -> Played:
        """How reaching the operator ended."""
        return self.feed(HandoverAnswered(result, self.at))

    @property
    def said(self) -> str:
        """What the agent said in the last turn."""
        return " ".join(action.text for action in self.actions if isinstance(action, Say))

    @property
    def listens(self) -> Listen | None:
        """How it listens now."""
        return next((one for one in self.actions if isinstance(one, Listen)), None)

    @property
    def hung_up(self) -> HangUp | None:
        """Whether the agent ended the call, and why."""
        return next((one for one in self.actions if isinstance(one, HangUp)), None)

    @property
    def hands_over(self) -> HandOver | None:
        """Whether an operator is being reached."""
        return next((one for one in self.actions if isinstance(one, HandOver)), None)

    @property
    def data(self) -> Mapping[str, object]:
        """What was collected."""
        return self.state.values


class Scripted:
    """A brain that answers from a list; None stands for a failure."""

    name = "scripted"

    def __init__(self, *answers: Extraction | None) -> None:
        self._answers = list(answers)
        self.requests: list[Any] = []

    def extract(self, agent: Agent, request: Any) -> Extraction | None:
        """The next answer of the list."""
        self.requests.append(request)
        return self._answers.pop(0)


def with_field(agent: Agent, name: str, **changes: Any) -> Agent:
    """The agent with one field changed."""
    fields = tuple(
        spec.model_copy(update=changes) if spec.name == name else spec for spec in agent.fields
    )
    return agent.model_copy(update={"fields": fields})
