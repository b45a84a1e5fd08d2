"""The real server, with gunicorn and its configuration: what it serves and how it ends."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.server_process import ServerFailed, ServerProcess
from server import SMALL_BODY_BYTES
from tests.waiting import wait_until

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


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


@pytest.mark.parametrize("size", [SMALL_BODY_BYTES, SMALL_BODY_BYTES + 1, 3_000_000])
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


def test_bodies_that_never_end_hold_up_nobody(slow_server: ServerProcess) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx"
    with ExitStack() as stack:
        for _ in range(64):  # as many as there are threads for webhooks
            address = ("127.0.0.1", slow_server.port)
            peer = stack.enter_context(socket.create_connection(address, timeout=10))
            peer.sendall(head)
        answer, _ = ask(slow_server, "GET", "/health")
        assert answer.status == 200
        answer, content = ask(slow_server, "POST", "/echo", "a=1", **FORM)
        assert (answer.status, content) == (200, b"a=1")


def test_an_answer_can_be_streamed(slow_server: ServerProcess) -> None:
    answer, content = ask(slow_server, "GET", "/stream")
    assert answer.getheader("Transfer-Encoding") == "chunked"
    assert content == b"0\n1\n2\n"


def test_readers_that_read_nothing_hold_up_nobody(tmp_path: Path) -> None:
    ask_for_much = b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"
    with slow_process(tmp_path) as server, ExitStack() as stack:
        for _ in range(24):  # more than there are threads for what is no webhook
            peer = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            peer.sendall(ask_for_much)
            assert peer.recv(1)
        answer, _ = ask(server, "GET", "/health")
        assert answer.status == 200


def test_nothing_more_is_made_for_a_reader_that_has_left(tmp_path: Path) -> None:
    with slow_process(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port), 10) as peer:
            peer.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            assert peer.recv(1)
            assert not (tmp_path / "left").exists()
        wait_until(lambda: (tmp_path / "left").exists())


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
        ("PUBLIC_BASE_URL", "calls.example", "PUBLIC_BASE_URL"),
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


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except ConnectionRefusedError:
        return True
    return False
