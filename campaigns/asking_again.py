"""Has people asked about again whom the gate refused, or who were given up: those for whom what
stood in the way is different now, and nobody else. Who opted out stays out.

They are due again, and go through the gate like everybody. A million are done in small steps, and
how far it is is kept after each: killed at any moment, it goes on from there.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event
from uuid import uuid4

from campaigns.book import Campaigns
from campaigns.campaign import Campaign, CampaignRules, CampaignStatus
from campaigns.compliance import Asked, Reason, may_ring, never_rung
from campaigns.recalls import ASKED_AGAIN, BY_HAND, OF_RULES, Cause, Group, Recall, Recalls
from campaigns.retries import pause_s
from campaigns.rules import Law
from storage.do_not_call import DoNotCallLists, DoNotCallQuery
from storage.leads import Lead, LeadQuery, Leads, LeadStatus, Refusal, Result
from storage.register import Entry, Register, StaleEntry
from storage.spellings import barred_with

log = logging.getLogger(__name__)

# Leads of one step.
AT_ONCE = 500
# A round begins no step later than this.
GO_ON_S = 4.0
# Whoever is freed before a number is off its list is not due before that has been done.
MEANWHILE = timedelta(seconds=10)
# Lists that one number may be on, of any campaign.
LISTS_MOST = 1_000
# The register's entry with the countries that were allowed the last time somebody looked.
COUNTRIES_KIND, COUNTRIES_KEY = "gate", "countries"
CAMPAIGNS_AT_ONCE = 100


class NobodyToAsk(ValueError):
    """Nobody of a campaign can be asked about again, or nobody was refused for these reasons."""


@dataclass(slots=True)
class AskingAgain:
    """Orders and does it. Safe for many threads and processes; done twice, it does no harm."""

    recalls: Recalls
    register: Register
    campaigns: Campaigns
    leads: Leads
    do_not_call: DoNotCallLists
    law: Law
    countries: Collection[str]  # that may be rung at all; empty: any
    clock: Callable[[], datetime]
    # Whether the people of a campaign are being forgotten; asked with its id.
    forgets: Callable[[str], bool] = field(default=lambda _: False)
    at_once: int = AT_ONCE
    _knows_countries: bool = field(default=False, init=False)

    def order(self, campaign: Campaign, words: Collection[str], by: str) -> Recall:
        """Have those of a campaign asked about again who were refused or given up for what the
        `words` of BY_HAND say; NobodyToAsk when it takes nobody any more."""
        if not self._takes(campaign):
            raise NobodyToAsk("Nobody of this campaign is rung any more: it was canceled or ended.")
        groups = [group for word, group in BY_HAND.items() if word in words]
        ordered = Recall(uuid4().hex, campaign.campaign_id, Cause.BY_HAND, groups, self.clock(), by)
        return self.recalls.order(ordered)

    def order_by_rules(self, campaign: Campaign) -> Recall | None:
        """The same of those whom parts of the rules held back that are different now."""
        groups = dict.fromkeys(group for part in campaign.recalls for group in OF_RULES[part])
        if not groups or not self._takes(campaign):
            return None
        recall_id = f"{campaign.campaign_id}~{campaign.version}"
        now = self.clock()
        return self.recalls.order(
            Recall(recall_id, campaign.campaign_id, Cause.RULES, list(groups), now)
        )

    def is_under_way(self, campaign_id: str) -> bool:
        """Whether somebody of a campaign is still to be asked about: then it is not over."""
        if self.recalls.is_open(campaign_id):
            return True
        campaign = self.campaigns.get(campaign_id)
        return campaign is not None and bool(campaign.recalls)

    def unlist(self, number: str, list_id: str) -> bool:
        """Take a number off a do-not-call list ("" is that of all campaigns), and have those asked
        about again who were refused for that; False when it was not on it.

        They are freed before, and looked at once more after it: whoever is killed in between has
        done no harm, for the gate looks at the list itself.
        """
        self._free(number, list_id, self.clock() + MEANWHILE)
        was_there = self.do_not_call.remove(number, list_id)
        if was_there:
            self._free(number, list_id, self.clock())
        return was_there

    def work(self, stop: Event) -> None:
        """Do what is ordered, for a while. StorageError when the store is away."""
        self._look_at_countries()
        until = time.monotonic() + GO_ON_S
        waiting = deque(self.recalls.open())
        while waiting and not stop.is_set() and time.monotonic() < until:
            try:
                recall = self._step(waiting.popleft())
            except StaleEntry:
                continue  # somebody else does it
            if recall.ended_at is None:
                waiting.append(recall)  # each in its turn: a few do not wait for a million

    def _step(self, recall: Recall) -> Recall:
        """Look at some leads; the order as it is kept after that."""
        campaign = self.campaigns.get(recall.campaign_id)
        if campaign is None or not self._takes(campaign) or recall.place >= len(recall.groups):
            return self._end(recall)
        group = recall.groups[recall.place]
        status, result, reason = str(group.status), group.result, group.reason
        query = LeadQuery(
            recall.campaign_id, status, result, reason, after=recall.after, limit=self.at_once
        )
        found = self.leads.find(query)
        again = self._due_again(found, recall, group, campaign)
        asked = self.leads.save_many(again)
        is_last = len(found) < self.at_once
        return self.recalls.put(
            replace(
                recall,
                asked=recall.asked + asked,
                left=recall.left + len(found) - asked,
                place=recall.place + is_last,
                after=None if is_last else (found[-1].created_at, found[-1].lead_id),
            )
        )

    def _end(self, recall: Recall) -> Recall:
        now = self.clock()
        if recall.asked:
            # First: whoever is killed now tells it twice rather than never.
            said = {
                Cause.RULES: "the campaign has other rules",
                Cause.COUNTRIES: "START_CALL_COUNTRIES has more countries",
                Cause.BY_HAND: f"{recall.by} asked for it",
            }
            detail = f"{', '.join(recall.words)}: {said[recall.cause]}"
            self._tell(recall.campaign_id, "", recall.asked, detail)
        told = {"campaign_id": recall.campaign_id, "leads": recall.asked, "left": recall.left}
        log.info("leads are asked about again", extra={**told, "cause": str(recall.cause)})
        return self.recalls.put(replace(recall, ended_at=now))

    def _due_again(
        self, found: Sequence[Lead], recall: Recall, group: Group, campaign: Campaign
    ) -> list[Lead]:
        """Those whom nothing holds back for good any more, as they are to be kept."""
        now = self.clock()
        if group.status is LeadStatus.WAITING:
            return [_due(lead, now, now) for lead in found]
        if group.status is LeadStatus.CANCELED:
            # Whoever was to be rung again some time after an attempt is rung no sooner.
            return [_due(lead, max(lead.due_at, now), now) for lead in found]
        numbers = [lead.number for lead in found]
        barred = self.do_not_call.among(numbers, campaign.campaign_id) if numbers else set()
        rules = campaign.rules
        again = []
        for lead in found:
            due_at = _due_at(lead, recall.cause, rules, now)
            if due_at is None or lead.number in barred or lead.reason == Reason.OPTED_OUT:
                continue
            due = _due(lead, due_at, now)
            if not self._is_refused_for_good(due, rules, now):
                again.append(due)
        return again

    def _is_refused_for_good(self, lead: Lead, rules: CampaignRules, now: datetime) -> bool:
        rung = never_rung(lead, now, self.law)
        countries = frozenset(self.countries)
        verdict = may_ring(Asked(lead, rules, rung, countries=countries), now, self.law)
        return verdict.reason is not None and verdict.until is None

    def _free(self, number: str, list_id: str, due_at: datetime) -> None:
        """Have everybody due who is refused because of a list, and is on no other one."""
        others = {
            one.campaign_id
            for one in self.do_not_call.find(DoNotCallQuery(number=number, limit=LISTS_MOST))
            if one.campaign_id != list_id
        }
        now = self.clock()
        barred = barred_with(number)
        for lead in (lead for one in barred for lead in self.leads.of_number(one)):
            is_refused = lead.status is LeadStatus.REFUSED and lead.reason == Reason.DO_NOT_CALL
            is_its = list_id in ("", lead.campaign_id)
            is_barred = "" in others or lead.campaign_id in others
            if not is_refused or not is_its or is_barred:
                continue
            campaign = self.campaigns.get(lead.campaign_id)
            if campaign is None or not self._takes(campaign):
                continue
            due = _due(lead, due_at, now)
            if self._is_refused_for_good(due, campaign.rules, now):
                continue
            if self.leads.save_many([due]):
                detail = "do_not_call: taken off the list"
                self._tell(lead.campaign_id, lead.lead_id, 1, detail)

    def _tell(self, campaign_id: str, lead_id: str, leads: int, detail: str) -> None:
        now = self.clock()
        told = Refusal(campaign_id, lead_id, now, ASKED_AGAIN, None, leads, detail=detail)
        self.leads.refuse(told)

    def _takes(self, campaign: Campaign) -> bool:
        """Whether people of a campaign may ever be rung again."""
        is_over = campaign.is_deleted or campaign.status is CampaignStatus.CANCELED
        ends_at = campaign.rules.ends_at
        has_ended = ends_at is not None and ends_at <= self.clock()
        return not is_over and not has_ended and not self.forgets(campaign.campaign_id)

    def _look_at_countries(self) -> None:
        """Once in a process: whether more countries may be rung than when the last one looked."""
        if self._knows_countries:
            return
        now, allowed = self.clock(), sorted(self.countries)
        kept = self.register.get(COUNTRIES_KIND, COUNTRIES_KEY)
        before = None if kept is None else kept.body["countries"]
        if before != allowed:
            # Whoever is killed in between orders it again.
            if kept is not None and self._has_more(before, allowed):
                self._order_for_countries(now)
            version = 0 if kept is None else kept.version
            body = {"countries": allowed}
            self.register.put(Entry(COUNTRIES_KIND, COUNTRIES_KEY, body, now, now, version))
        self._knows_countries = True

    def _has_more(self, before: object, allowed: Sequence[str]) -> bool:
        known = before if isinstance(before, list) else []
        return bool(known) and (not allowed or bool(set(allowed) - set(known)))

    def _order_for_countries(self, now: datetime) -> None:
        group = Group(LeadStatus.REFUSED, reason=str(Reason.COUNTRY_NOT_ALLOWED))
        skip = 0
        while found := self.campaigns.find(skip=skip, limit=CAMPAIGNS_AT_ONCE):
            for campaign in found:
                name = campaign.campaign_id
                query = LeadQuery(name, str(group.status), reason=group.reason, limit=1)
                if self.leads.find(query):
                    self.recalls.order(Recall(uuid4().hex, name, Cause.COUNTRIES, [group], now))
            skip += len(found)


def _due(lead: Lead, due_at: datetime, now: datetime) -> Lead:
    return replace(lead, status=LeadStatus.WAITING, due_at=due_at, reason="", updated_at=now)


def _due_at(lead: Lead, cause: Cause, rules: CampaignRules, now: datetime) -> datetime | None:
    """When somebody is due who is not held back any more; None: not at all."""
    if lead.status is not LeadStatus.GIVEN_UP or cause is Cause.BY_HAND:
        return now
    # As if these rules had been there when the attempt was over, which is when they were given up.
    wait_s = pause_s(Result(lead.result), rules.retries) if lead.result else 0
    return max(now, lead.updated_at + timedelta(seconds=wait_s)) if wait_s else None
