"""A server whose application waits until it is told to go on; run by test_server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import WSGIApplication

from flask import Flask, Response, request

from server import Server
from settings import Settings

WAIT_S = 15.0


@contextmanager
def slow(settings: Settings, for_live: Settings) -> Iterator[WSGIApplication]:
    """POST /wait writes `entered` into the data folder and answers once `go` is there."""
    app = Flask("slow")
    folder = Path(settings.data_dir)

    @app.get("/health")
    def health() -> str:
        return "ok"

    @app.post("/wait")
    def wait() -> str:
        (folder / "entered").touch()
        until = time.monotonic() + WAIT_S
        while not (folder / "go").exists() and time.monotonic() < until:
            time.sleep(0.01)
        return f"waited for {request.form['word']}"

    @app.post("/raise")
    def broken() -> str:
        raise RuntimeError("broken on purpose")

    @app.get("/stream")
    def stream() -> Response:
        return Response((f"{part}\n" for part in range(3)), mimetype="text/plain")

    @app.get("/endless")
    def endless() -> Response:
        def pieces() -> Iterator[bytes]:
            try:
                while True:
                    yield b"x" * 65_536
            finally:
                (folder / "left").touch()

        return Response(pieces(), mimetype="text/plain")

    @app.post("/echo")
    def echo() -> Response:
        return Response(request.get_data(), mimetype="application/octet-stream")

    app.config["PROPAGATE_EXCEPTIONS"] = True
    yield app
    (folder / "closed").touch()


app = Server(slow)
