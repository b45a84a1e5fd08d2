"""Looks ahead: who of a campaign would be rung now, who later, who never, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.campaign import Campaign
from campaigns.compliance import Asked, Verdict, may_ring, never_rung
from campaigns.imports import ImportKind, Imports
from campaigns.rules import Law
from storage.do_not_call import DoNotCallLists
from storage.leads import Lead, LeadQuery, Leads, LeadStatus

# Leads that are looked at: half a second's work. Beyond them the rest is like these, or not.
LOOKED_MOST = 10_000
PAGE = 1_000
FIRST_ROWS = 10
# Imports whose rows are counted.
IMPORTS_MOST = 100


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One lead, and what the gate says of it."""

    lead: Lead
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen if the campaign ran now."""

    leads: int  # that wait to be rung
    looked_at: int  # of them; the counts below are of these
    now: int  # may be rung at this moment
    later: Mapping[str, int]  # compliance.Reason → leads that may be rung at another hour
    never: Mapping[str, int]  # compliance.Reason → leads that are refused for good
    not_taken: Mapping[str, int]  # intake.Fault → rows of files that are no leads
    opens_at: datetime | None  # when the first of those who wait for it may be rung
    first: Sequence[PreviewRow]

    @property
    def is_whole(self) -> bool:
        """Every lead was looked at."""
        return self.looked_at >= self.leads


@dataclass(frozen=True, slots=True)
class Previews:
    """Looks ahead. Safe for use from many threads."""

    leads: Leads
    do_not_call: DoNotCallLists
    imports: Imports
    law: Law
    countries: frozenset[str]  # that may be rung
    clock: Callable[[], datetime]

    def of(self, campaign: Campaign) -> Preview:
        """What would happen now. StorageError."""
        later: Counter[str] = Counter()
        never: Counter[str] = Counter()
        callable_now, looked_at = 0, 0
        opens_at: datetime | None = None
        first: list[PreviewRow] = []
        for lead, verdict in self._verdicts(campaign, self.clock()):
            looked_at += 1
            if len(first) < FIRST_ROWS:
                first.append(PreviewRow(lead, verdict))
            if verdict.reason is None:
                callable_now += 1
            elif verdict.until is None:
                never[str(verdict.reason)] += 1
            else:
                later[str(verdict.reason)] += 1
                opens_at = min(opens_at or verdict.until, verdict.until)
        counts = self.leads.counts(campaign.campaign_id)
        waiting = sum(n for (status, _, _), n in counts.items() if status == LeadStatus.WAITING)
        return Preview(
            leads=max(waiting, looked_at),
            looked_at=looked_at,
            now=callable_now,
            later=later,
            never=never,
            not_taken=self._not_taken(campaign.campaign_id),
            opens_at=opens_at,
            first=first,
        )

    def _not_taken(self, campaign_id: str) -> Mapping[str, int]:
        rows: Counter[str] = Counter()
        for one in self.imports.of(campaign_id, ImportKind.LEADS, IMPORTS_MOST):
            rows.update(one.skipped)
        return rows

    def _verdicts(self, campaign: Campaign, now: datetime) -> Iterator[tuple[Lead, Verdict]]:
        """The leads that wait, each with what the gate says. Those who are alike are asked once."""
        known: dict[tuple[object, ...], Verdict] = {}
        for page in self._pages(campaign.campaign_id):
            barred = self.do_not_call.among([one.number for one in page], campaign.campaign_id)
            for lead in page:
                entry = None
                if lead.number in barred:
                    entry = self.do_not_call.of(lead.number, campaign.campaign_id)
                # The area code may say in which state somebody is.
                key = (
                    lead.number[:5], tuple(lead.zones), lead.country, lead.subdivision,
                    lead.consent_basis != "", lead.consent_at, lead.attempts,
                    lead.due_at if lead.due_at and lead.due_at > now else None,
                )  # fmt: skip
                verdict = known.get(key) if entry is None else None
                if verdict is None:
                    asked = Asked(
                        lead=lead,
                        rules=campaign.rules,
                        rung=never_rung(lead, now, self.law),
                        do_not_call=entry,
                        countries=self.countries,
                    )
                    verdict = may_ring(asked, now, self.law)
                    if entry is None:
                        known[key] = verdict
                yield lead, verdict

    def _pages(self, campaign_id: str) -> Iterator[Sequence[Lead]]:
        after: tuple[datetime, str] | None = None
        for _ in range(LOOKED_MOST // PAGE):
            query = LeadQuery(campaign_id, LeadStatus.WAITING, after=after, limit=PAGE)
            page = self.leads.find(query)
            yield page
            if len(page) < PAGE:
                return
            after = (page[-1].created_at, page[-1].lead_id)
