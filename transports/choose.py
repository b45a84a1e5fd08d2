"""Which transport a call that rings gets: its agent's, or turns by webhook when that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from access.nearness import is_loopback
from agents.schema import Agent, Transport
from services import Services
from transports.admission import Admission

# The carrier opens no socket that is not encrypted (31922); a phone on this machine does.
NO_HTTPS = "no_https"
NO_RECOGNISER = "no_recogniser"
NO_VOICE = "no_voice"
REFUSED = "refused"  # the carrier did not take this agent's relay a while ago


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen; `reason` is why it is not what the agent's file says, "" when it is."""

    transport: Transport
    reason: str = ""


def choose(services: Services, agent: Agent) -> Choice:
    """The transport for a call of `agent` now. From any thread; it waits for nothing."""
    if agent.transport is Transport.GATHER:
        return Choice(Transport.GATHER)
    reason = _why_not(services, agent)
    return Choice(Transport.GATHER, reason) if reason else Choice(agent.transport)


def socket_address(base: str, path: str) -> str:
    """Where the carrier opens a socket of the server at `base`; "" when it would not."""
    parts = urlsplit(base)
    if parts.scheme == "https":
        return f"wss://{parts.netloc}{parts.path}{path}"
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return f"ws://{parts.netloc}{parts.path}{path}"
    return ""


def _why_not(services: Services, agent: Agent) -> str:
    live = services.live
    refusal = Admission.of(services.settings, live.load).refusal()
    if refusal is not None:
        return str(refusal)
    if not socket_address(services.address.known, "/"):
        return NO_HTTPS
    if agent.transport is Transport.STREAM:
        if live.hearing.for_agent(agent) is None:
            return NO_RECOGNISER
        if not live.voice.speaks(agent):
            return NO_VOICE
    elif not live.takes_relay(agent.agent):
        return REFUSED
    return ""
