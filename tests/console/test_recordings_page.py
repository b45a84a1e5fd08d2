"""The part of a call's page with recordings: for operators, deleting for administrators."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, services_of
from calls.recordings import RecordingStatus
from services import Services
from settings import Settings
from storage.register import EntryQuery
from tests.calls.recorded import notice
from tests.console.pages import Reader
from tests.storage.samples import NOON, a_call

CALL = a_call(outcome="completed", ended_at=NOON)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application in local mode, where whoever is at the machine is an administrator."""
    app = create_app(Settings(data_dir=str(tmp_path), agents_dir="agents", prewarm=False))
    yield app
    services_of(app).close()


@pytest.fixture
def services(app: Flask) -> Services:
    """With one recorded call."""
    services = services_of(app)
    services.storage.create_call(CALL)
    services.recordings.note(CALL, notice("in-progress"))
    [one] = services.recordings.of_call("call-1")
    services.objects.keep(one.name, io.BytesIO(b"RIFF"))
    kept = replace(one, status=RecordingStatus.KEPT, duration_s=65.0, channels=2, size_bytes=4)
    services.recordings.save(kept)
    return services


@pytest.fixture
def client(app: Flask) -> Reader:
    return Reader(app)


def did(services: Services) -> list[tuple[object, object]]:
    found = services.register.find(EntryQuery("audit"))
    return [(entry.body["action"], entry.body["subject"]) for entry in found]


def test_the_player_leads_to_a_signed_link_and_that_is_noted(
    client: Reader, services: Services
) -> None:
    part = client.get("/console/calls/call-1/recordings").get_data(as_text=True)
    assert '<audio controls preload="none"' in part
    assert "1:05" in part
    answer = client.get("/console/recordings/call-1/sound")
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).data == b"RIFF"
    assert did(services) == [("hear recording", "call-1")]


def test_an_administrator_deletes_it(client: Reader, services: Services) -> None:
    assert client.post("/console/recordings/call-1/delete").status_code == 303
    assert services.recordings.get("call-1") is None
    assert services.objects.size("recordings/logistics/call-1.wav") is None
    assert did(services) == [("delete recording", "call-1")]
    assert client.get("/console/recordings/call-1/sound").status_code == 404
    assert "<audio" not in client.get("/console/calls/call-1/recordings").get_data(as_text=True)


def test_an_administrator_forgets_the_person(client: Reader, services: Services) -> None:
    services.storage.create_call(replace(CALL, call_id="call-2", carrier_id="CA-2"))
    part = client.get("/console/calls/call-1/recordings").get_data(as_text=True)
    assert "the 2 calls of this number" in part
    answer = client.post("/console/calls/call-1/forget")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/calls")
    assert services.storage.load_call("call-1") is None
    assert services.storage.load_call("call-2") is None
    [(action, subject)] = did(services)
    assert action == "forget person"
    assert CALL.caller_number[1:] not in str(subject)


def test_a_call_without_a_number_goes_alone(client: Reader, services: Services) -> None:
    for number in (3, 4):
        services.storage.create_call(
            replace(
                CALL, call_id=f"call-{number}", carrier_id=f"CA-{number}", caller_number="anonymous"
            )
        )
    client.post("/console/calls/call-3/forget")
    assert services.storage.load_call("call-3") is None
    assert services.storage.load_call("call-4") is not None
    assert did(services) == [("delete call", "call-3")]


def test_a_call_that_goes_on_cannot_be_forgotten(client: Reader, services: Services) -> None:
    services.storage.create_call(replace(CALL, call_id="call-5", carrier_id="CA-5", ended_at=None))
    assert client.post("/console/calls/call-5/forget").status_code == 409


def test_what_is_not_there_is_missed(client: Reader) -> None:
    for path in ("/console/calls/nobody/recordings", "/console/recordings/nobody/sound"):
        assert client.get(path).status_code == 404
    for path in ("/console/calls/nobody/forget", "/console/recordings/nobody/delete"):
        assert client.post(path).status_code == 404
