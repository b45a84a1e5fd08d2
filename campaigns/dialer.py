"""The dialer: starts and ends campaigns, claims who is due, and stands before what may go wrong.

One process of all ticks at a time; any worker rings. What one lead or one campaign breaks must not
stop the others, so faults end here.
"""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import TypeVar

from calls.metrics import Metrics
from campaigns.book import Campaigns, IllegalMove, UnknownCampaign
from campaigns.campaign import Campaign, CampaignStatus
from campaigns.pacing import Paces
from campaigns.placing import CLAIM, Known, Placing
from campaigns.recovery import Recovery
from campaigns.retries import let_go
from campaigns.slots import Limits, share
from providers.errors import ProviderError
from storage.base import StaleCall, StorageError
from storage.leads import Lead, Leads, LeadStatus, StaleLead
from storage.records import CallRecord

log = logging.getLogger(__name__)

Seen = TypeVar("Seen")

TICK_S = 1.0
RING, SETTLE = "ring", "settle"  # jobs
# What a campaign says while it waits, and nobody did that.
NO_WORKERS = "Waits: Redis is away, so nobody can be told to ring."
CARRIER_AWAY = (
    "Waits: the carrier is overloaded or away; it is tried again within a minute. "
    "Where there is no account, it is `flask phone`."
)
NOTES = (NO_WORKERS, CARRIER_AWAY)
# Leads that are claimed in one go, and those of them that one job rings: so many at most have to
# wait for the end of their claim when somebody is killed.
CLAIMED_MOST, RUNG_MOST = 32, 8
# Seconds of what the account allows that are claimed ahead of those who ring: with more of them
# claims run out before anybody comes to them.
AHEAD_S = 2.0
# After so long a job that rings many leads leaves the rest to others.
ALONE_S = 1.0
# Waiting leads that are canceled in one go, of a campaign whose end has come.
CANCEL = 1_000


