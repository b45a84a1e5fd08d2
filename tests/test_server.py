"""The ASGI root alone, and the real server: what it serves, refuses, and how it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.server_process import ServerFailed, ServerProcess
from server import SMALL_FORM_BYTES, FormBridge, Server, environ_of, refuse_socket

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


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


def through_bridge(app: Any, wire: Wire) -> None:
    bridge = FormBridge(app, threads=1)
    try:
        asyncio.run(bridge(scope_of(), wire.receive, wire.send))
    finally:
        bridge.close()


def test_a_form_in_pieces_reaches_the_application_whole() -> None:
    app = Recorder()
    wire = Wire(
        {"type": "http.request", "body": b"a=", "more_body": True},
        {"type": "http.request", "body": b"1"},
    )
    through_bridge(app, wire)
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


def test_a_client_that_leaves_before_its_body_is_complete_causes_no_turn() -> None:
    app = Recorder()
    wire = Wire(
        {"type": "http.request", "body": b"a=", "more_body": True}, {"type": "http.disconnect"}
    )
    through_bridge(app, wire)
    assert app.bodies == []
    assert wire.sent == []


def test_an_application_that_starts_no_response_is_an_error() -> None:
    def silent(environ: WSGIEnvironment, start_response: StartResponse) -> Sequence[bytes]:
        return [b"body"]

    with pytest.raises(RuntimeError, match="did not start"):
        through_bridge(silent, Wire({"type": "http.request", "body": b""}))


def test_an_application_may_start_again_with_an_error() -> None:
    def changing(environ: WSGIEnvironment, start_response: StartResponse) -> Sequence[bytes]:
        start_response("200 OK", [("X-A", "a")])
        start_response("503 Service Unavailable", [])
        return [b"sorry"]

    wire = Wire({"type": "http.request", "body": b""})
    through_bridge(changing, wire)
    assert wire.sent[0] == {"type": "http.response.start", "status": 503, "headers": []}


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
    wire = Wire({"type": "websocket.connect"})
    asyncio.run(refuse_socket({"type": "websocket", "path": "/media"}, wire.receive, wire.send))
    assert wire.sent == [{"type": "websocket.close", "code": 1008}]


def test_bad_settings_stop_the_start_with_their_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(settings: Any) -> Any:
        raise AssertionError("opened with bad settings")

    monkeypatch.setenv("WEB_THREADS", "none")
    wire = Wire({"type": "lifespan.startup"})
    asyncio.run(Server(never)({"type": "lifespan"}, wire.receive, wire.send))
    assert wire.sent[0]["type"] == "lifespan.startup.failed"
    assert "WEB_THREADS" in wire.sent[0]["message"]


# The real server from here on: gunicorn, its configuration, a worker; a small application.


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("slow")
    (folder / "go").touch()
    with slow_process(folder) as process:
        yield process


def slow_process(folder: Path) -> ServerProcess:
    return ServerProcess({"DATA_DIR": str(folder)}, folder / "log", "tests.slow_app:app")


def ask(
    server: ServerProcess, method: str, path: str, body: Any = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def send_raw(server: ServerProcess, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as peer:
        peer.sendall(request)
        answer = b""
        while piece := peer.recv(65536):
            answer += piece
        return answer


def test_a_small_form_is_answered(slow_server: ServerProcess) -> None:
    answer, content = ask(slow_server, "POST", "/wait", "word=it", **FORM)
    assert (answer.status, content) == (200, b"waited for it")


@pytest.mark.parametrize("size", [SMALL_FORM_BYTES, SMALL_FORM_BYTES + 1, 3_000_000])
def test_a_form_of_any_size_arrives_whole(slow_server: ServerProcess, size: int) -> None:
    answer, content = ask(slow_server, "POST", "/echo", b"x" * size, **FORM)
    assert (answer.status, content) == (200, b"x" * size)


def test_a_form_sent_in_chunks_arrives_whole(slow_server: ServerProcess) -> None:
    pieces = iter((b"word", b"=", b"it"))  # without a length the client sends chunks
    answer, content = ask(slow_server, "POST", "/echo", pieces, **FORM)
    assert (answer.status, content) == (200, b"word=it")


def test_a_client_that_cuts_its_form_short_is_no_problem(slow_server: ServerProcess) -> None:
    before = faults(slow_server)
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Type: "
    with socket.create_connection(("127.0.0.1", slow_server.port), timeout=10) as peer:
        peer.sendall(head + FORM["Content-Type"].encode() + b"\r\n\r\nshort")
    answer, _ = ask(slow_server, "GET", "/health")
    assert answer.status == 200
    assert faults(slow_server) == before


def test_an_answer_can_be_streamed(slow_server: ServerProcess) -> None:
    answer, content = ask(slow_server, "GET", "/stream")
    assert answer.getheader("Transfer-Encoding") == "chunked"
    assert content == b"0\n1\n2\n"


def test_head_has_headers_and_no_body(slow_server: ServerProcess) -> None:
    answer, content = ask(slow_server, "HEAD", "/health")
    assert (answer.status, content) == (200, b"")


@pytest.mark.parametrize("target", [b"/health?a=\xff\xfe", b"/health?a=%ff", b"/health?\xe0\xae"])
def test_bytes_that_are_no_text_are_no_fault_of_ours(
    slow_server: ServerProcess, target: bytes
) -> None:
    before = faults(slow_server)
    answer = send_raw(
        slow_server, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert answer.split()[1] in (b"200", b"400")
    assert faults(slow_server) == before


def test_a_request_that_is_not_http_gets_400(slow_server: ServerProcess) -> None:
    assert b" 400 " in send_raw(slow_server, b"hello\r\n\r\n").splitlines()[0]


def test_an_exception_is_a_plain_500_and_in_the_log(slow_server: ServerProcess) -> None:
    answer, content = ask(slow_server, "POST", "/raise", "a=1", **FORM)
    assert (answer.status, content) == (500, b"Internal Server Error")
    assert '"RuntimeError"' in faults(slow_server)[-1]
    # Where it happened is logged; the text of an error may hold what a caller said.
    assert "slow_app.py" in faults(slow_server)[-1]
    assert "broken on purpose" not in slow_server.log


@pytest.mark.parametrize("path", ["/media", "/relay", "/elsewhere"])
def test_a_socket_is_refused_with_404(slow_server: ServerProcess, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{slow_server.port}{path}").close()
    assert refused.value.response.status_code == 404
    assert refused.value.response.body == b"No socket is served here."


def test_at_sigterm_a_turn_in_progress_is_answered_and_nothing_new_is_taken(
    tmp_path: Path,
) -> None:
    answers: list[tuple[int, bytes]] = []

    def turn() -> None:
        answer, content = ask(server, "POST", "/wait", "word=me", **FORM)
        answers.append((answer.status, content))

    with slow_process(tmp_path) as server:
        caller = threading.Thread(target=turn)
        caller.start()
        wait_until(lambda: (tmp_path / "entered").exists())
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server.port))
        assert answers == []
        assert server.exit_code() is None
        (tmp_path / "go").touch()
        caller.join(10)
        assert answers == [(200, b"waited for me")]
        assert server.wait() == 0
        assert (tmp_path / "closed").exists()
        assert faults(server) == []


def test_ctrl_c_ends_the_server_and_is_no_fault(tmp_path: Path) -> None:
    with slow_process(tmp_path) as server:
        server.interrupt()
        assert server.wait() == 0
        assert faults(server) == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "eighty", "write a whole number"),
        ("AGENTS_DIR", "/nowhere", "/nowhere"),
        ("DATA_DIR", "/proc/nowhere", "/proc/nowhere"),
        ("TWILIO_AUTH_TOKEN", "secret", "PUBLIC_BASE_URL"),
    ],
)
def test_what_cannot_work_is_said_in_a_line_and_not_started(
    tmp_path: Path, name: str, value: str, told: str
) -> None:
    server = ServerProcess({name: value}, tmp_path / "log")
    with pytest.raises(ServerFailed) as failed:
        server.start()
    assert told in str(failed.value)
    assert "trace" not in str(failed.value).lower()


def faults(server: ServerProcess) -> list[str]:
    return [
        line for line in server.log.splitlines() if '"level": "error"' in line or "Trace" in line
    ]


def wait_until(holds: Any, limit_s: float = 10.0) -> None:
    until = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.01)


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except ConnectionRefusedError:
        return True
    return False
