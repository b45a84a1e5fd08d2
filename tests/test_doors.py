"""No door is open by accident: a route wants a signature, token or session unless listed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app, services_of
from console.pages import PUBLIC as PUBLIC_PAGES
from settings import read_settings

# What anybody may ask for. A new route is closed until it is added here, with a reason.
PUBLIC = {
    "/",  # what this is
    "/health",  # for supervisors and load balancers
    "/health/ready",
    "/openapi.json",  # how to call it: shows nothing that the source does not
}
# The look of the sign-in page; nothing of anybody's.
STATIC = "/static/<path:filename>"
# Where the proof is in the body: with none, they say what is missing.
PROOF_IN_BODY = {"/auth/login", "/auth/refresh"}
# Pages for those who have not signed in: the form, and what a signed link opens.
OPEN_PAGES = {"/console/sign-in": 200, "/console/set-password": 410, "/console/begin": 410}
# Where the proof is in the address: a signature of ours that has not expired.
SIGNED = {"/recordings/<recording_id>"}
LISTED = PUBLIC | {STATIC} | PROOF_IN_BODY | set(OPEN_PAGES)
# What only the carrier may send.
WEBHOOKS = {
    "/voice",
    "/process-response",
    "/keep-waiting",
    "/partial",
    "/voice-fallback",
    "/voice-resume",
    "/relay-ended",
    "/voice-message",
    "/handover-result",
    "/call-events/<kind>",
    "/messages/inbound",
    "/message-events/status",
}
PROOFS: list[Mapping[str, str]] = [
    {},
    {"X-Twilio-Signature": "", "Authorization": ""},
    {"X-Twilio-Signature": "bm90IGEgc2lnbmF0dXJl", "Authorization": "Bearer wrong"},
    {"X-Twilio-Signature": "webhook-secret", "Authorization": "Bearer api-secre"},
    {"X-Forwarded-For": "127.0.0.1", "Authorization": "Basic api-secret"},
]
UNPROVEN = {401, 403}
SIGN_IN = "/console/sign-in"


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


def knocks(app: Flask, headers: Mapping[str, str]) -> dict[tuple[str, str], TestResponse]:
    """What every route answers, by method and rule, to somebody on this very machine."""
    client = app.test_client()
    address = app.url_map.bind("localhost")
    return {
        (method, rule.rule): client.open(
            address.build(rule.endpoint, dict.fromkeys(rule.arguments, 1), method),
            method=method,
            headers=dict(headers),
        )
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    }


def answers(app: Flask, headers: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """The status of every route's answer."""
    return {key: answer.status_code for key, answer in knocks(app, headers).items()}


def is_shut(answer: TestResponse) -> bool:
    """Whether an answer lets nobody in; a page sends them to the form instead."""
    sent_away = answer.status_code == 302 and answer.headers["Location"].startswith(SIGN_IN)
    return sent_away or answer.status_code in UNPROVEN


def open_doors(app: Flask, headers: Mapping[str, str]) -> list[str]:
    """Routes, not listed as public, that let somebody in who has proved nothing."""
    return [
        f"{method} {rule} answers {answer.status_code}"
        for (method, rule), answer in knocks(app, headers).items()
        if rule not in LISTED and not is_shut(answer)
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
        if rule not in WEBHOOKS | LISTED | SIGNED and not rule.startswith("/console/")
    }

    assert set(found.values()) == {401}


@pytest.mark.parametrize("proof", PROOFS)
def test_every_page_sends_those_away_who_have_not_signed_in(
    app: Flask, proof: Mapping[str, str]
) -> None:
    found = {
        rule: is_shut(answer) and not answer.data.count(b"<form")
        for (_, rule), answer in knocks(app, proof).items()
        if rule.startswith("/console/") and rule not in OPEN_PAGES
    }

    assert len(found) > 10
    assert set(found.values()) == {True}


def test_pages_for_strangers_show_a_form_or_want_a_link(app: Flask) -> None:
    found = answers(app, {})

    assert {rule: found["GET", rule] for rule in OPEN_PAGES} == OPEN_PAGES
    # Nothing is done without the form.
    assert {found["POST", rule] for rule in OPEN_PAGES} == {400}


def test_where_the_proof_is_in_the_body_nothing_proves_nothing(app: Flask) -> None:
    found = {key: status for key, status in answers(app, {}).items() if key[1] in PROOF_IN_BODY}

    assert found == dict.fromkeys((("POST", rule) for rule in PROOF_IN_BODY), 422)


def test_where_the_proof_is_in_the_address_nothing_opens_without_it(app: Flask) -> None:
    found = {rule: status for (_, rule), status in answers(app, {}).items() if rule in SIGNED}

    assert found == dict.fromkeys(SIGNED, 403)


def test_pages_that_are_public_are_listed_here_too(app: Flask) -> None:
    listed = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in PUBLIC_PAGES}

    assert listed == set(OPEN_PAGES)


def test_public_routes_are_open_and_only_read(app: Flask) -> None:
    found = {key: status for key, status in answers(app, {}).items() if key[1] in PUBLIC}

    assert {method for method, _ in found} == {"GET", "HEAD"}
    assert {rule for _, rule in found} == PUBLIC
    assert set(found.values()) == {200}


def test_a_door_left_open_is_found() -> None:
    unguarded = Flask("unguarded")
    unguarded.add_url_rule("/calls/<call_id>", view_func=lambda call_id: "secrets")

    assert open_doors(unguarded, {}) == [
        "GET /calls/<call_id> answers 200",
        "HEAD /calls/<call_id> answers 200",
    ]
