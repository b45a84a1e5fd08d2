"""Words that come in the wrong order, a carrier that says nothing, and ends in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from threading import Event
from typing import Any, cast

import pytest

from campaigns.campaign import CampaignStatus, Pace
from campaigns.imports import ImportKind, Order
from campaigns.placing import PLACING
from phone.mishaps import TOO_MANY, Mishap
from providers.errors import ProviderUnavailable
from storage.do_not_call import Source
from storage.leads import Attempt, Leads, LeadStatus
from tests.campaigns.street import RULES, Mortal, Street


@pytest.mark.parametrize("mishap", [TOO_MANY, Mishap(401, 20003)])
def test_an_order_that_was_refused_costs_no_attempt_when_its_fact_is_made(
    street: Street, mishap: Mishap
) -> None:
    lead = street.lead(street.campaign())
    street.exchange.mishaps.add([mishap])
    street.tick()
    (attempt,) = street.leads.attempts_of(lead.lead_id)
    call = street.storage.load_call(attempt.call_id)
    assert call is not None
    street.dialer.call_ended(call)
    (attempt,) = street.leads.attempts_of(lead.lead_id)
    kept = street.again(lead)
    assert (attempt.result, kept.attempts, kept.result) == ("not_placed", 0, "")


def test_who_opts_out_over_the_goodbye_is_barred_and_stays_completed(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.tick()
    call = street.storage.load_call(street.again(lead).call_id)
    assert call is not None
    state = {**call.state, "outcome": "completed", "opted_out": True}
    ended = replace(call, outcome="completed", ended_at=street.now, state=state)
    street.storage.save_call(ended)
    street.report(lead, "completed")
    street.dialer.settle(call.call_id)

    assert (street.again(lead).status, street.again(lead).result) == (LeadStatus.DONE, "completed")
    listed = street.do_not_call.of(lead.number, "")
    assert listed is not None
    assert (listed.source, listed.call_id) == (Source.HEARD, call.call_id)


def test_a_line_that_is_busy_before_the_carrier_answers_us_stays_settled(street: Street) -> None:
    lead = street.lead(street.campaign())

    class Slow(Mortal):
        def place_call(self, order: Any) -> str:
            carrier_id = street.telephony.place_call(order)
            call = street.storage.load_call(street.again(lead).call_id)
            assert call is not None
            street.storage.save_call(replace(call, carrier_id=carrier_id))
            street.report(lead, "busy")
            street.dialer.settle(call.call_id)
            return carrier_id

    placing = street.dialer.placing
    outbound = replace(placing.outbound, telephony=cast(Any, Slow(street.telephony, street.life)))
    street.dialer.placing = replace(placing, outbound=outbound)
    street.tick()
    (attempt,) = street.leads.attempts_of(lead.lead_id)
    assert (attempt.result, street.again(lead).status) == ("busy", LeadStatus.WAITING)


@pytest.mark.parametrize("is_canceled", [True, False])
def test_who_was_claimed_by_a_process_that_died_is_canceled_with_the_campaign(
    street: Street, is_canceled: bool
) -> None:
    ends_at = street.now + timedelta(minutes=1)
    campaign = street.campaign(RULES.model_copy(update={"ends_at": ends_at}))
    lead = street.lead(campaign)
    street.pass_time(1)
    street.dialer.tick(Event())
    street.jobs.clear()
    if is_canceled:
        street.campaigns.move(campaign.campaign_id, CampaignStatus.CANCELED)
        street.tidy()
    else:
        street.pass_time(61)
        street.dialer.tick(Event())
    street.live_on(120)
    assert street.again(lead).status is LeadStatus.CANCELED


def test_who_was_claimed_by_a_process_that_died_comes_before_those_who_were_due_later(
    street: Street,
) -> None:
    rules = RULES.model_copy(update={"pace": Pace(calls_per_second=1, live_most=1)})
    campaign = street.campaign(rules)
    first, second = street.lead(campaign), street.lead(campaign, due_at=street.now)
    for reason in ("claim_lost", "claim_lost_again", "claim_lost_again"):  # whoever touches it dies
        street.pass_time(1)
        street.dialer.tick(Event())
        assert street.again(first).status is LeadStatus.RINGING
        street.jobs.clear()
        street.pass_time(20)
        street.dialer.recover(Event())
        assert street.again(first).reason == reason
    street.tick()
    assert (street.orders(first), street.orders(second)) == (0, 1)
    street.report(second, "busy")
    street.dialer.settle(street.again(second).call_id)
    street.live_on(30)
    assert (street.orders(first), street.again(first).reason) == (1, "")


def test_whose_order_nobody_came_to_send_keeps_their_place_twice(street: Street) -> None:
    first = street.lead(street.campaign())
    due_at = []
    for number in range(3):  # whoever rings it dies before the carrier is asked
        lead = street.leads.claim(first.campaign_id, street.now, "dead", street.now + PLACING)
        assert lead is not None
        attempt = Attempt(
            call_id=f"never{number}",
            campaign_id=lead.campaign_id,
            lead_id=lead.lead_id,
            number=lead.number,
            attempt=1,
            started_at=street.now,
            local_hour=14,
        )
        street.leads.begin(lead, attempt)
        for _ in range(2):  # it is given time to ring first
            street.pass_time(60)
            street.dialer.recover(Event())
        kept = street.again(first)
        assert (kept.status, kept.attempts, kept.call_id) == (LeadStatus.WAITING, 0, "")
        due_at.append(kept.due_at)
    assert due_at == [first.due_at, first.due_at, street.now]


def test_a_job_of_many_leads_leaves_to_others_what_would_take_long(street: Street) -> None:
    campaign = street.campaign()
    leads = [street.lead(campaign) for _ in range(3)]
    street.exchange.mishaps.add([Mishap(slow_s=1.1)])
    street.pass_time(1)
    street.dialer.tick(Event())
    (name, lease, *lead_ids) = street.jobs.pop()
    street.dialer.ring(lease, *lead_ids)
    assert sum(street.orders(lead) for lead in leads) == 1
    assert street.jobs == [(name, lease, one) for one in lead_ids[1:]]
    street.work()
    assert sum(street.orders(lead) for lead in leads) == 3


def test_a_canceled_campaign_is_tidied_until_nobody_of_it_is_claimed(street: Street) -> None:
    campaign = street.campaign()
    lead = street.lead(campaign)
    street.pass_time(1)
    street.dialer.tick(Event())
    street.campaigns.move(campaign.campaign_id, CampaignStatus.CANCELED)
    street.tidy()
    claimed = street.again(lead)
    street.leads.save(replace(claimed, status=LeadStatus.WAITING, lease="", lease_until=None))
    street.tidy()
    assert street.again(lead).status is LeadStatus.CANCELED


def test_who_was_just_being_read_into_a_canceled_campaign_is_canceled_too(street: Street) -> None:
    campaign_id = street.campaign().campaign_id
    order = Order(ImportKind.LEADS, campaign_id, "leads.csv", "IN")
    begun = street.imports.begin(order, BytesIO(b"phone\n+919876543210\n"))
    street.campaigns.move(campaign_id, CampaignStatus.CANCELED)
    street.tidy()
    lead = street.lead(street.campaigns.get(campaign_id) or street.campaign())  # its last row
    street.imports.cancel(begun.import_id)  # as whoever reads it does then
    street.tidy()
    assert street.again(lead).status is LeadStatus.CANCELED


def test_who_was_left_when_the_end_came_is_rung_when_it_is_put_off(street: Street) -> None:
    ends_at = street.now + timedelta(minutes=1)
    campaign = street.campaign(RULES.model_copy(update={"ends_at": ends_at}))
    later = street.now + timedelta(hours=1)
    lead = street.lead(campaign, due_at=later)
    street.pass_time(120)
    street.tick()
    assert street.again(lead).status is LeadStatus.CANCELED
    longer = {"ends_at": street.now + timedelta(days=1)}
    street.campaigns.change(campaign.campaign_id, lambda rules: rules.model_copy(update=longer))
    street.tidy()
    kept = street.again(lead)
    assert (kept.status, kept.due_at) == (LeadStatus.WAITING, later)
    street.campaigns.move(campaign.campaign_id, CampaignStatus.RUNNING)
    street.pass_time(3600)
    street.tick()
    assert street.orders(lead) == 1


def test_those_of_whom_the_carrier_tells_nothing_hold_up_no_other_and_not_for_ever(
    street: Street,
) -> None:
    campaign = street.campaign()
    ringing = [street.lead(campaign) for _ in range(3)]
    street.tick()

    class Silent(Mortal):
        def call_status(self, carrier_id: str) -> Any:
            raise ProviderUnavailable("telephony", "it", "away")

    street.dialer.recovery.telephony = cast(Any, Silent(street.telephony, street.life))
    street.pass_time(200)
    for _ in range(2):
        street.dialer.recover(Event())
    # They go to the end of the queue, whose head is all that one look sees.
    assert not street.leads.expired(street.now, 10)
    assert {street.again(lead).status for lead in ringing} == {LeadStatus.RINGING}
    street.pass_time(5 * 3600)
    street.live_on(20)
    assert {street.again(lead).result for lead in ringing} == {"failed"}


def test_a_lead_that_cannot_be_read_stops_no_other_campaign(street: Street) -> None:
    broken, sound = street.lead(street.campaign()), street.lead(street.campaign())

    class Breaking(Mortal):
        def claim(self, campaign_id: str, *args: Any) -> Any:
            if campaign_id == broken.campaign_id:
                raise ValueError("of a form that nobody thought of")
            return street.leads.claim(campaign_id, *args)

    street.dialer = street.process(leads=cast(Leads, Breaking(street.leads, street.life)))
    street.tick()
    street.tick()
    assert street.orders(sound) == 1
