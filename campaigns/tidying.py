"""What is done for campaigns that were canceled or deleted: whoever waits is not rung any more, and
the leads of a deleted one are forgotten after a while. And for those whose rules changed: whoever
the former ones held back is asked about again (`asking_again.py`).

In small steps, so that nobody waits for the store; killed at any moment, it goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from campaigns.asking_again import AskingAgain
from campaigns.book import Campaigns, Chore, Untidy
from campaigns.figures import KeptFigures
from campaigns.imports import Imports
from storage.leads import Leads

log = logging.getLogger(__name__)

EVERY_S = 5
# Leads of one step.
AT_ONCE = 500
# How long the leads of a deleted campaign are kept: as long as a law anywhere looks back at
# attempts on a number, so that deleting a campaign does not make them undone.
DELETED_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tidying:
    """A round; see `jobs/rounds.py`."""

    campaigns: Campaigns
    leads: Leads
    imports: Imports
    asking: AskingAgain
    clock: Callable[[], datetime]

    def work(self, stop: Event) -> None:
        """Do what is to be done, until `stop` is set."""
        for one in self.campaigns.untidy(self.clock() - DELETED_KEPT):
            recalls = one.chore is Chore.RECALL
            if self._ordered(one) if recalls else self._tidied(one, stop):
                self.campaigns.tidied(one)
        self.asking.work(stop)

    def _tidied(self, one: Untidy, stop: Event) -> bool:
        """Whether nothing is left to do."""
        campaign_id, in_all = one.campaign_id, 0
        is_filled = one.chore is Chore.CANCEL and self.imports.fills(campaign_id)
        while not stop.is_set():
            if one.chore is Chore.FORGET:
                number = self.leads.delete(campaign_id, AT_ONCE)
            else:
                number = self.leads.cancel(campaign_id, self.clock(), AT_ONCE)
            in_all += number
            if not number:
                if is_filled:
                    return False  # by a process that has yet to see that nobody is wanted
                if one.chore is Chore.CANCEL and campaign_id in self.leads.ringing():
                    return False  # who is claimed at this moment may yet come back
                if one.chore is Chore.FORGET:
                    self.imports.forget(campaign_id)
                    self.asking.recalls.forget(campaign_id)
                    KeptFigures(self.asking.register, self.clock).forget(campaign_id)
                log.info(
                    "a campaign was tidied", extra={"campaign_id": campaign_id, "leads": in_all}
                )
                return True
        return False

    def _ordered(self, one: Untidy) -> bool:
        campaign = self.campaigns.get(one.campaign_id)
        if campaign is not None and campaign.version == one.version:
            self.asking.order_by_rules(campaign)
        return True
