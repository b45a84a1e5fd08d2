"""The gate: whether somebody may be rung now, why not, and when.

Pure: everything it looks at is loaded before. The law is in `rules.py`, zones in `zones.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from campaigns.campaign import CampaignRules, CampaignStatus
from campaigns.rules import Law
from storage.do_not_call import DoNotCall
from storage.leads import Lead, Numbers


class Reason(StrEnum):
    """Why somebody is not rung now."""

    OPTED_OUT = "opted_out"  # they asked for it, on a call or by a message
    DO_NOT_CALL = "do_not_call"  # somebody else put the number onto a list
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    NO_CONSENT = "no_consent"
    CONSENT_OF_THE_FUTURE = "consent_of_the_future"
    CONSENT_TOO_OLD = "consent_too_old"
    ATTEMPTS_USED_UP = "attempts_used_up"
    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    BEFORE_START = "before_start"
    AFTER_END = "after_end"
    BEING_RUNG = "being_rung"  # the number is rung by another campaign
    TOO_SOON = "too_soon"  # not due yet
    ATTEMPTS_OF_THE_DAY = "attempts_of_the_day"
    ATTEMPTS_OF_THE_LAW = "attempts_of_the_law"
    UNKNOWN_ZONE = "unknown_zone"
    NEVER_OPEN = "never_open"  # no hour within a month is open in all zones of the number
    HOURS = "hours"
    WEEKDAY = "weekday"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything the gate looks at, loaded beforehand."""

    lead: Lead
    rules: CampaignRules
    status: CampaignStatus = CampaignStatus.RUNNING
    do_not_call: DoNotCall | None = None  # why a list forbids it
    rung: Mapping[int, Numbers] = field(default_factory=dict)  # see `lookbacks`
    countries: frozenset[str] = frozenset()  # that may be rung at all; empty: every one
    being_rung: bool = False  # the number, by another lead


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says."""

    reason: Reason | None = None  # None: may be rung
    until: datetime | None = None  # ask again then; None with a reason: never
    detail: str = ""  # which rule it was, in words
    # Until when nobody of this campaign in the same zones and country may be rung, so that all of
    # them can be held together; None: this is about the lead alone.
    zones_until: datetime | None = None

    @property
    def zones_alike(self) -> bool:
        """Whether the others in the same zones and country are refused, too."""
        return self.zones_until is not None


def may_ring(asked: Asked, now: datetime, law: Law) -> Verdict:
    """Whether a lead may be rung at this moment."""
    return Verdict()


def lookbacks(lead: Lead, now: datetime, law: Law) -> Mapping[int, datetime]:
    """What `Asked.rung` needs: key → since when `Leads.rung` is to count.

    Keys are hours; 0 is the day by the recipient's clock.
    """
    return {0: local_midnight(lead.zones, now)}


def next_opening(lead: Lead, rules: CampaignRules, law: Law, after: datetime) -> datetime | None:
    """The first moment from `after` on at which the clock, the weekday and the calendar allow
    a ring; None when there is none within a month."""
    return after


def local_hour(zones: Sequence[str], now: datetime) -> int:
    """The hour of the day by the recipient's clock (the first zone's), 0 to 23; UTC without any."""
    return now.hour


def local_midnight(zones: Sequence[str], now: datetime) -> datetime:
    """When the recipient's day began; the earliest where there are several."""
    return now


def mistakes(rules: CampaignRules, law: Law, countries: Sequence[str]) -> Sequence[str]:
    """What is wrong with the hours of a campaign: sentences for whoever makes it, naming the
    country whose law leaves nothing of them. `countries`: those its leads may be of."""
    return ()


def notices(rules: CampaignRules, law: Law, countries: Sequence[str]) -> Sequence[str]:
    """What whoever makes a campaign should know: hours that the law cuts, consent it wants, rules
    that nobody verified."""
    return ()
