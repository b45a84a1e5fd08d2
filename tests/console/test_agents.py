"""The pages about agents: look, edit, be refused, publish, compare, bring back, be overtaken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from app import BODY_MOST_BYTES, services_of
from tests.console.conftest import RATES
from tests.console.pages import Reader, field
from tests.waiting import wait_until

EDITED = RATES.replace("Hello, this", "Good morning, this")
NEW = RATES.replace("agent: rates", "agent: parcel")
DEEP = "agent: " + "[" * 200_000
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
)


def greeting(app: Flask, name: str = "rates") -> str:
    return services_of(app).agents[name].say["welcome"]["en-IN"]


def save(reader: Reader, text: str, then: str, note: str = "", name: str = "rates") -> int:
    """Open the editor, change the text, send it; the status."""
    after = field(reader.get(f"/console/agents/{name}").text, "after")
    form = {"text": text, "after": after, "then": then, "note": note}
    return reader.post(f"/console/agents/{name}", form).status_code


def test_the_list_says_what_is_in_force(reader: Reader) -> None:
    shown = reader.get("/console/agents")

    assert shown.status_code == 200
    for told in ("Rate desk", "rates.yaml", "charge", "en-IN"):
        assert told in shown.text


def test_the_editor_holds_the_text_in_force(reader: Reader) -> None:
    shown = reader.get("/console/agents/rates")

    assert field(shown.text, "text") == RATES
    assert "The file rates.yaml answers calls" in shown.text


def test_a_published_change_answers_the_next_call(reader: Reader, app: Flask) -> None:
    assert save(reader, EDITED, "publish") == 302

    assert greeting(app) == "Good morning, this is the rate desk."
    assert "Version 2 answers calls" in reader.get("/console/agents/rates").text


def test_a_draft_waits_until_it_is_published(reader: Reader, app: Flask) -> None:
    assert save(reader, EDITED, "draft", "friendlier") == 302
    assert greeting(app) == "Hello, this is the rate desk."
    assert "Open the draft" in reader.get("/console/agents/rates").text
    assert field(reader.get("/console/agents/rates?version=2").text, "text") == EDITED

    assert reader.post("/console/agents/rates/publish", {"number": "2"}).status_code == 302
    assert greeting(app) == "Good morning, this is the rate desk."


def test_line_ends_of_a_form_are_no_change(reader: Reader) -> None:
    assert save(reader, RATES.replace("\n", "\r\n"), "draft") == 302

    assert "1–1 of 1" in reader.get("/console/agents/rates/versions").text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RATES.replace("kind: number", "kind: numbre"), "did you mean number?"),
        (RATES.replace("agent: rates", "agent: other"), "other is another agent"),
        ("", "is empty"),
        (DEEP[:100_000], "nested too deeply"),
        (BOMB, "10000 values"),
        ("agent: !!python/object:os.system x\n", "is a tag"),
        (RATES + "#" * 200_000, "larger than 128 KB"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_and_not_lost(
    reader: Reader, text: str, told: str
) -> None:
    form = {"text": text, "after": "1", "then": "publish"}
    refused = reader.post("/console/agents/rates", form)

    assert refused.status_code == 422
    assert told in refused.text
    assert field(refused.text, "text") == text
    found = reader.ask("/console/check-agent", {"text": text, "name": "rates"}).json
    assert found is not None
    assert any(told in one["wrong"] + one["remedy"] for one in found["problems"])


def test_ten_megabytes_are_not_even_read(reader: Reader) -> None:
    form = {"text": "x" * (BODY_MOST_BYTES + 1), "after": "1"}

    assert reader.post("/console/agents/rates", form).status_code == 413


def test_a_check_names_the_line(reader: Reader) -> None:
    text = RATES.replace("min: 1", "min: none")
    found = reader.ask("/console/check-agent", {"text": text, "name": "rates"}).json

    assert found is not None
    assert [(one["line"], one["key"]) for one in found["problems"]] == [(11, "fields.charge.min")]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"'])
def test_a_check_of_nothing_is_refused(reader: Reader, body: bytes) -> None:
    headers = reader._headers()
    assert reader.client.post("/console/check-agent", data=body, headers=headers).status_code == 400


def test_who_was_slower_sees_both_texts_and_may_save_on_top(reader: Reader, app: Flask) -> None:
    after = field(reader.get("/console/agents/rates").text, "after")
    theirs = RATES.replace("Thank you.", "Thanks a lot.")
    save(reader, theirs, "publish")

    form = {"text": EDITED, "after": after, "then": "publish", "note": "mine"}
    conflict = reader.post("/console/agents/rates", form)
    assert conflict.status_code == 409
    assert "Thanks a lot." in conflict.text
    assert field(conflict.text, "text") == EDITED

    form["after"] = field(conflict.text, "after")
    assert reader.post("/console/agents/rates", form).status_code == 302
    assert greeting(app) == "Good morning, this is the rate desk."


def test_versions_are_listed_compared_and_brought_back(reader: Reader, app: Flask) -> None:
    save(reader, EDITED, "publish", "friendlier")

    listed = reader.get("/console/agents/rates/versions").text
    assert "friendlier" in listed
    assert "in force" in listed
    compared = reader.get("/console/agents/rates/difference?from=1&to=2").text
    assert re.search(r'class="gone">.*Hello, this', compared)
    assert re.search(r'class="new">.*Good morning, this', compared)

    assert reader.post("/console/agents/rates/back", {"number": "1"}).status_code == 302
    assert greeting(app) == "Hello, this is the rate desk."
    assert "Back to version 1" in reader.get("/console/agents/rates/versions").text


def test_the_version_that_a_call_names_leads_to_its_text(reader: Reader, app: Flask) -> None:
    first = services_of(app).agents["rates"].version
    save(reader, EDITED, "publish")

    assert "Hello, this is the rate desk." in reader.get(f"/console/agents/rates/text/{first}").text


def test_a_changed_file_is_in_force_and_the_edit_may_be_published_on_top(
    reader: Reader, app: Flask, folder: Path
) -> None:
    save(reader, EDITED, "publish")
    (folder / "rates.yaml").write_text(RATES.replace("Hello", "Welcome"), encoding="utf-8")
    wait_until(lambda: greeting(app).startswith("Welcome"))

    shown = reader.get("/console/agents/rates").text
    assert "The file rates.yaml answers calls" in shown
    assert "Publish version 2 again" in shown
    reader.post("/console/agents/rates/publish", {"number": "2"})
    assert greeting(app).startswith("Good morning")


def test_back_to_the_file(reader: Reader, app: Flask) -> None:
    save(reader, EDITED, "publish")

    assert reader.post("/console/agents/rates/withdraw").status_code == 302
    assert greeting(app) == "Hello, this is the rate desk."
    assert reader.post("/console/agents/rates/withdraw").status_code == 409


def test_a_new_agent_needs_no_file_and_can_be_deleted(reader: Reader, app: Flask) -> None:
    form = {"text": NEW, "then": "publish"}
    assert reader.post("/console/new-agent", form).status_code == 302
    assert greeting(app, "parcel") == "Hello, this is the rate desk."
    assert reader.post("/console/new-agent", form).status_code == 422  # there is one

    reader.post("/console/agents/parcel/withdraw")
    assert "parcel" not in services_of(app).agents
    assert field(reader.get("/console/agents/parcel").text, "text") == NEW


def test_the_blank_agent_only_wants_a_name(reader: Reader) -> None:
    blank = field(reader.get("/console/new-agent").text, "text")
    found = reader.ask("/console/check-agent", {"text": blank}).json
    named = reader.ask("/console/check-agent", {"text": blank.replace("NAME", "parcel")}).json

    assert found is not None
    assert [one["key"] for one in found["problems"]] == ["agent"]
    assert named == {"problems": []}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nobody", 404),
        ("a/b/c", 404),
        ("..%2f..%2fetc%2fpasswd", 404),
        ("%00", 404),
        ("x" * 3000, 404),
        ("rates?version=99", 404),
        ("rates?version=-1", 422),
        ("rates?version=9999999999", 422),
        ("rates/versions?page=7", 404),
        ("rates/versions?page=x", 422),
        ("rates/text/zzz", 404),
        ("rates/text/0123456789ab", 404),
        ("rates/difference?from=9&to=1", 404),
        ("nobody/versions", 404),
    ],
)
def test_what_is_not_there_is_said_so(reader: Reader, path: str, status: int) -> None:
    assert reader.get(f"/console/agents/{path}").status_code == status


def test_what_was_written_cannot_run_as_script(reader: Reader) -> None:
    text = RATES.replace("name: Rate desk", 'name: "<script>alert(1)</script>"')
    save(reader, text, "publish", "</textarea><script>alert(2)</script>")

    for path in ("agents", "agents/rates", "agents/rates?version=2", "agents/rates/versions"):
        assert "<script>alert" not in reader.get(f"/console/{path}").text
