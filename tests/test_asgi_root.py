"""The ASGI root alone: bodies, environments, what it refuses. No process is started."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from app import BODY_MOST_BYTES
from server import SMALL_BODY_BYTES, Server
from transports.bridge import Bridge, environ_of
from transports.handshake import refuse


def scope_of(**changed: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/voice",
        "raw_path": b"/voice",
        "query_string": b"agent_type=PIZZA",
        "root_path": "",
        "headers": [
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"content-length", b"3"),
        ],
        "client": ("192.0.2.7", 4711),
        "server": ("127.0.0.1", 8000),
        **changed,
    }


class Wire:
    """An ASGI server of one request: messages to hand out, messages that came back."""

    def __init__(self, *incoming: dict[str, Any]) -> None:
        self._incoming = list(incoming)
        self.sent: list[Any] = []

    async def receive(self) -> dict[str, Any]:
        if not self._incoming:
            await asyncio.Event().wait()  # the client sends no more and stays
        return self._incoming.pop(0)

    async def send(self, message: Any) -> None:
        self.sent.append(message)


class Recorder:
    """A WSGI application that keeps what it was asked and answers in two pieces."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.closed = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Recorder:
        self.bodies.append(environ["wsgi.input"].read())
        write = start_response("202 Accepted", [("X-One", "1"), ("X-One", "2")])
        write(b"first ")
        return self

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"then ", b"last"))

    def close(self) -> None:
        self.closed += 1


CHUNKED = [
    (b"content-type", b"application/x-www-form-urlencoded"),
    (b"transfer-encoding", b"chunked"),
]


def sized(size: int) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"text/plain"), (b"content-length", b"%d" % size)]


def through_server(
    app: Any, wire: Wire, headers: list[tuple[bytes, bytes]] | None = None, body_most_s: float = 10
) -> None:
    """One request through a server from its startup to its shutdown."""

    @contextmanager
    def opened(settings: Any, for_live: Any) -> Iterator[Any]:
        yield app

    async def serve() -> None:
        server = Server(opened, body_most_s)
        lifespan = Wire({"type": "lifespan.startup"})
        over = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if lifespan.sent:
                await over.wait()
            return {"type": "lifespan"}

        living = asyncio.create_task(server({"type": "lifespan"}, receive, lifespan.send))
        while not lifespan.sent:
            await asyncio.sleep(0)
        changed = {} if headers is None else {"headers": headers}
        await server(scope_of(**changed), wire.receive, wire.send)
        over.set()
        await living

    asyncio.run(serve())


def through_bridge(app: Any) -> list[Any]:
    wire = Wire()
    bridge = Bridge(app, 1, "test")
    try:
        asyncio.run(bridge(scope_of(), b"a=1", wire.receive, wire.send))
    finally:
        bridge.close()
    return wire.sent


def test_a_form_in_pieces_reaches_the_application_whole() -> None:
    app = Recorder()
    wire = Wire(
        {"type": "http.request", "body": b"a=", "more_body": True},
        {"type": "http.request", "body": b"1"},
    )
    through_server(app, wire)
    assert app.bodies == [b"a=1"]
    assert wire.sent == [
        {
            "type": "http.response.start",
            "status": 202,
            "headers": [(b"X-One", b"1"), (b"X-One", b"2")],
        },
        {"type": "http.response.body", "body": b"first then last"},
    ]
    assert app.closed == 1


@pytest.mark.parametrize("headers", [None, sized(3), sized(SMALL_BODY_BYTES + 1), CHUNKED])
def test_a_client_that_leaves_before_its_body_is_complete_is_not_heard(headers: Any) -> None:
    app = Recorder()
    wire = Wire(
        {"type": "http.request", "body": b"a=", "more_body": True}, {"type": "http.disconnect"}
    )
    through_server(app, wire, headers)
    assert app.bodies == []
    assert wire.sent == []


