"""Settles attempts: what became of a call, kept in the attempt, and what follows for the lead.

Told from three sides, so that none is forgotten: at once by the carrier's last callback, again when
the call's fact is made, and by the sweep of leases that ran out (`recovery.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from calls.answering import has_spoken, verdict_of
from calls.states import has_opted_out
from campaigns.book import Campaigns
from campaigns.campaign import Campaign, CampaignRules, CampaignStatus
from campaigns.optouts import OptOuts
from campaigns.retries import OPTED_OUT, after
from conversation.state import Outcome
from providers.telephony.base import ENDED_STATUSES
from providers.telephony.placed import PlacedCall
from storage.base import Storage
from storage.leads import Attempt, Lead, Leads, LeadStatus, Result, StaleLead
from storage.records import CallRecord, TurnRecord

log = logging.getLogger(__name__)

# Times somebody else may save the lead first before something is wrong.
TRIES_MOST = 8

_BY_OUTCOME = {
    str(Outcome.COMPLETED): Result.COMPLETED,
    str(Outcome.HANDED_OVER): Result.HANDED_OVER,
    OPTED_OUT: Result.OPTED_OUT,
    str(Outcome.MACHINE): Result.MACHINE,
}
_BY_STATUS = {
    "busy": Result.BUSY,
    "no-answer": Result.NO_ANSWER,
    "canceled": Result.NO_ANSWER,  # taken down while it rang
    "failed": Result.FAILED,
}
_MACHINES = frozenset({"machine", "fax"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked up for several calls that are to be settled at once."""

    attempts: Mapping[str, Attempt]  # by the id of the call
    leads: Mapping[str, Lead]  # by id
    campaigns: Mapping[str, Campaign | None]  # by id


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles calls of campaigns. Done twice, at once or out of order, it does no harm."""

    storage: Storage
    leads: Leads
    campaigns: Campaigns
    clock: Callable[[], datetime]
    chance: Callable[[], float]  # from 0 to 1
    optouts: OptOuts

    def look(self, call_ids: Sequence[str]) -> Seen:
        """Look up together what settling each of these calls begins with. StorageError."""
        attempts = {one.call_id: one for one in self.leads.some_attempts(call_ids)}
        lead_ids = list({one.lead_id for one in attempts.values()})
        leads = {one.lead_id: one for one in self.leads.some(lead_ids)}
        campaigns = {one.campaign_id for one in attempts.values()}
        return Seen(attempts, leads, {one: self.campaigns.kept(one) for one in campaigns})

    def settle(self, call_id: str, seen: Seen | None = None) -> bool:
        """Settle the attempt of a call; False when there is none, or the call goes on. `seen` may
        be a little old."""
        seen = seen or Seen({}, {}, {})
        attempt = seen.attempts.get(call_id) or self.leads.attempt(call_id)
        if attempt is None:
            return False
        lead = seen.leads.get(attempt.lead_id)
        if self._is_settled(attempt, lead):
            return True
        call = self.storage.load_call(call_id)
        if call is None or not is_over(call):
            return False
        if attempt.result == Result.NOT_PLACED and not call.carrier_id:
            return True  # closed by us, when the carrier had refused it
        turns = self.storage.turns(call_id) if call.answer else ()
        campaign = seen.campaigns.get(attempt.campaign_id) or self.campaigns.kept(
            attempt.campaign_id
        )
        rules = None if campaign is None else campaign.rules
        data = self.storage.collected(call_id) if call.outcome == Outcome.COMPLETED else None
        values = {} if data is None else data.data
        events = self.storage.events(call_id) if call.answer else ()
        answered_by = str(verdict_of(events) or attempt.answered_by)
        result = result_of(call, answered_by, turns)
        if has_opted_out(call):
            # Before the lead: whoever dies here does it again.
            self.optouts.note(call, turns)
        done = replace(
            attempt,
            carrier_id=call.carrier_id or attempt.carrier_id,
            ended_at=call.ended_at or self.clock(),
            result=str(result),
            answered_by=answered_by,
            spoke=has_spoken(turns),
            qualified=result is Result.COMPLETED and is_qualified(values, rules),
            seconds=_seconds(call, turns),
        )
        self.conclude(done, attempt, campaign, lead)
        return True

    def _is_settled(self, attempt: Attempt, lead: Lead | None) -> bool:
        """Whether that was done before: every call is told of twice at least."""
        if not attempt.result or attempt.result == Result.NOT_PLACED:
            return False
        lead = lead or self.leads.get(attempt.lead_id)
        return lead is None or lead.call_id != attempt.call_id

    def settle_unseen(self, attempt: Attempt, placed: PlacedCall) -> None:
        """Settle a call that only the carrier knows of: its record is gone, with its machine."""
        result = _BY_STATUS.get(placed.status, Result.TALKED)
        done = replace(
            attempt,
            carrier_id=placed.carrier_id,
            ended_at=self.clock(),
            result=str(result),
            seconds=float(placed.seconds),
        )
        self.conclude(done, attempt, self.campaigns.kept(attempt.campaign_id))

    def conclude(
        self,
        done: Attempt,
        before: Attempt,
        campaign: Campaign | None,
        lead: Lead | None = None,
    ) -> None:
        """Keep what became of an attempt, then its lead, which may be given as it was seen."""
        if done != before:
            self.leads.keep_attempt(done)
        seen = lead if lead is not None and lead.call_id == done.call_id else None
        for _ in range(TRIES_MOST):
            lead, seen = seen or self.leads.get(done.lead_id), None
            if lead is None:
                return  # forgotten
            freed = self._freed(lead, done, before, campaign)
            if freed is None:
                return
            try:
                self.leads.save(freed)
            except StaleLead:
                continue
            log.info(
                "attempt settled",
                extra={
                    "call_id": done.call_id,
                    "lead_id": done.lead_id,
                    "result": done.result,
                    "status": str(freed.status),
                },
            )
            return
        raise StaleLead(f"lead {done.lead_id} is being changed too fast to be settled")

    def _freed(
        self, lead: Lead, done: Attempt, before: Attempt, campaign: Campaign | None
    ) -> Lead | None:
        """What follows for the lead; None: nothing, it has gone on."""
        now = self.clock()
        if lead.call_id != done.call_id:
            was_late = before.result == Result.NOT_PLACED and done.result != Result.NOT_PLACED
            if not was_late or lead.call_id or lead.status is not LeadStatus.WAITING:
                return None
            # It was given up as never placed, and rang all the same: it counts after all.
            log.error("a call came late", extra={"call_id": done.call_id})
            lead = replace(lead, attempts=lead.attempts + 1)
        rules = campaign.rules if campaign is not None else _NO_MORE
        freed = after(lead, done, rules, now, self.chance())
        if freed.status is LeadStatus.WAITING and is_gone(campaign, now):
            return replace(freed, status=LeadStatus.CANCELED)
        return freed


# For leads whose campaign is gone.
_NO_MORE = CampaignRules(name="-", agent="none")


def is_gone(campaign: Campaign | None, now: datetime) -> bool:
    """Whether nobody of a campaign is rung any more: it was canceled, deleted, or its end came."""
    if campaign is None or campaign.is_deleted or campaign.status is CampaignStatus.CANCELED:
        return True
    ends_at = campaign.rules.ends_at
    return campaign.status is CampaignStatus.COMPLETED and ends_at is not None and now >= ends_at


def is_over(call: CallRecord) -> bool:
    """The line is down and the conversation closed: nothing of the call can change any more."""
    return call.status in ENDED_STATUSES and call.outcome is not None


def result_of(call: CallRecord, answered_by: str, turns: Sequence[TurnRecord]) -> Result:
    """What became of the attempt whose call is over."""
    if answered_by in _MACHINES and not has_spoken(turns):
        return Result.MACHINE
    reached = _BY_OUTCOME.get(call.outcome or "")
    if reached is not None:
        return reached
    if call.status in _BY_STATUS:
        return _BY_STATUS[call.status]
    # Answered; unless our server was away at that moment, and nobody heard anything.
    return Result.TALKED if call.answer else Result.FAILED


def is_qualified(values: object, rules: CampaignRules | None) -> bool:
    """Whether what a completed call collected makes a qualified lead."""
    if rules is None or not isinstance(values, dict):
        return rules is not None and not rules.qualified_when
    return all(_is(values.get(name), wanted) for name, wanted in rules.qualified_when.items())


def _is(value: object, wanted: str) -> bool:
    """Whether a collected value is what the campaign wants, as people write it."""
    if isinstance(value, bool):
        return wanted.casefold() in (("yes", "true") if value else ("no", "false"))
    if isinstance(value, Mapping):  # money
        amount = value.get("amount")
        said = f"{amount} {value.get('currency', '')}"
        return amount is not None and (_is(amount, wanted) or _is(said, wanted))
    if isinstance(value, int | float):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    return value is not None and str(value).casefold() == wanted.casefold()


def _seconds(call: CallRecord, turns: Sequence[TurnRecord]) -> float:
    """From the greeting to the end of the line; 0 when nobody answered."""
    if not turns or call.ended_at is None:
        return 0.0
    return max(0.0, round((call.ended_at - turns[0].at).total_seconds(), 3))
