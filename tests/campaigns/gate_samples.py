"""Leads, campaigns and laws for the tests of the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from campaigns.campaign import CampaignRules, Consent, Hours, Retries, Weekday
from campaigns.rules import ALWAYS, Law, Rule
from campaigns.zones import zones_of
from storage.leads import Lead

EVERY_DAY = tuple(Weekday)
# A law that forbids nothing, for what is not about the law.
FREE = Law({}, Rule("", "everywhere", ALWAYS))
# A Wednesday that nobody celebrates: 14:30 in India, 9:00 in London, 4:00 in New York.
WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def lead(number: str = "+919876543210", country: str = "IN", **changed: object) -> Lead:
    """A lead that is due, with the zones of its number."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    plain = Lead(
        lead_id=f"lead-{number}",
        campaign_id="spring",
        number=number,
        variables={},
        zones=zones_of(number, country),
        country=country,
        subdivision="",
        line=1,
        created_at=long_ago,
        updated_at=long_ago,
        due_at=long_ago,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def rules(
    hours: Hours | None = None,
    retries: Retries | None = None,
    consent: Consent | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> CampaignRules:
    """A campaign with the defaults of the product, but for what is given."""
    return CampaignRules(
        name="Spring",
        agent="reminder",
        hours=hours or Hours(),
        retries=retries or Retries(),
        consent=consent or Consent(),
        starts_at=starts_at,
        ends_at=ends_at,
    )
