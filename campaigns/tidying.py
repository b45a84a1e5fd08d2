"""What is done for campaigns that were canceled or deleted: whoever waits is not rung any more, and
the leads of a deleted one are forgotten after a while. And for those whose rules changed: whoever
the former ones held back is asked about again.

In small steps, so that nobody waits for the store; killed at any moment, it goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from campaigns.book import Campaigns, Chore, Untidy
from campaigns.compliance import Reason
from campaigns.imports import Imports
from storage.leads import Lead, LeadQuery, Leads, LeadStatus, StaleLead

log = logging.getLogger(__name__)

EVERY_S = 5
# Leads of one step.
AT_ONCE = 500
# How long the leads of a deleted campaign are kept: as long as a law anywhere looks back at
# attempts on a number, so that deleting a campaign does not make them undone.
DELETED_KEPT = timedelta(days=30)

# What the gate may say otherwise under other rules of the campaign.
_RECALLED = (
    (LeadStatus.WAITING, Reason.HOURS),
    (LeadStatus.WAITING, Reason.WEEKDAY),
    (LeadStatus.WAITING, Reason.HOLIDAY),
    (LeadStatus.WAITING, Reason.BEFORE_START),
    (LeadStatus.WAITING, Reason.ATTEMPTS_OF_THE_DAY),
    (LeadStatus.REFUSED, Reason.NO_CONSENT),
    (LeadStatus.REFUSED, Reason.CONSENT_TOO_OLD),
    (LeadStatus.REFUSED, Reason.ATTEMPTS_USED_UP),
    (LeadStatus.REFUSED, Reason.NEVER_OPEN),
    (LeadStatus.REFUSED, Reason.AFTER_END),
)


@dataclass(frozen=True, slots=True)
class Tidying:
    """A round; see `jobs/rounds.py`."""

    campaigns: Campaigns
    leads: Leads
    imports: Imports
    clock: Callable[[], datetime]

    def work(self, stop: Event) -> None:
        """Do what is to be done, until `stop` is set."""
        for one in self.campaigns.untidy(self.clock() - DELETED_KEPT):
            recalls = one.chore is Chore.RECALL
            if self._recalled(one, stop) if recalls else self._tidied(one, stop):
                self.campaigns.tidied(one)

    def _tidied(self, one: Untidy, stop: Event) -> bool:
        """Whether nothing is left to do."""
        campaign_id = one.campaign_id
        in_all = 0
        while not stop.is_set():
            if one.chore is Chore.FORGET:
                number = self.leads.delete(campaign_id, AT_ONCE)
            else:
                number = self.leads.cancel(campaign_id, self.clock(), AT_ONCE)
            in_all += number
            if not number:
                if one.chore is Chore.CANCEL and campaign_id in self.leads.ringing():
                    return False  # who is claimed at this moment may yet come back
                if one.chore is Chore.FORGET:
                    self.imports.forget(campaign_id)
                log.info(
                    "a campaign was tidied", extra={"campaign_id": campaign_id, "leads": in_all}
                )
                return True
        return False

    def _recalled(self, one: Untidy, stop: Event) -> bool:
        """Whether everybody whom the former rules held back is due again."""
        campaign, now = self.campaigns.get(one.campaign_id), self.clock()
        ends_at = None if campaign is None else campaign.rules.ends_at
        is_open = campaign is not None and (ends_at is None or now < ends_at)
        # In a campaign that was not canceled itself, the end that it had did that.
        ended = ((LeadStatus.CANCELED, None),) if is_open else ()
        for status, reason in (*_RECALLED, *ended):
            after = None
            while True:
                if stop.is_set():
                    return False
                query = LeadQuery(
                    one.campaign_id,
                    status=str(status),
                    reason=None if reason is None else str(reason),
                    after=after,
                    limit=AT_ONCE,
                )
                found = self.leads.find(query)
                for lead in found:
                    self._ask_again(lead)
                if len(found) < AT_ONCE:
                    break
                after = (found[-1].created_at, found[-1].lead_id)
        return True

    def _ask_again(self, lead: Lead) -> None:
        now = self.clock()
        # Whoever was to be rung again some time after an attempt is rung no sooner.
        due_at = max(lead.due_at, now) if lead.status is LeadStatus.CANCELED else now
        due = replace(lead, status=LeadStatus.WAITING, due_at=due_at, reason="", updated_at=now)
        try:
            self.leads.save(due)
        except StaleLead:
            return  # somebody is at it, by the rules as they are
