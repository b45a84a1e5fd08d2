"""The gate: whether somebody may be rung now, why not, and when.

Pure: everything it looks at is loaded before. The law is in `rules.py`, clocks in `windows.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from campaigns import windows
from campaigns.campaign import CampaignRules, CampaignStatus, Hours
from campaigns.rules import Cap, Law
from campaigns.windows import Closed, Place, local_hour, local_midnight
from campaigns.zones import subdivisions_of, zone
from storage.do_not_call import DoNotCall, Source
from storage.leads import Lead, Numbers

__all__ = [
    "Asked", "Reason", "Verdict", "local_hour", "local_midnight", "lookbacks", "may_ring",
    "never_rung", "next_opening",
]  # fmt: skip

# Key of `Asked.rung` for the day by the recipient's clock; the others are hours.
TODAY = 0
# A campaign that stands still is asked about again so soon: pause and resume act at once.
_SOON = timedelta(minutes=1)
# The date of a consent is midnight in nobody knows which zone; the furthest is 14 hours ahead.
_DATE_AHEAD = timedelta(hours=14)
# A call rings for some seconds after the gate let it through; the hours must not end meanwhile.
_RINGS = timedelta(seconds=30)
_OPTED_OUT = frozenset({Source.HEARD, Source.KEYS, Source.MESSAGE})


class Reason(StrEnum):
    """Why somebody is not rung now, the first that holds."""

    OPTED_OUT = "opted_out"  # they asked for it, on a call or by a message
    DO_NOT_CALL = "do_not_call"  # somebody else put the number onto a list
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    NO_CONSENT = "no_consent"
    CONSENT_OF_THE_FUTURE = "consent_of_the_future"
    CONSENT_TOO_OLD = "consent_too_old"
    ATTEMPTS_USED_UP = "attempts_used_up"
    UNKNOWN_ZONE = "unknown_zone"
    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    AFTER_END = "after_end"
    BEFORE_START = "before_start"
    NEVER_OPEN = "never_open"  # no moment within a month is open in all zones of the number
    HOURS = "hours"
    WEEKDAY = "weekday"
    HOLIDAY = "holiday"
    BEING_RUNG = "being_rung"  # the number, by another lead: a claim says so, not the gate
    TOO_SOON = "too_soon"  # not due yet
    ATTEMPTS_OF_THE_DAY = "attempts_of_the_day"
    ATTEMPTS_OF_THE_LAW = "attempts_of_the_law"


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything the gate looks at, loaded beforehand."""

    lead: Lead
    rules: CampaignRules
    rung: Mapping[int, Numbers]  # see `lookbacks`
    do_not_call: DoNotCall | None = None  # why a list forbids it
    status: CampaignStatus = CampaignStatus.RUNNING
    countries: frozenset[str] = frozenset()  # that may be rung at all; empty: every one


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says."""

    reason: Reason | None = None  # None: may be rung
    until: datetime | None = None  # ask again then; None with a reason: never
    detail: str = ""  # which rule it was, in words
    # Until when nobody of this campaign in the same zones and country may be rung, so that all of
    # them can be held together; None: this is about the lead alone. Not later than `until`: a
    # state may have shorter hours than its country.
    zones_until: datetime | None = None


_MAY = Verdict()


def may_ring(asked: Asked, now: datetime, law: Law) -> Verdict:
    """Whether a lead may be rung at this moment.

    LookupError when `asked.rung` lacks a count that `lookbacks` asks for: not counting is no
    reason to ring.
    """
    for check in (_for_good, _campaign, _clock, _attempts):
        verdict = check(asked, now, law)
        if verdict is not None:
            return verdict
    return _MAY


def lookbacks(lead: Lead, now: datetime, law: Law) -> Mapping[int, datetime]:
    """What `Asked.rung` needs: key → since when `Leads.rung` is to count.

    Keys are hours; 0 is the day by the recipient's clock.
    """
    since = {TODAY: local_midnight(lead.zones, now)}
    for cap in _caps(_place(lead), law):
        if cap.hours:
            since[cap.hours] = now - timedelta(hours=cap.hours)
    return since


def never_rung(lead: Lead, now: datetime, law: Law) -> Mapping[int, Numbers]:
    """`Asked.rung` of a number that nobody ever rang; for looking ahead."""
    return dict.fromkeys(lookbacks(lead, now, law), Numbers(0, 0))


def next_opening(lead: Lead, rules: CampaignRules, law: Law, after: datetime) -> datetime | None:
    """The first moment from `after` on at which the clock, the weekday and the calendar allow
    a ring; None when there is none within a month."""
    return windows.next_opening(_place(lead), rules.hours, law, after)


def _place(lead: Lead) -> Place:
    of = subdivisions_of(lead.number, lead.country, lead.subdivision)
    return Place(tuple(lead.zones), lead.country, of)


def _for_good(asked: Asked, now: datetime, _law: Law) -> Verdict | None:
    """What no waiting changes."""
    lead, rules = asked.lead, asked.rules
    if listed := asked.do_not_call:
        whose = "this campaign's list" if listed.campaign_id else "the list of all campaigns"
        detail = f"on {whose} since {listed.at:%d %B %Y}"
        reason = Reason.OPTED_OUT if listed.source in _OPTED_OUT else Reason.DO_NOT_CALL
        return Verdict(reason, detail=detail)
    if asked.countries and lead.country not in asked.countries:
        where = lead.country or "no country"
        allowed = ", ".join(sorted(asked.countries))
        detail = f"a number of {where}; START_CALL_COUNTRIES allows {allowed}"
        return Verdict(Reason.COUNTRY_NOT_ALLOWED, detail=detail)
    if verdict := _consent(lead, rules, now):
        return verdict
    if lead.attempts >= rules.retries.attempts_most:
        return Verdict(Reason.ATTEMPTS_USED_UP, detail=f"{lead.attempts} attempts were made")
    if not lead.zones or any(zone(name) is None for name in lead.zones):
        detail = "nobody knows the time where this number is; give the file a timezone column"
        return Verdict(Reason.UNKNOWN_ZONE, detail=detail)
    return None


def _consent(lead: Lead, rules: CampaignRules, now: datetime) -> Verdict | None:
    if not rules.consent.required:
        return None
    given = lead.consent_at
    if not lead.consent_basis or given is None:
        missing = "date" if lead.consent_basis else "basis"
        return Verdict(
            Reason.NO_CONSENT, detail=f"the campaign wants consent; no {missing} is known"
        )
    if given > now + _DATE_AHEAD:
        return Verdict(Reason.CONSENT_OF_THE_FUTURE, detail=f"dated {given:%d %B %Y}")
    days = rules.consent.days_most
    if days is not None and now - given > timedelta(days=days):
        detail = f"of {given:%d %B %Y}; the campaign takes none older than {days} days"
        return Verdict(Reason.CONSENT_TOO_OLD, detail=detail)
    return None


def _campaign(asked: Asked, now: datetime, law: Law) -> Verdict | None:
    """Where the campaign stands. It may change its mind, so nothing here is for good."""
    rules = asked.rules
    if asked.status != CampaignStatus.RUNNING:
        return Verdict(Reason.CAMPAIGN_NOT_RUNNING, now + _SOON, f"it is {asked.status}")
    if rules.ends_at is not None and now >= rules.ends_at:
        return Verdict(
            Reason.AFTER_END, now + _SOON, f"it ended {rules.ends_at:%d %B %Y, %H:%M %Z}"
        )
    if rules.starts_at is not None and now < rules.starts_at:
        until = next_opening(asked.lead, rules, law, rules.starts_at)
        detail = f"it starts {rules.starts_at:%d %B %Y, %H:%M %Z}"
        return Verdict(Reason.BEFORE_START, until or rules.starts_at.astimezone(UTC), detail)
    return None


def _clock(asked: Asked, now: datetime, law: Law) -> Verdict | None:
    """Hours, weekdays and holidays where the person is."""
    place, hours = _place(asked.lead), asked.rules.hours
    # Open now and in half a minute is open all the time between: hours and pauses last minutes.
    for moment in (now, now + _RINGS):
        closed = windows.closed_by(place, hours, law, moment)
        if closed is not None:
            return _closed(place, hours, law, moment, closed)
    return None


def _closed(place: Place, hours: Hours, law: Law, moment: datetime, why: Closed) -> Verdict:
    until = windows.next_opening(place, hours, law, moment)
    if until is None:
        where = ", ".join(place.zones)
        detail = f"within a month no hour is open in {where}; a timezone or state column may help"
        return Verdict(Reason.NEVER_OPEN, detail=detail)
    # A state only ever shortens its country's hours, so what closes the country closes all.
    country = Place(place.zones, place.country)
    zones_until = windows.next_opening(country, hours, law, moment)
    is_alike = zones_until is not None and zones_until > moment
    told = windows.told(place, hours, law, moment)
    return Verdict(Reason(why), until, told, zones_until if is_alike else None)


def _attempts(asked: Asked, now: datetime, law: Law) -> Verdict | None:
    """How often the number was rung, and how lately."""
    lead, rules = asked.lead, asked.rules
    if lead.due_at > now:
        return Verdict(Reason.TOO_SOON, lead.due_at, f"due {lead.due_at:%d %B %Y, %H:%M %Z}")
    most = rules.retries.per_day_most
    if asked.rung[TODAY].day >= most:
        detail = f"{asked.rung[TODAY].day} attempts today; the campaign allows {most}"
        return Verdict(Reason.ATTEMPTS_OF_THE_DAY, _tomorrow(asked, now, law), detail)
    for cap in _caps(_place(lead), law):
        made = asked.rung[cap.hours].day
        if made >= cap.most:
            detail = f"{made} attempts within {cap.span}; the law allows {cap.most}"
            # When the oldest was is not known here: asked again every day.
            return Verdict(Reason.ATTEMPTS_OF_THE_LAW, _tomorrow(asked, now, law), detail)
    return None


def _tomorrow(asked: Asked, now: datetime, law: Law) -> datetime:
    """The first opening of another day by each of the recipient's clocks."""
    midnight = windows.next_local_midnight(asked.lead.zones, now)
    return next_opening(asked.lead, asked.rules, law, midnight) or midnight


@lru_cache(maxsize=1024)
def _caps(place: Place, law: Law) -> tuple[Cap, ...]:
    rules = law.of(place.country, place.subdivisions)
    return tuple(cap for rule in rules for cap in rule.caps)
