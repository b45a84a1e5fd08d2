"""The pages of campaigns: who may see and do what, and forms that come back with their mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from flask.testing import FlaskClient

from access.roles import Role
from campaigns.campaign import CampaignRules
from campaigns.control import Action
from console.campaign_form import form_of
from storage.do_not_call import DoNotCall, Source
from storage.leads import LeadQuery, LeadStatus
from tests.console.sitting import Sitting, a_sitting, token_of
from tests.transports.doors import NOW

NUMBER = "+919876543210"
RULES = CampaignRules(
    name="Rates", agent="logistics", country="IN", ends_at=NOW + timedelta(days=40)
)


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    made = a_sitting(tmp_path)
    campaign = made.services.campaigns.add(RULES)
    made.services.campaign_desk.people.add(campaign, [{"phone": NUMBER, "name": "Asha"}])
    yield made
    made.services.close()


def campaign_of(sitting: Sitting) -> str:
    return sitting.services.campaigns.find()[0].campaign_id


def send(client: FlaskClient, path: str, **form: object) -> int:
    data = {"csrf_token": token_of(client, "/console/do-not-call"), **form}
    return client.post(path, data=data).status_code


def test_viewers_see_figures_and_nobodys_number(sitting: Sitting) -> None:
    viewer, here = sitting.visitor(Role.VIEWER), f"/console/campaigns/{campaign_of(sitting)}"

    seen = {path: viewer.get(path) for path in ("/console/campaigns", here, f"{here}/refusals")}
    closed = [
        viewer.get(path).status_code
        for path in (f"{here}/leads", f"{here}/preview", f"{here}/leads.csv", f"{here}/edit")
    ]

    assert {answer.status_code for answer in seen.values()} == {200}
    assert not any(NUMBER in answer.text for answer in seen.values())
    assert "<form" not in seen[here].text.partition("<main")[2]
    assert [*closed, viewer.get("/console/do-not-call").status_code] == [403] * 5


def test_a_short_pause_is_told_in_seconds(sitting: Sitting) -> None:
    pauses = {"no_answer_s": 90, "busy_s": 12, "failed_s": 7200, "machine_s": 0}
    rules = CampaignRules.model_validate({**RULES.model_dump(), "retries": pauses})
    campaign_id = sitting.services.campaigns.add(rules).campaign_id

    shown = sitting.visitor(Role.VIEWER).get(f"/console/campaigns/{campaign_id}").text

    said = "no answer after 1.5 min, busy after 12 s, failed after 2 h, machine never"
    assert said in shown


def test_the_form_holds_what_the_rules_say_and_changes_only_what_was_changed(
    sitting: Sitting,
) -> None:
    operator, campaign_id = sitting.visitor(Role.OPERATOR), campaign_of(sitting)
    form = form_of(RULES)

    status = send(
        operator,
        f"/console/campaigns/{campaign_id}/edit",
        **{**form.written, "hours.days": sorted(form.days), "pace.live_most": "3"},
    )

    kept = sitting.services.campaigns.get(campaign_id)
    assert status == 303
    assert kept is not None
    pace = RULES.pace.model_copy(update={"live_most": 3})
    assert kept.rules == RULES.model_copy(update={"pace": pace})


def test_what_cannot_be_used_comes_back_with_what_was_written(sitting: Sitting) -> None:
    operator = sitting.visitor(Role.OPERATOR)
    form = form_of(RULES)
    wrong = {"retries.busy_s": "soon", "variables": "no sign", "ends_at": "later", "hours.days": []}
    token = token_of(operator, "/console/campaigns/new")

    answer = operator.post(
        "/console/campaigns/new", data={"csrf_token": token, **form.written, **wrong}
    )

    assert answer.status_code == 422
    assert answer.text.count('class="wrong"') == 4
    assert 'value="soon"' in answer.text
    assert sitting.services.campaigns.count() == 1


def test_what_is_not_possible_now_is_said_and_not_done(sitting: Sitting) -> None:
    operator, campaign_id = sitting.visitor(Role.OPERATOR), campaign_of(sitting)
    here = f"/console/campaigns/{campaign_id}"

    send(operator, f"{here}/do/pause")

    assert "A draft campaign cannot be paused." in operator.get(here).text
    assert send(operator, f"{here}/do/{Action.SCHEDULE}") == 404
    assert send(operator, f"{here}/do/{Action.START}") == 303
    assert [one.campaign_id for one in sitting.services.campaigns.running()] == [campaign_id]


def test_moments_are_told_by_the_clock_of_the_campaign(sitting: Sitting) -> None:
    operator, campaign_id = sitting.visitor(Role.OPERATOR), campaign_of(sitting)
    here = f"/console/campaigns/{campaign_id}"

    send(operator, f"{here}/schedule", starts_at="2026-11-21T10:00", timezone="Asia/Kolkata")

    shown = operator.get(here).text
    assert shown.count("It starts by itself at 21 Nov 2026, 10:00 (Asia/Kolkata).") == 2
    assert "30 Dec 2026, 14:30 (Asia/Kolkata)" in shown  # its end


def test_who_asked_not_to_be_rung_is_taken_off_by_administrators_only(sitting: Sitting) -> None:
    lists = sitting.services.do_not_call
    lists.add([DoNotCall(NUMBER, "", Source.HEARD, NOW, "stop calling me")])
    form = {"number": NUMBER, "campaign_id": ""}

    assert send(sitting.visitor(Role.OPERATOR), "/console/do-not-call/remove", **form) == 403
    assert send(sitting.visitor(Role.ADMIN), "/console/do-not-call/remove", **form) == 303
    assert lists.count() == 0


def test_the_preview_tells_everybody_their_own_moment(sitting: Sitting) -> None:
    services, campaign = sitting.services, sitting.services.campaigns.find()[0]
    services.campaign_desk.people.add(campaign, [{"phone": "+919876543211", "name": "Ravi"}])
    leads = services.leads.find(LeadQuery(campaign.campaign_id))
    for days, lead in zip((3, 4), leads, strict=True):  # a Monday and a Tuesday
        services.leads.save(replace(lead, due_at=NOW + timedelta(days=days)))

    shown = sitting.visitor(Role.OPERATOR).get(f"/console/campaigns/{campaign.campaign_id}/preview")

    assert "23 Nov 2026, 09:00" in shown.text
    assert "24 Nov 2026, 09:00" in shown.text


def test_people_are_asked_about_again_with_more_attempts(sitting: Sitting) -> None:
    operator, campaign_id = sitting.visitor(Role.OPERATOR), campaign_of(sitting)
    here, leads = f"/console/campaigns/{campaign_id}", sitting.services.leads
    (lead,) = leads.find(LeadQuery(campaign_id))
    over = replace(lead, status=LeadStatus.GIVEN_UP, result="machine", attempts=3)
    leads.save(over)

    assert 'name="reasons" value="machine"' in operator.get(here).text
    assert "ask-again" not in sitting.visitor(Role.VIEWER).get(here).text
    assert send(operator, f"{here}/ask-again", reasons="machine", attempts_most="99") == 422
    assert send(operator, f"{here}/ask-again", reasons="machine", attempts_most="4") == 303
    sitting.services.campaign_desk.asking.work(Event())

    kept = sitting.services.campaigns.get(campaign_id)
    assert kept is not None
    assert kept.rules.retries.attempts_most == 4
    assert leads.counts(campaign_id) == {("waiting", "machine", ""): 1}
    assert "1 due again" in operator.get(here).text
    assert sitting.visitor(Role.VIEWER).post(f"{here}/ask-again").status_code in (400, 403)
