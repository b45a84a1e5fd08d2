"""The socket of news: what counts as news, two processes, a server that ends."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.server_process import ServerProcess
from console.live import Mark, changed_keys
from storage.sqlite import SqliteStorage
from tests.storage.samples import a_call

NOW = datetime.now(UTC)


def test_what_is_new_or_another_or_no_longer_open_is_news() -> None:
    before = {"same": Mark(1, True), "moved": Mark(1, True), "over": Mark(1, True), "old": Mark(1)}
    now = {"same": Mark(1, True), "moved": Mark(2, True), "new": Mark(1, True)}

    assert sorted(changed_keys(before, now)) == ["moved", "new", "over"]
    assert list(changed_keys(now, now)) == []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[ServerProcess]:
    """gunicorn with two processes."""
    settings = {"DATA_DIR": str(place), "WEB_WORKERS": "2"}
    with ServerProcess(settings, place / "log") as process:
        yield process


def listen(server: ServerProcess, origin: str | None = None) -> ClientConnection:
    base = f"127.0.0.1:{server.port}"
    sent_by = Origin(origin or f"http://{base}")
    return connect(f"ws://{base}/console/live", origin=sent_by)


def news(socket: ClientConnection, call_id: str, limit_s: float = 10.0) -> dict[str, object]:
    """The next message about a call."""
    until = time.monotonic() + limit_s
    while True:
        message = json.loads(socket.recv(timeout=until - time.monotonic()))
        if message.get("call_id") == call_id:
            return dict(message)


def closing_code(socket: ClientConnection) -> int | None:
    """With what the server closes a socket."""
    try:
        while True:
            socket.recv(timeout=20)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_every_listener_of_every_process_hears_what_another_program_saves(
    server: ServerProcess, place: Path
) -> None:
    with closing(SqliteStorage(place / "callwright.db")) as store, ExitStack() as stack:
        listeners = [stack.enter_context(listen(server)) for _ in range(8)]
        first = [json.loads(socket.recv(timeout=10)) for socket in listeners]
        call = a_call("second", created_at=NOW, updated_at=NOW)
        store.create_call(call)
        heard = [news(socket, "second") for socket in listeners]
        store.save_call(replace(call, ended_at=NOW, outcome="completed"))
        at_the_end = [news(socket, "second") for socket in listeners]

    # Whatever happened between a page and its socket: it looks once more, and misses nothing then.
    assert first == [{"kind": "all"}] * len(listeners)
    assert heard == at_the_end == [{"kind": "call", "call_id": "second"}] * len(listeners)


def test_a_page_of_another_site_hears_nothing(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus), listen(server, "https://evil.example"):
        pass


def test_a_listener_that_talks_is_not_heard(server: ServerProcess, place: Path) -> None:
    with listen(server) as socket, closing(SqliteStorage(place / "callwright.db")) as store:
        for _ in range(100):
            socket.send("x" * 10_000)
        assert json.loads(socket.recv(timeout=10)) == {"kind": "all"}
        store.create_call(a_call("third", created_at=NOW, updated_at=NOW))
        call = a_call("third", created_at=NOW, updated_at=datetime.now(UTC))
        store.save_call(call)
        assert news(socket, "third")["kind"] == "call"


def test_a_server_that_ends_tells_its_listeners_to_come_back(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path), "WEB_WORKERS": "2"}
    with ServerProcess(settings, tmp_path / "log") as server, ExitStack() as stack:
        listeners = [stack.enter_context(listen(server)) for _ in range(4)]
        started = time.monotonic()

        server.signal(signal.SIGTERM)
        for socket in listeners:
            assert closing_code(socket) == 1012
        server.wait()

        assert time.monotonic() - started < 15
        assert "Traceback" not in server.log
