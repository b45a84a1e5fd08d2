"""Finds attempts whose lease ran out: whoever rang has died, or the carrier's last word was lost.

Nobody is rung twice for one attempt, and nobody is forgotten: what happened is asked of the call's
record first, and then of the carrier.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event

from calls.progress import Progress
from campaigns.book import Campaigns
from campaigns.placing import PLACING
from campaigns.retries import let_go
from campaigns.settling import Settling, is_gone, is_over
from providers.telephony.base import ENDED_STATUSES, CallNotice, NoticeKind, Telephony
from providers.telephony.placed import PlacedCall
from storage.base import Storage
from storage.leads import (
    Attempt,
    Lead,
    LeadQuery,
    Leads,
    LeadStatus,
    Refusal,
    Result,
    StaleLead,
)
from storage.records import CallRecord

log = logging.getLogger(__name__)

EVERY_S = 3.0
# Leads looked at in one go; and no go is begun later.
BATCH, GO_ON_S = 200, 10.0
# A lead of which nobody knows whether it rings is asked for so long after it was found: its order
# may be on its way (see PLACING). A jump of the clock ends every lease at once, also of those who
# are ringing this very moment.
SEEN = timedelta(seconds=15)
LOST = "lost "  # begins the lease of such a lead
# A call that goes on keeps its lead for so long at a time.
GOES_ON = timedelta(seconds=60)
# A call of which nothing was heard for so long is asked for.
QUIET = timedelta(seconds=90)
# The carrier ends every call by then (four hours), whatever it tells us or does not.
LONGEST = timedelta(hours=5)
# Of whom the carrier tells nothing is asked again after so long, behind all others.
TOLD_NOTHING = timedelta(seconds=15)
# What the carrier's clock may be off.
SKEW = timedelta(minutes=5)
# Of a lead whose claim came to nothing: once, again, and three times. It keeps its place before
# those who are due later, as after an attempt nobody came to make. Not a fourth time: should it be
# the lead itself that kills whoever touches it, the others come first.
CLAIM_LOST = ("claim_lost", "claim_lost_again", "claim_lost_thrice")
PUT_OFF = timedelta(seconds=20)
# Attempts that nobody could make before their lead is given up.
LOST_MOST = 5
BROKEN = "broken"
# Between two looks for leases that a clock, which was wrong, put into the far future.
FAR_EVERY_S, FAR = 60.0, timedelta(minutes=10)
# Sequence number of what we asked for ourselves: later than anything that was sent.
_ASKED = 1_000_000


@dataclass(slots=True)
class Recovery:
    """Settles, takes up or gives back what was left. Killed in its middle, it does no harm."""

    storage: Storage
    leads: Leads
    campaigns: Campaigns
    telephony: Telephony
    progress: Progress
    settling: Settling
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    _far_at: float = field(default=0.0, init=False)

    def work(self, stop: Event, each: Callable[[Lead], None]) -> None:
        """Have `each` look at every lead whose lease is over. StorageError when the store is
        away."""
        until = self.monotonic() + GO_ON_S
        looked_at: set[str] = set()
        while not stop.is_set() and self.monotonic() < until:
            found = self.leads.expired(self.clock(), BATCH)
            fresh = [lead for lead in found if lead.lead_id not in looked_at]
            for lead in fresh:
                if stop.is_set() or self.monotonic() >= until:
                    return
                each(lead)
            looked_at.update(lead.lead_id for lead in fresh)
            if len(found) < BATCH or not fresh:
                break
        if self.monotonic() >= self._far_at:
            self._far_at = self.monotonic() + FAR_EVERY_S
            self._bring_near(stop)

    def recover(self, lead: Lead) -> None:
        """Settle, take up or give back one lead whose lease is over. StorageError, ProviderError
        when it cannot be told: then nothing happens to it."""
        if not lead.call_id:
            self._give_back(lead)
            return
        attempt = self.leads.attempt(lead.call_id) or _lost(lead)
        call = self.storage.load_call(lead.call_id)
        if call is not None and is_over(call):
            if not self.settling.settle(lead.call_id):  # the attempt is lost
                self.settling.settle_unseen(attempt, _as_placed(call))
            return
        carrier_id = attempt.carrier_id or ((call.carrier_id or "") if call else "")
        if carrier_id:
            self._follow(lead, attempt, call, carrier_id)
        elif self._has_waited(lead):
            self._ask_for(lead, attempt, call)

    def leave(self, lead: Lead) -> None:
        """Look at a lead again in a while, of which the carrier tells nothing: the others come
        first meanwhile, and after hours its call is over anyhow. StorageError."""
        now = self.clock()
        fresh = self.leads.get(lead.lead_id)
        if fresh is None or fresh.call_id != lead.call_id or fresh.status != LeadStatus.RINGING:
            return
        attempt = (self.leads.attempt(lead.call_id) or _lost(lead)) if lead.call_id else None
        if attempt is None or now - attempt.started_at < LONGEST:
            self.leads.save(replace(fresh, lease_until=now + TOLD_NOTHING))
            return
        call = self.storage.load_call(lead.call_id)
        if call is not None and call.outcome is None:
            self.progress.give_up(call)
        lost = PlacedCall(attempt.carrier_id, lead.number, "failed", attempt.started_at)
        self.settling.settle_unseen(attempt, lost)
        log.error("what became of a call was never told", extra={"call_id": lead.call_id})

    def _give_back(self, lead: Lead) -> None:
        """Nobody began to ring: it is due again. Attempts that name it were never made."""
        now = self.clock()
        for attempt in self.leads.attempts_of(lead.lead_id):
            if not attempt.result:
                result = str(Result.NOT_PLACED)
                self.leads.keep_attempt(replace(attempt, ended_at=now, result=result))
        # Whoever waits in a campaign that is over was seen to before, and nobody looks again.
        over = is_gone(self.campaigns.kept(lead.campaign_id), now)
        status = LeadStatus.CANCELED if over else LeadStatus.WAITING
        due_at = now + PUT_OFF if lead.reason == CLAIM_LOST[-1] else lead.due_at
        times = CLAIM_LOST.index(lead.reason) + 1 if lead.reason in CLAIM_LOST else 0
        reason = "" if over else CLAIM_LOST[min(times, len(CLAIM_LOST) - 1)]
        self.leads.save(replace(let_go(lead, now), status=status, due_at=due_at, reason=reason))
        log.info("a claim ran out", extra={"lead_id": lead.lead_id})

    def _follow(
        self, lead: Lead, attempt: Attempt, call: CallRecord | None, carrier_id: str
    ) -> None:
        """The carrier has the call: it goes on, or ended without our being told."""
        now = self.clock()
        if call is not None and now - call.updated_at < QUIET:
            self._renew(lead)
            return
        placed = self.telephony.call_status(carrier_id)
        if placed is not None and placed.status not in ENDED_STATUSES:
            self._renew(lead)
            return
        ended = placed or PlacedCall(carrier_id, lead.number, "failed", attempt.started_at)
        log.warning("the end of a call was not told", extra={"call_id": attempt.call_id})
        self._end(attempt, call, ended)

    def _end(self, attempt: Attempt, call: CallRecord | None, placed: PlacedCall) -> None:
        if call is None:
            self.settling.settle_unseen(attempt, placed)
            return
        notice = CallNotice(
            carrier_id=placed.carrier_id,
            kind=NoticeKind.STATUS,
            key=f"status:asked:{placed.status}",
            sequence=_ASKED,
            status=placed.status,
            data={"status": placed.status, "duration_s": str(placed.seconds)},
        )
        self.progress.report(notice, call.call_id)
        self.settling.settle(call.call_id)

    def _ask_for(self, lead: Lead, attempt: Attempt, call: CallRecord | None) -> None:
        """Nobody knows whether the carrier had the order: it does."""
        found = self.telephony.find_calls(lead.number, attempt.started_at - SKEW)
        unknown = [one for one in found if self._is_nobodys(one, lead)]
        if not unknown:
            self._not_placed(lead, attempt, call)
            return
        placed = min(unknown, key=lambda one: one.created_at)
        extra = {"call_id": attempt.call_id, "calls": len(unknown)}
        log.warning("a call rings whose order was lost", extra=extra)
        # The call first: whoever is killed now leaves one that is known by its carrier's id.
        if call is not None and call.carrier_id is None:
            named = replace(call, carrier_id=placed.carrier_id, updated_at=self.clock())
            call = self.storage.save_call(named)
        attempt = replace(attempt, carrier_id=placed.carrier_id)
        self.leads.keep_attempt(attempt)
        if placed.status in ENDED_STATUSES:
            self._end(attempt, call, placed)
        else:
            self._renew(lead)

    def _is_nobodys(self, placed: PlacedCall, lead: Lead) -> bool:
        """Whether no call of ours is known to be this one."""
        known = self.storage.find_call(placed.carrier_id)
        if known is not None:
            return known.call_id == lead.call_id
        others = (
            one for one in self.leads.attempts_of(lead.lead_id) if one.call_id != lead.call_id
        )
        return all(one.carrier_id != placed.carrier_id for one in others)

    def _not_placed(self, lead: Lead, attempt: Attempt, call: CallRecord | None) -> None:
        """The carrier never had the order: the attempt does not count."""
        if call is not None:
            self.progress.give_up(call)  # StaleCall: it rings after all
        now, campaign = self.clock(), self.campaigns.kept(lead.campaign_id)
        done = replace(attempt, ended_at=now, result=str(Result.NOT_PLACED))
        self.settling.conclude(done, attempt, campaign)
        log.info("an attempt was never made", extra={"call_id": attempt.call_id})
        lost = [
            one
            for one in self.leads.attempts_of(lead.lead_id)
            if one.result == Result.NOT_PLACED and not one.error
        ]
        fresh = self.leads.get(lead.lead_id)
        if fresh is None or fresh.status is not LeadStatus.WAITING:
            return
        if len(lost) >= LOST_MOST:
            self.set_aside(fresh, f"{len(lost)} attempts came to nothing")
        elif len(lost) <= len(CLAIM_LOST) and fresh.attempts < lead.attempts:  # and rung by nobody
            with suppress(StaleLead):  # somebody has it already
                self.leads.save(replace(fresh, due_at=min(fresh.due_at, lead.due_at)))

    def set_aside(self, lead: Lead, why: str) -> None:
        """Ring a lead no more that nobody can ring; the others go on."""
        now = self.clock()
        status = LeadStatus.REFUSED
        self.leads.save(replace(let_go(lead, now), status=status, reason=BROKEN))
        self.leads.refuse(
            Refusal(lead.campaign_id, lead.lead_id, now, BROKEN, None, zones=lead.zones, detail=why)
        )
        log.error("a lead is set aside", extra={"lead_id": lead.lead_id})

    def _renew(self, lead: Lead) -> None:
        self.leads.save(replace(lead, lease_until=self.clock() + GOES_ON))

    def _has_waited(self, lead: Lead) -> bool:
        """Whether the lead was found like this before; if not, the next one to find it knows."""
        if lead.lease.startswith(LOST):
            return True
        until = self.clock() + SEEN
        self.leads.save(replace(lead, lease=LOST + lead.lease, lease_until=until))
        return False

    def _bring_near(self, stop: Event) -> None:
        """Leases that end far in the future were given by a clock that was wrong then: they are
        over soon, or a lead whose ringer died waits for ever."""
        now = self.clock()
        for campaign_id in self.leads.ringing():
            after = None
            while not stop.is_set():
                query = LeadQuery(campaign_id, str(LeadStatus.RINGING), after=after, limit=BATCH)
                found = self.leads.find(query)
                for lead in found:
                    if lead.lease_until is not None and lead.lease_until > now + FAR:
                        self._shorten(lead, now)
                if len(found) < BATCH:
                    break
                after = (found[-1].created_at, found[-1].lead_id)

    def _shorten(self, lead: Lead, now: datetime) -> None:
        try:
            self.leads.save(replace(lead, lease_until=now + PLACING))
        except StaleLead:
            return


def _as_placed(call: CallRecord) -> PlacedCall:
    return PlacedCall(call.carrier_id or "", call.caller_number, call.status, call.created_at)


def _lost(lead: Lead) -> Attempt:
    """An attempt that a lead names and nobody has: a store that lost what it had kept."""
    return Attempt(
        call_id=lead.call_id,
        campaign_id=lead.campaign_id,
        lead_id=lead.lead_id,
        number=lead.number,
        attempt=lead.attempts,
        started_at=lead.updated_at,
        local_hour=lead.updated_at.hour,
    )
