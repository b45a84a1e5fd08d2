"""Campaigns over JSON: made, filled, started, stopped and looked at, by those who may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from access.audit import entries_of
from access.roles import Role
from access.scopes import Scope
from campaigns.campaign import CampaignStatus
from campaigns.imports import ImportKind, Order
from storage.do_not_call import DoNotCall, Source
from storage.leads import Attempt, LeadQuery, LeadStatus, Refusal, Result
from tests.access.entrances import EMAIL, add
from tests.console.sitting import Sitting, a_sitting
from tests.transports.doors import NOW

RULES = {"name": "Rates", "agent": "logistics", "country": "IN"}
PEOPLE = [
    {"phone": "+919876543210", "name": "Asha", "city": "Pune"},
    {"phone": "98765 43211", "name": "Ravi"},
    {"phone": "12", "name": "Nobody"},
    {"phone": "09876543210", "name": "Asha again"},
]


class Programs:
    """A program that calls the interface."""

    def __init__(self, sitting: Sitting) -> None:
        self.services = sitting.services
        self._client: FlaskClient = sitting.app.test_client()

    def __call__(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> TestResponse:
        """An answer to a request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._client.open(path, method=method, json=body, headers=headers)

    def made(self) -> str:
        """A campaign with two people."""
        campaign_id = self("POST", "/campaigns", RULES).get_json()["campaign_id"]
        added = self("POST", f"/campaigns/{campaign_id}/leads", {"leads": PEOPLE})
        assert added.get_json()["added"] == 2
        return str(campaign_id)

    def error(self, answer: TestResponse) -> Mapping[str, Any]:
        """What is wrong."""
        found: Mapping[str, Any] = answer.get_json()["error"]
        return found

    def done(self) -> set[str]:
        """What is in the audit log."""
        return {one.action for one in self.services.audit.find(entries_of())}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    place: Path = tmp_path_factory.mktemp("campaigns")
    sitting = a_sitting(place)
    yield Programs(sitting)
    sitting.services.close()


def test_a_campaign_is_made_filled_and_run(programs: Programs) -> None:
    campaign_id = programs.made()
    here = f"/campaigns/{campaign_id}"

    started = programs("POST", f"{here}/start").get_json()
    twice = programs("POST", f"{here}/start")
    paused = programs("POST", f"{here}/pause").get_json()

    assert (started["status"], started["possible"]) == ("running", ["pause", "cancel"])
    assert twice.status_code == 409
    assert programs.error(twice)["possible"] == ["pause", "cancel"]
    assert paused["status"] == "paused"
    assert programs("POST", f"{here}/resume").get_json()["status"] == "running"
    assert programs("DELETE", here).status_code == 409
    assert programs("POST", f"{here}/cancel").get_json()["status"] == "canceled"
    assert programs("PATCH", here, {"name": "B"}).status_code == 409
    assert programs("POST", f"{here}/leads", PEOPLE[0]).status_code == 409
    assert programs("DELETE", here).status_code == 204
    assert programs("GET", here).status_code == 404
    done = programs.done()
    steps = {f"{step} campaign" for step in ("make", "start", "pause", "cancel", "delete")}
    assert steps | {"add leads"} <= done


def test_people_who_cannot_be_added_are_told_and_the_others_are_there(programs: Programs) -> None:
    campaign_id = programs("POST", "/campaigns", RULES).get_json()["campaign_id"]
    here = f"/campaigns/{campaign_id}/leads"
    programs("POST", "/do-not-call", {"phone_number": "+919876500000"})

    sent = [*PEOPLE, {"phone": "9876500000"}, {"name": "without a number"}]
    answer = programs("POST", here, {"leads": sent}).get_json()
    again = programs("POST", here, PEOPLE[0]).get_json()

    assert [(one["index"], one["reason"]) for one in answer["problems"]][1:] == [
        (3, "duplicate_in_file"),
        (4, "do_not_call"),
        (5, "no_number"),
    ]
    assert again["problems"][0]["reason"] == "duplicate_in_campaign"
    page = programs("GET", f"{here}?limit=1").get_json()
    assert (page["total"], page["leads"][0]["variables"]["name"]) == (2, "Asha")
    rest = programs("GET", f"{here}?limit=1&after={page['next']}").get_json()
    assert (rest["leads"][0]["phone_number"], rest["next"]) == ("+919876543211", None)
    by_number = programs("GET", f"{here}?number=%2B919876543211").get_json()
    assert by_number["leads"] == rest["leads"]
    assert programs("GET", f"{here}?after=nonsense").status_code == 422


