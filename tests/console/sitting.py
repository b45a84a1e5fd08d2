"""Somebody at the pages in tests: an application in local mode, and a client that is signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from access.roles import Role
from app import app_of
from console.cookies import SESSION
from services import Services
from settings import Settings
from tests.transports.doors import ScriptedTurns, scripted_services

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Sitting:
    """An application and what is behind it."""

    app: Flask
    services: Services
    turns: ScriptedTurns

    def visitor(self, role: Role = Role.ADMIN) -> FlaskClient:
        """A client at which somebody of that role is signed in; an admin is at this machine."""
        client = self.app.test_client()
        if role is not Role.ADMIN:
            people = self.services.entrance.people
            account = people.of_email(f"{role}@example.com") or people.add(
                f"{role}@example.com", role.title(), role
            )
            with client.session_transaction(path="/console/") as session:
                session[SESSION] = self.services.entrance.sessions.begin(account)
        return client


def a_sitting(place: Path, **settings: object) -> Sitting:
    """An application in local mode that keeps its files in `place`."""
    services, turns = scripted_services(place, Settings(data_dir=str(place), **settings))  # type: ignore[arg-type]
    return Sitting(app_of(services), services, turns)


def token_of(client: FlaskClient, page: str) -> str:
    """What the forms of a page are sent with."""
    token = _TOKEN.search(client.get(page).text)
    assert token is not None, "the page has no form"
    return token[1]


def post(client: FlaskClient, path: str, page: str) -> TestResponse:
    """Send a form as the page at `page` would."""
    return client.post(path, data={"csrf_token": token_of(client, page)})
