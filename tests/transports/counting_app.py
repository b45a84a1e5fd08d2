"""The server with two routes more, which count; run by test_metrics."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIApplication

from app import create_app, services_of
from server import Server
from settings import Settings
from tests.calls.test_metrics import TURN


@contextmanager
def counting(settings: Settings, for_live: Settings) -> Iterator[WSGIApplication]:
    """POST /turn counts a turn, POST /end the end of a call; both answer with the process's id."""
    app = create_app(settings)
    metrics = services_of(app).metrics

    @app.post("/turn")
    def turn() -> str:
        metrics.turn("logistics", TURN, 5.0)
        return str(os.getpid())

    @app.post("/end")
    def end() -> str:
        metrics.call_ended("logistics", "completed")
        return str(os.getpid())

    yield app
    services_of(app).close()


app = Server(counting)
