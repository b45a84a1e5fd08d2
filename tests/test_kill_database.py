"""Real servers on a real MongoDB, either killed in mid-call: nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks.server_process import ServerProcess
from storage.mongo import MongoStorage
from tests.providers.telephony.twilio_forms import CALL_SID
from tests.storage.mongod import Mongod, running
from tests.test_kill import (
    API_TOKEN,
    BASE,
    CHARGE,
    LINES,
    TOKEN,
    VOICE,
    WINDOW,
    ServerGone,
    assert_complete,
    kept,
    next_path,
    say,
)

CAUGHT_UP_S = 10.0


@pytest.fixture
def mongod() -> Iterator[Mongod]:
    with running() as server:
        yield server


def server_on(mongod: Mongod, folder: Path, name: str = "server") -> ServerProcess:
    settings = {
        "DATA_DIR": str(folder / "data"),
        "MONGODB_URI": mongod.uri(),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PUBLIC_BASE_URL": BASE,
        "API_TOKEN": API_TOKEN,
        "LOG_LEVEL": "warning",
    }
    return ServerProcess(settings, folder / f"{name}.log")


def readiness(server: ServerProcess) -> str:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        text = answer.read().decode()
    assert answer.status == 200, text
    return text


def assert_caught_up(server: ServerProcess, mongod: Mongod) -> None:
    """All of the call is in the database, once, within the time that is promised."""
    until = time.monotonic() + CAUGHT_UP_S
    while '"database":"ok"' not in readiness(server).replace(" ", ""):
        assert time.monotonic() < until, readiness(server)
        time.sleep(0.05)
    with closing(MongoStorage(mongod.uri())) as database:
        call = database.find_call(CALL_SID)
        assert call is not None
        assert (call.stage, call.outcome) == ("completed", "completed")
        turns = database.turns(call.call_id)
        assert [turn.caller for turn in turns] == ["", *LINES]
        collected = database.collected(call.call_id)
        assert collected is not None
        assert collected.data == {"charge": CHARGE, "window": WINDOW}


def whole_call(server: ServerProcess, before: Callable[[int], object]) -> None:
    """Every line of the call, with `before` a line something done to the world."""
    path = VOICE
    for number, line in enumerate(("", *LINES)):
        before(number)
        document = say(server, path, line, str(number))
        if line != LINES[-1]:
            path = next_path(document)
    assert_complete(server)


@pytest.mark.parametrize("turn", range(0, len(LINES) + 1, 2))
def test_a_call_goes_on_when_the_database_is_killed_before_a_turn(
    mongod: Mongod, tmp_path: Path, turn: int
) -> None:
    with server_on(mongod, tmp_path) as server:
        whole_call(server, lambda number: mongod.kill() if number == turn else None)
        assert "journal" in readiness(server)
        mongod.start()
        assert_caught_up(server, mongod)


def test_a_call_goes_on_when_the_database_is_killed_during_a_turn(
    mongod: Mongod, tmp_path: Path
) -> None:
    with server_on(mongod, tmp_path) as server, ThreadPoolExecutor(1) as beside:
        whole_call(server, lambda number: beside.submit(mongod.kill) if number == 2 else None)
        mongod.kill()
        mongod.start()
        assert_caught_up(server, mongod)


def test_a_call_goes_on_while_the_database_is_stopped_in_its_tracks(
    mongod: Mongod, tmp_path: Path
) -> None:
    steps = {2: mongod.pause, 5: mongod.resume}
    with server_on(mongod, tmp_path) as server:
        whole_call(server, lambda number: steps.get(number, str)())
        assert_caught_up(server, mongod)


def test_a_server_starts_and_takes_a_call_without_its_database(
    mongod: Mongod, tmp_path: Path
) -> None:
    mongod.kill()
    with server_on(mongod, tmp_path) as server:
        whole_call(server, lambda number: mongod.start() if number == 4 else None)
        assert_caught_up(server, mongod)


@pytest.mark.parametrize("away", [False, True], ids=["there", "away"])
def test_a_server_killed_in_the_middle_of_a_turn_loses_and_doubles_nothing(
    mongod: Mongod, tmp_path: Path, away: bool
) -> None:
    with server_on(mongod, tmp_path) as server:
        path = VOICE
        for number, line in enumerate(("", *LINES)):
            if away and number == 1:
                mongod.kill()
            try:
                say(server, path, line, str(number), kill_after_s=0.004)
            except ServerGone:
                pass
            server.start()
            document = say(server, path, line, str(number))
            if line != LINES[-1]:
                path = next_path(document)
        assert_complete(server)
        if away:
            mongod.start()
        assert_caught_up(server, mongod)


def test_of_two_servers_one_is_killed_while_the_database_is_away(
    mongod: Mongod, tmp_path: Path
) -> None:
    with server_on(mongod, tmp_path, "one") as one, server_on(mongod, tmp_path, "two") as two:
        path = VOICE
        for number, line in enumerate(("", *LINES)):
            if number == 2:
                mongod.kill()
            if number == 5:
                one.kill()
            server = two if number % 2 or number >= 5 else one
            document = say(server, path, line, str(number))
            if line != LINES[-1]:
                path = next_path(document)
        assert kept(two)["outcome"] == "completed"
        mongod.start()
        assert_caught_up(two, mongod)
