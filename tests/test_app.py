"""The application as a whole: what anybody may see, error pages, limits, headers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.loader import Folder
from app import BODY_MOST_BYTES, app_of, create_app, services_of
from calls.roster import Roster
from settings import Settings
from storage.base import Condition, StorageError
from storage.sqlite import SqliteStorage
from tests.transports.doors import (
    AGENT,
    SIGNED,
    Carrier,
    FixedFiles,
    House,
    a_call,
    document_of,
    json_of,
    scripted_services,
)

AUTHORIZED = {"Authorization": f"Bearer {SIGNED.api_token}"}


class AwayStorage(SqliteStorage):
    """A store that cannot be reached."""

    def check(self) -> Condition:
        """Never succeeds."""
        raise StorageError("the disk is full: /secret/path")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    services, turns = scripted_services(tmp_path)
    app = app_of(services)
    yield House(app, services, turns, Carrier(app))
    services.close()


def test_the_index_shows_the_agents_and_every_route(house: House) -> None:
    body = json_of(house.carrier.client.get("/"))
    assert body["agents"] == [
        {
            "agent_type": "logistics",
            "name": AGENT.name,
            "languages": ["en-IN", "ta-IN"],
            "fields": ["charge"],
        }
    ]
    assert {"POST /voice", "POST /start-call", "GET /call-status/<call_id>"} <= set(
        body["endpoints"]
    )


def test_health_needs_nothing(house: House) -> None:
    answer = house.carrier.client.get("/health")
    assert (answer.status_code, json_of(answer)) == (200, {"status": "ok"})


def test_ready_means_agents_and_a_store_that_works(house: House) -> None:
    answer = house.carrier.client.get("/health/ready")
    # This application has no event loop that would open sockets.
    live = {"calls": 0, "most": 300, "lag_ms": 0.0, "refuses": "no_sockets"}
    assert (answer.status_code, json_of(answer)) == (
        200,
        {"status": "ready", "agents": 1, "database": "ok", "jobs": "here", "live": live},
    )


def test_a_process_without_store_or_agents_is_not_ready(house: House, tmp_path: Path) -> None:
    away = AwayStorage(tmp_path / "away.db")
    nobody = Roster(FixedFiles(Folder({}, ())), house.services.register)
    services = replace(
        house.services, stores=replace(house.services.stores, storage=away), agents=nobody
    )
    answer = app_of(services).test_client().get("/health/ready")
    nobody.close()
    assert answer.status_code == 503
    assert len(json_of(answer)["problems"]) == 2
    assert b"secret" not in answer.data
    away.close()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/campaigns//imports", 404, "not_found"),
        ("PUT", "/health", 405, "method_not_allowed"),
        ("GET", "/start-call", 405, "method_not_allowed"),
        ("GET", "/call-status/unknown", 404, "unknown_call"),
        ("GET", "/calls?limit=x", 422, "bad_parameter"),
        ("GET", "/calls?limit=0", 422, "bad_parameter"),
        ("GET", "/calls?limit=100000", 422, "bad_parameter"),
        ("GET", "/calls?offset=-1", 422, "bad_parameter"),
        ("GET", "/collected-data?since=yesterday", 422, "bad_parameter"),
    ],
)
def test_every_error_is_json_with_a_code_and_a_sentence(
    house: House, method: str, path: str, status: int, code: str
) -> None:
    answer = house.carrier.client.open(path, method=method, headers=AUTHORIZED)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (status, code)
    assert json_of(answer)["error"]["message"].endswith(".")


def test_a_redirect_stays_one(house: House) -> None:
    answer = house.carrier.client.get("/health//ready")
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/health/ready")


def test_a_bug_is_a_clean_500_and_a_log_line(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.turns.error = ZeroDivisionError("a secret")
    house.services.storage.create_call(a_call())
    with caplog.at_level(logging.ERROR):
        answer = house.carrier.post("/call-events/status", {"CallStatus": "completed"})
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (500, "internal")
    assert b"secret" not in answer.data
    assert caplog.records[-1].exc_info is not None


def test_a_speech_of_a_megabyte_is_a_turn(house: House) -> None:
    document_of(house.carrier.post("/process-response?turn=1", {"SpeechResult": "ab " * 350_000}))
    assert len(house.turns.taken) == 1


def test_a_body_beyond_the_limit_is_refused(house: House) -> None:
    for path in ("/process-response?turn=1", "/start-call"):
        body = b"SpeechResult=" + b"x" * BODY_MOST_BYTES
        form = "application/x-www-form-urlencoded"
        answer = house.carrier.client.post(path, data=body, content_type=form, headers=AUTHORIZED)
        assert (answer.status_code, json_of(answer)["error"]["code"]) == (
            413,
            "request_entity_too_large",
        )


def test_every_answer_carries_the_protective_headers(house: House) -> None:
    for answer in (
        house.carrier.client.get("/"),
        house.carrier.client.get("/nothing"),
        house.carrier.post("/voice?agent_type=LOGISTICS"),
        house.carrier.client.post("/voice"),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Strict-Transport-Security"]


def test_without_https_no_browser_is_told_to_insist_on_it(tmp_path: Path) -> None:
    services, _ = scripted_services(tmp_path, Settings())
    answer = app_of(services).test_client().get("/health")
    assert "Strict-Transport-Security" not in answer.headers
    services.close()


def test_the_application_is_made_from_settings_alone(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=str(tmp_path)))
    body = json_of(app.test_client().get("/health/ready"))
    assert body["status"] == "ready"
    assert {"logistics", "pizza", "clinic", "lead"} <= set(services_of(app).agents)
    services_of(app).close()
