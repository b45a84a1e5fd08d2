"""Rings one lead that was claimed: through the gate, kept as an attempt, then ordered.

What may go wrong after the attempt was kept is left to `recovery.py`, which asks the carrier.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from calls.answering import Detecting
from calls.metrics import Metrics
from calls.outbound import OrderFailed, Outbound, TooLate, Wish
from campaigns.book import Campaigns, IllegalMove, UnknownCampaign
from campaigns.breaker import Breaker, Trouble
from campaigns.campaign import AnsweringMachines, Campaign, CampaignStatus, Detection, OnMachine
from campaigns.compliance import Asked, Verdict, local_hour, lookbacks, may_ring
from campaigns.retries import let_go
from campaigns.rules import Law
from campaigns.settling import Settling, is_gone
from providers.errors import ProviderUnavailable
from providers.telephony.base import CallRefused
from providers.telephony.base import Refusal as Refused
from storage.do_not_call import DoNotCall, DoNotCallLists
from storage.leads import (
    Attempt,
    Lead,
    Leads,
    LeadStatus,
    Numbers,
    Refusal,
    Result,
    StaleLead,
)

log = logging.getLogger(__name__)

# From the claim to its end: whoever was to ring has died, or never heard of it. The dialer claims
# no more than what is come to long before.
CLAIM = timedelta(seconds=15)
# From the attempt to the end of the lease. Whoever finds it over then waits for SEEN of
# `recovery.py` before the carrier is asked for the call. An order is begun within BEGIN_S or not at
# all, is sent when an address of the carrier's answers (three seconds for each that does not), and
# answered or given up in ten: by the end of both nothing is on its way any more.
PLACING = timedelta(seconds=12)
BEGIN_S = 5.0
# What was looked up for some leads together is gone by for so long.
FRESH_S = 0.4
# A gate that names a moment that is over would be asked again at once, for ever.
LEAST_WAIT = timedelta(seconds=30)
# Leads put off in one go when their whole zone is closed, and goes of one job.
HOLD, HOLDS_MOST = 500, 20
# Refusals in a row after which a campaign is paused: of the account itself, of anything else.
ACCOUNT_MOST, OTHERS_MOST = 3, 20
# Codes of ours for what only a person can mend.
_SETTINGS = frozenset({"not_set_up", "no_address"})


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked up at one moment, for leads that are to be rung at once."""

    at: datetime
    leads: Mapping[str, Lead]  # by id
    campaigns: Mapping[str, Campaign | None]  # theirs, by id
    trouble: Trouble
    barred: Mapping[tuple[str, str], DoNotCall | None]  # by campaign and number: why
    rung: Mapping[datetime, Mapping[str, Numbers]]  # since when, then by number
    at_s: float = field(default_factory=time.monotonic)

    @property
    def is_fresh(self) -> bool:
        """Whether it may still be gone by: a pause is felt within a second, by everybody."""
        return time.monotonic() < self.at_s + FRESH_S


