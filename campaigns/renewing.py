"""People who are given once more, with what was missing: a zone, a state, a consent. Those who were
refused for want of it get it and are asked about again; all others stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns.compliance import Reason
from campaigns.intake import Person
from campaigns.recalls import ASKED_AGAIN
from storage.leads import Lead, LeadQuery, Leads, LeadStatus, Refusal

_PLACE = frozenset({Reason.UNKNOWN_ZONE, Reason.NEVER_OPEN})
_CONSENT = frozenset(
    {Reason.NO_CONSENT, Reason.CONSENT_OF_THE_FUTURE, Reason.CONSENT_TOO_OLD},
)


@dataclass(frozen=True, slots=True)
class Renewing:
    """Safe for use from many threads. Done twice, it does no harm."""

    leads: Leads

    def take(self, campaign_id: str, people: Sequence[Person], now: datetime) -> set[str]:
        """Of people whom a campaign has already, the numbers of those who are due again now."""
        if not people or not self._anybody_lacks(campaign_id):
            return set()
        renewed = list(self._renewed(campaign_id, people, now))
        if not renewed or not (number := self.leads.save_many(renewed)):
            return set()
        detail = "given again, with what was missing"
        told = Refusal(campaign_id, "", now, ASKED_AGAIN, None, number, detail=detail)
        self.leads.refuse(told)
        return {lead.number for lead in renewed}

    def _anybody_lacks(self, campaign_id: str) -> bool:
        status = str(LeadStatus.REFUSED)
        queries = (
            LeadQuery(campaign_id, status, reason=str(reason), limit=1)
            for reason in (*_PLACE, *_CONSENT)
        )
        return any(self.leads.find(query) for query in queries)

    def _renewed(self, campaign_id: str, people: Sequence[Person], now: datetime) -> Iterator[Lead]:
        for person in people:
            found = self.leads.find(LeadQuery(campaign_id, number=person.number, limit=1))
            if found and (lead := renewed(found[0], person, now)) is not None:
                yield lead


def renewed(lead: Lead, person: Person, now: datetime) -> Lead | None:
    """The lead with what it was refused for want of; None when that is not there now, either."""
    if lead.status is not LeadStatus.REFUSED:
        return None
    if lead.reason in _PLACE:
        if not person.zones or tuple(person.zones) == tuple(lead.zones):
            return None
    elif lead.reason in _CONSENT:
        is_known = bool(person.consent_basis) and person.consent_at is not None
        is_same = (person.consent_basis, person.consent_at) == (lead.consent_basis, lead.consent_at)
        if not is_known or is_same:
            return None
    else:
        return None
    return replace(
        lead,
        variables={**lead.variables, **person.variables},
        zones=person.zones or lead.zones,
        subdivision=person.subdivision or lead.subdivision,
        consent_basis=person.consent_basis or lead.consent_basis,
        consent_at=person.consent_at or lead.consent_at,
        status=LeadStatus.WAITING,
        due_at=now,
        reason="",
        updated_at=now,
    )
