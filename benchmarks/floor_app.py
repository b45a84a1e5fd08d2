"""The floor of the webhook benchmark: the same server around views that do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIApplication

from flask import Flask

from server import Server
from settings import Settings


@contextmanager
def empty(settings: Settings, for_live: Settings) -> Iterator[WSGIApplication]:
    """A Flask application with the addresses of a call and empty answers."""
    app = Flask("floor", static_folder=None)
    app.add_url_rule("/voice", "voice", lambda: "", methods=["POST"])
    app.add_url_rule("/process-response", "turn", lambda: "", methods=["POST"])
    app.add_url_rule("/health", "health", lambda: "ok")
    yield app


app = Server(empty)
