"""The people of campaigns that are long over are forgotten, and what was counted of them is not."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Event
from typing import cast

import pytest

from agents.schema import Agent
from campaigns.campaign import Campaign, CampaignStatus
from campaigns.control import Action, CannotDo, Control
from campaigns.figures import KeptFigures
from campaigns.imports import ImportKind, ImportStatus, Order, problems_of
from campaigns.recalls import Recalls
from campaigns.report import Reports
from campaigns.retention import LEAST, LeadRetention
from campaigns.seldom import Shelf
from storage.leads import Lead, LeadQuery, Leads, LeadStatus, Refusal, Result
from storage.objects import NoSuchObject
from storage.register import Register
from tests.campaigns.street import AGENT, Killed, Life, Mortal, Street
from tests.storage.lead_samples import an_attempt

DAYS = 90


def keeps(days: int | None) -> Mapping[str, Agent]:
    return {"lead": AGENT.model_copy(update={"retention_days": days})}


def figures(street: Street) -> KeptFigures:
    return KeptFigures(street.register, street.clock)


def retention(
    street: Street, life: Life | None = None, agents: Mapping[str, Agent] | None = None
) -> LeadRetention:
    """As a new process has it."""
    life = life or Life()
    register = cast(Register, Mortal(street.register, life))
    return LeadRetention(
        campaigns=street.campaigns,
        leads=cast(Leads, Mortal(street.leads, life)),
        imports=street.imports,
        figures=KeptFigures(register, street.clock),
        recalls=Recalls(register),
        agents=keeps(DAYS) if agents is None else agents,
        clock=street.clock,
    )


def reports(street: Street) -> Reports:
    return Reports(street.leads, figures(street), Shelf(street.register, street.clock))


def over(street: Street, name: str = "a", people: int = 3) -> Campaign:
    """A campaign that has just ended: one was reached, the others were given up or refused."""
    campaign = street.campaign()
    for number in range(people):
        lead = street.lead(campaign)
        claimed = street.leads.claim(campaign.campaign_id, street.now, "me", street.now)
        assert claimed is not None
        call_id = f"{campaign.campaign_id}-{number}"
        begun = street.leads.begin(claimed, an_attempt(lead, call_id, started_at=street.now))
        done = Result.COMPLETED if not number else Result.BUSY
        street.leads.keep_attempt(an_attempt(lead, call_id, result=done, started_at=street.now))
        status = LeadStatus.DONE if not number else LeadStatus.GIVEN_UP
        street.leads.save(replace(begun, status=status, result=str(done), lease="", call_id=""))
    street.leads.refuse(Refusal(campaign.campaign_id, "", street.now, "hours", street.now))
    return street.campaigns.move(campaign.campaign_id, CampaignStatus.COMPLETED)


def left(street: Street, campaign: Campaign) -> list[Lead]:
    return list(street.leads.find(LeadQuery(campaign.campaign_id)))


def long_after(street: Street) -> None:
    street.pass_time(timedelta(days=DAYS, hours=1).total_seconds())


def test_people_are_forgotten_and_figures_stay(any_street: Street) -> None:
    street = any_street
    campaign = over(street)
    order = Order(ImportKind.LEADS, campaign.campaign_id, "a.csv", "IN")
    file = street.imports.put(
        replace(
            street.imports.begin(order, io.BytesIO(b"phone\n")),
            status=ImportStatus.DONE,
            created_at=street.now - timedelta(days=1),
        )
    )
    street.imports._objects.keep(problems_of(file.import_id), io.BytesIO(b"line,reason\n"))
    fates, report = (
        reports(street).fates(campaign.campaign_id),
        reports(street).report(campaign.campaign_id),
    )
    retention(street).work(Event())
    assert len(left(street, campaign)) == 3

    long_after(street)
    retention(street).work(Event())

    assert left(street, campaign) == []
    assert street.leads.tallies(campaign.campaign_id) == []
    assert street.leads.refusals(campaign.campaign_id, None, 9) == []
    assert street.imports.get(file.import_id) is None
    with pytest.raises(NoSuchObject):
        street.imports._objects.read(problems_of(file.import_id))
    kept = reports(street).fates(campaign.campaign_id)
    assert (kept.total, kept.statuses, kept.results) == (3, fates.statuses, fates.results)
    assert kept.matching("done", None, None) == 0  # in the list of those who are there
    assert kept.forgotten_at == street.now
    assert reports(street).report(campaign.campaign_id) == report


@pytest.mark.parametrize("days", [None, DAYS + 1])
def test_they_stay_for_as_long_as_their_agent_says(street: Street, days: int | None) -> None:
    campaign = over(street)
    long_after(street)
    retention(street, agents=keeps(days)).work(Event())
    retention(street, agents={}).work(Event())
    assert len(left(street, campaign)) == 3


def test_attempts_count_for_a_month_whatever_the_agent_says(street: Street) -> None:
    campaign = over(street)
    street.pass_time((LEAST - timedelta(hours=1)).total_seconds())
    retention(street, agents=keeps(1)).work(Event())
    assert len(left(street, campaign)) == 3
    street.pass_time(7200)
    retention(street, agents=keeps(1)).work(Event())
    assert left(street, campaign) == []


def test_what_is_not_over_stays(street: Street) -> None:
    paused, waits = over(street), over(street)
    street.campaigns.move(paused.campaign_id, CampaignStatus.RUNNING)
    street.campaigns.move(paused.campaign_id, CampaignStatus.PAUSED)
    late = street.lead(waits)  # added since its end, and still to be rung
    long_after(street)
    retention(street).work(Event())
    assert len(left(street, paused)) == 3
    assert len(left(street, waits)) == 4
    assert street.again(late).status is LeadStatus.WAITING


def test_killed_after_any_step_the_next_one_goes_on_and_counts_nobody_twice(
    street: Street,
) -> None:
    for steps in count(1):
        campaign = over(street)
        long_after(street)
        try:
            retention(street, Life(steps)).work(Event())
            is_dead = False
        except Killed:
            is_dead = True
            retention(street).work(Event())
        found = reports(street).fates(campaign.campaign_id)
        whole = reports(street).report(campaign.campaign_id).whole
        assert left(street, campaign) == []
        assert (found.total, found.statuses[LeadStatus.DONE], whole.dialled) == (3, 1, 3)
        if not is_dead:
            break
        street.campaigns.delete(campaign.campaign_id)
    assert steps > 8


def test_a_campaign_that_runs_once_more_adds_to_its_figures(street: Street) -> None:
    campaign = over(street)
    long_after(street)
    retention(street).work(Event())
    for _ in range(2):
        street.leads.save(replace(street.lead(campaign), status=LeadStatus.GIVEN_UP, result="busy"))
    street.campaigns.move(campaign.campaign_id, CampaignStatus.RUNNING)
    street.campaigns.move(campaign.campaign_id, CampaignStatus.COMPLETED)
    assert reports(street).fates(campaign.campaign_id).total == 5
    long_after(street)
    retention(street).work(Event())
    assert left(street, campaign) == []
    assert reports(street).fates(campaign.campaign_id).total == 5


def test_while_people_are_forgotten_nobody_starts_the_campaign_and_the_added_stay(
    street: Street,
) -> None:
    campaign = over(street)
    long_after(street)
    kept = figures(street).begin(campaign, street.leads)
    added = street.lead(campaign)
    control = Control(
        street.campaigns, street.leads, {"lead"}, street.clock, figures(street).forgets
    )
    with pytest.raises(CannotDo, match="being forgotten"):
        control.do(Action.START, campaign.campaign_id)
    assert reports(street).fates(campaign.campaign_id).total == 4

    retention(street).work(Event())

    assert left(street, campaign) == [added]
    assert figures(street).get(campaign.campaign_id) != kept
    assert reports(street).fates(campaign.campaign_id).total == 4
    assert control.do(Action.START, campaign.campaign_id).status is CampaignStatus.RUNNING
