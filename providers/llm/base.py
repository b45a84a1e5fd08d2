"""The roles: a model reads an utterance or fails; a brain always has it read."""

from __future__ import annotations

from typing import Protocol

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest


class Model(Protocol):
    """One vendor's model. Called from many threads at once."""

    name: str

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The values heard in the utterance. ProviderError when there is no usable answer."""

    def close(self) -> None:
        """Let go of connections. Safe to call twice."""


class Inquiry(Protocol):
    """One utterance being read. Any number of threads may ask how far it is."""

    def wait(self, seconds: float) -> Extraction | None:
        """The answer as soon as it is there; None when it is not there within `seconds`.

        May be called again. The rules' answer, at once, when every model has failed or the inquiry
        is settled.
        """

    def settle(self) -> Extraction:
        """Wait no more: the models' answer when there is one, the rules' otherwise.

        A model that had the time of a turn and has not answered has failed. The first call
        decides; later ones and `wait` return the same.
        """

    def late(self) -> Extraction | None:
        """A model's answer that came after `settle` gave the rules'; None when there is none."""


class Brain(Protocol):
    """Reads what a caller said, whoever fails. Called from many threads at once."""

    name: str

    def begin(self, agent: Agent, request: ExtractionRequest) -> Inquiry:
        """Have the utterance read; returns at once."""

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The values heard in the utterance, after the deadline of a turn at the latest."""


class OpenBrain(Brain, Protocol):
    """A brain that holds connections or threads."""

    def close(self) -> None:
        """Let go of them. Safe to call twice."""