def test_people_who_were_refused_are_asked_about_again(programs: Programs) -> None:
    campaign_id = programs.made()
    here, leads = f"/campaigns/{campaign_id}/ask-again", programs.services.leads
    nobody = programs("POST", here, {"reasons": ["broken"]})
    for lead in leads.find(LeadQuery(campaign_id)):
        leads.save(replace(lead, status=LeadStatus.REFUSED, reason="broken"))
    programs.services.campaign_desk.reports.forget(campaign_id)

    wrong = programs("POST", here, {"reasons": ["opted_out"]})
    ordered = programs("POST", here, {"reasons": ["broken", "machine"]})
    programs.services.campaign_desk.asking.work(Event())
    (kept,) = programs("GET", here).get_json()["recalls"]

    assert (nobody.status_code, programs.error(nobody)["code"]) == (409, "nobody")
    assert (wrong.status_code, programs.error(wrong)["code"]) == (422, "bad_reasons")
    assert (ordered.status_code, ordered.get_json()["matching"]) == (202, 2)
    assert (kept["asked"], kept["left"], kept["is_over"]) == (2, 0, True)
    assert leads.counts(campaign_id) == {("waiting", "", ""): 2}
    assert "ask again" in programs.done()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "", {"name": "A"}, 422, "invalid_campaign"),
        ("POST", "", ["A"], 400, "bad_json"),
        ("GET", "?limit=1001", None, 422, "bad_parameter"),
        ("GET", "?status_filter=lost", None, 422, "bad_parameter"),
        ("GET", "/nobody", None, 404, "unknown_campaign"),
        ("POST", "/nobody/start", None, 404, "unknown_campaign"),
        ("PATCH", "/{id}", {"hours": {"opens": "25:00"}}, 422, "invalid_campaign"),
        ("PATCH", "/{id}?version=7", {"name": "B"}, 409, "overtaken"),
        ("POST", "/{id}/schedule", {"starts_at": "2026-11-21T10:00"}, 422, "missing_field"),
        ("POST", "/{id}/schedule", {"starts_at": "2020-11-21T10:00", "timezone": "Asia/Kolkata"},
         422, "bad_moment"),
        ("POST", "/{id}/pause", None, 409, "not_now"),
        ("POST", "/{id}/leads", {"leads": []}, 422, "bad_leads"),
        ("POST", "/{id}/leads", {"leads": [{"phone": ["x"]}]}, 422, "bad_leads"),
        ("GET", "/{id}/leads/nobody", None, 404, "unknown_lead"),
        ("POST", "/{id}/leads", {}, 422, "bad_leads"),
        ("POST", "/{id}/leads", {"leads": [{}]}, 422, "bad_leads"),
        ("POST", "/{id}/leads", {"leads": "+919876543210"}, 422, "bad_leads"),
        ("POST", "", {**RULES, "pace": {"live_most": "3"}}, 422, "invalid_campaign"),
        ("GET", "/nobody/imports", None, 404, "unknown_campaign"),
        ("GET", "/nobody/preview", None, 404, "unknown_campaign"),
        ("POST", "/nobody/upload-csv", None, 404, "unknown_campaign"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(
    programs: Programs, method: str, path: str, body: object, status: int, code: str
) -> None:
    campaign_id = programs("POST", "/campaigns", RULES).get_json()["campaign_id"]

    answer = programs(method, f"/campaigns{path.format(id=campaign_id)}", body)

    assert (answer.status_code, programs.error(answer)["code"]) == (status, code)


def test_a_schedule_is_by_the_clock_of_a_zone(programs: Programs) -> None:
    here = f"/campaigns/{programs.made()}"

    wanted = {"starts_at": "2026-11-21T10:00", "timezone": "Asia/Kolkata"}
    scheduled = programs("POST", f"{here}/schedule", wanted).get_json()
    listed = programs("GET", "/campaigns?status_filter=scheduled").get_json()
    draft = programs("DELETE", f"{here}/schedule").get_json()

    assert (scheduled["status"], scheduled["starts_at"]) == ("scheduled", "2026-11-21T04:30:00Z")
    assert (listed["total"], len(listed["campaigns"])) == (1, 1)
    assert draft["status"] == "draft"


def test_what_was_written_is_told_again_in_short(programs: Programs) -> None:
    here = f"/campaigns/{programs.made()}"

    wrong = {"starts_at": "2026-11-21T10:00", "timezone": "Asia/" + "x" * 5000}
    message = programs.error(programs("POST", f"{here}/schedule", wrong))["message"]

    assert message.startswith("There is no time zone 'Asia/xxx")
    assert len(message) < 120


def test_a_campaign_that_is_over_starts_again_only_for_somebody(programs: Programs) -> None:
    campaign_id = programs.made()
    here, services = f"/campaigns/{campaign_id}", programs.services
    programs("POST", f"{here}/start")
    for lead in services.leads.find(LeadQuery(campaign_id)):
        services.leads.save(replace(lead, status=LeadStatus.DONE))
    services.campaigns.move(campaign_id, CampaignStatus.COMPLETED)

    over = programs("GET", here).get_json()
    refused = programs.error(programs("POST", f"{here}/start"))
    programs("POST", f"{here}/leads", {"phone": "+919876543299"})

    assert over["possible"] == refused["possible"] == ["delete"]
    assert refused["code"] == "no_leads"
    assert programs("GET", here).get_json()["possible"] == ["start", "delete"]


def test_a_campaign_starts_while_its_file_is_still_to_be_read(programs: Programs) -> None:
    campaign_id = programs("POST", "/campaigns", RULES).get_json()["campaign_id"]
    here, imports = f"/campaigns/{campaign_id}", programs.services.imports

    refused = programs.error(programs("POST", f"{here}/start"))
    order = Order(ImportKind.LEADS, campaign_id, "leads.csv", "IN")
    waiting = imports.begin(order, BytesIO(b"phone\n+919876543210\n"))
    started = [programs("POST", f"{here}/{step}") for step in ("start", "pause", "resume")]
    why = programs("GET", f"{here}/progress").get_json()["why"]
    programs("POST", f"{here}/pause")
    imports.cancel(waiting.import_id)
    empty = programs.error(programs("POST", f"{here}/resume"))

    assert [one.status_code for one in started] == [200] * 3
    assert why == "A file is still being read: people are rung as they come in."
    assert refused["code"] == empty["code"] == "no_leads"


def test_one_that_is_over_may_start_as_soon_as_more_people_are_on_their_way(
    programs: Programs,
) -> None:
    campaign_id = programs("POST", "/campaigns", RULES).get_json()["campaign_id"]
    for status in (CampaignStatus.RUNNING, CampaignStatus.COMPLETED):
        programs.services.campaigns.move(campaign_id, status)

    def possible() -> object:
        return programs("GET", f"/campaigns/{campaign_id}").get_json()["possible"]

    before = possible()
    order = Order(ImportKind.DO_NOT_CALL, campaign_id, "never.csv", "IN")
    programs.services.imports.begin(order, BytesIO(b"phone\n"))
    barred = possible()
    order = Order(ImportKind.LEADS, campaign_id, "leads.csv", "IN")
    programs.services.imports.begin(order, BytesIO(b"phone\n"))

    assert before == barred == ["delete"]
    assert possible() == ["start", "delete"]
    assert programs("POST", f"/campaigns/{campaign_id}/start").status_code == 200


def test_the_path_of_a_route_is_not_taken_for_a_number_or_an_id(programs: Programs) -> None:
    answers = [
        programs("DELETE", "/do-not-call/upload"),
        programs("GET", "/messages/inbound"),
    ]

    assert [(one.status_code, one.headers["Allow"]) for one in answers] == [
        (405, "OPTIONS, POST")
    ] * 2
    assert programs("DELETE", "/do-not-call/anybody").status_code == 404
    programs("POST", "/do-not-call", {"phone_number": "+919876500123"})
    assert programs("DELETE", "/do-not-call/919876500123").status_code == 204


def test_a_key_that_the_list_does_not_know_is_refused(programs: Programs) -> None:
    sent = {"phone_number": "+919876500124", "note": "by letter"}
    refused = programs.error(programs("POST", "/do-not-call", sent))

    assert (refused["code"], refused["field"]) == ("bad_parameter", "note")
    assert "phone_number, phone_numbers, campaign_id, words" in refused["message"]
    listed = programs("GET", "/do-not-call?number=%2B919876500124").get_json()
    assert listed["do_not_call"] == []


def test_rules_are_changed_while_it_runs(programs: Programs) -> None:
    campaign_id = programs.made()
    programs("POST", f"/campaigns/{campaign_id}/start")

    programs("PATCH", f"/campaigns/{campaign_id}", {"pace": {"live_most": 3}})

    running = {one.campaign_id: one for one in programs.services.campaigns.running()}
    assert running[campaign_id].rules.pace.live_most == 3


def test_what_came_of_it_is_told_by_hour_and_by_attempt(programs: Programs) -> None:
    campaign_id = programs.made()
    leads = programs.services.leads
    first, second = leads.find(LeadQuery(campaign_id))
    for one, result in ((first, Result.COMPLETED), (second, Result.BUSY)):
        attempt = Attempt(
            f"call-{one.lead_id}", campaign_id, one.lead_id, one.number, 1, NOW, 14,
            result=result, ended_at=NOW, qualified=result == Result.COMPLETED, seconds=30,
        )  # fmt: skip
        leads.begin(one, attempt)
    leads.refuse(Refusal(campaign_id, second.lead_id, NOW, "hours", NOW, detail="after 19:00"))

    dialling = programs("GET", f"/campaigns/{campaign_id}/dialling").get_json()
    analytics = programs("GET", f"/analytics/campaign/{campaign_id}").get_json()
    whole = programs("GET", f"/campaigns/{campaign_id}/leads/{second.lead_id}").get_json()
    refusals = programs("GET", f"/campaigns/{campaign_id}/refusals").get_json()

    assert dialling == analytics["dialling"]
    assert dialling["by_hour"].keys() == {"14"}
    assert dialling["by_hour"]["14"] == dialling["by_attempt"]["1"] == dialling["total"]
    total = dialling["total"]
    assert [total[name] for name in ("dialled", "answered", "human", "completed", "qualified")] == [
        2, 1, 1, 1, 1,
    ]  # fmt: skip
    assert [one["result"] for one in whole["attempts_made"]] == ["busy"]
    assert whole["refusals"][0]["detail"] == refusals["refusals"][0]["detail"] == "after 19:00"


def test_progress_says_why_nobody_is_rung(programs: Programs) -> None:
    campaign_id = programs.made()
    here = f"/campaigns/{campaign_id}"

    draft = programs("GET", f"{here}/progress").get_json()

    assert draft["why"] == "This campaign is a draft: nobody is rung before it is started."
    assert (draft["leads"], draft["statuses"]["waiting"]) == (2, 2)
    assert sum(draft["statuses"].values()) == draft["leads"]


def test_a_number_comes_onto_the_list_and_off_it(programs: Programs) -> None:
    numbers = [f"+9198765{last:05}" for last in range(5)]
    campaign_id = programs.made()
    programs("POST", "/do-not-call", {"phone_numbers": numbers, "words": "by e-mail"})
    again = programs("POST", "/do-not-call", {"phone_numbers": numbers[:2]}).get_json()
    own = {"phone_number": "98765 00077", "campaign_id": campaign_id}
    programs("POST", "/do-not-call", own)

    first = programs("GET", "/do-not-call?campaign_id=all&limit=3").get_json()
    rest = programs("GET", f"/do-not-call?campaign_id=all&after={_quoted(first['next'])}")
    listed = [*first["do_not_call"], *rest.get_json()["do_not_call"]]
    only = programs("GET", f"/do-not-call?campaign_id={campaign_id}").get_json()

    assert again == {"added": 0, "known": 2}
    assert set(numbers) <= {one["phone_number"] for one in listed}
    assert [one["phone_number"] for one in only["do_not_call"]] == ["+919876500077"]
    gone = f"/do-not-call/%2B919876500077?campaign_id={campaign_id}"
    assert programs("DELETE", gone).status_code == 204
    assert programs("DELETE", gone).status_code == 404
    bad = programs("POST", "/do-not-call", {"phone_numbers": ["+919876543210", "hello"]})
    assert (bad.status_code, programs.error(bad)["code"]) == (422, "bad_number")


def test_a_token_may_do_what_its_scopes_say(programs: Programs) -> None:
    entrance = programs.services.entrance
    person = add(entrance, EMAIL, Role.OPERATOR).person
    _, reads = entrance.api_tokens.make(person, "reads", {Scope.CAMPAIGNS_READ}, None)
    _, writes = entrance.api_tokens.make(person, "writes", {Scope.CAMPAIGNS_WRITE}, None)

    assert programs("GET", "/campaigns", token=reads).status_code == 200
    assert programs("POST", "/campaigns", RULES, token=reads).status_code == 403
    assert programs("POST", "/campaigns", RULES, token=writes).status_code == 201
    assert programs("GET", "/do-not-call", token=writes).status_code == 403


def test_only_an_administrator_takes_off_who_asked_for_it(programs: Programs) -> None:
    services = programs.services
    services.do_not_call.add([DoNotCall("+919876599999", "", Source.HEARD, NOW, "stop calling")])
    person = add(services.entrance, "op@acme.example", Role.OPERATOR).person
    _, token = services.entrance.api_tokens.make(person, "op", {Scope.CAMPAIGNS_WRITE}, None)
    path = "/do-not-call/%2B919876599999"

    refused = programs("DELETE", path, token=token)

    assert (refused.status_code, programs.error(refused)["code"]) == (403, "not_yours_to_remove")
    assert programs("DELETE", path).status_code == 204


def _quoted(place: str) -> str:
    return place.replace("+", "%2B")


def test_whoever_takes_the_rows_that_were_left_out_is_in_the_audit_log(programs: Programs) -> None:
    sent = programs("POST", f"/campaigns/{programs.made()}/upload-csv", "phone")
    import_id = sent.get_json()["import_id"]
    sent.close()  # and with it the file

    told = programs("GET", f"/imports/{import_id}/problems")

    assert (sent.status_code, told.status_code) == (202, 200)
    assert {"upload leads", "export problems"} <= programs.done()
