"""What is kept, as frozen records with JSON-able fields. Moments are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

__all__ = [
    "CallEvent",
    "CallQuery",
    "CallRecord",
    "ClipRecord",
    "CollectedRecord",
    "JsonObject",
    "TurnRecord",
    "changed",
]

JsonObject = Mapping[str, object]

if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(record, **changes):
        """`dataclasses.replace` for calls and turns, at a sixth of its cost: a turn makes five."""
        other = object.__new__(type(record))
        other.__dict__.update(record.__dict__)
        other.__dict__.update(changes)
        return other


@dataclass(frozen=True)  # no slots: `changed` copies its __dict__
class CallRecord:
    """One call: the state of the conversation and the last answer, saved together every turn."""

    call_id: str  # ours
    carrier_id: str | None  # the carrier's; None until an outbound call has one
    agent: str
    agent_version: str
    direction: str  # inbound | outbound
    caller_number: str  # E.164 or what the carrier sent ("anonymous"); the person, not our line
    line_number: str  # ours
    stage: str
    language: str
    outcome: str | None  # None while the call goes on
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    status: str = "queued"  # the carrier's last word: queued ringing in-progress completed …
    status_sequence: int = -1  # sequence number of that word; later ones win
    transport: str = "gather"
    state: JsonObject = field(default_factory=dict)  # CallState.to_dict()
    # The answer to the last turn, so that a webhook that comes twice gets it again:
    answer: JsonObject = field(default_factory=dict)
    # Whom the call is for, as it was created; "" when it is of no campaign.
    campaign_id: str = ""
    lead_id: str = ""
    version: int = 0


@dataclass(frozen=True)  # as above
class TurnRecord:
    """One exchange: what the caller did, what the agent answered."""

    call_id: str
    turn: int  # from 0, the greeting
    at: datetime
    stage: str  # after the turn
    language: str
    caller: str  # words, keys or "" for silence
    caller_by: str  # speech | keys | silence | none
    confidence: float | None
    agent: str  # all that was said
    accepted: JsonObject = field(default_factory=dict)  # field → value newly accepted or changed
    brain: str | None = None  # who read the utterance
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    usage: JsonObject = field(default_factory=dict)  # what was used, and what it cost
    # What of `agent` had been played when the caller cut in; None: all, or nobody knows.
    heard: str | None = None
    # What this turn tells of the one before, which is over by then, because a save has one turn:
    # `heard`, and `timings_ms` to be added. Stores give it back where it belongs.
    former: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CollectedRecord:
    """What a call brought home; one a call, written when it ends."""

    call_id: str
    carrier_id: str | None
    agent: str
    caller_number: str
    language: str
    outcome: str  # completed | handed_over | abandoned | …
    complete: bool  # every required field is there
    data: JsonObject  # field → canonical value
    collected_at: datetime


@dataclass(frozen=True, slots=True)
class CallEvent:
    """A callback of the carrier about a call: status, machine detection, recording, handover."""

    call_id: str
    key: str  # what makes it unique within the call, e.g. "status:3"; a second one is ignored
    kind: str  # status | amd | recording | handover | moved
    at: datetime
    sequence: int = 0
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """How a spoken clip is made, so that any process on any machine can make it again."""

    key: str  # what it is called in addresses; cannot be guessed from the text
    text: str
    language: str
    provider: str  # of the voice
    voice: str
    model: str
    options: JsonObject  # settings of the voice
    audio_format: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CallQuery:
    """Which calls are wanted; None leaves a filter out."""

    agent: str | None = None
    outcome: str | None = None
    open_only: bool = False  # `ended_at` is None
    quiet_since: datetime | None = None  # last updated before
    limit: int = 50
    offset: int = 0
