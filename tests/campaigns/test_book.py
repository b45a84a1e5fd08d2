"""Campaigns in the register: kept, moved by their rules, changed by two people at once, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from campaigns.asking_again import AskingAgain
from campaigns.book import Campaigns, Chore, IllegalMove, Overtaken, UnknownCampaign
from campaigns.campaign import MOVES, CampaignRules, CampaignStatus, Hours
from campaigns.compliance import Reason
from campaigns.control import POSSIBLE, Action, BadMoment, CannotDo, Control, moment_of
from campaigns.imports import Imports
from campaigns.recalls import Recalls
from campaigns.rules import load_law
from campaigns.tidying import DELETED_KEPT, Tidying
from storage.leads import Lead, LeadQuery, LeadStatus
from storage.objects import FolderObjects
from storage.register import Entry
from storage.sqlite_do_not_call import SqliteDoNotCall
from storage.sqlite_leads import SqliteLeads
from storage.sqlite_register import SqliteRegister
from tests.access.entrances import NOW, Clock

RULES = CampaignRules(name="Rates", agent="logistics", country="IN")
STEPS = {
    CampaignStatus.RUNNING: Action.START,
    CampaignStatus.PAUSED: Action.PAUSE,
    CampaignStatus.CANCELED: Action.CANCEL,
    CampaignStatus.DRAFT: Action.UNSCHEDULE,
}
WAYS = {
    CampaignStatus.DRAFT: (),
    CampaignStatus.SCHEDULED: (CampaignStatus.SCHEDULED,),
    CampaignStatus.RUNNING: (CampaignStatus.RUNNING,),
    CampaignStatus.PAUSED: (CampaignStatus.RUNNING, CampaignStatus.PAUSED),
    CampaignStatus.COMPLETED: (CampaignStatus.RUNNING, CampaignStatus.COMPLETED),
    CampaignStatus.CANCELED: (CampaignStatus.CANCELED,),
}


class Office:
    """A book, the leads beside it, and a clock that is set by hand."""

    def __init__(self, place: Path) -> None:
        self.clock = Clock()
        self.register = SqliteRegister(place / "calls.sqlite")
        self.leads = SqliteLeads(place / "calls.sqlite")
        self.book = Campaigns(self.register, self.clock, lambda: uuid4().hex)
        self.control = Control(self.book, self.leads, {"logistics"}, self.clock)
        objects = FolderObjects(place / "objects")
        imports = Imports(self.register, objects, self.clock, lambda: uuid4().hex)
        recalls, lists = Recalls(self.register), SqliteDoNotCall(place / "calls.sqlite")
        asking = AskingAgain(
            recalls, self.register, self.book, self.leads, lists, load_law(), (), self.clock
        )
        self.tidying = Tidying(self.book, self.leads, imports, asking, self.clock)
        self._numbers = count(9_876_500_000)

    def add_leads(self, campaign_id: str, many: int = 1) -> None:
        """People who are due."""
        self.leads.add(
            [
                Lead(
                    lead_id=uuid4().hex,
                    campaign_id=campaign_id,
                    number=f"+91{next(self._numbers)}",
                    variables={},
                    zones=("Asia/Kolkata",),
                    country="IN",
                    subdivision="",
                    line=0,
                    created_at=NOW,
                    updated_at=NOW,
                    due_at=NOW,
                )
                for _ in range(many)
            ]
        )

    def standing_at(self, status: CampaignStatus) -> str:
        """A campaign with a lead that stands there."""
        campaign = self.book.add(RULES)
        self.add_leads(campaign.campaign_id)
        for step in WAYS[status]:
            self.book.move(campaign.campaign_id, step)
        return campaign.campaign_id


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path)
    yield opened
    opened.leads.close()
    opened.register.close()


def test_what_may_be_done_is_what_the_moves_allow() -> None:
    for status, actions in POSSIBLE.items():
        reached = {to for to, action in STEPS.items() if action in actions}
        reached |= {CampaignStatus.SCHEDULED} if Action.SCHEDULE in actions else set()
        # A schedule may be changed, and the dialer alone completes a campaign.
        expected = (MOVES[status] | (reached & {status})) - {CampaignStatus.COMPLETED}
        assert reached == expected, status


@pytest.mark.parametrize("status", list(CampaignStatus))
def test_everything_that_is_not_possible_is_refused_with_what_is(
    office: Office, status: CampaignStatus
) -> None:
    for action in set(Action) - set(POSSIBLE[status]) - {Action.SCHEDULE}:
        campaign_id = office.standing_at(status)

        with pytest.raises(CannotDo) as refused:
            office.control.do(action, campaign_id)

        assert refused.value.possible == POSSIBLE[status]
        kept = office.book.get(campaign_id)
        assert kept is not None
        assert kept.status is status


def test_a_campaign_runs_pauses_goes_on_and_is_over(office: Office) -> None:
    campaign_id = office.standing_at(CampaignStatus.DRAFT)
    running = office.control.do(Action.START, campaign_id)
    office.clock.now += timedelta(hours=1)
    office.control.do(Action.PAUSE, campaign_id)
    resumed = office.control.do(Action.RESUME, campaign_id)
    canceled = office.control.do(Action.CANCEL, campaign_id)

    assert (running.started_at, resumed.started_at) == (NOW, NOW)
    assert canceled.ended_at == office.clock.now
    assert office.book.running() == []
    with pytest.raises(IllegalMove):
        office.book.change(campaign_id, lambda rules: rules)


def test_a_campaign_without_leads_or_agent_does_not_start(office: Office) -> None:
    empty = office.book.add(RULES)
    orphan = office.book.add(RULES.model_copy(update={"agent": "gone"}))
    late = office.book.add(RULES.model_copy(update={"ends_at": NOW}))
    office.add_leads(orphan.campaign_id)
    office.add_leads(late.campaign_id)

    codes = []
    for campaign in (empty, orphan, late):
        with pytest.raises(CannotDo) as refused:
            office.control.do(Action.START, campaign.campaign_id)
        codes.append(refused.value.code)

    assert codes == ["no_leads", "unknown_agent", "after_end"]


def test_one_that_is_over_starts_again_when_people_are_added(office: Office) -> None:
    campaign_id = office.standing_at(CampaignStatus.COMPLETED)
    [lead] = office.leads.find(LeadQuery(campaign_id))
    claimed = office.leads.claim(campaign_id, NOW, "me", NOW + timedelta(seconds=30))
    assert claimed is not None
    assert claimed.lead_id == lead.lead_id

    with pytest.raises(CannotDo):  # nobody waits
        office.control.do(Action.START, campaign_id)
    office.add_leads(campaign_id)
    started = office.control.do(Action.START, campaign_id)

    assert (started.status, started.ended_at) == (CampaignStatus.RUNNING, None)


def test_a_schedule_is_in_the_future_and_can_be_changed_and_taken_back(office: Office) -> None:
    campaign_id = office.standing_at(CampaignStatus.DRAFT)
    for hour in (1, 2):
        starts_at = NOW + timedelta(hours=hour)
        scheduled = office.control.schedule(campaign_id, starts_at)
        assert (scheduled.status, scheduled.rules.starts_at) == ("scheduled", starts_at)
    with pytest.raises(BadMoment):
        office.control.schedule(campaign_id, NOW)

    assert office.book.due_to_start(NOW + timedelta(hours=1)) == []
    [due] = office.book.due_to_start(NOW + timedelta(hours=2))
    assert due.campaign_id == campaign_id

    office.control.do(Action.UNSCHEDULE, campaign_id)
    assert office.book.due_to_start(NOW + timedelta(days=9)) == []
    started = office.control.do(Action.START, campaign_id)  # by hand means now
    assert started.rules.starts_at is None


@pytest.mark.parametrize(
    ("local", "zone", "meant"),
    [
        ("2026-11-30T10:00", "Asia/Kolkata", "2026-11-30T04:30:00+00:00"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01T05:30:00+00:00"),  # the first of two
        ("2026-03-08T02:30", "America/New_York", None),  # left out by the clock
        ("2026-11-30T10:00", "Asia/Nowhere", None),
        ("2026-11-30T10:00", "../../etc/passwd", None),
        ("tomorrow", "Asia/Kolkata", None),
        ("2026-11-30T10:00+05:30", "Asia/Kolkata", None),
        ("0001-01-01T00:00", "Asia/Kolkata", None),
    ],
)
def test_a_moment_is_meant_by_the_clock_of_its_zone(
    local: str, zone: str, meant: str | None
) -> None:
    if meant is None:
        with pytest.raises(BadMoment):
            moment_of(local, zone)
    else:
        assert moment_of(local, zone).isoformat() == meant


def test_two_who_change_a_campaign_at_once_both_count(office: Office) -> None:
    campaign = office.book.add(RULES)
    campaign_id = campaign.campaign_id
    once: list[int] = []

    def edit(rules: CampaignRules) -> CampaignRules:
        if not once:  # somebody else is faster, once
            once.append(1)
            office.book.change(campaign_id, lambda one: one.model_copy(update={"name": "Theirs"}))
        return rules.model_copy(update={"variables": {"city": "Pune"}})

    changed = office.book.change(campaign_id, edit)

    assert (changed.rules.name, changed.rules.variables) == ("Theirs", {"city": "Pune"})
    with pytest.raises(Overtaken):
        office.book.change(campaign_id, edit, edition=campaign.edition)


def test_what_the_dialer_notes_is_no_change_of_somebody(office: Office) -> None:
    campaign = office.book.get(office.standing_at(CampaignStatus.RUNNING))
    assert campaign is not None
    hours = Hours(closes="18:00")

    def edit(rules: CampaignRules) -> CampaignRules:
        return rules.model_copy(update={"hours": hours})

    changed = office.book.change(campaign.campaign_id, edit, edition=campaign.edition)
    office.tidying.work(Event())
    office.book.say(campaign.campaign_id, "Waits.")
    office.book.move(campaign.campaign_id, CampaignStatus.PAUSED)
    again = office.book.change(campaign.campaign_id, edit, edition=changed.edition)
    assert again.edition == changed.edition + 1 == campaign.edition + 2
    with pytest.raises(Overtaken):
        office.book.change(campaign.campaign_id, edit, edition=changed.edition)


def test_who_schedules_a_campaign_that_starts_meanwhile_changes_nothing(office: Office) -> None:
    running = office.standing_at(CampaignStatus.RUNNING)
    later = RULES.model_copy(update={"starts_at": NOW + timedelta(hours=2)})
    with pytest.raises(IllegalMove):
        office.book.move(
            running,
            CampaignStatus.SCHEDULED,
            only_from={CampaignStatus.DRAFT},
            edit=lambda _: later,
        )
    kept = office.book.get(running)
    assert kept is not None
    assert (kept.status, kept.rules.starts_at) == (CampaignStatus.RUNNING, None)


@pytest.mark.parametrize("starts_at", [None, NOW - timedelta(hours=1)])
def test_a_schedule_that_is_taken_out_of_the_rules_starts_nothing(
    office: Office, starts_at: datetime | None
) -> None:
    campaign_id = office.standing_at(CampaignStatus.DRAFT)
    office.control.schedule(campaign_id, NOW + timedelta(days=5))
    changed = office.book.change(
        campaign_id, lambda rules: rules.model_copy(update={"starts_at": starts_at})
    )
    assert changed.status is CampaignStatus.DRAFT
    assert office.book.due_to_start(NOW + timedelta(days=9)) == []


def test_a_dialer_moves_only_what_it_means(office: Office) -> None:
    paused = office.standing_at(CampaignStatus.PAUSED)

    with pytest.raises(IllegalMove):
        office.book.move(paused, CampaignStatus.RUNNING, only_from={CampaignStatus.SCHEDULED})


def test_whoever_waits_in_a_canceled_campaign_is_not_rung(office: Office) -> None:
    campaign_id = office.standing_at(CampaignStatus.RUNNING)
    other = office.standing_at(CampaignStatus.RUNNING)
    office.control.do(Action.CANCEL, campaign_id)

    office.tidying.work(Event())

    assert office.leads.counts(campaign_id) == {("canceled", "", ""): 1}
    assert office.leads.counts(other) == {("waiting", "", ""): 1}
    assert office.book.untidy(NOW) == []


def test_a_deleted_campaign_is_in_no_list_and_its_leads_are_forgotten_later(
    office: Office,
) -> None:
    campaign_id = office.standing_at(CampaignStatus.PAUSED)
    office.control.do(Action.DELETE, campaign_id)
    office.tidying.work(Event())

    assert (office.book.get(campaign_id), office.book.count()) == (None, 0)
    assert [one.status for one in office.leads.find(LeadQuery(campaign_id))] == [
        LeadStatus.CANCELED
    ]
    with pytest.raises(UnknownCampaign):
        office.control.do(Action.START, campaign_id)

    office.clock.now += DELETED_KEPT + timedelta(seconds=1)
    office.tidying.work(Event())
    assert office.leads.find(LeadQuery(campaign_id)) == []
    kept = office.book.kept(campaign_id)
    assert kept is not None
    assert kept.is_deleted


def test_a_canceled_campaign_is_looked_at_no_more_until_it_is_deleted(office: Office) -> None:
    campaign_id = office.standing_at(CampaignStatus.CANCELED)
    office.tidying.work(Event())
    assert office.book.untidy(NOW + timedelta(days=400)) == []

    office.control.do(Action.DELETE, campaign_id)
    office.tidying.work(Event())
    assert len(office.leads.find(LeadQuery(campaign_id))) == 1
    office.clock.now += DELETED_KEPT + timedelta(seconds=1)
    office.tidying.work(Event())
    assert office.leads.find(LeadQuery(campaign_id)) == []
    assert office.book.untidy(office.clock.now) == []


def test_one_that_cannot_be_read_stops_no_other(office: Office) -> None:
    office.standing_at(CampaignStatus.RUNNING)
    body = {"status": "running", "is_deleted": False, "rules": {"name": ""}}
    office.register.put(Entry("campaign", "broken", body, NOW, NOW))

    assert len(office.book.running()) == 1


def test_whoever_the_former_rules_held_back_is_asked_about_again(office: Office) -> None:
    campaign_id = office.standing_at(CampaignStatus.RUNNING)
    office.add_leads(campaign_id, 3)
    held = {
        Reason.HOURS: LeadStatus.WAITING,
        Reason.NEVER_OPEN: LeadStatus.REFUSED,
        Reason.OPTED_OUT: LeadStatus.REFUSED,
    }
    for lead, (reason, status) in zip(
        office.leads.find(LeadQuery(campaign_id)), held.items(), strict=False
    ):
        morning = NOW + timedelta(hours=12)
        office.leads.save(replace(lead, reason=str(reason), status=status, due_at=morning))

    office.book.change(campaign_id, lambda rules: rules.model_copy(update={"name": "Another"}))
    assert office.book.untidy(NOW) == []
    longer = Hours(opens="09:00", closes="21:00")
    office.book.change(campaign_id, lambda rules: rules.model_copy(update={"hours": longer}))
    office.tidying.work(Event())

    assert office.leads.counts(campaign_id) == {
        ("waiting", "", ""): 3,
        ("refused", "", "opted_out"): 1,
    }
    assert {lead.due_at for lead in office.leads.find(LeadQuery(campaign_id, "waiting"))} == {NOW}
    assert office.book.untidy(NOW) == []


def test_rules_that_change_while_leads_are_recalled_recall_them_once_more(office: Office) -> None:
    campaign_id = office.standing_at(CampaignStatus.RUNNING)
    longer, longest = Hours(closes="20:00"), Hours(closes="21:00")
    office.book.change(campaign_id, lambda rules: rules.model_copy(update={"hours": longer}))
    (seen,) = office.book.untidy(NOW)
    office.book.change(campaign_id, lambda rules: rules.model_copy(update={"hours": longest}))

    office.book.tidied(seen)

    assert [one.chore for one in office.book.untidy(NOW)] == [Chore.RECALL]
