"""The JSON answers about calls, as types: views are held to them, the interface is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from calls.ledger import Cost, Latency
from storage.base import Condition
from transports.described import shape


@shape
class Order(TypedDict):
    """Somebody to be rung."""

    agent_type: Annotated[str, Field(pattern=r"\S", examples=["logistics"])]
    """Name of an agent, in any case."""
    phone_number: Annotated[str, Field(pattern=r"\S", examples=["+919876543210"])]
    """E.164, or as it is written in a country of START_CALL_COUNTRIES."""
    variables: NotRequired[Mapping[str, str | int | float] | str | None]
    """Values for the agent's sentences; in a form as JSON text."""


@shape
class Ordered(TypedDict):
    """A call that the carrier was told to place."""

    call_sid: str | None
    """The carrier's id."""
    call_id: str
    """Our id."""
    agent_type: str
    phone_number: str
    """E.164."""
    status: str
    """The carrier's last word: queued, ringing, in-progress, completed …"""


@shape
class CallInShort(TypedDict):
    """One call, without its turns."""

    call_sid: str | None
    """The carrier's id; null until an outbound call has one."""
    call_id: str
    """Our id."""
    agent_type: str
    direction: str
    """inbound or outbound."""
    phone_number: str
    """The person: E.164, or what the carrier sent (anonymous)."""
    line_number: str
    """Our line."""
    state: Literal["active", "ended"]
    status: str
    """The carrier's last word: queued, ringing, in-progress, completed …"""
    stage: str
    """Where the conversation is: language, welcome, collecting, confirming, completed, handover."""
    outcome: str | None
    """How it ended; null while it goes on."""
    language: str
    """BCP-47."""
    transport: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    campaign_id: str | None
    """Whom the call was for."""
    lead_id: str | None


@shape
class Turn(TypedDict):
    """What the caller did, and what the agent answered."""

    turn: int
    """From 0, the greeting."""
    at: datetime
    stage: str
    """After the turn."""
    language: str
    caller: str
    """Words or keys; empty for silence."""
    caller_by: str
    """speech, keys, silence or none."""
    confidence: float | None
    """Of the recognition, 0 to 1."""
    agent: str
    """All that was said."""
    heard: str | None
    """What of it had been played when the caller cut in or hung up; null: all, as far as known."""
    accepted: Mapping[str, object]
    """Field → value that this turn brought or changed."""
    brain: str | None
    """Who read the utterance."""
    timings_ms: Mapping[str, float]
    """Step → milliseconds."""
    usage: Mapping[str, object]
    """What it used of voices and models, and what that cost."""


@shape
class Event(TypedDict):
    """Something the carrier told about the call."""

    kind: str
    """status, amd, recording or handover."""
    at: datetime
    sequence: int
    data: Mapping[str, str]


@shape
class Timings(TypedDict):
    """How long the call was."""

    duration_s: float
    turns: int


@shape
class CallInFull(CallInShort):
    """One call with everything that is kept of it."""

    agent_version: str
    data: Mapping[str, object]
    """Field → value collected so far."""
    turns: list[Turn]
    events: list[Event]
    timings: Timings
    latency: Latency
    cost: Cost


class Calls(TypedDict):
    """A page of calls."""

    calls: list[CallInShort]
    next: str | None
    """To be sent as `after` for the calls that follow; null on the last page."""


@shape
class CollectedOne(TypedDict):
    """What one call brought home."""

    call_sid: str | None
    call_id: str
    agent_type: str
    phone_number: str
    language: str
    outcome: str
    complete: bool
    """Every required field is there."""
    data: Mapping[str, object]
    """Field → value."""
    collected_at: datetime


class Collected(TypedDict):
    """What calls brought home."""

    collected_data: list[CollectedOne]


class Health(TypedDict):
    """It runs."""

    status: Literal["ok"]


@shape
class LiveRoom(TypedDict):
    """Room for live calls in the process that answers."""

    calls: int
    """Sockets of live calls that are open."""
    most: int
    lag_ms: float
    """The longest that its event loop stood still within the last second."""
    refuses: str | None
    """Why live calls go in turns now: full, lagging, draining, off, no_sockets."""


class Ready(TypedDict):
    """It can take calls."""

    status: Literal["ready"]
    agents: int
    """How many there are."""
    database: Condition
    """ok; journal: the database is away and calls are kept here until it is back; no journal: calls
    are kept in the database alone."""
    live: LiveRoom


class NotReady(TypedDict):
    """It cannot take calls now."""

    status: Literal["unavailable"]
    problems: list[str]


class AgentInShort(TypedDict):
    """An agent that takes calls."""

    agent_type: str
    name: str
    languages: list[str]
    fields: list[str]


@shape
class Index(TypedDict):
    """What this is."""

    service: Literal["callwright"]
    agents: list[AgentInShort]
    endpoints: list[str]
    """Every method and path."""
