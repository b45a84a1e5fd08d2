"""Placeholder for the merge: the audio branch brings the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.schema import Agent
from conversation.actions import Action


@dataclass(frozen=True, slots=True)
class Spoken:
    actions: tuple[Action, ...]
    by_carrier: bool = True
    hits: int = 0
    made: int = 0
    characters: int = 0
    provider: str = ""
    model: str = ""
    wait_ms: float = 0.0


class Speech(Protocol):
    def prepare(self, agent: Agent, actions: Sequence[Action], by_carrier: bool) -> Spoken: ...

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None: ...


class OpenSpeech(Speech, Protocol):
    def remake(self, key: str) -> bool: ...

    def close(self) -> None: ...


class CarrierVoice:
    def prepare(self, agent: Agent, actions: Sequence[Action], by_carrier: bool) -> Spoken:
        return Spoken(tuple(actions))

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        pass

    def remake(self, key: str) -> bool:
        return False

    def close(self) -> None:
        pass
