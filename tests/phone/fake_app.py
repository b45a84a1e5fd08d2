"""A small real HTTP server that answers webhooks as a test wants, and remembers them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

XML = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class Got:
    """A request as it came in."""

    method: str
    path: str
    target: str  # path and query, as sent
    form: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What is sent back."""

    body: str = ""
    status: int = 200
    content_type: str = XML
    headers: Mapping[str, str] = field(default_factory=dict)


View = Callable[[Got], "Reply | str | None"]  # None: cut the connection without an answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: tests cut connections on purpose."""


class App:
    """Use as a context manager; `views` are by path."""

    def __init__(self, views: Mapping[str, View | Reply | str] | None = None) -> None:
        self.views: dict[str, View | Reply | str] = dict(views or {})
        self.got: list[Got] = []
        app = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def answer(self) -> None:
                app._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> App:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forms(self, path: str) -> list[Mapping[str, str]]:
        """The parameters of every request to `path`, in order."""
        return [got.form for got in self.got if got.path == path]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        form = dict(parse_qsl(body or parts.query, keep_blank_values=True))
        got = Got(handler.command, parts.path, handler.path, form, dict(handler.headers.items()))
        self.got.append(got)
        view = self.views.get(parts.path, Reply(status=404))
        reply = view(got) if callable(view) else view
        if reply is None:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return
        if isinstance(reply, str):
            reply = Reply(reply)
        content = reply.body.encode()
        handler.send_response(reply.status)
        handler.send_header("Content-Type", reply.content_type)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)


def query_of(got: Got) -> dict[str, list[str]]:
    """The parameters in the address of a request."""
    return parse_qs(urlsplit(got.target).query)


def closed_port() -> int:
    """A port on loopback where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
