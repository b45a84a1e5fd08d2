"""The contract of the leads: who is to be rung for a campaign, and every dial that was made.

Leads are many, and are claimed by processes that may die at any moment. They are not behind the
calls' journal: while the database is away nobody new is rung, and calls go on.
Every backend passes the same suite (tests/storage/contract_leads.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from storage.base import StorageError

# A lead whose number is being rung for another campaign is due again after so long, and says why.
PUT_OFF = timedelta(minutes=3)
PUT_OFF_REASON = "being_rung"


class StaleLead(StorageError):
    """Somebody changed this lead first; load it again and decide anew."""


class LeadStatus(StrEnum):
    """Where a lead is."""

    WAITING = "waiting"  # to be rung at `due_at` or later
    RINGING = "ringing"  # claimed by a dialer; until its call is over and settled
    DONE = "done"  # somebody was reached: nothing more to do
    GIVEN_UP = "given_up"  # nobody was reached in all attempts
    REFUSED = "refused"  # may not be rung, now or ever
    CANCELED = "canceled"  # with its campaign


class Result(StrEnum):
    """What became of an attempt. The first four reached somebody."""

    COMPLETED = "completed"  # the agent got to its end
    HANDED_OVER = "handed_over"
    OPTED_OUT = "opted_out"
    TALKED = "talked"  # answered, and not to the end
    MACHINE = "machine"  # hung up on, or a whole message left
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    NOT_PLACED = "not_placed"  # the carrier never had the order: it does not count as an attempt


@dataclass(frozen=True, slots=True)
class Lead:
    """One person of one campaign. A number stands in a campaign once."""

    lead_id: str
    campaign_id: str
    number: str  # E.164
    variables: Mapping[str, str]  # column → what the agent's sentences say for it
    zones: Sequence[str]  # IANA zones where the person may be; usually one, sorted
    country: str  # ISO 3166, "" when the number is of none (satellites)
    subdivision: str  # ISO 3166-2 without the country ("CA"); "" when it is not known
    line: int  # of the file it came from; 0: by the interface
    created_at: datetime
    updated_at: datetime
    due_at: datetime
    status: LeadStatus = LeadStatus.WAITING
    attempts: int = 0  # that were placed, or may have been
    result: str = ""  # of the last attempt: a Result, "" before the first
    reason: str = ""  # why it is held back or refused: a compliance.Reason; "": it is not
    consent_basis: str = ""  # "" when none is known
    consent_at: datetime | None = None
    lease: str = ""  # whoever claimed it; "" when nobody has
    lease_until: datetime | None = None
    call_id: str = ""  # of the attempt that goes on; "" between attempts
    version: int = 0  # 0: not kept yet; every save counts it up


@dataclass(frozen=True, slots=True)
class Attempt:
    """One dial. Kept before the carrier is asked, under the id that its call will have."""

    call_id: str
    campaign_id: str
    lead_id: str
    number: str
    attempt: int  # of the lead, from 1
    started_at: datetime
    local_hour: int  # 0-23 by the recipient's clock
    carrier_id: str = ""  # "": the carrier has not answered yet
    ended_at: datetime | None = None
    result: str = ""  # a Result; "" while it goes on
    answered_by: str = ""  # human | machine | fax | unknown; "" when nobody listened for it
    spoke: bool = False  # the person said something, or pressed a key
    qualified: bool = False  # as the campaign has it
    seconds: float = 0  # of the call
    error: str = ""  # the carrier's code, when it would not


@dataclass(frozen=True, slots=True)
class Refusal:
    """The gate said no. One record for one lead, or for all of a zone that are held together."""

    campaign_id: str
    lead_id: str  # "" for many
    at: datetime
    reason: str  # a compliance.Reason
    until: datetime | None  # None: for good
    leads: int = 1
    zones: Sequence[str] = ()
    detail: str = ""  # what of the rules it was, in words
    country: str = ""  # whose law it was, of many leads in the same zones


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """Which leads of a campaign, in the order in which they were added."""

    campaign_id: str
    status: str | None = None
    result: str | None = None
    reason: str | None = None
    number: str | None = None  # exactly
    after: tuple[datetime, str] | None = None  # (created_at, lead_id) of the last one seen
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Tally:
    """Attempts of a campaign that are alike, counted."""

    attempt: int
    local_hour: int
    result: str  # "" for those that go on
    answered_by: str
    spoke: bool
    qualified: bool
    count: int
    seconds: float  # in all


Counts = Mapping[tuple[str, str, str], int]  # (status, result, reason) → leads


@dataclass(frozen=True, slots=True)
class Numbers:
    """Attempts on a number, by any campaign."""

    day: int  # since a moment
    in_all: int
    last_at: datetime | None = None


NEVER = Numbers(0, 0)


def grouped_by_lead(attempts: Iterable[Attempt]) -> Mapping[str, Sequence[Attempt]]:
    """The attempts of each lead, in the order in which they come."""
    grouped: dict[str, list[Attempt]] = {}
    for one in attempts:
        grouped.setdefault(one.lead_id, []).append(one)
    return grouped


class Leads(Protocol):
    """Where leads and attempts are kept. Safe for many threads, processes and machines."""

    def add(self, leads: Sequence[Lead]) -> int:
        """Keep new leads; how many. One whose number its campaign has already is left out."""

    def known(self, campaign_id: str, numbers: Sequence[str]) -> set[str]:
        """Which of the numbers the campaign has."""

    def get(self, lead_id: str) -> Lead | None:
        """The lead, or None."""

    def some(self, lead_ids: Sequence[str]) -> Sequence[Lead]:
        """Those of the leads that there are, in any order."""

    def of_number(self, number: str) -> Sequence[Lead]:
        """The leads with a number, of any campaign, oldest first."""

    def find(self, query: LeadQuery) -> Sequence[Lead]:
        """A page of leads; at the same speed wherever it is in the list, whatever the filter."""

    def counts(self, campaign_id: str) -> Counts:
        """How many leads there are of each status, last result and reason."""

    def claim(self, campaign_id: str, now: datetime, lease: str, until: datetime) -> Lead | None:
        """Take the lead that has been due longest: it is RINGING, with the lease, as returned.

        None when none is due. Two claims never get the same lead, nor two leads of one number: one
        whose number is RINGING elsewhere is put off for some minutes (`reason` "being_rung").
        As quick with a million leads as with a thousand. Its `reason` stays: what was said of it
        holds until it is rung.
        """

    def claim_many(
        self, campaign_id: str, now: datetime, lease: str, until: datetime, most: int
    ) -> Sequence[Lead]:
        """The same for so many at once, all with one lease, which nobody else may have."""

    def save(self, lead: Lead) -> Lead:
        """Keep a changed lead; the one returned has the next version.

        StaleLead, with nothing written, unless the kept version is `lead.version`.
        """

    def save_many(self, leads: Sequence[Lead]) -> int:
        """The same of many; how many were kept. Those that somebody changed first are left out."""

    def begin(self, lead: Lead, attempt: Attempt) -> Lead:
        """Keep an attempt and its lead, with `call_id` and `attempts` counted up: both or none.

        StaleLead as with `save`.
        """

    def keep_attempt(self, attempt: Attempt) -> None:
        """Keep what became of an attempt, over what `begin` kept. Done twice, it does no harm; one
        that was forgotten stays forgotten."""

    def attempt(self, call_id: str) -> Attempt | None:
        """The attempt, or None."""

    def some_attempts(self, call_ids: Sequence[str]) -> Sequence[Attempt]:
        """Those of the attempts that are easily found, in any order: who misses one asks for it by
        itself."""

    def attempts_by_lead(self, lead_ids: Sequence[str]) -> Mapping[str, Sequence[Attempt]]:
        """Those of each of many leads, as `attempts_of`; leads without any are not in it."""

    def attempts_of(self, lead_id: str) -> Sequence[Attempt]:
        """The attempts on a lead, oldest first."""

    def rung(self, numbers: Sequence[str], since: datetime) -> Mapping[str, Numbers]:
        """Attempts on each of the numbers by any campaign, but those that were NOT_PLACED."""

    def expired(self, now: datetime, most: int) -> Sequence[Lead]:
        """RINGING leads whose lease is over, the longest first."""

    def ringing(self) -> Mapping[str, int]:
        """Campaign → RINGING leads; those without any are not in it."""

    def in_call(self) -> int:
        """RINGING leads of all campaigns with an attempt that goes on: the others were claimed, and
        nobody has begun to ring them."""

    def next_due(self, campaign_id: str) -> datetime | None:
        """When the first WAITING lead is due; None when none waits."""

    def hold(self, campaign_id: str, refusal: Refusal, now: datetime, most: int) -> int:
        """Put off to `refusal.until` WAITING leads that are due, of the refusal's country and in
        exactly its zones; how many, at most so many. The refusal itself is kept by `refuse`."""

    def cancel(self, campaign_id: str, now: datetime, most: int) -> int:
        """WAITING leads of a campaign become CANCELED; how many, at most so many at once."""

    def refuse(self, refusal: Refusal) -> None:
        """Keep that the gate said no."""

    def refusals(
        self, campaign_id: str, lead_id: str | None, limit: int, before: datetime | None = None
    ) -> Sequence[Refusal]:
        """What the gate refused in a campaign, or of one lead of it, newest first.

        More than `limit` when the last are of one moment: `before` goes on from that moment.
        """

    def tallies(self, campaign_id: str) -> Sequence[Tally]:
        """All attempts of a campaign, counted."""

    def delete(self, campaign_id: str, most: int) -> int:
        """Forget leads of a campaign, their attempts and refusals; how many leads.

        Fewer than `most`: none is left, and of no lead anything else.
        """

    def forget_over(self, campaign_id: str, most: int) -> int:
        """The same, but leads that wait or ring stay, with their attempts; how many leads.

        Fewer than `most`: all others are gone, and every refusal.
        """

    def forget(self, number: str) -> int:
        """Forget a person in every campaign, with attempts and refusals; how many leads."""

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""