@dataclass(frozen=True, slots=True)
class Placing:
    """Places calls. Safe for many threads and processes; done twice, only one of them rings."""

    leads: Leads
    campaigns: Campaigns
    do_not_call: DoNotCallLists
    outbound: Outbound
    settling: Settling
    breaker: Breaker
    law: Law
    countries: frozenset[str]  # that may be rung at all
    metrics: Metrics

    def look(self, lead_ids: Sequence[str]) -> Known:
        """Look up together what ringing each of these leads begins with. StorageError."""
        leads = {lead.lead_id: lead for lead in self.leads.some(lead_ids)}
        now = self._now()
        campaigns = {one: self.campaigns.kept(one) for one in _campaigns(leads)}
        barred = {
            (campaign_id, number): self.do_not_call.of(number, campaign_id)
            for campaign_id, numbers in _campaigns(leads).items()
            for number in self.do_not_call.among(numbers, campaign_id)
        }
        # Most are of the same zone and country, and are counted together.
        alike: dict[datetime, set[str]] = {}
        for lead in leads.values():
            for since in lookbacks(lead, now, self.law).values():
                alike.setdefault(since, set()).add(lead.number)
        rung = {since: self.leads.rung(sorted(some), since) for since, some in alike.items()}
        return Known(now, leads, campaigns, self.breaker.trouble(), barred, rung)

    def ring(self, lead_id: str, lease: str, known: Known) -> bool:
        """Ring a lead that was claimed under `lease`; nothing happens when it is not ours any
        more. StorageError when the store is away: then the lease runs out.

        `known` is to be fresh: it is what is true at this moment, as far as anybody can tell. False
        when it is not any more, because of what became of this one.
        """
        started_s = time.monotonic()
        lead = known.leads.get(lead_id)
        now = self._now()
        if lead is None or not _is_ours(lead, lease, now):
            return True
        campaign = known.campaigns[lead.campaign_id]
        runs = campaign is not None and campaign.status is CampaignStatus.RUNNING
        if campaign is None or campaign.is_deleted or not runs:
            over = is_gone(campaign, now)
            status = LeadStatus.CANCELED if over else LeadStatus.WAITING
            self._save(replace(let_go(lead, now), status=status))
            return True
        trouble = known.trouble
        if trouble.until is not None and (until := self.breaker.waits(trouble)) is not None:
            self._put_off(lead, until)
            return True
        verdict = self._ask(lead, campaign, known)
        if verdict.reason is not None:
            self._refuse(lead, verdict, now)
            return True
        if campaign.rules.agent not in self.outbound.agents:
            self._put_off(lead, now)
            self._pause(campaign, f"There is no agent {campaign.rules.agent} any more.")
            return False
        return self._place(lead, campaign, trouble, started_s + BEGIN_S)

    def _now(self) -> datetime:
        return self.outbound.clock()

    def _ask(self, lead: Lead, campaign: Campaign, known: Known) -> Verdict:
        """What the gate says, with everything it looks at as it is this moment."""
        counted = lookbacks(lead, known.at, self.law)
        asked = Asked(
            lead=lead,
            rules=campaign.rules,
            status=campaign.status,
            do_not_call=known.barred.get((lead.campaign_id, lead.number)),
            rung={key: known.rung[since][lead.number] for key, since in counted.items()},
            countries=self.countries,
        )
        return may_ring(asked, self._now(), self.law)

    def _refuse(self, lead: Lead, verdict: Verdict, now: datetime) -> None:
        """Keep why somebody is not rung, and when to ask again."""
        until = verdict.until
        if until is not None:
            until = max(until, now + LEAST_WAIT)
        reason = str(verdict.reason)
        freed = replace(
            let_go(lead, now),
            status=LeadStatus.REFUSED if until is None else LeadStatus.WAITING,
            due_at=until or lead.due_at,
            reason=reason,
        )
        refusal = Refusal(
            campaign_id=lead.campaign_id,
            lead_id=lead.lead_id,
            at=now,
            reason=reason,
            until=until,
            zones=lead.zones,
            country=lead.country,
            detail=verdict.detail,
        )
        # First: whoever is killed now keeps it twice rather than never.
        self.leads.refuse(refusal)
        if not self._save(freed):
            return
        self.metrics.dialed(reason)
        if verdict.zones_until is not None:
            self._hold(replace(refusal, lead_id="", until=max(verdict.zones_until, now)), now)

    def _hold(self, refusal: Refusal, now: datetime) -> None:
        """Put off everybody whose zones are closed: asking for each would take all night."""
        for _ in range(HOLDS_MOST):
            held = self.leads.hold(refusal.campaign_id, refusal, now, HOLD)
            if held:
                self.leads.refuse(replace(refusal, leads=held))
            if held < HOLD:
                return

    def _place(self, lead: Lead, campaign: Campaign, trouble: Trouble, not_after_s: float) -> bool:
        now = self._now()
        attempt = Attempt(
            call_id=self.outbound.new_id(),
            campaign_id=lead.campaign_id,
            lead_id=lead.lead_id,
            number=lead.number,
            attempt=lead.attempts + 1,
            started_at=now,
            local_hour=local_hour(lead.zones, now),
        )
        try:
            self.leads.begin(replace(lead, lease_until=now + PLACING, reason=""), attempt)
        except StaleLead:
            return True  # somebody else has it; the attempt says nothing
        wish = Wish(
            agent=campaign.rules.agent,
            number=lead.number,
            variables={**campaign.rules.variables, **lead.variables},
            call_id=attempt.call_id,
            campaign_id=lead.campaign_id,
            lead_id=lead.lead_id,
            not_after_s=not_after_s,
            detection=detecting(campaign.rules.machines),
        )
        try:
            self.outbound.ring(wish)
        except OrderFailed as failed:
            self._failed(attempt, campaign, failed)
            return False
        self.metrics.dialed("placed")
        self.breaker.is_well(trouble)
        # How the carrier calls it stands in the record of the call, and in the attempt when that is
        # over: a carrier that answers late answers after the callbacks of a line that was busy.
        return True

    def _failed(self, attempt: Attempt, campaign: Campaign, failed: OrderFailed) -> None:
        """What follows when the carrier did not take an order, or nobody knows whether it did."""
        error = failed.error
        extra = {"call_id": attempt.call_id, "code": error.code, "reason": str(error)}
        log.warning("a lead is not rung", extra=extra)
        self.metrics.dialed(_word(failed))
        if failed.may_ring:
            self.breaker.is_away()
            return  # the end of the lease tells; until then nobody else rings
        if isinstance(error, CallRefused) and error.reason is not Refused.ACCOUNT:
            self._refused(attempt, campaign, error)
            return
        self._conclude(attempt, campaign, Result.NOT_PLACED, error.code)
        if isinstance(error, TooLate):
            return
        if isinstance(error, ProviderUnavailable) and error.code not in _SETTINGS:
            lead = self.leads.get(attempt.lead_id)
            until = self.breaker.is_away()
            if lead is not None and lead.status is LeadStatus.WAITING:
                self._save(replace(lead, due_at=until))
            return
        if error.code in _SETTINGS or self.breaker.refuses() >= ACCOUNT_MOST:
            self._pause(campaign, str(error))

    def _refused(self, attempt: Attempt, campaign: Campaign, error: CallRefused) -> None:
        """The carrier will not ring this number."""
        self._conclude(attempt, campaign, Result.FAILED, error.code)
        if error.reason is Refused.NUMBER:
            return
        if (in_a_row := self.breaker.refuses()) >= OTHERS_MOST:
            self._pause(
                campaign, f"The carrier refused {in_a_row} calls in a row: {error} ({error.code})"
            )

    def _conclude(self, attempt: Attempt, campaign: Campaign, result: Result, code: str) -> None:
        done = replace(attempt, ended_at=self._now(), result=str(result), error=code)
        self.settling.conclude(done, attempt, campaign)

    def _pause(self, campaign: Campaign, why: str) -> None:
        """Stop a campaign that can only fail; a person must look at it."""
        extra = {"campaign_id": campaign.campaign_id, "reason": why}
        log.error("a campaign is paused", extra=extra)
        try:
            self.campaigns.move(
                campaign.campaign_id, CampaignStatus.PAUSED, why, {CampaignStatus.RUNNING}
            )
        except (IllegalMove, UnknownCampaign):
            return  # somebody was faster
        self.breaker.reset()

    def _put_off(self, lead: Lead, until: datetime) -> None:
        self._save(replace(let_go(lead, self._now()), status=LeadStatus.WAITING, due_at=until))

    def _save(self, lead: Lead) -> bool:
        """Keep a lead that is let go of; False when somebody was faster, who decides."""
        try:
            self.leads.save(lead)
        except StaleLead:
            return False
        return True


