"""No door is open by accident: a route wants a signature or a token unless it is listed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, services_of
from settings import read_settings

# What anybody may ask for. A new route is closed until it is added here, with a reason.
PUBLIC = {
    "/",  # what this is
    "/health",  # for supervisors and load balancers
    "/health/ready",
    "/openapi.json",  # how to call it: shows nothing that the source does not
}
# What only the carrier may send.
WEBHOOKS = {
    "/voice",
    "/process-response",
    "/keep-waiting",
    "/partial",
    "/voice-fallback",
    "/voice-resume",
    "/handover-result",
    "/call-events/<kind>",
}
PROOFS: list[Mapping[str, str]] = [
    {},
    {"X-Twilio-Signature": "", "Authorization": ""},
    {"X-Twilio-Signature": "bm90IGEgc2lnbmF0dXJl", "Authorization": "Bearer wrong"},
    {"X-Twilio-Signature": "webhook-secret", "Authorization": "Bearer api-secre"},
    {"X-Forwarded-For": "127.0.0.1", "Authorization": "Basic api-secret"},
]
UNPROVEN = {401, 403}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(
        read_settings(
            {
                "DATA_DIR": str(tmp_path),
                "TWILIO_AUTH_TOKEN": "webhook-secret",
                "PUBLIC_BASE_URL": "https://calls.example",
                "API_TOKEN": "api-secret",
            }
        )
    )
    yield made
    services_of(made).close()


def answers(app: Flask, headers: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """What every route answers, by method and rule, to somebody on this very machine."""
    client = app.test_client()
    address = app.url_map.bind("localhost")
    return {
        (method, rule.rule): client.open(
            address.build(rule.endpoint, dict.fromkeys(rule.arguments, 1), method),
            method=method,
            headers=dict(headers),
        ).status_code
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    }


def open_doors(app: Flask, headers: Mapping[str, str]) -> list[str]:
    """Routes, not listed as public, that let somebody in who has proved nothing."""
    return [
        f"{method} {rule} answers {status}"
        for (method, rule), status in answers(app, headers).items()
        if rule not in PUBLIC and status not in UNPROVEN
    ]


@pytest.mark.parametrize("proof", PROOFS)
def test_no_route_opens_without_a_proof(app: Flask, proof: Mapping[str, str]) -> None:
    assert open_doors(app, proof) == []


@pytest.mark.parametrize("proof", PROOFS)
def test_a_webhook_that_is_not_signed_is_forbidden(app: Flask, proof: Mapping[str, str]) -> None:
    found = {
        rule: status
        for (method, rule), status in answers(app, proof).items()
        if method == "POST" and rule in WEBHOOKS
    }

    assert found == dict.fromkeys(WEBHOOKS, 403)


@pytest.mark.parametrize("proof", PROOFS)
def test_every_other_route_asks_for_the_token(app: Flask, proof: Mapping[str, str]) -> None:
    found = {
        rule: status
        for (_, rule), status in answers(app, proof).items()
        if rule not in WEBHOOKS | PUBLIC
    }

    assert set(found.values()) == {401}


def test_public_routes_are_open_and_only_read(app: Flask) -> None:
    found = {key: status for key, status in answers(app, {}).items() if key[1] in PUBLIC}

    assert {method for method, _ in found} == {"GET", "HEAD"}
    assert {rule for _, rule in found} == PUBLIC
    assert set(found.values()) == {200}


def test_a_door_left_open_is_found() -> None:
    unguarded = Flask("unguarded")
    unguarded.add_url_rule("/calls/<call_id>", view_func=lambda call_id: "secrets")

    assert open_doors(unguarded, {}) == [
        "GET /static/<path:filename> answers 404",
        "HEAD /static/<path:filename> answers 404",
        "GET /calls/<call_id> answers 200",
        "HEAD /calls/<call_id> answers 200",
    ]
