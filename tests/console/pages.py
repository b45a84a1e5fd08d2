"""A browser without scripts, for tests of pages: forms are sent as the page would."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

# As somebody at this machine sees it.
HERE = {"Host": "127.0.0.1:8000", "Accept": "text/html"}


class Reader:
    """Somebody at this machine who looks at pages and sends their forms."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers={**HERE, **(headers or {})})

    def post(self, path: str, form: Mapping[str, str] | None = None) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data=dict(form or {}), headers=self._headers())

    def ask(self, path: str, body: object) -> TestResponse:
        """Send JSON, as a script of a page does."""
        return self.client.post(path, json=body, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        token = re.search(r'"X-CSRFToken": "([^"]+)"', unescape(self.get("/console/agents").text))
        return {**HERE, **({"X-CSRFToken": token[1]} if token else {})}


def field(html: str, name: str) -> str:
    """The value of a hidden field or a text area."""
    area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL)
    if area:
        return unescape(area[1])
    found = re.search(rf'<input[^>]*name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return unescape(found[1])
