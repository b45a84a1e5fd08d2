"""Real servers that are killed for real: the call goes on, with every field that was accepted."""

from __future__ import annotations

import json
import random
import re
import select
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest

from benchmarks.server_process import ServerProcess
from phone.signature import sign
from tests.providers.telephony.twilio_forms import CALL_SID, call_form

BASE = "https://calls.example"
TOKEN = "webhook-secret"
API_TOKEN = "api-secret"
VOICE = "/voice?agent_type=LOGISTICS"
FALLBACK = "/voice-fallback?agent_type=LOGISTICS"
LINES = (
    "not English, Tamil",
    "English please",
    "500 rupees",
    "from 2 pm to 5 pm",
    "no, it's 600",
    "yes",
)
CHARGE = {"amount": 600, "currency": "INR"}
WINDOW = {"start": "14:00", "end": "17:00"}
# A few times what a turn takes: the kill comes before it is taken, in its middle or after.
TURN_MOST_S = 0.006


class ServerGone(Exception):
    """The connection broke before the answer was there."""


def server_on(folder: Path, name: str = "server") -> ServerProcess:
    settings = {
        "DATA_DIR": str(folder / "data"),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PUBLIC_BASE_URL": BASE,
        "API_TOKEN": API_TOKEN,
        "LOG_LEVEL": "warning",
    }
    return ServerProcess(settings, folder / f"{name}.log")


def say(
    server: ServerProcess,
    path: str,
    line: str,
    delivery: str,
    kill_after_s: float | None = None,
) -> str:
    """The call document that answers a webhook: of what the caller said, or of no words at all.

    With `kill_after_s` the server is killed then, or as soon as its answer begins; ServerGone
    when that was before the answer was out.
    """
    form = call_form(**({"SpeechResult": line, "Confidence": "0.9"} if line else {}))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sign(TOKEN, BASE + path, form.items()),
        "I-Twilio-Idempotency-Token": delivery,
    }
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request("POST", path, urlencode(form), headers)
        if kill_after_s is not None:
            assert connection.sock is not None
            select.select([connection.sock], [], [], kill_after_s)
            server.kill()
        answer = connection.getresponse()
        document = answer.read().decode()
    except (OSError, HTTPException) as error:
        raise ServerGone from error
    finally:
        connection.close()
    assert answer.status == 200, document
    return document


def next_path(document: str) -> str:
    """Where the next turn goes, as the document says."""
    action = re.search(r'<Gather[^>]* action="([^"]+)"', document)
    assert action, document
    return unescape(action[1]).partition("#")[0]


def kept(server: ServerProcess) -> dict[str, Any]:
    """The call as the server shows it."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        headers = {"Authorization": f"Bearer {API_TOKEN}"}
        connection.request("GET", f"/call-status/{CALL_SID}", headers=headers)
        answer = connection.getresponse()
        shown = json.loads(answer.read())
        assert answer.status == 200, shown
        return dict(shown)
    finally:
        connection.close()


def assert_complete(server: ServerProcess) -> None:
    """The call is over, has the corrected data, and each of the caller's lines counted once."""
    call = kept(server)
    assert (call["stage"], call["outcome"]) == ("completed", "completed")
    assert call["data"] == {"charge": CHARGE, "window": WINDOW}
    assert [turn["caller"] for turn in call["turns"]] == ["", *LINES]


def test_a_server_killed_after_every_answer_loses_nothing(tmp_path: Path) -> None:
    with server_on(tmp_path) as server:
        document = say(server, VOICE, "", "0")
        for number, line in enumerate(LINES, start=1):
            before = kept(server)
            server.kill()
            server.start()
            assert kept(server) == before
            document = say(server, next_path(document), line, str(number))
        server.kill()
        server.start()
        assert "<Hangup" in document
        assert_complete(server)


@pytest.mark.parametrize("seed", range(2))
def test_a_webhook_sent_again_after_a_kill_in_its_middle_counts_once(
    tmp_path: Path, seed: int
) -> None:
    moments = random.Random(seed)
    with server_on(tmp_path) as server:
        path = VOICE
        for number, line in enumerate(("", *LINES)):
            try:
                say(server, path, line, str(number), moments.uniform(0, TURN_MOST_S))
            except ServerGone:
                pass  # the carrier cannot know how far it came
            server.start()
            document = say(server, path, line, str(number))
            if line != LINES[-1]:
                path = next_path(document)
        assert_complete(server)


@pytest.mark.parametrize("seed", range(2))
def test_the_fallback_takes_a_call_up_after_a_kill_in_the_middle_of_a_turn(
    tmp_path: Path, seed: int
) -> None:
    moments = random.Random(100 + seed)
    with server_on(tmp_path) as server:
        path = next_path(say(server, VOICE, "", "0"))
        for number, line in enumerate(LINES, start=1):
            try:
                say(server, path, line, str(number), moments.uniform(0, TURN_MOST_S))
            except ServerGone:
                pass
            server.start()
            document = say(server, FALLBACK, "", f"fallback {number}")
            if "<Gather" in document and next_path(document) == path:
                # The turn was not taken: the question is put again, and answered again.
                document = say(server, path, line, f"again {number}")
            if line != LINES[-1]:
                path = next_path(document)
        assert "<Hangup" in document
        assert_complete(server)


def test_the_same_webhook_to_two_servers_gets_the_same_answer_and_counts_once(
    tmp_path: Path,
) -> None:
    together = Barrier(2)

    def send(server: ServerProcess, path: str, line: str, delivery: str) -> str:
        together.wait(20)
        return say(server, path, line, delivery)

    with (
        server_on(tmp_path, "one") as one,
        server_on(tmp_path, "two") as two,
        ThreadPoolExecutor(2) as pool,
    ):
        path = VOICE
        for number, line in enumerate(("", *LINES)):
            sent = [pool.submit(send, server, path, line, str(number)) for server in (one, two)]
            first, second = (answer.result(30) for answer in sent)
            assert first == second
            assert say(two, path, line, str(number)) == first
            if line != LINES[-1]:
                path = next_path(first)
        assert_complete(one)
        assert kept(one) == kept(two)
