"""What follows for a lead when an attempt on it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import AnsweringMachines, CampaignRules, Detection, OnMachine, Retries
from campaigns.retries import after
from storage.leads import Attempt, Lead, LeadStatus, Result

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RULES = CampaignRules(name="Autumn", agent="lead")
LEAD = Lead(
    lead_id="l1",
    campaign_id="c1",
    number="+919876543210",
    variables={},
    zones=("Asia/Kolkata",),
    country="IN",
    subdivision="",
    line=2,
    created_at=NOW,
    updated_at=NOW,
    due_at=NOW,
    status=LeadStatus.RINGING,
    attempts=1,
    lease="x",
    lease_until=NOW,
    call_id="call",
)
HOUR = timedelta(hours=1)


def ended(
    result: Result, lead: Lead = LEAD, rules: CampaignRules = RULES, chance: float = 0.0
) -> Lead:
    attempt = Attempt(
        call_id="call",
        campaign_id="c1",
        lead_id="l1",
        number=LEAD.number,
        attempt=lead.attempts,
        started_at=NOW - HOUR,
        local_hour=10,
        ended_at=NOW,
        result=str(result),
    )
    return after(lead, attempt, rules, NOW, chance)


@pytest.mark.parametrize(
    ("result", "hours"), [(Result.NO_ANSWER, 2), (Result.BUSY, 4), (Result.FAILED, 1)]
)
def test_who_was_not_reached_is_rung_again_after_the_pause_for_why(
    result: Result, hours: int
) -> None:
    lead = ended(result)
    assert (lead.status, lead.result) == (LeadStatus.WAITING, str(result))
    assert lead.due_at == NOW + hours * HOUR
    assert (lead.lease, lead.lease_until, lead.call_id, lead.attempts) == ("", None, "", 1)


@given(chance=st.floats(0, 1))
def test_they_are_spread_over_a_tenth_of_the_pause_and_never_before_its_end(chance: float) -> None:
    due_at = ended(Result.BUSY, chance=chance).due_at
    assert NOW + 4 * HOUR <= due_at <= NOW + 4.4 * HOUR


@pytest.mark.parametrize("result", [Result.NO_ANSWER, Result.BUSY, Result.FAILED])
def test_after_the_last_attempt_nobody_is_rung_again(result: Result) -> None:
    lead = ended(result, replace(LEAD, attempts=3))
    assert (lead.status, lead.result, lead.call_id) == (LeadStatus.GIVEN_UP, str(result), "")


def test_a_pause_of_nothing_means_never() -> None:
    rules = RULES.model_copy(update={"retries": Retries(busy_s=0)})
    assert ended(Result.BUSY, rules=rules).status is LeadStatus.GIVEN_UP


@pytest.mark.parametrize("result", [Result.COMPLETED, Result.HANDED_OVER, Result.TALKED])
def test_who_was_reached_is_not_rung_again(result: Result) -> None:
    lead = ended(result)
    assert (lead.status, lead.result) == (LeadStatus.DONE, str(result))


def test_who_asked_not_to_be_rung_is_refused() -> None:
    lead = ended(Result.OPTED_OUT)
    assert (lead.status, lead.reason) == (LeadStatus.REFUSED, "opted_out")


def test_a_machine_is_the_end_unless_the_campaign_rings_again() -> None:
    assert ended(Result.MACHINE).status is LeadStatus.GIVEN_UP
    told, untold = (
        RULES.model_copy(
            update={"machines": AnsweringMachines(detection=one, on_machine=OnMachine.MESSAGE)}
        )
        for one in (Detection.ASYNC, Detection.OFF)
    )
    assert ended(Result.MACHINE, rules=told).status is LeadStatus.DONE
    assert ended(Result.MACHINE, rules=untold).status is LeadStatus.GIVEN_UP
    again = RULES.model_copy(update={"retries": Retries(machine_s=600)})
    assert ended(Result.MACHINE, rules=again).due_at == NOW + timedelta(minutes=10)


def test_what_was_never_placed_does_not_count_and_is_due_at_once() -> None:
    lead = ended(Result.NOT_PLACED, replace(LEAD, result="busy", attempts=2))
    assert (lead.status, lead.attempts, lead.due_at) == (LeadStatus.WAITING, 1, NOW)
    assert lead.result == "busy"  # of the attempt before


def test_a_call_that_ended_in_the_future_makes_nobody_wait_for_it() -> None:
    """Another machine's clock, or one that was put back."""
    attempt = Attempt(
        "call", "c1", "l1", LEAD.number, 1, NOW, 10, ended_at=NOW + 24 * HOUR, result="busy"
    )
    assert after(LEAD, attempt, RULES, NOW, 0.0).due_at == NOW + 4 * HOUR
