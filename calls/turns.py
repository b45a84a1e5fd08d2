"""Takes the turns of calls: finds the call, makes sure that every turn counts once, answers.

Not here: what is said (`conversation/`) and how it gets onto the wire (`transports/`).
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.schema import Agent
from conversation.actions import Action
from storage.records import CallRecord


class UnknownCall(Exception):
    """No call is kept under that id."""


class UnknownAgent(Exception):
    """No agent has that name; `names` are those there are."""

    def __init__(self, wanted: str, names: tuple[str, ...]) -> None:
        super().__init__(f"There is no agent {wanted!r}; there are: {', '.join(names)}")
        self.wanted = wanted
        self.names = names


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that has just been connected."""

    agent: str  # any case
    carrier_id: str
    caller_number: str  # the person
    line_number: str  # ours
    direction: str  # inbound | outbound
    delivery: str = ""  # the same for every repetition of one webhook delivery
    call_id: str | None = None  # of an outbound call that was ordered here


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be done in a call now, and what the next turn will be called."""

    call: CallRecord
    agent: Agent
    actions: tuple[Action, ...]
    turn: int  # the number that the caller's next turn will have
