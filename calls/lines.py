"""Our numbers at the carrier, and which agent each of them leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from agents.schema import Agent
from calls.address import PublicAddress
from calls.turns import UnknownAgent
from providers.telephony.base import Telephony
from providers.telephony.numbers import LineAddresses, OwnNumber


class NoAddress(Exception):
    """It is not known where the carrier reaches this server."""

    def __init__(self) -> None:
        super().__init__(
            "It is not known where the carrier reaches this server: set PUBLIC_BASE_URL, or let a "
            "call come in first."
        )


class UnknownNumber(Exception):
    """The account has no such number."""


class LeadsElsewhere(Exception):
    """Calls of the number go somewhere else, which nobody agreed to overwrite."""

    def __init__(self, line: Line) -> None:
        super().__init__(f"Calls of {line.own.number} go to {line.elsewhere}.")
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    """A number of the account, and where its calls go."""

    own: OwnNumber
    agent: str  # of this server; "" when they go elsewhere or nowhere
    elsewhere: str  # the address, or what the carrier calls it; ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lists and assigns. Methods raise ProviderError when the carrier does not do it."""

    telephony: Telephony
    address: PublicAddress
    agents: Mapping[str, Agent]

    def all(self) -> Sequence[Line]:
        """Every number of the account, by number."""
        found = [self._line(own) for own in self.telephony.numbers()]
        return sorted(found, key=lambda line: line.own.number)

    def assign(self, number_id: str, agent: str, agreed: str) -> Line:
        """Let an agent answer a number; the number as it was.

        `agreed` is where its calls went when somebody agreed to overwrite that: LeadsElsewhere when
        they go somewhere else. UnknownAgent, UnknownNumber, NoAddress.
        """
        if agent not in self.agents:
            raise UnknownAgent(agent, tuple(sorted(self.agents)))
        base = self.address.known
        if not base:
            raise NoAddress
        line = next((one for one in self.all() if one.own.number_id == number_id), None)
        if line is None:
            raise UnknownNumber(f"The account has no number {number_id}.")
        if line.elsewhere and line.elsewhere != agreed:
            raise LeadsElsewhere(line)
        self.telephony.assign_number(number_id, _addresses(base, agent))
        return line

    def _line(self, own: OwnNumber) -> Line:
        if own.instead:
            return Line(own, "", own.instead)
        agent = _agent_in(own.addresses.voice, self.address.known)
        return Line(own, agent, "" if agent else own.addresses.voice)


def _addresses(base: str, agent: str) -> LineAddresses:
    query = urlencode({"agent_type": agent.upper()})
    return LineAddresses(
        voice=f"{base}/voice?{query}",
        fallback=f"{base}/voice-fallback?{query}",
        status=f"{base}/call-events/status",
    )


def _agent_in(voice: str, base: str) -> str:
    """The agent that one of our addresses names; "" when it is none of ours."""
    if not base or not voice.startswith(f"{base}/voice?"):
        return ""
    return parse_qs(urlsplit(voice).query).get("agent_type", [""])[0].lower()
