"""The socket of words in a call: who may hear them, of which call, from which process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.server_process import ServerProcess
from calls.hub import Hub
from calls.hub_link import RedisLink
from tests.redis_server import RedisServer
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def server(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """gunicorn with two processes."""
    folder = tmp_path_factory.mktemp("words")
    settings = {"DATA_DIR": str(folder), "WEB_WORKERS": "2", "REDIS_URL": redis.url}
    with ServerProcess(settings, folder / "log") as process:
        yield process


def listen(server: ServerProcess, query: str, origin: str = "") -> ClientConnection:
    base = f"127.0.0.1:{server.port}"
    sent_by = Origin(origin or f"http://{base}")
    return connect(f"ws://{base}/console/live/call{query}", origin=sent_by)


def test_listeners_of_every_process_hear_what_is_said_in_another(
    server: ServerProcess, redis: RedisServer
) -> None:
    with closing(Hub(RedisLink(redis.url))) as elsewhere, ExitStack() as stack:
        listeners = [stack.enter_context(listen(server, "?call_id=c1")) for _ in range(6)]
        other = stack.enter_context(listen(server, "?call_id=c2"))
        wait_until(lambda: elsewhere.is_wanted("c1") and elsewhere.is_wanted("c2"))
        # The second process may say so a moment later than the first.
        time_out = time.monotonic() + 10
        heard: list[object] = [None] * len(listeners)
        while None in heard and time.monotonic() < time_out:
            elsewhere.publish("c1", "words", speaker="caller", text="hello", is_final=False)
            for place, socket in enumerate(listeners):
                if heard[place] is None:
                    heard[place] = received(socket)
        elsewhere.publish("c2", "ended", outcome="completed")
        assert json.loads(other.recv(timeout=10)) == {"kind": "ended", "outcome": "completed"}

    hello = {"kind": "words", "speaker": "caller", "text": "hello", "is_final": False}
    assert heard == [hello] * len(listeners)


def received(socket: ClientConnection) -> object:
    """A message when there is one soon."""
    try:
        return json.loads(socket.recv(timeout=0.2))
    except TimeoutError:
        return None


@pytest.mark.parametrize("query", ["", "?call_id=", "?call_id=../x", f"?call_id={'x' * 65}"])
def test_without_a_call_there_is_nothing_to_hear(server: ServerProcess, query: str) -> None:
    with listen(server, query) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


def test_a_page_of_another_site_hears_nothing(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus), listen(server, "?call_id=c1", "https://evil.example"):
        pass
