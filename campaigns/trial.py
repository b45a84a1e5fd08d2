"""A trial call: what the people of a campaign would hear, on a telephone of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from calls.outbound import Outbound, Wish
from campaigns.barring import check_unlisted
from campaigns.campaign import Campaign
from campaigns.placing import detecting
from storage.do_not_call import DoNotCallLists
from storage.leads import Lead, LeadQuery, Leads
from storage.records import CallRecord


class NoSuchLead(LookupError):
    """The campaign has no lead of this id."""


class NoAgent(ValueError):
    """The campaign's agent is gone."""


@dataclass(frozen=True, slots=True)
class Trials:
    """Rings whoever tries a campaign. Safe for use from many threads."""

    leads: Leads
    outbound: Outbound
    lists: DoNotCallLists

    def lead_of(self, campaign: Campaign, lead_id: str) -> Lead | None:
        """The lead whose words are said: the one of the id, or of "" the first; None when there is
        nobody yet. NoSuchLead."""
        if not lead_id:
            return next(iter(self.leads.find(LeadQuery(campaign.campaign_id, limit=1))), None)
        lead = self.leads.get(lead_id)
        if lead is None or lead.campaign_id != campaign.campaign_id:
            raise NoSuchLead(lead_id)
        return lead

    def ring(self, campaign: Campaign, lead: Lead | None, number: str) -> CallRecord:
        """Ring `number` (E.164) as `lead` would be rung, machines included. The call is of no
        campaign: no lead, attempt or figure knows of it. NoAgent, Listed, OrderFailed."""
        rules = campaign.rules
        if rules.agent not in self.outbound.agents:
            raise NoAgent(f"There is no agent {rules.agent} any more; choose another one.")
        check_unlisted(self.lists, number)
        return self.outbound.ring(
            Wish(
                agent=rules.agent,
                number=number,
                variables={**rules.variables, **(lead.variables if lead else {})},
                detection=detecting(rules.machines),
            )
        )
