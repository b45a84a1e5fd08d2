"""A customer's server on this machine: takes webhooks, and answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Told:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """Its body."""
        return dict(json.loads(self.body))


class Customer:
    """Use with `with`. Paths: /STATUS answers it; /slow waits for `go_on`; /drip never ends."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.told: list[Told] = []
        self.go_on = threading.Event()
        customer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                customer.told.append(Told(self.path, dict(self.headers), body))
                with suppress(OSError):  # who asked has left
                    customer.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def url(self, path: str) -> str:
        """An address of it."""
        return f"http://127.0.0.1:{self.port}{path}"

    def of(self, path: str) -> list[Told]:
        """What came to a path."""
        return [one for one in self.told if one.path == path]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        word = handler.path.strip("/")
        if word == "slow":
            self.go_on.wait(20)
        if word == "drip":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.go_on.wait(0.02):
                handler.wfile.write(b"X: y\r\n")
            return
        status = int(word) if word.isdigit() else 200
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", self.url("/elsewhere"))
        handler.end_headers()
        handler.wfile.write(b"noted")

    def __enter__(self) -> Customer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