def _campaigns(leads: Mapping[str, Lead]) -> Mapping[str, Sequence[str]]:
    """Campaign → the numbers of its leads."""
    numbers: dict[str, list[str]] = {}
    for lead in leads.values():
        numbers.setdefault(lead.campaign_id, []).append(lead.number)
    return numbers


def _is_ours(lead: Lead, lease: str, now: datetime) -> bool:
    """Whether a lead may still be rung under this claim, and was not yet."""
    has_time = lead.lease_until is not None and now < lead.lease_until
    is_claimed = lead.status is LeadStatus.RINGING and lead.lease == lease
    return is_claimed and has_time and not lead.call_id


def detecting(machines: AnsweringMachines) -> Detecting | None:
    """How the carrier is to listen for machines; None: not at all."""
    if machines.detection is Detection.OFF:
        return None
    return Detecting(
        waits=machines.detection is Detection.SYNC,
        leaves_message=machines.on_machine is OnMachine.MESSAGE,
        timeout_s=machines.timeout_s,
        speech_threshold_ms=machines.speech_threshold_ms,
        speech_end_threshold_ms=machines.speech_end_threshold_ms,
        silence_timeout_ms=machines.silence_timeout_ms,
    )


def _word(failed: OrderFailed) -> str:
    """For the metrics."""
    if failed.may_ring:
        return "perhaps"
    return "refused" if failed.error.permanent else "unavailable"
