"""Who is let in, and that nobody else ever becomes a turn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import app_of
from conversation.actions import Listen, Part, Say
from providers.telephony.twilio.signature import sign
from settings import Settings
from tests.providers.telephony.twilio_forms import call_form
from tests.transports.doors import (
    BASE,
    SIGNED,
    TOKEN,
    Carrier,
    House,
    document_of,
    json_of,
    scripted_services,
)

WEBHOOKS = (
    "/voice?agent_type=LOGISTICS",
    "/process-response?turn=1",
    "/partial",
    "/keep-waiting?turn=1",
    "/voice-fallback",
    "/voice-resume",
    "/handover-result?turn=1",
    "/call-events/status",
    "/call-events/amd",
    "/call-events/recording",
)
API = ("/call-status/x", "/calls", "/collected-data")
VOICE = "/voice?agent_type=LOGISTICS"


@pytest.fixture
def local(tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of an application in local mode, on the same machine."""
    services, _ = scripted_services(tmp_path, Settings())
    yield app_of(services).test_client()
    services.close()


def signature(path: str, form: dict[str, str], token: str = TOKEN) -> str:
    fields = {name: [value] for name, value in form.items()}
    return sign(token.encode(), "sha1", BASE + path, fields)


@pytest.mark.parametrize("path", WEBHOOKS)
def test_a_webhook_needs_a_signature(house: House, path: str) -> None:
    form = call_form(Digits="1")
    former = signature(path, form, "the former token")
    of_another_form = signature(path, {**form, "Digits": "2"})
    for sent in (None, "", "forged", former, of_another_form):
        headers = {} if sent is None else {"X-Twilio-Signature": sent}
        answer = house.carrier.client.post(path, data=form, headers=headers)
        assert answer.status_code == 403
        assert json_of(answer)["error"]["code"] == "bad_signature"
    assert not house.turns.arrivals
    assert not house.turns.taken


def test_a_refused_webhook_is_logged_without_what_it_says(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        house.carrier.client.post("/process-response", data=call_form(SpeechResult="my secret"))
    record = next(one for one in caplog.records if one.message == "webhook refused")
    assert record.__dict__["path"] == "/process-response"
    assert "secret" not in str(record.__dict__)


def test_the_signed_address_is_the_public_one_whatever_the_proxy_says(house: House) -> None:
    headers = {"Host": "10.0.0.7:8000", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil"}
    document_of(house.carrier.post(VOICE, headers=headers))


def test_a_proxy_that_takes_a_prefix_away_is_known_by_the_public_address(tmp_path: Path) -> None:
    settings = Settings(public_base_url="https://calls.example/line", twilio_auth_token=TOKEN)
    services, _ = scripted_services(tmp_path, settings)
    carrier = Carrier(app_of(services), base="https://calls.example/line")
    gather = document_of(carrier.post(VOICE)).find("Gather")
    assert gather is not None
    assert (gather.get("action") or "").startswith("/line/process-response?")
    services.close()


def test_without_a_public_address_the_signed_one_counts(tmp_path: Path) -> None:
    services, turns = scripted_services(tmp_path, replace(SIGNED, public_base_url=""))
    turns.actions = (Say((Part("Hello.", "en-IN", clip="k1"),)), Listen("en-IN"))
    app = app_of(services)
    proxied = {"Host": "my-app.example", "X-Forwarded-Proto": "https"}
    carrier = Carrier(app, base="https://my-app.example")

    play = document_of(carrier.post(VOICE, headers=proxied)).find("Gather/Play")

    assert play is not None
    assert play.text == "https://my-app.example/audio/k1.mp3"
    assert services.address.known == "https://my-app.example"
    services.close()


def test_nobody_can_sign_an_address_that_the_carrier_did_not_call(tmp_path: Path) -> None:
    services, _ = scripted_services(tmp_path, replace(SIGNED, public_base_url=""))
    carrier = Carrier(app_of(services), base="https://my-app.example")
    for headers in (
        {"Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Host": "my-app.example", "X-Forwarded-Proto": "http"},
        {"Host": "my-app.example", "X-Forwarded-Proto": "gopher"},
        {"Host": ""},
    ):
        assert carrier.post(VOICE, headers=headers).status_code == 403
    assert services.address.known == ""
    services.close()


def test_a_signed_json_body_must_be_the_one_that_was_signed(house: House) -> None:
    sent = {"X-Twilio-Signature": sign(TOKEN.encode(), "sha1", BASE + VOICE, {})}
    answer = house.carrier.client.post(VOICE, json={"CallSid": "CA1"}, headers=sent)
    assert answer.status_code == 403


def test_without_secrets_this_machine_may_ring(local: FlaskClient) -> None:
    for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        peer = {"REMOTE_ADDR": address}
        document_of(local.post(VOICE, data=call_form(), environ_overrides=peer))


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "127.0.0.1"])
def test_without_secrets_this_machine_may_be_called_by_its_local_names(
    local: FlaskClient, host: str
) -> None:
    document_of(local.post(VOICE, data=call_form(), headers={"Host": host}))


@pytest.mark.parametrize("address", ["10.0.0.2", "203.0.113.9", "2001:db8::1", "", "unix:"])
def test_without_secrets_other_machines_may_not(local: FlaskClient, address: str) -> None:
    peer = {"REMOTE_ADDR": address}
    answer = local.post(VOICE, data=call_form(), environ_overrides=peer)
    assert answer.status_code == 403
    assert "TWILIO_AUTH_TOKEN" in json_of(answer)["error"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "x.example"},
        {"Forwarded": "for=203.0.113.9"},
        {"X-Real-Ip": "203.0.113.9"},
        {"Host": "abc.tunnel.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},  # another server's page on this machine
        {"Origin": "null"},
    ],
)
def test_without_secrets_tunnels_and_web_pages_may_not(
    local: FlaskClient, headers: dict[str, str]
) -> None:
    answer = local.post(VOICE, data=call_form(), headers=headers)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (403, "not_local")


@pytest.mark.parametrize("path", API)
def test_the_api_needs_its_token(house: House, path: str) -> None:
    client = house.carrier.client
    for sent in (None, "", "Bearer", "Bearer wrong", "Basic api-secret", "Bearer ேapi".encode()):
        headers = {} if sent is None else {"Authorization": sent}
        answer = client.get(path, headers=headers)
        assert (answer.status_code, json_of(answer)["error"]["code"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    answer = client.get(path, headers={"Authorization": f"bearer {SIGNED.api_token}"})
    assert answer.status_code in (200, 404)


def test_a_token_may_be_any_text(tmp_path: Path) -> None:
    services, _ = scripted_services(tmp_path, replace(SIGNED, api_token="schlüssel-ключ"))
    sent = b"Bearer " + "schlüssel-ключ".encode()
    headers = {"Authorization": sent.decode("latin-1")}
    assert app_of(services).test_client().get("/calls", headers=headers).status_code == 200
    services.close()


def test_orders_need_the_token(house: House) -> None:
    answer = house.carrier.client.post("/start-call", json={})
    assert answer.status_code == 401


def test_without_a_token_this_machine_may_ask(local: FlaskClient) -> None:
    assert local.get("/calls").status_code == 200
    answer = local.get("/calls", environ_overrides={"REMOTE_ADDR": "10.0.0.2"})
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (503, "no_token_set")
    assert "API_TOKEN" in json_of(answer)["error"]["message"]
