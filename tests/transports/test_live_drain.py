"""Live calls when there is no room, and when their process ends: none of them is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from benchmarks.server_process import ServerProcess
from tests.transports.live_carrier import SIGNED, LiveCarrier, live_server
from tests.waiting import wait_until

CALLS = 50
LIMIT_S = 30.0


class Calls:
    """Live calls of one carrier, each with its socket, which goes on by webhook after it."""

    def __init__(self, carrier: LiveCarrier, sids: Sequence[str], says: str = "hello") -> None:
        self._carrier = carrier
        self._sids = sids
        self._says = says
        self._pool = ThreadPoolExecutor(len(sids))
        self._all_open = threading.Event()

    def __enter__(self) -> Calls:
        with ThreadPoolExecutor(4) as ringing:
            tokens = list(ringing.map(self._carrier.rings, self._sids))
        self._codes: Future[list[int]] = self._pool.submit(asyncio.run, self._talk(tokens))
        assert self._all_open.wait(LIMIT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def go_on(self) -> list[Element]:
        """The document that each call got after its socket."""
        self._codes.result(LIMIT_S)
        return [one.result(LIMIT_S) for one in self._resumed]

    @property
    def codes(self) -> list[int]:
        """With which codes the sockets were closed."""
        return self._codes.result(LIMIT_S)

    async def _talk(self, tokens: Sequence[str]) -> list[int]:
        self._resumed: list[Future[Element]] = []
        self._open = 0
        pairs = zip(self._sids, tokens, strict=True)
        return await asyncio.gather(*(self._one(sid, token) for sid, token in pairs))

    async def _one(self, sid: str, token: str) -> int:
        signed = self._carrier.headers("wss://calls.example/relay")
        async with connect(self._carrier.url("/relay"), additional_headers=signed) as socket:
            await socket.send(orjson.dumps([sid, token]).decode())
            assert await socket.recv() == "claimed"
            await socket.send(self._says)
            assert await socket.recv() == self._says
            self._open += 1
            if self._open == len(self._sids):
                self._all_open.set()
            try:
                while True:
                    await socket.recv()
            except ConnectionClosed as closed:
                # As the carrier does, at once.
                self._resumed.append(self._pool.submit(self._carrier.post, "/relay-ended", sid))
                return closed.rcvd.code if closed.rcvd else 1006


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[LiveCarrier]:
    with live_server(folder, API_TOKEN="api-secret", **SIGNED, **settings) as process:
        yield LiveCarrier(process)


def are_in_turns(documents: Sequence[Element]) -> bool:
    return all(one.find("Gather") is not None for one in documents)


def end(server: ServerProcess) -> int:
    server.signal(signal.SIGTERM)
    return server.wait()


def test_a_call_that_finds_no_room_goes_in_turns(tmp_path: Path) -> None:
    with served(tmp_path, LIVE_CALLS_MOST="2") as carrier, ExitStack() as open_sockets:
        last = [carrier.rings(f"CA{number}") for number in range(3)][2]
        for _ in range(2):
            open_sockets.enter_context(carrier.opens())
        with pytest.raises(InvalidStatus) as refused, carrier.claims("CA2", last):
            pass
        assert refused.value.response.status_code == 503
        # The one that rang while there was room, and one that rings now.
        assert are_in_turns([carrier.post("/voice-resume", "CA2")])
        assert are_in_turns([carrier.post("/voice?agent_type=pizza", "CA9")])
        open_sockets.close()
        wait_until(lambda: carrier.metric("callwright_calls_open") == 0)
        carrier.rings("CA10")
        assert carrier.metric('callwright_calls_moved_total{reason="full"') == 1


def test_without_live_calls_all_go_in_turns(tmp_path: Path) -> None:
    with served(tmp_path, LIVE_CALLS_MOST="0") as carrier:
        assert are_in_turns([carrier.post("/voice?agent_type=pizza", "CA1")])


def test_calls_of_a_server_that_ends_go_on_in_turns(tmp_path: Path) -> None:
    sids = [f"CA{number}" for number in range(CALLS)]
    with served(tmp_path) as carrier, Calls(carrier, sids) as calls:
        assert end(carrier.server) == 0
        assert len(documents := calls.go_on()) == CALLS
        assert are_in_turns(documents)
        assert set(calls.codes) == {1000}


def test_calls_that_do_not_move_are_cut_off_and_go_on_in_turns(tmp_path: Path) -> None:
    with (
        served(tmp_path, LIVE_DRAIN_S="1") as carrier,
        Calls(carrier, ["CA1", "CA2"], says="hold") as calls,
    ):
        assert end(carrier.server) == 0
        assert set(calls.codes) == {1012}
        assert are_in_turns(calls.go_on())


def test_a_call_that_rings_at_a_draining_server_goes_in_turns(tmp_path: Path) -> None:
    with (
        served(tmp_path, LIVE_DRAIN_S="5") as carrier,
        Calls(carrier, ["CA1"], says="hold") as calls,
    ):
        carrier.server.signal(signal.SIGTERM)
        wait_until(lambda: "live calls move" in carrier.server.log)
        assert are_in_turns([carrier.post("/voice?agent_type=pizza", "CA2")])
        with pytest.raises(InvalidStatus) as refused, carrier.opens():
            pass
        assert refused.value.response.status_code == 503
        assert carrier.server.wait() == 0
        assert are_in_turns(calls.go_on())


def test_a_reload_moves_the_calls_of_the_old_process_and_serves_on(tmp_path: Path) -> None:
    with served(tmp_path) as carrier:
        old = carrier.server.workers()
        with Calls(carrier, ["CA1", "CA2"]) as calls:
            carrier.server.signal(signal.SIGHUP)
            assert are_in_turns(calls.go_on())
        wait_until(lambda: not set(old) & set(carrier.server.workers()), LIMIT_S)
        token = carrier.rings("CA3")
        with carrier.claims("CA3", token) as socket:
            assert socket.recv(5) == "claimed"


def test_calls_of_a_process_that_was_killed_go_on_in_the_next_one(tmp_path: Path) -> None:
    with served(tmp_path) as carrier, Calls(carrier, ["CA1", "CA2"]) as calls:
        worker = carrier.server.workers()[0]
        os.kill(worker, signal.SIGKILL)
        assert are_in_turns(calls.go_on())
        assert set(calls.codes) == {1006}
        assert carrier.server.workers() != [worker]
