"""What the dialer does when everything goes well, and when something does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from threading import Event, Thread
from typing import Any, cast

import pytest

from campaigns.campaign import CampaignStatus, Pace
from campaigns.dialer import NO_WORKERS
from campaigns.imports import ImportKind, Order
from phone.mishaps import BREAKS, TOO_MANY, Mishap
from storage.do_not_call import DoNotCall, Source
from storage.leads import Lead, Leads, LeadStatus, Result
from tests.campaigns.street import NOON, RULES, Mortal, Street
from tests.waiting import wait_until


def refuses(code: int, status: int = 400) -> Mishap:
    return Mishap(status, code)


def test_a_lead_that_is_due_is_rung_with_its_variables_and_settled(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.tick()
    kept = street.again(lead)
    call = street.storage.load_call(kept.call_id)
    assert call is not None
    assert (call.campaign_id, call.lead_id) == (lead.campaign_id, lead.lead_id)
    assert call.state["variables"] == {"name": "Asha"}
    (attempt,) = street.leads.attempts_of(lead.lead_id)
    assert call.carrier_id
    assert attempt.local_hour == 14
    street.report(lead, "no-answer")
    street.dialer.call_ended(street.storage.load_call(kept.call_id) or call)
    assert street.again(lead).due_at == street.now + timedelta(hours=2)


def test_callbacks_that_come_twice_late_and_out_of_order_settle_once(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.tick()
    call_id = street.again(lead).call_id
    street.report(lead, "busy", sequence=3)
    street.dialer.settle(call_id)
    for status, sequence in (("ringing", 1), ("busy", 3), ("completed", 4)):
        street.report(lead, status, sequence, call_id)
        street.dialer.settle(call_id)
    kept = street.again(lead)
    assert (kept.attempts, kept.result, kept.status) == (1, "busy", LeadStatus.WAITING)
    assert street.leads.attempt(call_id) is not None


def test_a_job_that_comes_twice_rings_once(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.pass_time(1)
    street.dialer.tick(Event())
    street.jobs *= 2
    street.work()
    assert street.orders(lead) == 1


def test_who_is_not_reached_three_times_is_given_up(street: Street) -> None:
    lead = street.lead(street.campaign())
    for _ in range(3):
        street.tick()
        call_id = street.again(lead).call_id
        street.report(lead, "no-answer")
        street.dialer.settle(call_id)
        street.now = max(street.now, street.again(lead).due_at)
    assert street.again(lead).status is LeadStatus.GIVEN_UP
    street.tick()
    assert street.orders(lead) == 3
    campaign = street.campaigns.get(lead.campaign_id)
    assert campaign is not None
    assert campaign.status is CampaignStatus.COMPLETED


def test_a_campaign_goes_on_while_a_file_of_more_people_is_read(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.leads.save(replace(street.again(lead), status=LeadStatus.DONE))
    order = Order(ImportKind.LEADS, lead.campaign_id, "more.csv", "IN")
    more = street.imports.begin(order, BytesIO(b"phone\n9876543210\n"))
    street.tick()
    campaign = street.campaigns.get(lead.campaign_id)
    assert campaign is not None
    assert campaign.status is CampaignStatus.RUNNING
    street.imports.cancel(more.import_id)
    street.tick()
    campaign = street.campaigns.get(lead.campaign_id)
    assert campaign is not None
    assert campaign.status is CampaignStatus.COMPLETED


def test_a_pause_is_felt_by_who_was_claimed_and_not_rung(street: Street) -> None:
    campaign = street.campaign()
    lead = street.lead(campaign)
    street.pass_time(1)
    street.dialer.tick(Event())
    street.campaigns.move(campaign.campaign_id, CampaignStatus.PAUSED)
    street.work()
    assert street.orders(lead) == 0
    assert street.again(lead).status is LeadStatus.WAITING
    street.campaigns.move(campaign.campaign_id, CampaignStatus.RUNNING)
    street.tick()
    assert street.orders(lead) == 1


def test_who_is_on_a_list_is_refused_and_it_is_kept_why(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.do_not_call.add([DoNotCall(lead.number, "", Source.UPLOAD, NOON)])
    street.tick()
    kept = street.again(lead)
    assert (kept.status, kept.reason) == (LeadStatus.REFUSED, "do_not_call")
    (refusal,) = street.leads.refusals(lead.campaign_id, lead.lead_id, 10)
    assert (refusal.reason, refusal.until) == ("do_not_call", None)
    assert street.orders(lead) == 0


def test_everybody_where_it_is_night_is_held_together(street: Street) -> None:
    campaign = street.campaign()
    night = [street.lead(campaign, zones=("America/New_York",)) for _ in range(5)]
    day = street.lead(campaign)
    street.tick()
    assert street.orders(day) == 1
    held = [street.again(lead) for lead in night]
    assert {lead.status for lead in held} == {LeadStatus.WAITING}
    assert all(lead.due_at > street.now + timedelta(hours=4) for lead in held)


def test_without_a_broker_leads_wait_and_the_campaign_says_so(street: Street) -> None:
    campaign = street.campaign()
    lead = street.lead(campaign)
    street.broker_is_away = True
    street.tick()
    assert street.again(lead).status is LeadStatus.WAITING
    assert (street.campaigns.get(campaign.campaign_id) or campaign).note == NO_WORKERS
    street.broker_is_away = False
    street.tick()
    assert street.orders(lead) == 1
    street.tick()
    assert (street.campaigns.get(campaign.campaign_id) or campaign).note in ("", NO_WORKERS)


@pytest.mark.parametrize("mishap", [TOO_MANY, BREAKS])
def test_a_carrier_that_is_overloaded_or_broken_costs_no_attempt(
    street: Street, mishap: Mishap
) -> None:
    lead = street.lead(street.campaign())
    street.exchange.mishaps.add([mishap])
    street.tick()
    assert street.orders(lead) == 0
    street.live_on(70)
    kept = street.again(lead)
    assert (street.orders(lead), kept.attempts, kept.status) == (1, 1, LeadStatus.RINGING)


def test_while_the_carrier_is_overloaded_nobody_else_is_tried(street: Street) -> None:
    campaign = street.campaign()
    leads = [street.lead(campaign) for _ in range(3)]
    street.exchange.mishaps.add([TOO_MANY])
    street.tick()  # the first meets it; the others are put off
    assert sum(street.orders(lead) for lead in leads) == 0
    assert all(street.again(lead).attempts == 0 for lead in leads)
    street.live_on(20)
    assert [street.orders(lead) for lead in leads] == [1, 1, 1]


def test_a_carrier_that_was_away_is_tried_with_one_call_before_all_others(street: Street) -> None:
    campaign = street.campaign()
    leads = [street.lead(campaign) for _ in range(30)]
    street.exchange.mishaps.add([TOO_MANY, TOO_MANY])
    street.tick()
    street.pass_time(2)
    street.tick()  # the second meets it, alone
    street.pass_time(4)
    street.tick()
    assert sum(len(street.leads.attempts_of(lead.lead_id)) for lead in leads) == 3
    assert sum(street.orders(lead) for lead in leads) == 1
    street.tick()
    assert sum(street.orders(lead) for lead in leads) == 30


def test_a_call_that_the_carrier_never_took_costs_no_attempt_when_it_is_counted_later(
    street: Street,
) -> None:
    lead = street.lead(street.campaign())
    street.exchange.mishaps.add([TOO_MANY])
    street.tick()
    (attempt,) = street.leads.attempts_of(lead.lead_id)
    call = street.storage.load_call(attempt.call_id)
    assert call is not None
    street.dialer.call_ended(call)  # as every call that is over passes by once more
    kept = street.again(lead)
    assert (kept.attempts, kept.result, kept.status) == (0, "", LeadStatus.WAITING)
    street.live_on(70)
    assert (street.orders(lead), street.again(lead).attempts) == (1, 1)


def test_a_number_that_cannot_be_rung_fails_alone(street: Street) -> None:
    campaign = street.campaign()
    bad, good = street.lead(campaign), street.lead(campaign)
    street.exchange.mishaps.add([refuses(21211)])
    street.tick()
    assert (street.again(bad).result, street.orders(bad), street.orders(good)) == ("failed", 0, 1)
    (attempt,) = street.leads.attempts_of(bad.lead_id)
    assert (attempt.error, attempt.result) == ("21211", "failed")
    assert (street.campaigns.get(campaign.campaign_id) or campaign).status == "running"


def test_an_account_that_is_refused_pauses_the_campaign_and_costs_nobody_anything(
    street: Street,
) -> None:
    campaign = street.campaign()
    leads = [street.lead(campaign) for _ in range(5)]
    street.exchange.mishaps.add([refuses(20003, 401)] * 3)
    street.tick()
    stands = street.campaigns.get(campaign.campaign_id)
    assert stands is not None
    assert stands.status is CampaignStatus.PAUSED
    assert "TWILIO_ACCOUNT_SID" in stands.note
    kept = [street.again(lead) for lead in leads]
    assert {(lead.attempts, lead.status) for lead in kept} == {(0, LeadStatus.WAITING)}
    street.campaigns.move(campaign.campaign_id, CampaignStatus.RUNNING)
    street.tick()
    assert [street.orders(lead) for lead in leads] == [1] * 5


def test_a_lost_last_callback_frees_the_slot_within_three_minutes(street: Street) -> None:
    rules = RULES.model_copy(update={"pace": Pace(calls_per_second=5, live_most=1)})
    campaign = street.campaign(rules)
    first, second = street.lead(campaign), street.lead(campaign)
    street.tick()
    ring = street.exchange.next_ring(5)
    while ring is not None and ring.order.to != first.number:
        ring = street.exchange.next_ring(5)
    assert ring is not None
    street.live_on(60)
    assert street.orders(second) == 0  # the first still rings, as far as anybody knows
    ring.leg.status = "no-answer"
    street.live_on(120)
    assert street.again(first).result == "no_answer"
    assert street.orders(second) == 1


def test_a_call_that_goes_on_for_an_hour_keeps_its_lead(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.tick()
    for _ in range(40):
        street.pass_time(90)
        street.dialer.recover(Event())
    assert street.again(lead).status is LeadStatus.RINGING
    assert street.orders(lead) == 1


def test_a_clock_that_jumps_while_somebody_is_being_rung_rings_nobody_twice(
    street: Street,
) -> None:
    lead = street.lead(street.campaign())
    street.pass_time(1)
    street.dialer.tick(Event())
    street.exchange.mishaps.add([Mishap(slow_s=0.3)])
    ringing = Thread(target=street.work)
    ringing.start()
    wait_until(lambda: street.again(lead).call_id)
    street.pass_time(3600)
    street.dialer.recover(Event())
    street.dialer.recover(Event())
    ringing.join()
    street.live_on(60)
    kept = street.again(lead)
    assert (street.orders(lead), kept.attempts, kept.status) == (1, 1, LeadStatus.RINGING)


def test_leases_given_by_a_clock_that_was_ahead_are_brought_near(street: Street) -> None:
    lead = street.lead(street.campaign())
    street.pass_time(7200)
    street.dialer.tick(Event())  # claimed, and its job is lost
    street.jobs.clear()
    street.pass_time(-7200)
    street.live_on(130)
    assert street.orders(lead) == 1


def test_one_lead_that_breaks_whoever_rings_it_stops_no_other(street: Street) -> None:
    campaign = street.campaign()
    broken, sound = street.lead(campaign), street.lead(campaign)

    class Breaking(Mortal):
        def rung(self, numbers: Any, since: Any) -> Any:
            if broken.number in numbers:
                raise ValueError("of a form that nobody thought of")
            return street.leads.rung(numbers, since)

    street.dialer = street.process(leads=cast(Leads, Breaking(street.leads, street.life)))
    street.tick()
    assert street.orders(sound) == 1
    kept = street.again(broken)
    assert (kept.status, kept.reason) == (LeadStatus.REFUSED, "broken")


def test_no_more_are_rung_at_once_than_the_campaign_allows(street: Street) -> None:
    rules = RULES.model_copy(update={"pace": Pace(calls_per_second=50, live_most=2)})
    campaign = street.campaign(rules)
    leads = [street.lead(campaign) for _ in range(4)]
    for _ in range(3):
        street.tick()
    rung = [lead for lead in leads if street.orders(lead)]
    assert len(rung) == 2
    call_id = street.again(rung[0]).call_id
    street.report(rung[0], "busy")
    street.dialer.settle(call_id)
    street.tick()
    assert sum(street.orders(lead) for lead in leads) == 3


def test_no_more_are_claimed_than_workers_come_to_before_their_claims_run_out(
    street: Street,
) -> None:
    campaign = street.campaign()
    leads = [street.lead(campaign) for _ in range(300)]
    for _ in range(8):  # nobody works
        street.pass_time(1)
        street.dialer.tick(Event())

    claimed = sum(street.again(lead).status is LeadStatus.RINGING for lead in leads)
    assert claimed == 200
    street.work()
    assert street.leads.in_call() == 200


def test_a_campaign_starts_by_itself_and_ends_at_its_end(street: Street) -> None:
    ends_at = street.now + timedelta(minutes=10)
    starts_at = street.now + timedelta(minutes=5)
    rules = RULES.model_copy(update={"starts_at": starts_at, "ends_at": ends_at})
    campaign = street.campaign(rules, runs=False)
    street.campaigns.move(campaign.campaign_id, CampaignStatus.SCHEDULED)
    lead = street.lead(campaign)
    street.tick()
    assert street.orders(lead) == 0
    street.pass_time(300)
    late = street.lead(campaign, due_at=street.now + timedelta(hours=1))
    street.tick()
    assert street.orders(lead) == 1
    street.pass_time(600)
    street.tick()
    stands = street.campaigns.get(campaign.campaign_id)
    assert stands is not None
    assert stands.status is CampaignStatus.COMPLETED
    assert street.again(late).status is LeadStatus.CANCELED
    street.report(lead, "busy")  # a call that goes on is settled all the same
    street.dialer.settle(street.again(lead).call_id)
    kept = street.again(lead)
    assert (kept.result, kept.status) == ("busy", LeadStatus.CANCELED)


def test_who_was_claimed_when_the_end_came_is_not_rung(street: Street) -> None:
    rules = RULES.model_copy(update={"ends_at": street.now + timedelta(minutes=1)})
    lead = street.lead(street.campaign(rules))
    street.pass_time(58)
    street.dialer.tick(Event())
    street.pass_time(3)
    street.dialer.tick(Event())
    street.work()
    assert (street.again(lead).status, street.orders(lead)) == (LeadStatus.CANCELED, 0)


def test_a_lead_of_a_canceled_campaign_is_not_rung_again(street: Street) -> None:
    campaign = street.campaign()
    lead: Lead = street.lead(campaign)
    street.tick()
    street.campaigns.move(campaign.campaign_id, CampaignStatus.CANCELED)
    street.report(lead, "busy")
    street.dialer.settle(street.again(lead).call_id)
    kept = street.again(lead)
    assert (kept.status, kept.result) == (LeadStatus.CANCELED, str(Result.BUSY))
