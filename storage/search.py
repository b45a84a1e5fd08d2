"""Looking for calls: filters, orders, and places in a list that stay valid while calls come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# Fewer last digits than that name nobody, and would be looked for in every call.
ENDING_LEAST = 4
# A start of a number that is at least so long is looked for in the index of numbers; callers of
# half a country are met soon enough in the list, when there are any.
START_LEAST = 6


class CallSort(StrEnum):
    """What a list of calls is sorted by."""

    CREATED = "created"
    DURATION = "duration"  # of calls that have ended; others are not in such a list


class NumberPart(StrEnum):
    """Which part of a number is known."""

    WHOLE = "whole"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """A number, or a part of one, as it is kept."""

    part: NumberPart
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list a call stands: by its sort, then by its id."""

    key: datetime | int  # `created_at`, or the duration in milliseconds
    call_id: str


@dataclass(frozen=True, slots=True)
class CallSearch:
    """Which calls are wanted, and which page of them; None leaves a filter out.

    Pages go on from a place, at the same speed however far down the list it is.
    """

    agent: str | None = None
    outcome: str | None = None
    direction: str | None = None
    stage: str | None = None
    status: str | None = None
    transport: str | None = None
    language: str | None = None
    campaign_id: str | None = None
    caller: NumberMatch | None = None
    line: NumberMatch | None = None
    open_only: bool = False  # `ended_at` is None
    since: datetime | None = None  # `created_at` at or after
    before: datetime | None = None  # `created_at` before
    duration_from_ms: int | None = None  # of calls that have ended
    duration_to_ms: int | None = None
    sort: CallSort = CallSort.CREATED
    descending: bool = True
    after_place: Place | None = None  # calls that come later in the list
    before_place: Place | None = None  # the last calls that come earlier in it
    limit: int = 50
    offset: int = 0

    @property
    def wants_ended(self) -> bool:
        """No call that goes on can match."""
        return (
            self.sort is CallSort.DURATION
            or self.duration_from_ms is not None
            or self.duration_to_ms is not None
        )


@dataclass(frozen=True, slots=True)
class CallBrief:
    """A call without its state and its answer, as lists show it."""

    call_id: str
    carrier_id: str | None
    agent: str
    agent_version: str
    direction: str
    caller_number: str
    line_number: str
    stage: str
    language: str
    outcome: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    status: str
    transport: str
    duration_ms: int | None  # None while the call goes on
    campaign_id: str  # "": of none
    lead_id: str
    turns: int  # of the caller

    def place(self, sort: CallSort) -> Place:
        """Where it stands in a list sorted so."""
        key = self.created_at if sort is CallSort.CREATED else self.duration_ms or 0
        return Place(key, self.call_id)


@dataclass(frozen=True, slots=True)
class Pulse:
    """That a call is there, and when it was last saved: another moment after every save."""

    call_id: str
    updated_at: datetime
    is_open: bool
