"""The role of the carrier: signs webhooks, speaks call documents, places and ends calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agents.schema import Agent
from conversation.actions import Action


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that claims to come from the carrier."""

    url: str  # as the carrier addressed it: public scheme, host, path and query
    form: Mapping[str, Sequence[str]]  # every value of every body parameter
    body: bytes
    headers: Mapping[str, str]  # names in lower case


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """What a webhook says the caller did."""

    carrier_id: str
    caller_number: str
    line_number: str
    direction: str  # inbound | outbound
    status: str
    speech: str  # "" when nothing was said
    confidence: float | None
    digits: str  # "" when no key was pressed
    delivery: str  # the same for every repetition of one delivery; "" when there is none


@dataclass(frozen=True, slots=True)
class Links:
    """Where the carrier goes from a call document. Absolute or relative addresses."""

    turn: str
    resume: str  # a fresh answer from the stored state
    handover: str  # how reaching the operator ended
    voice_events: str = ""


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call to be placed. Links are absolute."""

    to: str  # E.164
    voice: str
    fallback: str
    status: str
    ring_s: int = 30
    options: Mapping[str, str] = field(default_factory=dict)


class Telephony(Protocol):
    """A carrier. Called from many threads at once."""

    name: str
    document_type: str  # content type of a call document

    def verify(self, webhook: Webhook) -> None:
        """BadSignature unless the carrier sent exactly this."""

    def read_turn(self, form: Mapping[str, str]) -> CallerTurn:
        """A call's webhook as what the caller did. ValueError, naming it, on a missing part."""

    def document(self, agent: Agent, actions: Sequence[Action], links: Links) -> str:
        """The actions as a call document."""

    def apology(self, text: str, language: str) -> str:
        """A call document that says `text` and hangs up; for calls that nothing is known of."""

    def place_call(self, order: CallOrder) -> str:
        """Ring someone; the carrier's id of the call. ProviderError when it will not."""

    def end_call(self, carrier_id: str) -> None:
        """Hang up a live call. ProviderError when it will not."""
