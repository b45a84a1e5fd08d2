"""Which transport a call that rings gets: its agent's, or turns by webhook when that cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from agents.schema import Agent, Transport
from services import Services


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen; `reason` is why it is not what the agent's file says, "" when it is."""

    transport: Transport
    reason: str = ""


def choose(services: Services, agent: Agent) -> Choice:
    """The transport for a call of `agent` now. From any thread; it waits for nothing."""
    live = services.live
    if agent.transport is Transport.GATHER:
        return Choice(Transport.GATHER)
    if live is None or not live.load.is_serving:
        return Choice(Transport.GATHER, "no sockets")
    return Choice(agent.transport)
