"""The role of a brain: reads an utterance into the agent's fields."""

from __future__ import annotations

from typing import Protocol

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest


class Brain(Protocol):
    """Reads what a caller said. Called from many threads at once."""

    name: str

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The values heard in the utterance. ProviderError when there is no usable answer."""


class OpenBrain(Brain, Protocol):
    """A brain that holds connections or threads."""

    def close(self) -> None:
        """Let go of them. Safe to call twice."""
