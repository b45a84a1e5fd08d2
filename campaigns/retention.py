"""Forgets the people of campaigns that are over for longer than their agent keeps calls: leads,
attempts, refusals, uploaded files and the rows of them that were not taken. Figures stay.

In small steps, so that nobody waits for the store; killed at any moment, it goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from agents.schema import Agent
from campaigns.book import Campaigns
from campaigns.campaign import Campaign, CampaignStatus
from campaigns.figures import KeptFigures
from campaigns.imports import ImportKind, Imports
from campaigns.recalls import Recalls
from campaigns.tidying import AT_ONCE, DELETED_KEPT
from storage.leads import Leads
from storage.register import StaleEntry

log = logging.getLogger(__name__)

CAMPAIGNS_AT_ONCE = 100
# Attempts on a number count for that long, by the law of some countries, whatever an agent says.
LEAST = DELETED_KEPT


@dataclass(frozen=True, slots=True)
class LeadRetention:
    """A round, beside that of the calls (`calls/erasing.py`)."""

    campaigns: Campaigns
    leads: Leads
    imports: Imports
    figures: KeptFigures
    recalls: Recalls
    agents: Mapping[str, Agent]
    clock: Callable[[], datetime]

    def work(self, stop: Event) -> None:
        """Forget whose time is over, until there is nobody or `stop` is set.

        Of an agent that is gone nobody can tell how long: its campaigns stay as they are.
        """
        for campaign in self._over():
            if stop.is_set():
                return
            if self._is_due(campaign):
                try:
                    self._forget(campaign, stop)
                except StaleEntry:
                    continue  # somebody else does it

    def _over(self) -> Iterator[Campaign]:
        for status in (CampaignStatus.COMPLETED, CampaignStatus.CANCELED):
            skip = 0
            while found := self.campaigns.find(status, skip, CAMPAIGNS_AT_ONCE):
                yield from found
                skip += len(found)

    def _is_due(self, campaign: Campaign) -> bool:
        agent = self.agents.get(campaign.rules.agent)
        if agent is None or agent.retention_days is None or campaign.ended_at is None:
            return False
        kept_for = max(timedelta(days=agent.retention_days), LEAST)
        if campaign.ended_at >= self.clock() - kept_for:
            return False
        campaign_id = campaign.campaign_id
        kept = self.figures.get(campaign_id)
        if kept is not None and kept.of == str(campaign.ended_at):
            return kept.forgotten_at is None
        # Whoever was added since the end is still to be rung.
        is_open = self.leads.next_due(campaign_id) is not None
        is_ringing = campaign_id in self.leads.ringing()
        is_worked_on = self.imports.fills(campaign_id) or self.recalls.is_open(campaign_id)
        return not (is_open or is_ringing or is_worked_on)

    def _forget(self, campaign: Campaign, stop: Event) -> None:
        campaign_id = campaign.campaign_id
        kept = self.figures.begin(campaign, self.leads)
        in_all = 0
        while not stop.is_set():
            now = self.campaigns.get(campaign_id)
            if now is None or now.ended_at != campaign.ended_at:
                return  # it was started once more
            number = self.leads.forget_over(campaign_id, AT_ONCE)
            in_all += number
            if number < AT_ONCE:
                self._forget_files(campaign)
                self.recalls.forget(campaign_id)
                self.figures.finish(kept)
                extra = {"campaign_id": campaign_id, "leads": in_all}
                log.info("the people of a campaign are forgotten", extra=extra)
                return

    def _forget_files(self, campaign: Campaign) -> None:
        for kind in ImportKind:
            for one in self.imports.of(campaign.campaign_id, kind, limit=1_000):
                is_old = campaign.ended_at is not None and one.created_at <= campaign.ended_at
                if one.is_over and is_old:
                    self.imports.forget_one(one.import_id)
