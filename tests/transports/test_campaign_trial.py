"""Whoever runs a campaign hears it on a telephone of their own, and nothing counts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from access.audit import entries_of
from access.roles import Role
from campaigns.campaign import AnsweringMachines, Campaign, CampaignRules, Detection
from storage.do_not_call import DoNotCall, Source
from storage.leads import LeadQuery
from storage.records import CallQuery, CallRecord
from tests.console.sitting import Sitting, a_sitting, token_of
from tests.providers.telephony.carrier_rest import CarrierRest, running_carrier

OWN = "+919800000001"
RULES = CampaignRules(
    name="Rates",
    agent="logistics",
    country="IN",
    variables={"city": "your city"},
    machines=AnsweringMachines(detection=Detection.ASYNC),
)
PEOPLE = [
    {"phone": "+919876543210", "name": "Asha", "city": "Pune"},
    {"phone": "+919876543211", "name": "Ravi"},
]


@dataclass
class Trial:
    """A campaign of two people, whose carrier is on this machine."""

    sitting: Sitting
    carrier: CarrierRest
    campaign: Campaign
    leads: dict[str, str]  # ids by name

    @property
    def path(self) -> str:
        return f"/campaigns/{self.campaign.campaign_id}/trial-call"

    def order(self, body: object) -> tuple[int, dict[str, object]]:
        """What the interface answers."""
        answer = self.sitting.app.test_client().post(self.path, json=body)
        return answer.status_code, answer.get_json()

    def calls(self) -> list[CallRecord]:
        return list(self.sitting.services.storage.calls(CallQuery()))

    def said(self) -> list[object]:
        """The words of each call, newest first."""
        return [call.state["variables"] for call in self.calls()]


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with running_carrier() as carrier:
        there = {"twilio_base_url": carrier.address, "public_base_url": "https://calls.example"}
        sitting = a_sitting(tmp_path, **there)
        services = sitting.services
        campaign = services.campaigns.add(RULES)
        services.campaign_desk.people.add(campaign, PEOPLE)
        found = services.leads.find(LeadQuery(campaign.campaign_id))
        leads = {lead.variables["name"]: lead.lead_id for lead in found}
        yield Trial(sitting, carrier, campaign, leads)
        services.close()


def test_a_trial_is_rung_with_the_words_of_the_first_lead_and_counted_nowhere(
    trial: Trial,
) -> None:
    status, answer = trial.order({"phone_number": "98000 00001"})

    assert (status, answer["phone_number"], answer["agent_type"]) == (201, OWN, "logistics")
    assert trial.carrier.asked[0][1]["To"] == [OWN]
    assert trial.carrier.asked[0][1]["AsyncAmd"] == ["true"]
    (call,) = trial.calls()
    assert call.state["variables"] == {"city": "Pune", "name": "Asha"}
    assert (call.campaign_id, call.lead_id) == ("", "")
    for lead_id in trial.leads.values():
        assert not trial.sitting.services.leads.attempts_of(lead_id)
    noted = trial.sitting.services.audit.find(entries_of())
    assert "try campaign" in {one.action for one in noted}


def test_a_trial_says_the_words_of_the_lead_that_is_chosen(trial: Trial) -> None:
    ravi = trial.leads["Ravi"]
    assert trial.order({"phone_number": OWN, "lead_id": ravi})[0] == 201
    assert trial.said()[0] == {"city": "your city", "name": "Ravi"}


def test_a_campaign_without_leads_is_tried_with_its_own_words(trial: Trial) -> None:
    trial.campaign = trial.sitting.services.campaigns.add(RULES)
    assert trial.order({"phone_number": OWN})[0] == 201
    assert trial.said()[0] == {"city": "your city"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "missing_field"),
        ([], 400, "bad_json"),
        ({"phone_number": "12"}, 422, "bad_number"),
        ({"phone_number": "+12125550123"}, 403, "number_not_allowed"),
        ({"phone_number": OWN, "lead_id": 5}, 422, "bad_parameter"),
        ({"phone_number": OWN, "lead_id": "nobody"}, 404, "unknown_lead"),
    ],
)
def test_a_trial_that_cannot_be_says_why(
    trial: Trial, body: object, status: int, code: str
) -> None:
    answered, answer = trial.order(body)
    error = answer["error"]
    assert isinstance(error, dict)
    assert (answered, error["code"]) == (status, code)
    assert not trial.carrier.asked


def test_who_wants_no_calls_gets_no_trial_either(trial: Trial) -> None:
    lists = trial.sitting.services.do_not_call
    lists.add([DoNotCall(OWN, "", Source.HEARD, datetime(2026, 11, 20, tzinfo=UTC))])
    assert trial.order({"phone_number": OWN})[0] == 403
    assert not trial.carrier.asked


def test_nobody_is_rung_again_and_again_by_trials(trial: Trial) -> None:
    answers = [trial.order({"phone_number": OWN})[0] for _ in range(2)]
    order = {"phone_number": OWN, "agent_type": "logistics"}  # which is counted with them
    answers.append(trial.sitting.app.test_client().post("/start-call", json=order).status_code)
    answers.append(trial.order({"phone_number": OWN})[0])
    assert answers == [201, 201, 201, 429]


def test_the_pages_of_a_campaign_and_of_a_lead_ring_whoever_looks_at_them(trial: Trial) -> None:
    operator = trial.sitting.visitor(Role.OPERATOR)
    here = f"/console/campaigns/{trial.campaign.campaign_id}"
    ravi = f"{here}/leads/{trial.leads['Ravi']}"
    for page, form in ((f"{here}/preview", {}), (ravi, {"lead_id": trial.leads["Ravi"]})):
        data = {"csrf_token": token_of(operator, page), "number": OWN, **form}
        answer = operator.post(f"{here}/trial", data=data)
        assert (answer.status_code, answer.headers["Location"]) == (303, page)
        assert f"Ringing {OWN}" in operator.get(page).text
    bad = {"csrf_token": token_of(operator, ravi), "number": "12"}
    operator.post(f"{here}/trial", data=bad)

    assert "Ringing" not in operator.get(f"{here}/preview").text
    assert trial.said() == [{"city": "your city", "name": "Ravi"}, {"city": "Pune", "name": "Asha"}]
    viewer = trial.sitting.visitor(Role.VIEWER)
    data = {"csrf_token": token_of(viewer, "/console/profile"), "number": OWN}
    assert viewer.post(f"{here}/trial", data=data).status_code == 403
    assert len(trial.calls()) == 2