@pytest.mark.parametrize("headers", [None, sized(3), sized(SMALL_BODY_BYTES + 1), CHUNKED])
def test_a_body_that_does_not_arrive_is_refused_in_time(headers: Any) -> None:
    app = Recorder()
    wire = Wire({"type": "http.request", "body": b"a=", "more_body": True})
    through_server(app, wire, headers, body_most_s=0)
    assert app.bodies == []
    assert wire.sent[0]["status"] == 408
    assert (b"connection", b"close") in wire.sent[0]["headers"]


def test_a_body_in_chunks_is_not_read_beyond_what_is_refused() -> None:
    lengths: list[str] = []

    def measuring(environ: WSGIEnvironment, start_response: StartResponse) -> Sequence[bytes]:
        lengths.append(environ["CONTENT_LENGTH"])
        start_response("413 Too Large", [])
        return [b""]

    piece = {"type": "http.request", "body": b"x" * BODY_MOST_BYTES, "more_body": True}
    through_server(measuring, Wire(piece, piece), CHUNKED)  # and the client goes on
    assert lengths == [str(2 * BODY_MOST_BYTES)]


def test_an_application_that_starts_no_response_is_an_error() -> None:
    def silent(environ: WSGIEnvironment, start_response: StartResponse) -> Sequence[bytes]:
        return [b"body"]

    with pytest.raises(RuntimeError, match="did not start"):
        through_bridge(silent)


def test_an_application_may_start_again_with_an_error() -> None:
    def changing(environ: WSGIEnvironment, start_response: StartResponse) -> Sequence[bytes]:
        start_response("200 OK", [("X-A", "a")])
        start_response("503 Service Unavailable", [])
        return [b"sorry"]

    assert through_bridge(changing)[0] == {
        "type": "http.response.start",
        "status": 503,
        "headers": [],
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REQUEST_METHOD", "POST"),
        ("PATH_INFO", "/voice"),
        ("SCRIPT_NAME", ""),
        ("QUERY_STRING", "agent_type=PIZZA"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ("CONTENT_LENGTH", "3"),
        ("REMOTE_ADDR", "192.0.2.7"),
        ("REMOTE_PORT", "4711"),
        ("SERVER_NAME", "127.0.0.1"),
        ("SERVER_PORT", "8000"),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("wsgi.url_scheme", "http"),
    ],
)
def test_an_environment_says(name: str, value: str) -> None:
    assert environ_of(scope_of(), b"a=1")[name] == value


def test_headers_that_come_twice_are_joined() -> None:
    pairs = [(b"x-a", b"1"), (b"x-a", b"2"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    environ = environ_of(scope_of(headers=pairs), b"")
    assert environ["HTTP_X_A"] == "1,2"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


def test_a_header_with_an_underscore_cannot_pass_for_another() -> None:
    environ = environ_of(scope_of(headers=[(b"x_forwarded_for", b"127.0.0.1")]), b"")
    assert "HTTP_X_FORWARDED_FOR" not in environ


def test_bytes_of_a_path_that_are_not_utf8_are_kept() -> None:
    environ = environ_of(scope_of(path="/�", raw_path=b"/%ff"), b"")
    assert environ["PATH_INFO"] == "/\xff"


def test_a_peer_that_is_not_known_has_no_address() -> None:
    assert "REMOTE_ADDR" not in environ_of(scope_of(client=None), b"")


def test_a_socket_is_refused_by_closing_where_the_server_knows_no_other_way() -> None:
    wire = Wire()
    asyncio.run(refuse({"type": "websocket", "path": "/other"}, wire.send, 404, "None."))
    assert wire.sent == [{"type": "websocket.close", "code": 1008}]


def test_bad_settings_stop_the_start_with_their_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(settings: Any, for_live: Any) -> Any:
        raise AssertionError("opened with bad settings")

    monkeypatch.setenv("WEB_THREADS", "none")
    wire = Wire({"type": "lifespan.startup"})
    asyncio.run(Server(never)({"type": "lifespan"}, wire.receive, wire.send))
    assert wire.sent[0]["type"] == "lifespan.startup.failed"
    assert "WEB_THREADS" in wire.sent[0]["message"]
