"""What goes home from a campaign as a file, what would be rung, and what was not taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from access.roles import API_TOKEN_ID, LOCAL, Person, Role
from access.sight import sight_of_programs
from agents.schema import Agent
from calls.redaction import WITHHELD, Sight
from campaigns.campaign import CampaignRules
from campaigns.exports import EXPORTS_MOST, PAGE, What, table_of
from campaigns.exports import Source as From
from campaigns.importing import Importer
from campaigns.imports import Import, importing_folder
from storage.do_not_call import DoNotCall, Source
from storage.leads import LeadStatus, Result
from storage.records import CollectedRecord, TurnRecord
from tests.console.sitting import Sitting, a_sitting
from tests.storage.lead_samples import a_lead, an_attempt
from tests.transports.doors import AGENT, NOW, a_call

FORMULA = '=HYPERLINK("http://evil","x")'
RULES = CampaignRules(name="Rates", agent="logistics", country="IN")


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    made = a_sitting(tmp_path)
    yield made
    made.services.close()


def campaign_in(sitting: Sitting) -> str:
    return sitting.services.campaigns.add(RULES).campaign_id


def rung(sitting: Sitting, campaign_id: str) -> None:
    """Somebody whose row is full of formulas, was rung, and said one."""
    services = sitting.services
    lead = a_lead(1, campaign_id, variables={"name": FORMULA, "@SUM(A1)": "-1+1", "city": "Pune"})
    over = replace(lead, status=LeadStatus.DONE, result=Result.COMPLETED, attempts=1)
    services.leads.add([over])
    call = replace(a_call("CA1", "call-1"), campaign_id=campaign_id, lead_id=lead.lead_id)
    services.storage.create_call(call)
    turn = TurnRecord(call.call_id, 0, NOW, "collecting", "en-IN", "+1", "speech", 1.0, FORMULA)
    collected = CollectedRecord(
        call.call_id, call.carrier_id, call.agent, call.caller_number, "en-IN", "completed",
        True, {"charge": "\t=1+1"}, NOW,
    )  # fmt: skip
    ended = replace(call, ended_at=NOW, outcome="completed")
    services.storage.save_call(ended, turn, collected=collected)
    attempt = an_attempt(lead, call.call_id, result=Result.COMPLETED, qualified=True, seconds=12.34)
    kept = services.leads.get(lead.lead_id)
    assert kept is not None
    services.leads.begin(kept, attempt)


def file_of(sitting: Sitting, path: str) -> bytes:
    with sitting.app.test_client().get(path) as answer:
        assert answer.status_code == 200
        assert "attachment; filename=" in answer.headers["Content-Disposition"]
        return bytes(answer.data)


def rows_of(sitting: Sitting, path: str) -> list[dict[str, str]]:
    text = file_of(sitting, path).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("what", ["results", "leads", "transcripts"])
def test_no_cell_of_a_file_is_run(sitting: Sitting, what: str) -> None:
    campaign_id = campaign_in(sitting)
    rung(sitting, campaign_id)
    path = f"/exports/campaigns/{campaign_id}/{what}"

    cells = [one for row in rows_of(sitting, path) for pair in row.items() for one in pair]
    book = openpyxl.load_workbook(io.BytesIO(file_of(sitting, f"{path}?format=xlsx")))

    assert f"'{FORMULA}" in cells
    assert not [one for one in cells if one.lstrip().startswith(("=", "+", "-", "@"))]
    sheet = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert FORMULA in [cell.value for cell in sheet]  # as it was, in a cell of text
    assert {cell.data_type for cell in sheet} <= {"s", "n"}


def test_a_row_says_what_became_of_somebody(sitting: Sitting) -> None:
    campaign_id = campaign_in(sitting)
    rung(sitting, campaign_id)

    (row,) = rows_of(sitting, f"/exports/campaigns/{campaign_id}/results")
    (turn,) = rows_of(sitting, f"/exports/campaigns/{campaign_id}/transcripts")

    told = {name: row[name] for name in ("Status", "Result", "Seconds", "Qualified", "city")}
    assert told == {
        "Status": "done", "Result": "completed", "Seconds": "12.3", "Qualified": "yes",
        "city": "Pune",
    }  # fmt: skip
    assert (turn["Call"], turn["Attempt"], turn["Turn"]) == ("call-1", "1", "0")


def test_what_is_masked_is_what_the_agent_that_asked_says(sitting: Sitting) -> None:
    services, campaign_id = sitting.services, campaign_in(sitting)
    rung(sitting, campaign_id)
    campaign = services.campaigns.get(campaign_id)
    assert campaign is not None
    (charge,) = AGENT.fields
    masks = charge.model_copy(update={"sensitive": True})
    asked = AGENT.model_copy(update={"fields": (masks,)})
    # The campaign was given another agent since, with no such field, or one that is not sensitive.
    later = replace(campaign, rules=RULES.model_copy(update={"agent": "later"}))
    agents = {"logistics": asked, "later": AGENT}
    without = {**agents, "later": AGENT.model_copy(update={"fields": ()})}

    def rows(what: What, agents: Mapping[str, Agent], sight: Sight) -> list[dict[str, object]]:
        table = table_of(what, From(services.leads, services.storage, agents, sight), later)
        return [dict(zip(table.headings(), row, strict=True)) for row in table.rows()]

    (masked,) = rows(What.RESULTS, agents, Sight.LISTED)
    (whole,) = rows(What.RESULTS, agents, Sight.FULL)
    (elsewhere,) = rows(What.RESULTS, without, Sight.LISTED)
    (gone,) = rows(What.TRANSCRIPTS, {"later": agents["later"]}, Sight.LISTED)
    assert (masked["charge"], whole["charge"]) == (WITHHELD, "\t=1+1")
    assert str(elsewhere["Other values"]).endswith(f"charge: {WITHHELD}")
    assert (gone["Caller"], gone["Agent"]) == (WITHHELD, WITHHELD)


def test_only_the_token_of_the_deployment_sees_all_in_an_export() -> None:
    people = [Person(API_TOKEN_ID, "", "", Role.ADMIN), LOCAL, Person("p1", "", "", Role.OPERATOR)]

    assert [sight_of_programs(one) for one in people] == [Sight.FULL, Sight.LISTED, Sight.LISTED]


def test_a_sheet_that_would_take_too_long_is_refused_in_words(sitting: Sitting) -> None:
    campaign_id = campaign_in(sitting)
    path = f"/exports/campaigns/{campaign_id}/leads"
    sitting.services.leads.add([a_lead(place, campaign_id) for place in range(3)])
    sitting.services.campaign_desk.exports.sheet_leads_most = 2

    refused = sitting.app.test_client().get(f"{path}?format=xlsx")
    page = sitting.visitor(Role.OPERATOR).get(f"/console/campaigns/{campaign_id}/leads.xlsx")

    assert refused.get_json()["error"]["code"] == "too_large_for_sheet"
    assert (refused.status_code, page.status_code) == (422, 422)
    assert "has 3 leads, and a sheet takes 2 at most: take CSV" in page.text


def test_every_lead_of_several_pages_is_there_once(sitting: Sitting) -> None:
    campaign_id = campaign_in(sitting)
    many = 2 * PAGE + 1
    leads = [a_lead(place, campaign_id) for place in range(many)]
    late = replace(leads[-1], variables={"name": "Ravi", "landmark": "the mill"})
    sitting.services.leads.add([*leads[:-1], late])

    rows = rows_of(sitting, f"/exports/campaigns/{campaign_id}/leads")

    assert sorted(row["Lead"] for row in rows) == [one.lead_id for one in leads]
    last = next(row for row in rows if row["Lead"] == late.lead_id)
    # Columns are those of the first page: whatever comes later stands in the last one.
    assert (last["name"], last["Other values"]) == ("Ravi", "landmark: the mill")


def test_files_under_way_are_counted_over_both_doors_and_those_that_end_make_room(
    sitting: Sitting,
) -> None:
    campaign_id = campaign_in(sitting)
    path = f"/exports/campaigns/{campaign_id}/leads"
    program, person = sitting.app.test_client(), sitting.visitor(Role.OPERATOR)

    under_way = [program.get(path, buffered=False) for _ in range(EXPORTS_MOST)]
    refused = program.get(path)
    page = person.get(f"/console/campaigns/{campaign_id}/leads.csv")
    for answer in under_way:
        answer.close()

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    assert page.status_code == 503
    assert "Other exports are under way" in page.text
    again = person.get(f"/console/campaigns/{campaign_id}/leads.csv")
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/exports/campaigns/nobody/results", 404, "unknown_campaign"),
        ("/exports/campaigns/nobody/transcripts", 404, "unknown_campaign"),
        ("/exports/campaigns/nobody/leads?format=xlsx", 404, "unknown_campaign"),
        ("/exports/campaigns/nobody/leads?format=pdf", 422, "bad_parameter"),
        ("/imports/nobody/problems", 404, "unknown_import"),
        ("/imports/nobody", 404, "unknown_import"),
    ],
)
def test_what_is_not_there_is_no_empty_file(
    sitting: Sitting, path: str, status: int, code: str
) -> None:
    answer = sitting.app.test_client().get(path)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_the_preview_adds_up(sitting: Sitting) -> None:
    services, campaign_id = sitting.services, campaign_in(sitting)
    leads = [a_lead(place, campaign_id, due_at=NOW) for place in range(6)]
    later = replace(leads[0], due_at=NOW + timedelta(hours=2))
    abroad = replace(leads[1], number="+14155550123", country="US", zones=("America/Los_Angeles",))
    over = replace(leads[2], status=LeadStatus.DONE, result=Result.COMPLETED)
    services.leads.add([later, abroad, over, *leads[3:]])
    services.do_not_call.add([DoNotCall(leads[3].number, "", Source.BY_HAND, NOW)])

    told = sitting.app.test_client().get(f"/campaigns/{campaign_id}/preview").get_json()

    assert (told["leads"], told["looked_at"], told["now"]) == (5, 5, 2)
    assert (told["later"], told["never"]) == (
        {"too_soon": 1},
        {"country_not_allowed": 1, "do_not_call": 1},
    )
    first: Mapping[str, Mapping[str, Any]] = {one["lead_id"]: one for one in told["first"]}
    assert len(first) == 5
    assert first[leads[5].lead_id]["reason"] == ""
    assert first[leads[3].lead_id]["until"] is None


def sent(sitting: Sitting, campaign_id: str, table: bytes) -> str:
    """Upload a table; the id of its import."""
    path = f"/campaigns/{campaign_id}/upload-csv?name=leads.csv"
    with sitting.app.test_client().post(path, data=table) as answer:
        assert answer.status_code == 202
        return str(answer.get_json()["import_id"])


def read(sitting: Sitting, import_id: str) -> Import:
    """Read an uploaded table, as some process does in the background."""
    services = sitting.services
    importer = Importer(
        imports=services.imports,
        objects=services.objects,
        leads=services.leads,
        do_not_call=services.do_not_call,
        status_of=services.campaigns.status_of,
        countries=services.settings.start_call_countries,
        clock=services.clock,
        folder=importing_folder(services.settings),
    )
    claimed = importer.claim(import_id, "me")
    assert claimed is not None
    return importer.run(claimed, lambda: False)


def test_rows_that_were_not_taken_go_home_and_run_nothing(sitting: Sitting) -> None:
    campaign_id, program = campaign_in(sitting), sitting.app.test_client()
    table = f'phone,name\n98765 43210,Asha\n"{FORMULA.replace(chr(34), chr(39))}",Ravi\n12,=1+1\n'

    import_id = sent(sitting, campaign_id, table.encode())
    before = rows_of(sitting, f"/imports/{import_id}/problems")
    read(sitting, import_id)
    told = rows_of(sitting, f"/imports/{import_id}/problems")

    assert before == []
    assert [(row["line"], row["reason"]) for row in told] == [
        ("3", "not_a_number"),
        ("4", "no_such_number"),
    ]
    assert not [one for row in told for one in row.values() if one.startswith(("=", "+", "-"))]
    (kept,) = program.get(f"/campaigns/{campaign_id}/imports").get_json()["imports"]
    assert (kept["rows"], kept["added"], sum(kept["skipped"].values())) == (3, 1, 2)
    preview = program.get(f"/campaigns/{campaign_id}/preview").get_json()
    assert preview["not_taken"] == kept["skipped"]


@pytest.mark.parametrize(
    "path", ["/campaigns/templates/csv-sample", "/console/campaigns/sample.csv"]
)
def test_the_table_to_begin_with_is_taken_as_it_is(sitting: Sitting, path: str) -> None:
    sample = file_of(sitting, path)

    ended = read(sitting, sent(sitting, campaign_in(sitting), sample))

    assert (ended.rows, ended.added, ended.skipped) == (2, 2, {})
    assert list(ended.columns)[:3] == ["name", "property_type", "location"]
