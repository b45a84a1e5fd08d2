"""/agents: see, make, change; every mistake at once; nobody is sent again what they have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app, services_of
from settings import Settings
from tests.console.conftest import RATES
from tests.waiting import wait_until

KEY = {"Authorization": "Bearer secret"}
YAML = "application/yaml"
EDITED = RATES.replace("Hello", "Good morning")
NEW = RATES.replace("agent: rates", "agent: parcel")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    folder = tmp_path / "agents"
    folder.mkdir()
    (folder / "rates.yaml").write_text(RATES, encoding="utf-8")
    made = create_app(
        Settings(data_dir=str(tmp_path / "data"), agents_dir=str(folder), api_token="secret")
    )
    wait_until(lambda: services_of(made).agents.versions.count("rates"))
    yield made
    services_of(made).close()


def send(
    app: Flask, method: str, path: str, body: str | bytes | dict[str, Any], **headers: str
) -> TestResponse:
    client, headers = app.test_client(), {**KEY, **headers}
    if isinstance(body, dict):
        return client.open(path, method=method, json=body, headers=headers)
    return client.open(path, method=method, data=body, content_type=YAML, headers=headers)


def error_of(answer: TestResponse) -> Any:
    assert answer.json is not None
    return answer.json["error"]


def greeting(app: Flask, name: str = "rates") -> str:
    return services_of(app).agents[name].say["welcome"]["en-IN"]


def test_agents_are_listed_and_shown_with_their_text(app: Flask) -> None:
    listed = app.test_client().get("/agents", headers=KEY).json
    shown = app.test_client().get("/agents/RATES", headers=KEY).json

    assert listed is not None
    assert shown is not None
    assert [one["agent_type"] for one in listed["agents"]] == ["rates"]
    assert (shown["text"], shown["source"], shown["file"]) == (RATES, "file", "rates.yaml")


def test_an_agent_is_sent_again_only_when_it_has_changed(app: Flask) -> None:
    first = app.test_client().get("/agents/rates", headers=KEY)
    same = {**KEY, "If-None-Match": first.headers["ETag"]}
    assert app.test_client().get("/agents/rates", headers=same).status_code == 304

    send(app, "PUT", "/agents/rates", EDITED)
    changed = app.test_client().get("/agents/rates", headers=same)
    assert changed.status_code == 200
    assert changed.json is not None
    assert (changed.json["source"], changed.json["number"]) == ("page", 2)


def test_a_new_agent_answers_at_once(app: Flask) -> None:
    made = send(app, "POST", "/agents", NEW)

    assert made.status_code == 201
    assert made.json is not None
    assert (made.json["id"], made.json["status"]) == ("parcel/1", "active")
    assert greeting(app, "parcel").startswith("Hello")
    assert error_of(send(app, "POST", "/agents", NEW))["code"] == "agent_exists"


@pytest.mark.parametrize("wrap", [False, True])
def test_json_will_do(app: Flask, wrap: bool) -> None:
    made = send(app, "POST", "/agents", {"text": NEW} if wrap else yaml.safe_load(NEW))

    assert made.status_code == 201
    text = services_of(app).agents.standing("parcel")
    assert text is not None
    assert text.text.startswith("agent: parcel\n")


def test_a_draft_does_not_answer(app: Flask) -> None:
    made = send(app, "PUT", "/agents/rates?publish=0&note=try", EDITED)

    assert made.json is not None
    assert made.json["status"] == "draft"
    assert greeting(app).startswith("Hello")


def test_who_was_slower_is_told(app: Flask) -> None:
    send(app, "PUT", "/agents/rates?after=1", EDITED)
    late = send(app, "PUT", "/agents/rates?after=1", RATES.replace("Hello", "Hi"))

    assert late.status_code == 409
    assert (error_of(late)["code"], error_of(late)["number"]) == ("overtaken", 2)


def test_every_mistake_is_told_with_its_line(app: Flask) -> None:
    text = NEW.replace("kind: number", "kind: numbre").replace("goal:", "gaol:")
    refused = send(app, "POST", "/agents", text)

    assert refused.status_code == 422
    told = error_of(refused)
    assert (told["code"], len(told["problems"])) == ("invalid_agent", 3)
    assert {one["line"] for one in told["problems"]} >= {3, 11}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", "/agents/nobody", NEW, 404, "unknown_agent"),
        ("PUT", "/agents/rates", NEW, 422, "invalid_agent"),
        ("PUT", "/agents/%00", NEW, 404, "unknown_agent"),
        ("PUT", "/agents/rates?after=x", EDITED, 422, "bad_parameter"),
        ("POST", "/agents", "", 422, "invalid_agent"),
        ("POST", "/agents", b"\xff\xfe", 422, "invalid_agent"),
        ("POST", "/agents", {}, 422, "invalid_agent"),
        ("POST", "/agents", {"a": [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}, 422, "invalid_agent"),
        ("POST", "/agents", {"text": "a: !!int 1"}, 422, "invalid_agent"),
        ("POST", "/agents", "x" * 200_000, 422, "invalid_agent"),
        ("POST", "/agents", "x" * 5_000_000, 413, "request_entity_too_large"),
        ("GET", "/agents/a/b", "", 404, "not_found"),
        ("DELETE", "/agents/rates", "", 405, "method_not_allowed"),
    ],
)
def test_what_cannot_be_done_is_refused(
    app: Flask, method: str, path: str, body: str | bytes | dict[str, Any], status: int, code: str
) -> None:
    refused = send(app, method, path, body)

    assert (refused.status_code, error_of(refused)["code"]) == (status, code)


def test_a_body_that_is_no_json_is_refused(app: Flask) -> None:
    for body in ("[", "[]"):
        refused = app.test_client().post(
            "/agents", data=body, content_type="application/json", headers=KEY
        )
        assert (refused.status_code, error_of(refused)["code"]) == (400, "bad_json")
