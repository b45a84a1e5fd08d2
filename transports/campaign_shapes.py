"""The JSON answers about campaigns, their leads and the do-not-call lists: see `shapes.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from campaigns.campaign import CampaignRules, CampaignStatus
from campaigns.control import Action
from storage.do_not_call import Source
from storage.leads import LeadStatus
from transports.described import shape


class CampaignAnswer(CampaignRules):
    """A campaign: its rules, and where it stands."""

    campaign_id: str
    status: CampaignStatus
    note: str = Field(description="Why it stands where it stands, when nobody did that.")
    possible: Sequence[Action] = Field(description="What may be done with it now.")
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = Field(description="The first time.")
    ended_at: datetime | None
    created_by: str
    version: int = Field(description="Counted up when its rules change.")


class Campaigns(TypedDict):
    """A page of campaigns, newest first."""

    campaigns: Sequence[CampaignAnswer]
    total: int


@shape
class Schedule(TypedDict):
    """When a campaign starts by itself."""

    starts_at: Annotated[str, Field(pattern=r"\S", examples=["2026-11-30T10:00"])]
    """By the clock of the zone; still to come."""
    timezone: Annotated[str, Field(pattern=r"\S", examples=["Asia/Kolkata"])]
    """IANA."""


@shape
class CampaignProgress(TypedDict):
    """Where the leads of a campaign are, as of a second ago or two."""

    campaign_id: str
    status: CampaignStatus
    leads: int
    """In all; the statuses add up to it."""
    statuses: Mapping[str, int]
    """waiting, ringing (being rung or talking), done, given_up, refused, canceled."""
    results: Mapping[str, int]
    """Leads that are done or given up, by the result of their last attempt."""
    refused: Mapping[str, int]
    """Leads that may never be rung, by reason."""
    held: Mapping[str, int]
    """Leads that wait because they may not be rung now, by reason."""
    next_due_at: datetime | None
    """When the first lead that waits is due."""
    why: str
    """Why nobody is being rung; empty while somebody is."""


@shape
class DialFigures(TypedDict):
    """Attempts added up: answered, unanswered and going on are all that were dialled."""

    dialled: int
    answered: int
    """By people and by machines."""
    human: int
    machine: int
    unanswered: int
    """Nobody picked up, busy, or failed."""
    going_on: int
    completed: int
    """The agent got to its end."""
    qualified: int
    spoke: int
    """The person said something or pressed a key."""
    results: Mapping[str, int]
    answered_by: Mapping[str, int]
    """What the carrier heard, where it listened for machines."""
    seconds: float
    """Of all calls."""


@shape
class Dialling(TypedDict):
    """What came of a campaign's attempts."""

    total: DialFigures
    by_hour: Mapping[str, DialFigures]
    """Hour of the day by the clock where the person is, 0 to 23."""
    by_attempt: Mapping[str, DialFigures]
    """Of a lead, from 1."""


@shape
class LeadAnswer(TypedDict):
    """One person of a campaign."""

    lead_id: str
    campaign_id: str
    phone_number: str
    """E.164."""
    variables: Mapping[str, str]
    status: LeadStatus
    result: str | None
    """Of the last attempt: completed, handed_over, opted_out, talked, machine, no_answer, busy,
    failed, not_placed; null before the first."""
    reason: str | None
    """Why it is held back or refused."""
    attempts: int
    due_at: datetime | None
    """When it is rung at the earliest; null when it waits no longer."""
    zones: Sequence[str]
    """Time zones where the person may be."""
    country: str
    consent_basis: str | None
    consent_at: datetime | None
    line: int | None
    """Of its file."""
    created_at: datetime
    updated_at: datetime


class Leads(TypedDict):
    """A page of leads, in the order in which they were added."""

    leads: Sequence[LeadAnswer]
    next: str | None
    total: int


LeadSent = Annotated[Mapping[str, str | int | float | bool | None], Field(min_length=1)]


@shape
class LeadsSent(TypedDict):
    """People to be rung; instead of a list, one of these objects alone will do."""

    leads: Annotated[list[LeadSent], Field(min_length=1, max_length=1000)]


# One person alone: what has `leads` is a list of them.
OneLeadSent = Annotated[
    LeadSent, Field(json_schema_extra={"propertyNames": {"not": {"const": "leads"}}})
]


@shape
class LeadProblem(TypedDict):
    """Somebody who was not added."""

    index: int
    """In what was sent, from 0."""
    column: str
    """Empty when it is about all of it."""
    reason: str
    message: str


class AddedLeads(TypedDict):
    """Who was added, and who was not."""

    added: int
    asked_again: int
    """Who were refused for what they have now, such as a zone, and are due again."""
    lead_ids: Sequence[str]
    problems: Sequence[LeadProblem]


@shape
class AttemptAnswer(TypedDict):
    """One dial."""

    call_id: str
    attempt: int
    """Of the lead, from 1."""
    started_at: datetime
    ended_at: datetime | None
    result: str | None
    """null while it goes on."""
    answered_by: str | None
    spoke: bool
    qualified: bool
    seconds: float
    error: str | None
    """The carrier's code, when it would not."""


@shape
class RefusalAnswer(TypedDict):
    """Somebody was not rung, or all of some zones were not."""

    at: datetime
    reason: str
    detail: str
    until: datetime | None
    """null: for good."""
    lead_id: str | None
    """null: of several."""
    leads: int
    zones: Sequence[str]


class LeadInFull(LeadAnswer):
    """One person, with everything that was done."""

    attempts_made: Sequence[AttemptAnswer]
    refusals: Sequence[RefusalAnswer]


@shape
class Refusals(TypedDict):
    """When somebody was not rung, newest first."""

    refusals: Sequence[RefusalAnswer]
    next: str | None
    """To be sent as `before` for older ones."""


@shape
class DoNotCallAnswer(TypedDict):
    """A number that is not rung."""

    phone_number: str
    campaign_id: str | None
    """null: by no campaign at all."""
    source: Source
    at: datetime
    words: str
    """What the person said or wrote, or why."""
    by: str
    call_id: str | None


class DoNotCallPage(TypedDict):
    """A page of a list, newest first."""

    do_not_call: Sequence[DoNotCallAnswer]
    next: str | None
    total: int


@with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))
class Barred(TypedDict):
    """Numbers that are not to be rung."""

    phone_number: NotRequired[Annotated[str, Field(pattern=r"\S", examples=["+919876500000"])]]
    """One number."""
    phone_numbers: NotRequired[Annotated[list[str], Field(max_length=1000)]]
    """Or several."""
    campaign_id: NotRequired[str | None]
    """Only not by this campaign; absent or null: by none."""
    words: NotRequired[Annotated[str, Field(max_length=500)]]
    """Why, such as "by letter"."""


class Added(TypedDict):
    """How many are new; the others were there."""

    added: int
    known: int
