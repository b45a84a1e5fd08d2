"""Models in a row, held against the rules: the brain of whoever has a model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.llm.base import Brain, Inquiry, Model
from providers.llm.inquiry import Asked, ModelInquiry
from providers.llm.lane import Failed, Lane, Limits, ignored


class CheckedBrain:
    """Asks the models an agent names, in its order, and the rules. Any number of threads.

    An agent that names none is read by all of them, in the order they are given here.
    """

    def __init__(
        self,
        models: Sequence[Model],
        rules: Brain,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        failed: Failed = ignored,
    ) -> None:
        """`failed` is told of every model that gave no usable answer, in any thread."""
        self.name = ", ".join(model.name for model in models)
        self._lanes: Mapping[str, Lane] = {
            model.name: Lane(model, limits, clock, failed) for model in models
        }
        self._rules = rules
        self._limits = limits
        self._clock = clock

    def begin(self, agent: Agent, request: ExtractionRequest) -> Inquiry:
        """Have the utterance read by the first model that may be asked, and checked."""
        lanes = self._lanes_for(agent)
        if not lanes:
            return self._rules.begin(agent, request)
        return ModelInquiry(Asked(agent, request), lanes, self._rules, self._limits, self._clock)

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The checked answer; the rules' when none is there by the deadline of a turn."""
        inquiry = self.begin(agent, request)
        return inquiry.wait(self._limits.deadline_s) or inquiry.settle()

    def close(self) -> None:
        """Ask nothing more. Does not wait for answers that are under way."""
        for lane in self._lanes.values():
            lane.close()

    def _lanes_for(self, agent: Agent) -> Sequence[Lane]:
        names = agent.models or self._lanes
        return [self._lanes[name] for name in names if name in self._lanes]
