"""Who was refused or given up is asked about again when what it depended on is different: they, and
nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Event
from typing import Any

import pytest

from campaigns.asking_again import MEANWHILE, NobodyToAsk
from campaigns.campaign import Campaign, CampaignStatus, Consent, Retries
from campaigns.compliance import Reason
from campaigns.intake import Person
from campaigns.recalls import ASKED_AGAIN, BY_HAND, OF_RULES
from campaigns.renewing import Renewing
from storage.do_not_call import DoNotCall, Source
from storage.leads import Lead, LeadStatus, Result
from tests.campaigns.street import RULES, Killed, Life, Street

WAITS = (LeadStatus.WAITING, "")


def refused(street: Street, campaign: Campaign, reason: str, **changes: Any) -> Lead:
    """Somebody whom the gate refused."""
    lead = street.lead(campaign)
    status = LeadStatus.REFUSED
    return street.leads.save(replace(lead, status=status, reason=str(reason), **changes))


def given_up(
    street: Street, campaign: Campaign, result: Result = Result.NO_ANSWER, attempts: int = 3
) -> Lead:
    """Somebody who was not reached."""
    lead = street.lead(campaign)
    over = {"status": LeadStatus.GIVEN_UP, "result": str(result), "attempts": attempts}
    return street.leads.save(replace(lead, **over))  # type: ignore[arg-type]


def stands(street: Street, lead: Lead) -> tuple[LeadStatus, str]:
    kept = street.again(lead)
    return kept.status, kept.reason


def bars(street: Street, lead: Lead, list_id: str = "", source: Source = Source.UPLOAD) -> None:
    street.do_not_call.add([DoNotCall(lead.number, list_id, source, street.now)])


def change(street: Street, campaign: Campaign, **rules: Any) -> None:
    street.campaigns.change(campaign.campaign_id, lambda kept: kept.model_copy(update=rules))
    street.tidy()


def test_by_hand_those_are_due_whom_nothing_holds_back_any_more(any_street: Street) -> None:
    street = any_street
    campaign, other = street.campaign(), street.campaign()
    broken = refused(street, campaign, "broken")
    free = refused(street, campaign, Reason.DO_NOT_CALL)
    abroad = refused(street, campaign, Reason.COUNTRY_NOT_ALLOWED, due_at=street.now)
    nowhere = refused(street, campaign, Reason.UNKNOWN_ZONE, zones=())
    barred = refused(street, campaign, Reason.DO_NOT_CALL)
    bars(street, barred, campaign.campaign_id)
    opted_out = refused(street, campaign, Reason.OPTED_OUT, result="opted_out")
    machine = given_up(street, campaign, Result.MACHINE, attempts=1)
    used_up = given_up(street, campaign)
    elsewhere = refused(street, other, "broken")

    asking = street.asking(countries=["IN"])
    ordered = asking.order(campaign, list(BY_HAND), "anna")
    assert asking.is_under_way(campaign.campaign_id)
    asking.work(Event())

    assert {stands(street, one) for one in (broken, free, abroad, machine)} == {WAITS}
    for one in (nowhere, barred, opted_out, used_up, elsewhere):
        assert street.again(one) == one
    (kept,) = asking.recalls.of(campaign.campaign_id)
    assert (kept.recall_id, kept.asked, kept.left) == (ordered.recall_id, 4, 3)
    assert not asking.is_under_way(campaign.campaign_id)
    (told,) = street.leads.refusals(campaign.campaign_id, None, 10)
    assert (told.reason, told.leads) == (ASKED_AGAIN, 4)
    assert "anna" in told.detail


def test_only_what_was_asked_for_is_asked_about(street: Street) -> None:
    campaign = street.campaign()
    broken, machine = (
        refused(street, campaign, "broken"),
        given_up(street, campaign, Result.MACHINE, 1),
    )
    asking = street.asking()
    asking.order(campaign, ["machine"], "anna")
    asking.work(Event())
    assert (stands(street, broken)[0], stands(street, machine)) == (LeadStatus.REFUSED, WAITS)


def test_nobody_who_opted_out_can_be_asked_about() -> None:
    groups = [*BY_HAND.values(), *(one for part in OF_RULES.values() for one in part)]
    assert not [one for one in groups if Reason.OPTED_OUT in (one.reason, one.result)]
    assert LeadStatus.DONE not in {one.status for one in groups}


def test_more_attempts_go_to_those_who_were_not_reached_and_no_sooner_than_they_would(
    street: Street,
) -> None:
    campaign = street.campaign()
    out, busy = given_up(street, campaign), given_up(street, campaign, Result.BUSY)
    machine, often = (
        given_up(street, campaign, Result.MACHINE),
        given_up(street, campaign, attempts=5),
    )
    bars(street, replace(busy, number=(no := given_up(street, campaign)).number))

    change(street, campaign, retries=Retries(attempts_most=5, no_answer_s=7200, busy_s=60))

    assert stands(street, out) == stands(street, busy) == WAITS
    assert street.again(out).due_at == street.now + timedelta(hours=2)
    assert street.again(busy).due_at == street.now + timedelta(minutes=1)
    for one in (machine, often, no):
        assert stands(street, one)[0] is LeadStatus.GIVEN_UP
    change(street, campaign, hours=RULES.hours.model_copy(update={"closes": "18:00"}))
    assert street.again(out).due_at == street.now + timedelta(hours=2)


def test_a_rule_that_is_another_frees_those_whom_it_held_back(street: Street) -> None:
    campaign = street.campaign(RULES.model_copy(update={"consent": Consent(required=True)}))
    asked, broken = (
        refused(street, campaign, Reason.NO_CONSENT),
        refused(street, campaign, "broken"),
    )
    never = refused(street, campaign, Reason.NEVER_OPEN)
    change(street, campaign, consent=Consent())
    assert stands(street, asked) == WAITS
    assert {stands(street, one)[0] for one in (broken, never)} == {LeadStatus.REFUSED}


def test_a_number_that_comes_off_its_list_is_rung_after_all(street: Street) -> None:
    here, there = street.campaign(), street.campaign()
    lead = refused(street, here, Reason.DO_NOT_CALL)
    twin = replace(lead, lead_id="twin", campaign_id=there.campaign_id, version=0)
    street.leads.add([twin])
    opted_out = refused(street, here, Reason.OPTED_OUT)
    bars(street, lead)
    bars(street, twin, there.campaign_id)
    bars(street, opted_out, source=Source.HEARD)

    assert street.asking().unlist(lead.number, "")
    assert street.asking().unlist(opted_out.number, "")
    assert not street.asking().unlist(lead.number, "")

    assert stands(street, lead) == WAITS
    assert stands(street, twin)[0] is LeadStatus.REFUSED
    assert stands(street, opted_out) == (LeadStatus.REFUSED, Reason.OPTED_OUT)
    assert [one.reason for one in street.leads.refusals(here.campaign_id, lead.lead_id, 9)] == [
        ASKED_AGAIN
    ]
    street.pass_time(MEANWHILE.total_seconds())
    street.tick()
    assert street.orders(lead) == 1


def test_whoever_is_killed_before_a_number_is_off_its_list_has_nobody_rung(street: Street) -> None:
    lead = refused(street, street.campaign(), Reason.DO_NOT_CALL)
    bars(street, lead)
    with pytest.raises(Killed):
        street.asking(Life(3)).unlist(lead.number, "")  # list and leads read, lead kept
    assert stands(street, lead) == WAITS
    street.pass_time(MEANWHILE.total_seconds())
    street.tick()
    assert stands(street, lead) == (LeadStatus.REFUSED, Reason.DO_NOT_CALL)
    assert street.orders(lead) == 0


def test_more_countries_free_those_who_are_of_them(street: Street) -> None:
    campaign = street.campaign()
    abroad = refused(street, campaign, Reason.COUNTRY_NOT_ALLOWED)
    street.asking(countries=["US"]).work(Event())  # the first that ever looks
    street.asking(countries=["GB"]).work(Event())
    assert stands(street, abroad)[0] is LeadStatus.REFUSED
    street.asking(countries=["GB", "IN"]).work(Event())
    assert stands(street, abroad) == WAITS
    street.asking(countries=["IN"]).work(Event())
    assert len(street.asking().recalls.of(campaign.campaign_id)) == 2


def test_killed_after_any_step_everybody_is_asked_about_once_and_told_of(street: Street) -> None:
    campaign = street.campaign()
    for steps in count(1):
        leads = [refused(street, campaign, "broken") for _ in range(5)]
        used_up = [given_up(street, campaign) for _ in range(3)]
        before = len(street.leads.refusals(campaign.campaign_id, None, 500))
        street.asking().order(campaign, ["broken", "no_answer"], "anna")
        is_dead = False
        try:
            street.asking(Life(steps)).work(Event())
        except Killed:
            is_dead = True
            street.asking().work(Event())
        assert {stands(street, one) for one in leads} == {WAITS}
        assert {street.again(one).version for one in leads} == {leads[0].version + 1}
        assert [street.again(one) for one in used_up] == used_up
        assert len(street.leads.refusals(campaign.campaign_id, None, 500)) > before
        assert street.asking().recalls.open() == []
        if not is_dead:
            break
        for one in (*leads, *used_up):
            street.leads.forget(one.number)
    assert steps > 10


def test_a_campaign_is_not_over_while_its_people_are_asked_about(street: Street) -> None:
    campaign = street.campaign()
    lead = refused(street, campaign, "broken")
    street.asking().order(campaign, ["broken"], "anna")
    street.tick()
    kept = street.campaigns.get(campaign.campaign_id)
    assert kept is not None
    assert kept.status is CampaignStatus.RUNNING
    street.tidy()
    street.tick()
    assert street.orders(lead) == 1


def test_nobody_of_a_canceled_campaign_is_asked_about(street: Street) -> None:
    campaign = street.campaign()
    lead = refused(street, campaign, "broken")
    street.asking().order(campaign, ["broken"], "anna")
    canceled = street.campaigns.move(campaign.campaign_id, CampaignStatus.CANCELED)
    street.asking().work(Event())
    assert stands(street, lead)[0] is LeadStatus.REFUSED
    with pytest.raises(NobodyToAsk):
        street.asking().order(canceled, ["broken"], "anna")


def test_who_is_given_again_with_what_was_missing_is_due_and_nobody_else(street: Street) -> None:
    campaign = street.campaign()
    satellite = refused(street, campaign, Reason.UNKNOWN_ZONE, zones=())
    silent = refused(street, campaign, Reason.NO_CONSENT)
    same, gone = (
        refused(street, campaign, Reason.NEVER_OPEN),
        refused(street, campaign, Reason.OPTED_OUT),
    )
    waiting = street.lead(campaign)
    kept = {"variables": {"city": "Pune"}, "zones": ("Asia/Kolkata",)}
    people = [
        Person(one.number, "IN", **kept, consent_basis=basis, consent_at=at)  # type: ignore[arg-type]
        for one, basis, at in (
            (satellite, "", None),
            (silent, "form", street.now),
            (same, "", None),
            (gone, "form", street.now),
            (waiting, "", None),
        )
    ]

    due = Renewing(street.leads).take(campaign.campaign_id, people, street.now)

    assert due == {satellite.number, silent.number}
    assert stands(street, satellite) == stands(street, silent) == WAITS
    assert street.again(satellite).zones == ("Asia/Kolkata",)
    assert street.again(satellite).variables == {"name": "Asha", "city": "Pune"}
    assert street.again(silent).consent_basis == "form"
    for one in (same, gone, waiting):
        assert street.again(one) == one
    assert Renewing(street.leads).take(campaign.campaign_id, people, street.now) == set()
