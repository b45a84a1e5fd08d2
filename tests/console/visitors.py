"""Somebody who has to sign in: a browser without scripts that keeps cookies and sends forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from access.roles import Role
from services import Services
from tests.access.entrances import EMAIL, PASSWORD, add

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
# The pages' cookie goes over https only (tests/transports/doors.py: SIGNED).
HTTPS = "https://calls.example"


@dataclass
class Visitor:
    """Somebody with a browser at the pages of an application."""

    client: FlaskClient
    base: str = HTTPS

    def get(self, path: str, **headers: str) -> TestResponse:
        """A page, without following where it sends."""
        return self.client.get(path, base_url=self.base, headers=headers)

    def token(self, path: str) -> str:
        """What proves that a form of that page came from it."""
        found = _TOKEN.search(self.get(path).text)
        assert found, f"{path} has no form"
        return found[1]

    def send(self, path: str, form: Mapping[str, object], at: str = "") -> TestResponse:
        """The form of the page `at` (`path`, when it has its own) with these values."""
        data = {"csrf_token": self.token(at or path), **form}
        return self.client.post(path, data=data, base_url=self.base)

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD, to: str = "") -> TestResponse:
        """Try to sign in."""
        form = {"email": email, "password": password, "to": to}
        return self.send("/console/sign-in", form)

    def cookies(self) -> dict[str, str]:
        """What the browser keeps."""
        return {one.key: one.value for one in (self.client._cookies or {}).values()}


def visitor(app: Flask) -> Visitor:
    """A new browser."""
    return Visitor(app.test_client())


def signed_in(app: Flask, services: Services, role: Role, email: str = "") -> Visitor:
    """A browser of somebody with that role who has signed in."""
    email = email or f"{role}@acme.example"
    if services.entrance.people.of_email(email) is None:
        add(services.entrance, email, role)
    one = visitor(app)
    assert one.sign_in(email).status_code == 303
    return one


def text_of(answer: TestResponse) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
