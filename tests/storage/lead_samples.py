"""Leads, attempts and the like to keep, for the tests of the stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.leads import Attempt, Lead, Refusal

NOW = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
UNTIL = NOW + timedelta(seconds=30)  # of a lease
NUMBER = "+919876500000"


def a_lead(line: int = 0, campaign_id: str = "diwali", **changes: object) -> Lead:
    """A lead from a line of a file, due so many seconds before now that the first is due first."""
    lead = Lead(
        lead_id=f"{campaign_id}-{line:06}",
        campaign_id=campaign_id,
        number=f"+91987650{line:04}",
        variables={"name": "Asha", "a.b $c": "ஐநூறு"},
        zones=("Asia/Kolkata",),
        country="IN",
        subdivision="",
        line=line,
        created_at=NOW,
        updated_at=NOW,
        due_at=NOW - timedelta(seconds=1000 - line),
    )
    return replace(lead, **changes)  # type: ignore[arg-type]


def an_attempt(lead: Lead, call_id: str = "call-1", **changes: object) -> Attempt:
    """A dial of a lead that goes on."""
    attempt = Attempt(
        call_id=call_id,
        campaign_id=lead.campaign_id,
        lead_id=lead.lead_id,
        number=lead.number,
        attempt=lead.attempts + 1,
        started_at=NOW,
        local_hour=15,
    )
    return replace(attempt, **changes)  # type: ignore[arg-type]


def a_refusal(lead_id: str = "", **changes: object) -> Refusal:
    """Too early in Kolkata."""
    refusal = Refusal(
        campaign_id="diwali",
        lead_id=lead_id,
        at=NOW,
        reason="hours",
        until=LATER,
        zones=("Asia/Kolkata",),
        country="IN",
        detail="before 10:00 in Asia/Kolkata",
    )
    return replace(refusal, **changes)  # type: ignore[arg-type]
