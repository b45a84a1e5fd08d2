"""The pages of signing in: who gets in, who does not, and what nobody can be tricked into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from access.links import RESET_LASTS
from access.roles import Role
from app import app_of
from console.sign_in import local_target
from services import Services
from settings import Settings
from tests.access.entrances import EMAIL, PASSWORD, add
from tests.console.visitors import HTTPS, Visitor, signed_in, text_of, visitor
from tests.transports.doors import SIGNED, scripted_services

COOKIE = "__Host-callwright"
HOME = "/console/"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened, _ = scripted_services(tmp_path, SIGNED)
    add(opened.entrance)
    yield opened
    opened.close()


@pytest.fixture
def app(services: Services) -> Flask:
    return app_of(services)


def test_whoever_signs_in_gets_to_the_page_they_wanted(app: Flask) -> None:
    asha = visitor(app)
    sent_away = asha.get("/console/profile?tab=1")
    assert sent_away.headers["Location"] == "/console/sign-in?to=/console/profile?tab%3D1"

    answer = asha.sign_in(to="/console/profile?tab=1")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/profile?tab=1")
    assert EMAIL in text_of(asha.get("/console/profile"))


def test_the_cookie_is_out_of_reach_of_scripts_and_other_pages(app: Flask) -> None:
    answer = visitor(app).sign_in()

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_without_https_the_cookie_is_kept_too(tmp_path: Path) -> None:
    opened, _ = scripted_services(tmp_path, Settings(twilio_auth_token="x"))
    add(opened.entrance)
    plain = Visitor(app_of(opened).test_client(), "http://127.0.0.1:8000")

    answer = plain.sign_in()

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("callwright-8000=")
    assert "Secure" not in cookie
    assert plain.get("/console/profile").status_code == 200
    opened.close()


@pytest.mark.parametrize("email", [EMAIL, "nobody@acme.example", "no e-mail", ""])
def test_whoever_is_refused_learns_no_more(app: Flask, email: str) -> None:
    answer = visitor(app).sign_in(email, "a wrong one")

    assert answer.status_code == 422
    assert "The e-mail or the password is wrong." in text_of(answer)
    assert "a wrong one" not in answer.text


def test_a_locked_account_says_when_to_try_again(app: Flask) -> None:
    for _ in range(5):
        visitor(app).sign_in(EMAIL, "a wrong one")

    answer = visitor(app).sign_in()

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Try again in 60 seconds" in text_of(answer)


def test_a_session_that_was_planted_is_not_the_one_that_is_let_in(
    app: Flask, services: Services
) -> None:
    attacker = signed_in(app, services, Role.VIEWER)
    planted = attacker.cookies()[COOKIE]
    victim = visitor(app)
    victim.client.set_cookie(COOKIE, planted, domain="calls.example", secure=True)
    victim.send("/console/sign-out", {}, at="/console/profile")
    before = visitor(app)
    before.get("/console/sign-in")
    anonymous = before.cookies()[COOKIE]

    before.sign_in()

    assert before.cookies()[COOKIE] != anonymous
    for cookie in (planted, anonymous):
        other = visitor(app)
        other.client.set_cookie(COOKIE, cookie, domain="calls.example", secure=True)
        assert other.get("/console/profile").status_code == 302


@pytest.mark.parametrize(
    "cookie", ["", "x", "eyJzZXNzaW9uIjoiYSJ9.aaaa.bbbb", "eyJzZXNzaW9uIjoiYSJ9", "\N{SNOWMAN}"]
)
def test_a_forged_cookie_is_no_session(app: Flask, cookie: str) -> None:
    other = visitor(app)
    assert other.get("/console/profile", Cookie=f"{COOKIE}={cookie}").status_code == 302


def test_signing_out_ends_the_session_wherever_its_cookie_was_copied(
    app: Flask, services: Services
) -> None:
    asha = signed_in(app, services, Role.VIEWER)
    copied = asha.cookies()[COOKIE]

    answer = asha.send("/console/sign-out", {}, at="/console/profile")

    assert answer.headers["Location"] == "/console/sign-in"
    assert "You have signed out." in text_of(asha.get("/console/sign-in"))
    thief = visitor(app)
    thief.client.set_cookie(COOKIE, copied, domain="calls.example", secure=True)
    assert thief.get("/console/profile").status_code == 302


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example/console/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/console/\n/evil",
        "javascript:alert(1)",
        "/console/@evil.example\\",
        "http:/console/",
        "https://[evil",
        "evil.example",
        "/audio/x.mp3",
        "",
    ],
)
def test_nobody_is_sent_to_another_host(app: Flask, wanted: str) -> None:
    with app.test_request_context("/"):
        assert local_target(wanted) == HOME
    location = visitor(app).sign_in(to=wanted).headers["Location"]
    assert urlsplit(location).netloc == ""
    assert location == HOME


@pytest.mark.parametrize("form", [{}, {"csrf_token": ""}, {"csrf_token": "x"}])
def test_a_form_that_no_page_of_ours_made_does_nothing(
    app: Flask, services: Services, form: dict[str, str]
) -> None:
    asha = signed_in(app, services, Role.ADMIN)
    for path in ("/console/sign-out", "/console/people/new", "/console/profile/password"):
        answer = asha.client.post(path, data=form, base_url=HTTPS)
        assert answer.status_code == 400
        assert "Reload and try again." in text_of(answer)
    assert asha.get("/console/people").status_code == 200


def test_the_proof_of_one_visitor_is_none_for_another(app: Flask, services: Services) -> None:
    stolen = visitor(app).token("/console/sign-in")
    asha = signed_in(app, services, Role.ADMIN)

    answer = asha.client.post("/console/sign-out", data={"csrf_token": stolen}, base_url=HTTPS)

    assert answer.status_code == 400


def test_forms_are_checked_in_local_mode_too(tmp_path: Path) -> None:
    opened, _ = scripted_services(tmp_path, Settings())
    here = Visitor(app_of(opened).test_client(), "http://127.0.0.1:8000")
    form = {"email": "ravi@acme.example", "role": "viewer"}

    refused = here.client.post("/console/people/new", data=form, base_url=here.base)
    taken = here.send("/console/people/new", form)

    assert (refused.status_code, taken.status_code) == (400, 200)
    assert "without a password" in text_of(here.get("/console/people"))
    opened.close()


def test_local_mode_lets_nobody_in_from_elsewhere(tmp_path: Path) -> None:
    opened, _ = scripted_services(tmp_path, Settings())
    here = Visitor(app_of(opened).test_client(), "http://127.0.0.1:8000")
    for forwarded in ({"X-Forwarded-For": "203.0.113.9"}, {"Host": "tunnel.example"}):
        assert here.get("/console/people", **forwarded).status_code == 302
    opened.close()


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(app: Flask) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{HTTPS}/console/people"}

    answer = visitor(app).get("/console/people", **headers)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/console/sign-in?to=/console/people"


# Links


def test_a_link_sets_a_password_once(app: Flask, services: Services) -> None:
    asha = signed_in(app, services, Role.VIEWER, EMAIL)
    account = services.entrance.people.of_email(EMAIL)
    assert account is not None
    path = f"/console/set-password?token={services.entrance.links.to_set_password(account)}"
    form = {"token": path.partition("=")[2], "password": "eight white owls"}

    short = visitor(app).send(path, {**form, "password": "short", "again": "short"})
    differing = visitor(app).send(path, {**form, "again": "nine green frogs"})
    done = visitor(app).send(path, {**form, "again": "eight white owls"})
    again = visitor(app).get(path)

    assert (short.status_code, differing.status_code) == (422, 422)
    assert "at least 10 characters" in text_of(short)
    assert "not the same" in text_of(differing)
    assert (done.status_code, done.headers["Location"]) == (303, "/console/sign-in")
    assert again.status_code == 410
    assert "flask reset-link EMAIL" in text_of(again)
    assert asha.get("/console/profile").status_code == 302
    assert visitor(app).sign_in(EMAIL, PASSWORD).status_code == 422
    assert visitor(app).sign_in(EMAIL, "eight white owls").status_code == 303


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\N{SNOWMAN}", "x" * 10_000])
@pytest.mark.parametrize("page", ["set-password", "begin"])
def test_a_forged_link_opens_nothing(app: Flask, page: str, token: str) -> None:
    answer = visitor(app).get(f"/console/{page}?token={token}")

    assert answer.status_code == 410
    assert "<form" not in answer.text


def test_a_link_that_is_too_old_opens_nothing(tmp_path: Path) -> None:
    opened, _ = scripted_services(tmp_path, SIGNED)
    account = add(opened.entrance)
    links = opened.entrance.links
    late = type(links)(links.secret, links.people, lambda: opened.clock() - RESET_LASTS)
    almost = type(links)(
        links.secret, links.people, lambda: opened.clock() - RESET_LASTS + timedelta(seconds=1)
    )
    app = app_of(opened)

    for made, status in ((late, 410), (almost, 200)):
        path = f"/console/set-password?token={made.to_set_password(account)}"
        assert visitor(app).get(path).status_code == status
    opened.close()


def test_the_first_administrator_is_made_by_a_link(tmp_path: Path) -> None:
    opened, _ = scripted_services(tmp_path, SIGNED)
    app = app_of(opened)
    assert "Nobody has an account yet" in text_of(visitor(app).get("/console/sign-in"))
    path = f"/console/begin?token={opened.entrance.links.to_begin()}"
    form = {"token": path.partition("=")[2], "email": EMAIL, "name": "Asha"}
    twice = {"password": PASSWORD, "again": PASSWORD}

    wrong = visitor(app).send(path, {**form, **twice, "email": "asha"})
    done = visitor(app).send(path, {**form, **twice})

    assert (wrong.status_code, done.status_code) == (422, 303)
    assert "Write an e-mail" in text_of(wrong)
    assert visitor(app).get(path).status_code == 410
    first = visitor(app)
    assert first.sign_in().status_code == 303
    assert first.get("/console/people").status_code == 200
    opened.close()
