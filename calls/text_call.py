"""A call as text, in this process: no wire, no storage. For `flask talk`, drafts and tests.

What differs between a sentence and its sound is not here: whoever holds the call decides when the
caller speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.schema import Agent
from conversation.actions import Action, Extract, HandOver, HangUp, Listen, Part, Say
from conversation.engine import advance
from conversation.events import (
    CallEnded,
    CallStarted,
    Digits,
    Direction,
    Event,
    Extracted,
    HandoverAnswered,
    HandoverResult,
    Silence,
    Utterance,
)
from conversation.refit import refitted
from conversation.state import CallState, new_state
from providers.llm.base import Brain


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent did: it spoke, and then it listens, hands over or has hung up."""

    said: tuple[Part, ...]
    listens: Listen | None = None
    hands_over: HandOver | None = None

    @property
    def is_over(self) -> bool:
        """The agent has hung up."""
        return self.listens is None and self.hands_over is None


class TextCall:
    """One call. Every method is one turn of the caller and returns the agent's answer."""

    def __init__(
        self,
        agent: Agent,
        brain: Brain,
        now: Callable[[], datetime],
        variables: Mapping[str, str] | None = None,
        direction: Direction = Direction.INBOUND,
    ) -> None:
        self.agent = agent
        self._brain = brain
        self._now = now
        self._variables = variables or {}
        self._direction = direction
        self.keys_most: int | None = 1  # keys that end the caller's turn; None: # does
        self.state = new_state(agent, now(), self._variables)

    def take_up(self, state: CallState, version: str, keys_most: int | None) -> None:
        """Go on with a call that `version` of the agent led until now."""
        self.state = state if version == self.agent.version else refitted(self.agent, state)
        self.keys_most = keys_most

    def start(self) -> Answer:
        """The caller is on the line."""
        return self._take(CallStarted(self._now(), self._direction, self._variables))

    def say(self, words: str) -> Answer:
        """The caller speaks; nothing but white space is silence."""
        return self._take(Utterance(words, self._now(), 1.0)) if words.strip() else self.wait()

    def press(self, keys: str) -> Answer:
        """The caller presses keys; as on a phone, the turn ends at # or when enough are in."""
        most = self.keys_most
        digits = keys if most == 1 else keys.partition("#")[0]
        digits = digits[:most]
        return self._take(Digits(digits, self._now())) if digits else self.wait()

    def wait(self) -> Answer:
        """The caller says nothing."""
        return self._take(Silence(self._now()))

    def put_through(self, result: HandoverResult) -> Answer:
        """How reaching the operator ended."""
        return self._take(HandoverAnswered(result, self._now()))

    def hang_up(self) -> None:
        """The caller puts the phone down."""
        self._take(CallEnded(self._now()))

    def record(self) -> dict[str, object]:
        """The call as the JSON routes would show it."""
        state = self.state
        return {
            "agent_type": self.agent.agent,
            "stage": str(state.stage),
            "outcome": state.outcome and str(state.outcome),
            "language": state.language,
            "data": state.values,
        }

    def _take(self, event: Event) -> Answer:
        self.state, actions = advance(self.agent, self.state, event)
        said: list[Part] = []
        while (asked := _collect(actions, said)) is not None:
            self.state, actions = advance(self.agent, self.state, self._read(asked))
        listens = next((one for one in actions if isinstance(one, Listen)), None)
        self.keys_most = listens.keys_most if listens else 1
        hands_over = next((one for one in actions if isinstance(one, HandOver)), None)
        hung_up = any(isinstance(one, HangUp) for one in actions)
        return Answer(tuple(said), None if hung_up else listens, None if hung_up else hands_over)

    def _read(self, asked: Extract) -> Event:
        return Extracted(self._brain.extract(self.agent, asked.request), self._now())


def _collect(actions: Sequence[Action], said: list[Part]) -> Extract | None:
    """Add what is said to `said`; the question to a brain, when there is one."""
    for action in actions:
        if isinstance(action, Say):
            said += action.parts
        elif isinstance(action, Extract):
            return action
    return None
