"""The pages of people, tokens and the audit log, and one's own profile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from access.audit import entries_of
from access.roles import Role
from app import app_of
from services import Services
from tests.access.entrances import EMAIL, PASSWORD, add
from tests.console.visitors import Visitor, signed_in, text_of, visitor
from tests.transports.doors import BASE, SIGNED, scripted_services

ADMIN = "admin@acme.example"
PAGES = ("/console/people", "/console/people/new", "/console/tokens", "/console/audit")
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened, _ = scripted_services(tmp_path, SIGNED)
    yield opened
    opened.close()


@pytest.fixture
def app(services: Services) -> Flask:
    return app_of(services)


@pytest.fixture
def admin(app: Flask, services: Services) -> Visitor:
    return signed_in(app, services, Role.ADMIN)


def address_of(services: Services, email: str) -> str:
    account = services.entrance.people.of_email(email)
    assert account is not None
    return f"/console/people/{account.person_id}"


def actions(services: Services) -> list[tuple[str, str, str]]:
    found = services.audit.find(entries_of())
    return sorted((entry.who, entry.action, entry.subject) for entry in found)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_administrators_look_after_people(app: Flask, services: Services, role: Role) -> None:
    add(services.entrance)
    one = signed_in(app, services, role)

    for path in (*PAGES, address_of(services, EMAIL)):
        assert one.get(path).status_code == 403
    answer = one.send(f"{address_of(services, EMAIL)}/disable", {}, at="/console/profile")
    assert answer.status_code == 403
    assert ">People<" not in one.get("/console/profile").text


def test_a_person_is_added_and_gets_in_by_the_link(
    app: Flask, services: Services, admin: Visitor
) -> None:
    form = {"email": "Ravi@Acme.example", "name": "Ravi", "role": "operator"}

    added = admin.send("/console/people/new", form)

    link = re.search(r'id="secret">([^<]+)<', added.text)
    assert link is not None
    assert link[1].startswith(f"{BASE}/console/set-password?token=")
    path = unescape(link[1]).removeprefix(BASE)
    token = path.partition("=")[2]
    ravi = visitor(app)
    ravi.send(path, {"token": token, "password": PASSWORD, "again": PASSWORD})
    assert ravi.sign_in("ravi@acme.example").status_code == 303
    assert "Ravi" in text_of(admin.get("/console/people"))
    assert (ADMIN, "add person", "ravi@acme.example") in actions(services)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"email": "ravi", "role": "viewer"}, "Write an e-mail such as"),
        ({"email": ADMIN.upper(), "role": "viewer"}, "here already"),
        ({"email": EMAIL, "name": "x" * 101, "role": "viewer"}, "at most 100 characters"),
        ({"email": EMAIL, "role": "owner"}, "viewer, operator, admin"),
        ({"email": HOSTILE, "name": HOSTILE, "role": "viewer"}, "Write an e-mail such as"),
    ],
)
def test_what_cannot_be_a_person_is_told(admin: Visitor, form: dict[str, str], told: str) -> None:
    answer = admin.send("/console/people/new", form)

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert "<script>alert" not in answer.text


def test_names_are_text_wherever_they_are_shown(
    app: Flask, services: Services, admin: Visitor
) -> None:
    admin.send("/console/people/new", {"email": EMAIL, "name": HOSTILE, "role": "admin"})
    admin.send("/console/tokens/new", {"name": HOSTILE, "scope": "calls:read", "days": ""})

    for path in (
        "/console/people",
        address_of(services, EMAIL),
        "/console/tokens",
        "/console/audit",
    ):
        assert "<script>alert" not in admin.get(path).text


def test_another_role_and_disabling_end_a_session_at_once(
    app: Flask, services: Services, admin: Visitor
) -> None:
    ravi = signed_in(app, services, Role.OPERATOR)
    path = address_of(services, "operator@acme.example")

    admin.send(f"{path}/role", {"role": "viewer"}, at=path)
    assert ravi.get("/console/profile").status_code == 302
    ravi.sign_in("operator@acme.example")
    admin.send(f"{path}/disable", {}, at=path)
    assert ravi.get("/console/profile").status_code == 302
    assert ravi.sign_in("operator@acme.example").status_code == 422
    admin.send(f"{path}/enable", {}, at=path)
    assert ravi.sign_in("operator@acme.example").status_code == 303

    done = [action for who, action, _ in actions(services) if who == ADMIN]
    assert {"change role", "disable person", "enable person"} <= set(done)


def test_nobody_locks_themselves_or_everybody_out(services: Services, admin: Visitor) -> None:
    path = address_of(services, ADMIN)

    shown = admin.get(path).text
    assert f'action="{path}/disable"' not in shown
    assert "Change the role" not in shown
    for answer in (
        admin.send(f"{path}/disable", {}, at=path),
        admin.send(f"{path}/role", {"role": "viewer"}, at=path),
    ):
        assert answer.status_code == 409
        assert "another administrator" in text_of(answer)
    assert admin.get("/console/people").status_code == 200


def test_whoever_is_not_there_is_not_found(admin: Visitor) -> None:
    for path in ("/console/people/nobody", "/console/people/x%2Fy", "/console/people/%00"):
        assert admin.get(path).status_code == 404
    answer = admin.send("/console/people/nobody/disable", {}, at="/console/profile")
    assert answer.status_code == 404


# Tokens


def test_a_token_is_shown_once_and_revoked(app: Flask, services: Services, admin: Visitor) -> None:
    form = {"name": "Nightly export", "scope": ["calls:read", "analytics:read"], "days": "30"}

    made = admin.send("/console/tokens/new", form)

    found = re.search(r'id="secret">([^<]+)<', made.text)
    assert found is not None
    headers = {"Authorization": f"Bearer {found[1]}"}
    program = app.test_client()
    assert program.get("/calls", headers=headers).status_code == 200
    listed = admin.get("/console/tokens").text
    assert found[1] not in listed
    assert found[1][:16] in listed
    revoke = re.search(r'action="(/console/tokens/\w+/revoke)"', listed)
    assert revoke is not None
    admin.send(revoke[1], {}, at="/console/tokens")
    assert program.get("/calls", headers=headers).status_code == 401
    assert "revoked" in text_of(admin.get("/console/tokens"))
    assert {"make token", "revoke token"} <= {action for _, action, _ in actions(services)}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"name": "", "scope": "calls:read", "days": "30"}, "what the token is for"),
        ({"name": "x" * 61, "scope": "calls:read", "days": "30"}, "what the token is for"),
        ({"name": "Export", "days": "30"}, "at least one thing"),
        ({"name": "Export", "scope": "everything", "days": "30"}, "at least one thing"),
        ({"name": "Export", "scope": "calls:read", "days": "9999999999"}, "how long"),
        ({"name": "Export", "scope": "calls:read", "days": "-1"}, "how long"),
    ],
)
def test_what_cannot_be_a_token_is_told(admin: Visitor, form: dict[str, str], told: str) -> None:
    answer = admin.send("/console/tokens/new", form)

    assert answer.status_code == 422
    assert told in text_of(answer)


# The audit log


def test_the_audit_log_is_found_by_person_action_and_day(
    services: Services, admin: Visitor
) -> None:
    for number in range(60):
        services.audit.note(None, "see call", f"call-{number}")
    first, second = admin.get("/console/audit"), admin.get("/console/audit?page=2")

    assert "1–50 of 61" in text_of(first)
    assert "51–61 of 61" in text_of(second)
    assert 'rel="next"' in first.text
    assert 'rel="prev"' in second.text
    assert "1–1 of 1" in text_of(admin.get(f"/console/audit?who={ADMIN}&since=2026-11-20"))
    assert "of 60" in text_of(admin.get("/console/audit?action=see+call"))
    assert "Nothing that matches" in text_of(admin.get("/console/audit?since=2026-11-21"))
    assert "not that many pages" in text_of(admin.get("/console/audit?page=99"))


@pytest.mark.parametrize(
    "query",
    ["since=x", "until=2026-13-40", "since=99999-01-01", "page=0", "page=x", "page=9999999"],
)
def test_a_bad_filter_is_told(admin: Visitor, query: str) -> None:
    answer = admin.get(f"/console/audit?{query}")

    assert answer.status_code == 422
    assert "Write a " in text_of(answer)


# The profile


def test_a_password_is_changed_by_who_knows_it(app: Flask, services: Services) -> None:
    here, there = (signed_in(app, services, Role.VIEWER) for _ in range(2))
    form = {"current": PASSWORD, "password": "eight white owls", "again": "eight white owls"}
    path = "/console/profile/password"

    wrong = here.send(path, {**form, "current": "wrong"}, at="/console/profile")
    short = here.send(path, {**form, "password": "x", "again": "x"}, at="/console/profile")
    done = here.send(path, form, at="/console/profile")

    assert (wrong.status_code, short.status_code, done.status_code) == (422, 422, 303)
    assert "not your password" in text_of(wrong)
    assert here.get("/console/profile").status_code == 200
    assert there.get("/console/profile").status_code == 302


def test_a_password_is_not_guessed_at_the_profile(app: Flask, services: Services) -> None:
    thief = signed_in(app, services, Role.VIEWER)
    form = {"current": "wrong", "password": "eight white owls", "again": "eight white owls"}
    tried = [
        thief.send("/console/profile/password", form, at="/console/profile").status_code
        for _ in range(6)
    ]

    assert tried == [422] * 5 + [429]


def test_whoever_signs_out_everywhere_is_signed_out_everywhere(
    app: Flask, services: Services
) -> None:
    here, there = (signed_in(app, services, Role.VIEWER) for _ in range(2))

    here.send("/console/profile/sign-out-everywhere", {}, at="/console/profile")

    for one in (here, there):
        assert one.get("/console/profile").status_code == 302
