"""Which transport a call that rings gets: its agent's, or turns by webhook when that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from access.nearness import is_loopback
from agents.schema import Agent, Transport
from calls.moves import Why
from services import Services
from transports.admission import Admission


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen; `why` it is not what the agent's file says, None when it is."""

    transport: Transport
    why: Why | None = None


def choose(services: Services, agent: Agent) -> Choice:
    """The transport for a call of `agent` now. From any thread; it waits for nothing."""
    if agent.transport is Transport.GATHER:
        return Choice(Transport.GATHER)
    why = _why_not(services, agent)
    return Choice(agent.transport) if why is None else Choice(Transport.GATHER, why)


def socket_address(base: str, path: str) -> str:
    """Where the carrier opens a socket of the server at `base`; "" when it would not."""
    parts = urlsplit(base)
    if parts.scheme == "https":
        return f"wss://{parts.netloc}{parts.path}{path}"
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return f"ws://{parts.netloc}{parts.path}{path}"
    return ""


def _why_not(services: Services, agent: Agent) -> Why | None:
    live = services.live
    refusal = Admission.of(services.settings, live.load).refusal()
    if refusal is not None:
        return refusal
    if not socket_address(services.address.known, "/"):
        return Why.NO_HTTPS
    if agent.transport is Transport.STREAM:
        if live.hearing.for_agent(agent) is None:
            return Why.NO_RECOGNISER
        if not live.voice.speaks(agent):
            return Why.NO_VOICE
    elif not live.takes_relay(agent.agent):
        return Why.REFUSED
    return None
