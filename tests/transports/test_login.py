"""/auth/…, and what its tokens and those of the console open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from access.roles import LOCAL, Role
from access.scopes import Scope
from app import app_of
from tests.access.entrances import EMAIL, PASSWORD, add
from tests.transports.doors import SIGNED, House, json_of, scripted_services


@pytest.fixture
def client(house: House) -> FlaskClient:
    """A program; the application knows an operator and an administrator."""
    add(house.services.entrance)
    add(house.services.entrance, "admin@acme.example", Role.ADMIN)
    add(house.services.entrance, "viewer@acme.example", Role.VIEWER)
    return house.app.test_client()


def login(client: FlaskClient, email: str = EMAIL, password: str = PASSWORD) -> dict[str, object]:
    answer = client.post("/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200
    body: dict[str, object] = json_of(answer)
    return body


def bearer(token: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_an_email_and_a_password_get_a_token(client: FlaskClient) -> None:
    for sent in (
        {"json": {"email": EMAIL, "password": PASSWORD}},
        {"data": {"email": EMAIL, "password": PASSWORD}},
    ):
        answer = client.post("/auth/login", **sent)
        body = json_of(answer)
        assert answer.status_code == 200
        assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
        assert "calls:write" in body["permissions"]
        assert "agents:write" not in body["permissions"]
        assert "Set-Cookie" not in answer.headers

        me = json_of(client.get("/auth/me", headers=bearer(body["token"])))
        assert (me["email"], me["role"]) == (EMAIL, "operator")
        assert me["permissions"] == body["permissions"]


def test_whoever_is_refused_learns_no_more(client: FlaskClient) -> None:
    for email in (EMAIL, "nobody@acme.example", "no e-mail"):
        answer = client.post("/auth/login", json={"email": email, "password": "a wrong one"})
        assert answer.status_code == 401
        assert json_of(answer)["error"] == {
            "code": "wrong_password",
            "message": "The e-mail or the password is wrong.",
        }
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("email", [EMAIL, "nobody@acme.example"])
def test_too_many_tries_wait(client: FlaskClient, email: str) -> None:
    for _ in range(5):
        client.post("/auth/login", json={"email": email, "password": "a wrong one"})

    answer = client.post("/auth/login", json={"email": email, "password": PASSWORD})

    assert (answer.status_code, json_of(answer)["error"]["code"]) == (429, "too_many_tries")
    assert answer.headers["Retry-After"] == "60"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b"{}", 422, "missing_field"),
        (b'{"email": 1, "password": 2}', 422, "missing_field"),
        (b'{"email": "a@b.example", "password": ""}', 422, "missing_field"),
        (
            b'{"email": "a@b.example", "password": "' + b"x" * 1_000_000 + b'"}',
            401,
            "wrong_password",
        ),
        (b'{"email": "' + b"x" * 1_000_000 + b'", "password": "x"}', 401, "wrong_password"),
        (b'{"email": "a\\u0000@b.example", "password": "\\u0000"}', 401, "wrong_password"),
    ],
)
def test_what_cannot_be_read_is_named(
    client: FlaskClient, body: bytes, status: int, code: str
) -> None:
    answer = client.post("/auth/login", data=body, content_type="application/json")

    assert (answer.status_code, json_of(answer)["error"]["code"]) == (status, code)


def test_an_address_holds_no_passwords(client: FlaskClient) -> None:
    answer = client.post(f"/auth/login?email={EMAIL}&password={PASSWORD}")

    assert answer.status_code == 422


def test_a_refresh_token_is_good_once(client: FlaskClient) -> None:
    first = login(client)
    second = client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200

    again = client.post("/auth/refresh", data={"refresh_token": first["refresh_token"]})

    assert (again.status_code, json_of(again)["error"]["code"]) == (401, "bad_refresh_token")
    for tokens in (first, json_of(second)):
        assert client.get("/auth/me", headers=bearer(tokens["token"])).status_code == 401


def test_signing_out_ends_the_tokens_of_one_sign_in(client: FlaskClient) -> None:
    here, there = login(client), login(client)

    assert client.post("/auth/logout", headers=bearer(here["token"])).status_code == 204

    assert client.get("/auth/me", headers=bearer(here["token"])).status_code == 401
    renewed = client.post("/auth/refresh", json={"refresh_token": here["refresh_token"]})
    assert renewed.status_code == 401
    assert client.get("/auth/me", headers=bearer(there["token"])).status_code == 200


def test_what_is_no_sign_in_cannot_sign_out(client: FlaskClient) -> None:
    answer = client.post("/auth/logout", headers=bearer(SIGNED.api_token))

    assert (answer.status_code, json_of(answer)["error"]["code"]) == (409, "not_signed_in")


@pytest.mark.parametrize(
    ("email", "method", "path", "scope"),
    [
        ("viewer@acme.example", "GET", "/calls", "calls:read"),
        ("viewer@acme.example", "GET", "/call-status/x", "calls:read"),
        ("viewer@acme.example", "GET", "/collected-data", "calls:read"),
        ("viewer@acme.example", "POST", "/start-call", "calls:write"),
    ],
)
def test_a_token_without_the_scope_is_told_which(
    client: FlaskClient, email: str, method: str, path: str, scope: str
) -> None:
    answer = client.open(path, method=method, headers=bearer(login(client, email)["token"]))

    error = json_of(answer)["error"]
    assert (answer.status_code, error["code"], error["scope"]) == (403, "missing_scope", scope)
    assert scope in error["message"]


def test_tokens_open_what_their_scopes_say(client: FlaskClient, house: House) -> None:
    tokens = house.services.entrance.api_tokens
    _, reads = tokens.make(LOCAL, "Export", [Scope.CALLS_READ], None)
    _, rings = tokens.make(LOCAL, "Dialer", [Scope.CALLS_WRITE], None)

    assert client.get("/calls", headers=bearer(reads)).status_code == 200
    assert client.post("/start-call", json={}, headers=bearer(reads)).status_code == 403
    assert client.get("/calls", headers=bearer(rings)).status_code == 403
    assert client.post("/start-call", json={}, headers=bearer(rings)).status_code == 422
    assert client.get("/metrics", headers=bearer(login(client)["token"])).status_code == 200


def test_api_token_may_do_everything(client: FlaskClient) -> None:
    me = json_of(client.get("/auth/me", headers=bearer(SIGNED.api_token)))

    assert me["permissions"] == [str(scope) for scope in Scope]
    assert client.get("/calls", headers=bearer(SIGNED.api_token)).status_code == 200


def test_without_api_token_strangers_need_a_token_of_their_own(tmp_path: Path) -> None:
    services, _ = scripted_services(tmp_path, replace(SIGNED, api_token=""))
    add(services.entrance)
    client = app_of(services).test_client()
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    token = login(client)["token"]

    def status(headers: dict[str, str]) -> int:
        return client.get("/calls", headers=headers, environ_overrides=stranger).status_code

    assert status(bearer(token)) == 200
    assert status(bearer(f"{token}x")) == 401
    assert status({}) == 503
    # On this machine nobody is asked for one, but one that is sent has to be good.
    assert client.get("/calls").status_code == 200
    assert client.get("/calls", headers=bearer(f"{token}x")).status_code == 401
    services.close()


def test_a_session_of_pages_opens_no_api_route(client: FlaskClient, house: House) -> None:
    account = house.services.entrance.people.of_email("admin@acme.example")
    assert account is not None
    secret = house.services.entrance.sessions.begin(account)

    assert client.get("/calls", headers=bearer(secret)).status_code == 401
    client.set_cookie("__Host-callwright", secret, domain="localhost")
    assert client.get("/calls").status_code == 401