@dataclass(slots=True)
class Dialer:
    """Has people rung. Safe to use from many threads; ticking twice at once does no harm."""

    leads: Leads
    campaigns: Campaigns
    placing: Placing
    recovery: Recovery
    paces: Paces
    account: Limits
    send: Callable[..., bool]  # a job to any worker: name and texts; False when nobody can be told
    clock: Callable[[], datetime]
    metrics: Metrics
    new_id: Callable[[], str] = field(default=lambda: uuid.uuid4().hex)
    # Told of a campaign that is about to be completed, again when that comes to nothing.
    completes: Callable[[Campaign], object] = field(default=lambda _: None)
    # Whether people are still being read into a campaign; asked with its id.
    fills: Callable[[str], bool] = field(default=lambda _: False)
    _turn: int = field(default=0, init=False)

    def tick(self, stop: Event) -> None:
        """Start what is due, claim who may be rung now and have workers ring them, end what is
        over. StorageError when the store is away."""
        now = self.clock()
        for campaign in self.campaigns.due_to_start(now):
            self._move(campaign, CampaignStatus.RUNNING, CampaignStatus.SCHEDULED)
        running = self._live(self.campaigns.running(), now)
        ringing = self.leads.ringing()
        self.metrics.dialing(len(running), sum(ringing.values()))
        if running and not stop.is_set():
            self._dial(running, ringing, now, stop)

    def recover(self, stop: Event) -> None:
        """Look after leads whose lease ran out. StorageError when the store is away."""
        self.recovery.work(stop, self._recover)

    def ring(self, lease: str, *lead_ids: str) -> None:
        """Ring leads that were claimed under `lease`, one after the other (job). Where that takes
        long, others ring the rest. StorageError when the store is away."""
        until_s = time.monotonic() + ALONE_S
        known: Known | None = None
        for place, lead_id in enumerate(lead_ids):
            left = lead_ids[place:]
            if place and time.monotonic() > until_s:
                for one in left:  # or their claims run out
                    self.send(RING, lease, one)
                return
            if known is None or not known.is_fresh:
                known = self._together(self.placing.look, left)
            if not self._ring(lead_id, lease, known):
                known = None

    def settle(self, *call_ids: str) -> None:
        """Settle calls that are over (job, and whenever one ended). StorageError as above."""
        settling = self.placing.settling
        seen = self._together(settling.look, call_ids)
        for call_id in call_ids:
            try:
                settling.settle(call_id, seen)
            except StorageError:
                raise
            except Exception:
                # As above; the sweep of leases tries again, and nobody else waits for it.
                log.exception("a call cannot be settled", extra={"call_id": call_id})

    def call_ended(self, call: CallRecord) -> None:
        """The same, of a call as the makers of facts have it; of no campaign, nothing happens."""
        if call.campaign_id:
            self.settle(call.call_id)

    def _together(self, look: Callable[[Sequence[str]], Seen], ids: Sequence[str]) -> Seen | None:
        """What is looked up for several at once; None: each is to be looked at by itself."""
        if len(ids) == 1:
            return None
        try:
            return look(ids)
        except StorageError:
            raise
        except Exception:
            # One of them is of a form that nobody thought of, and that one will say so.
            log.warning("some cannot be looked at together", exc_info=True)
            return None

    def _ring(self, lead_id: str, lease: str, known: Known | None) -> bool:
        """Whether what is known still holds."""
        try:
            return self.placing.ring(lead_id, lease, known or self.placing.look([lead_id]))
        except StorageError:
            raise  # the lease runs out, and whoever recovers it knows what was done
        except Exception:
            # A bug, or a lead of a form that nobody thought of: the others are rung all the same.
            log.exception("a lead cannot be rung", extra={"lead_id": lead_id})
            self._set_aside(lead_id, lease)
            return False

    def _recover(self, lead: Lead) -> None:
        try:
            self.recovery.recover(lead)
        except (StaleLead, StaleCall):
            return  # something happened to it after all
        except ProviderError as error:
            # Not known is not "no": nobody is rung before the carrier has told.
            extra = {"lead_id": lead.lead_id, "reason": str(error)}
            log.warning("the carrier does not tell what became of a call", extra=extra)
            self._leave(lead)
        except Exception:
            # Also a StorageError, which may be about this lead alone: were it the store, the next
            # look at it says so.
            log.exception("a lead cannot be recovered", extra={"lead_id": lead.lead_id})
            self._leave(lead)

    def _leave(self, lead: Lead) -> None:
        try:
            self.recovery.leave(lead)
        except StorageError:
            return  # it stays the first of those who are looked at

    def _live(self, running: Sequence[Campaign], now: datetime) -> list[Campaign]:
        """Those that are not over, the next one first at each tick."""
        live = []
        for campaign in running:
            rules = campaign.rules
            if rules.ends_at is not None and now >= rules.ends_at:
                self._expire(campaign, now)
            elif rules.starts_at is None or now >= rules.starts_at:
                live.append(campaign)
        self._turn += 1
        shift = self._turn % len(live) if live else 0
        return live[shift:] + live[:shift]

    def _dial(
        self,
        running: Sequence[Campaign],
        ringing: Mapping[str, int],
        now: datetime,
        stop: Event,
    ) -> None:
        due = [one for one in running if self._is_due(one, ringing, now)]
        if not due:
            return
        trouble = self.placing.breaker.trouble()
        if self.placing.breaker.waits(trouble) is not None:
            self._say(due, CARRIER_AWAY)
            return
        limits = {
            one.campaign_id: Limits(one.rules.pace.calls_per_second, one.rules.pace.live_most)
            for one in due
        }

        # Those whom nobody has begun to ring since they were claimed: workers do not keep up.
        waiting = sum(ringing.values()) - self.leads.in_call()
        ahead = max(CLAIMED_MOST, math.ceil(self.account.per_second * AHEAD_S))

        def wanted(free: Mapping[str, int]) -> dict[str, int]:
            """Of what the paces leave: `free` of each campaign, "" for the account."""
            open_ones = {
                name: min(free[name], limits[name].live_most - ringing.get(name, 0))
                for name in limits
            }
            left = min(free[""], ahead - waiting)
            if trouble.in_a_row:  # one is enough to find out whether the carrier is well again
                left = min(left, 1)
            return share(open_ones, ringing, left, self.account.live_most)

        granted = self.paces.reserve(now, {**limits, "": self.account}, wanted)
        for campaign in due:
            if not self._claim_safely(campaign, granted.get(campaign.campaign_id, 0), stop):
                self._say(due, NO_WORKERS)
                return
        self._say(due, "")

    def _is_due(self, campaign: Campaign, ringing: Mapping[str, int], now: datetime) -> bool:
        """Whether somebody is due; when nobody is left at all, the campaign is completed."""
        try:
            first = self.leads.next_due(campaign.campaign_id)
            if first is not None:
                return first <= now
            if not ringing.get(campaign.campaign_id) and self._is_done(campaign):
                self._move(campaign, CampaignStatus.COMPLETED, CampaignStatus.RUNNING)
        except StorageError:
            raise
        except Exception:
            # One campaign that cannot be read does not stop the others.
            extra = {"campaign_id": campaign.campaign_id}
            log.exception("a campaign cannot be looked at", extra=extra)
        return False

    def _is_done(self, campaign: Campaign) -> bool:
        """Whether everybody was seen to. Counted at this moment: leads may just have come in, the
        last of a file before it is told that the file is over."""
        if self.fills(campaign.campaign_id):
            return False
        counts = self.leads.counts(campaign.campaign_id)
        open_ones = {str(LeadStatus.WAITING), str(LeadStatus.RINGING)}
        return bool(counts) and not any(status in open_ones for status, _, _ in counts)

    def _claim_safely(self, campaign: Campaign, most: int, stop: Event) -> bool:
        try:
            return self._claim(campaign, most, stop)
        except StorageError:
            raise
        except Exception:
            # A lead of a form that cannot be read: the other campaigns go on.
            extra = {"campaign_id": campaign.campaign_id}
            log.exception("nobody of a campaign can be claimed", extra=extra)
            return True

    def _claim(self, campaign: Campaign, most: int, stop: Event) -> bool:
        """Claim so many leads and have them rung; False when nobody can be told."""
        for left in range(most, 0, -CLAIMED_MOST):
            if stop.is_set():
                return True
            now, lease, wanted = self.clock(), self.new_id(), min(left, CLAIMED_MOST)
            until = now + CLAIM
            claimed = self.leads.claim_many(campaign.campaign_id, now, lease, until, wanted)
            for place in range(0, len(claimed), RUNG_MOST):
                some = claimed[place : place + RUNG_MOST]
                if not self.send(RING, lease, *(lead.lead_id for lead in some)):
                    for lead in claimed[place:]:
                        self._give_back(lead)
                    return False
            if len(claimed) < wanted:
                return True
        return True

    def _give_back(self, lead: Lead) -> None:
        try:
            self.leads.save(replace(let_go(lead, self.clock()), status=LeadStatus.WAITING))
        except StaleLead:
            return

    def _set_aside(self, lead_id: str, lease: str) -> None:
        """A lead that breaks whoever rings it. One that may ring is the sweep's."""
        lead = self.leads.get(lead_id)
        if lead is not None and lead.lease == lease and not lead.call_id:
            try:
                self.recovery.set_aside(lead, "It cannot be rung; the log says why.")
            except StaleLead:
                return

    def _expire(self, campaign: Campaign, now: datetime) -> None:
        """The end of a campaign has come: who still waits is not rung any more."""
        if self.leads.cancel(campaign.campaign_id, now, CANCEL) < CANCEL:
            note = "Its end has come."
            self._move(campaign, CampaignStatus.COMPLETED, CampaignStatus.RUNNING, note)

    def _move(
        self, campaign: Campaign, status: CampaignStatus, only: CampaignStatus, note: str = ""
    ) -> None:
        if status is CampaignStatus.COMPLETED:
            self.completes(campaign)  # before: whoever is killed between them tells it again
        try:
            self.campaigns.move(campaign.campaign_id, status, note, {only})
        except (IllegalMove, UnknownCampaign):
            return  # somebody was faster
        extra = {"campaign_id": campaign.campaign_id, "status": str(status)}
        log.info("campaign moved by itself", extra=extra)

    def _say(self, campaigns: Sequence[Campaign], note: str) -> None:
        """What the pages of campaigns say of why they wait; no other note is touched."""
        for campaign in campaigns:
            if campaign.note == note or (campaign.note and campaign.note not in NOTES):
                continue
            try:
                self.campaigns.say(campaign.campaign_id, note)
            except (IllegalMove, UnknownCampaign):
                continue
