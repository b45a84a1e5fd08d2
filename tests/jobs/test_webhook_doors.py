"""Webhooks by the JSON routes and by the console, over a server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import standardwebhooks
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app, services_of
from jobs.endpoints import EventName
from settings import read_settings
from storage.deliveries import DeliveryQuery
from storage.records import CallRecord
from storage.register import EntryQuery
from tests.console.pages import Reader
from tests.jobs.customer import Customer
from tests.transports.doors import a_call, json_of
from tests.waiting import wait_until

HERE = {"Host": "127.0.0.1:8000"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(read_settings({"DATA_DIR": str(tmp_path), "PREWARM": "0"}))
    yield made
    services_of(made).close()


@pytest.fixture
def customer() -> Iterator[Customer]:
    with Customer() as opened:
        yield opened


def test_a_program_adds_an_address_and_sees_what_became_of_each_event(
    app: Flask, customer: Customer
) -> None:
    program = app.test_client()
    sent = {"url": customer.url("/hook"), "events": ["call.completed"], "about": "Our CRM"}

    made = program.post("/webhooks", json=sent, headers=HERE)
    address = f"/webhooks/{json_of(made)['webhook_id']}"
    pinged = program.post(f"{address}/ping", headers=HERE)
    wait_until(lambda: customer.told)
    (told,) = customer.told
    wait_until(
        lambda: json_of(program.get(address, headers=HERE))["deliveries"] == {"delivered": 1}
    )

    assert (made.status_code, pinged.status_code) == (201, 202)
    assert standardwebhooks.Webhook(json_of(made)["secret"]).verify(told.body, told.headers)
    page = json_of(program.get(f"{address}/deliveries?status=delivered", headers=HERE))
    assert [one["delivery_id"] for one in page["deliveries"]] == [json_of(pinged)["delivery_id"]]
    assert "secret" not in json_of(program.get("/webhooks", headers=HERE))["webhooks"][0]
    again = f"{address}/deliveries/{json_of(pinged)['delivery_id']}/replay"
    assert program.post(again, headers=HERE).status_code == 202
    wait_until(lambda: len(customer.told) == 2)
    rotated = program.post(f"{address}/rotate-secret", headers=HERE)
    assert json_of(rotated)["secret"] != json_of(made)["secret"]
    assert json_of(rotated)["former_secret_until"] is not None
    assert json_of(made)["former_secret_until"] is None
    off = program.patch(address, json={"is_on": False}, headers=HERE)
    assert (json_of(off)["is_on"], program.post(f"{address}/ping", headers=HERE).status_code) == (
        False,
        409,
    )
    assert program.delete(address, headers=HERE).status_code == 204
    assert program.get(address, headers=HERE).status_code == 404
    noted = services_of(app).audit.find(EntryQuery("audit"))
    subjects = {one.subject for one in noted if "webhook" in one.action}
    assert subjects == {f"{customer.url('')} {json_of(made)['webhook_id']}"}  # /hook is a secret


def test_what_cannot_be_used_is_named(app: Flask) -> None:
    program = app.test_client()
    bad: list[tuple[object, int]] = [
        ({}, 422),
        ({"url": 5}, 422),
        ({"url": "nonsense"}, 422),
        ({"url": "https://example.com", "events": ["call.begun"]}, 422),
        ([], 400),
    ]

    answers = [program.post("/webhooks", json=sent, headers=HERE) for sent, _ in bad]
    page = Reader(app).post("/console/webhooks", {"url": "ftp://example.com"})

    assert [one.status_code for one in answers] == [status for _, status in bad]
    assert page.status_code == 422
    assert "Write an address such as" in page.text
    assert "ftp://example.com" in page.text
    assert services_of(app).webhooks.endpoints.all() == []


def test_every_call_that_ended_is_told_once_however_often_it_is_looked_at(app: Flask) -> None:
    services = services_of(app)
    endpoint = services.webhooks.endpoints.add("http://127.0.0.1:9/", [], "", "")
    now = services.clock()
    for call_id, outcome in (("c1", "opted_out"), ("c2", "failed"), ("c3", "handed_over")):
        services.storage.create_call(_ended(call_id, outcome, now))
    over_the_goodbye = replace(_ended("c4", "completed", now), state={"opted_out": True})
    services.storage.create_call(over_the_goodbye)

    wait_until(lambda: sum(services.deliveries.counts(endpoint.endpoint_id).values()) == 7)

    told = sorted(
        (str(one.body["call_id"]), one.event)
        for one in services.deliveries.find(_every(endpoint.endpoint_id))
    )
    assert told == [
        ("c1", "call.completed"),
        ("c1", "lead.opted_out"),
        ("c2", "call.failed"),
        ("c3", "call.completed"),
        ("c3", "call.handed_over"),
        ("c4", "call.completed"),
        ("c4", "lead.opted_out"),
    ]


def test_an_administrator_does_the_same_at_the_console(app: Flask, customer: Customer) -> None:
    reader, services = Reader(app), services_of(app)
    form = {"url": customer.url("/hook"), "about": "Our <CRM>", "event": "call.failed"}

    made = reader.post("/console/webhooks", form)
    (endpoint,) = services.webhooks.endpoints.all()
    here = f"/console/webhooks/{endpoint.endpoint_id}"

    assert endpoint.secret in made.text
    assert endpoint.secret not in reader.get(here).text
    assert "Our &lt;CRM&gt;" in reader.get("/console/webhooks").text
    assert endpoint.events == (str(EventName.CALL_FAILED),)
    assert reader.post(f"{here}/ping").status_code == 303
    wait_until(lambda: "delivered</span>" in reader.get(f"{here}?status=delivered").text)
    (delivery,) = services.deliveries.find(_every(endpoint.endpoint_id))
    assert reader.post(f"{here}/replay/{delivery.delivery_id}").status_code == 303
    assert reader.post(f"{here}/replay/msg_none").status_code == 404
    rotated = reader.post(f"{here}/rotate-secret").text
    (renewed,) = services.webhooks.endpoints.all()
    assert renewed.secret in rotated
    assert endpoint.secret not in rotated
    assert "signs, too, until" in reader.get(here).text
    assert reader.post("/console/webhooks/nobody/rotate-secret").status_code == 404
    reader.post(f"{here}/switch", {"is_on": ""})
    assert "It is off" in reader.get(here).text
    assert reader.get(f"{here}?after=nonsense&status=nonsense").status_code == 200
    assert reader.post(f"{here}/delete").status_code == 303
    assert reader.get(here).status_code == 404


def _counts(answer: TestResponse) -> object:
    return json_of(answer)["deliveries"]


def _every(endpoint_id: str) -> DeliveryQuery:
    return DeliveryQuery(endpoint_id=endpoint_id)


def _ended(call_id: str, outcome: str, at: datetime) -> CallRecord:
    # As if it had ended when everything of it had been told: it is counted at once.
    call = a_call(f"CA-{call_id}", call_id)
    return replace(
        call, stage="completed", outcome=outcome, created_at=at, updated_at=at, ended_at=at
    )
