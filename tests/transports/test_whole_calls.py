"""Whole calls over HTTP with everything real: once counted, whoever repeats, races or is killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app import create_app, services_of
from conversation.state import CallState
from providers.telephony.twilio.signature import sign
from storage.base import Storage
from storage.records import CallRecord, TurnRecord
from tests.providers.telephony.twilio_forms import CALL_SID, call_form
from tests.providers.telephony.twiml import read_twiml
from tests.transports.doors import BASE, TOKEN, Carrier, document_of, real_settings

ROOT = Path(__file__).parents[2]
VOICE = "/voice?agent_type=LOGISTICS"
CHARGE = {"amount": 500, "currency": "INR"}
WINDOW = {"start": "14:00", "end": "17:00"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application with everything real."""
    app = create_app(real_settings(tmp_path))
    yield app
    services_of(app).close()


def kept(storage: Storage) -> tuple[CallRecord, CallState, Sequence[TurnRecord]]:
    call = storage.find_call(CALL_SID)
    assert call is not None
    return call, CallState.from_dict(call.state), storage.turns(call.call_id)


def turn_of(answer: TestResponse) -> str:
    """The path of the next turn, as the document names it."""
    gather = document_of(answer).find("Gather")
    assert gather is not None
    return (gather.get("action") or "").partition("#")[0]


def in_english(carrier: Carrier) -> str:
    """A call that has been answered and goes on in English; the path of its next turn."""
    turn = turn_of(carrier.post(VOICE))
    return turn_of(carrier.post(turn, {"Digits": "1"}))


def test_a_call_brings_home_what_it_was_made_for(app: Flask) -> None:
    carrier = Carrier(app)
    turn = in_english(carrier)
    turn = turn_of(carrier.post(turn, {"SpeechResult": "500 rupees, 2 pm to 5 pm"}))
    root = document_of(carrier.post(turn, {"SpeechResult": "yes"}))
    assert root[-1].tag == "Hangup"
    call, state, _ = kept(services_of(app).storage)
    assert (call.stage, call.outcome) == ("completed", "completed")
    assert state.values == {"charge": CHARGE, "window": WINDOW}
    carrier.post("/call-events/status", {"CallStatus": "completed", "SequenceNumber": "3"})
    call, _, _ = kept(services_of(app).storage)
    assert (call.status, call.outcome) == ("completed", "completed")


def test_a_caller_who_hangs_up_has_abandoned_the_call(app: Flask) -> None:
    carrier = Carrier(app)
    turn = in_english(carrier)
    carrier.post(turn, {"SpeechResult": "500 rupees"})
    carrier.post("/call-events/status", {"CallStatus": "completed", "SequenceNumber": "3"})
    call, state, _ = kept(services_of(app).storage)
    assert (call.status, call.outcome) == ("completed", "abandoned")
    assert call.ended_at is not None
    assert state.values == {"charge": CHARGE}


@pytest.mark.parametrize("token", ["d-1", ""])
def test_the_same_webhook_twice_gets_the_same_answer_and_counts_once(
    app: Flask, token: str
) -> None:
    carrier = Carrier(app)
    headers = {"I-Twilio-Idempotency-Token": token} if token else {}
    storage = services_of(app).storage
    first = [carrier.post(VOICE, headers=headers) for _ in range(2)]
    assert first[0].data == first[1].data
    turn = turn_of(first[0])
    for form in ({"Digits": "1"}, {"SpeechResult": "500 rupees"}):
        answers = [carrier.post(turn, form, {"I-Twilio-Idempotency-Token": turn}) for _ in range(3)]
        assert len({answer.data for answer in answers}) == 1
        turn = turn_of(answers[0])
    _, state, turns = kept(storage)
    assert [one.turn for one in turns] == [0, 1, 2]
    assert state.values == {"charge": CHARGE}


def test_a_late_repetition_of_an_old_turn_changes_nothing(app: Flask) -> None:
    carrier = Carrier(app)
    first = in_english(carrier)
    second = turn_of(carrier.post(first, {"SpeechResult": "500 rupees"}))
    before = kept(services_of(app).storage)
    document_of(carrier.post(first, {"SpeechResult": "900 rupees"}))
    assert kept(services_of(app).storage)[1:] == before[1:]
    document_of(carrier.post(second, {"SpeechResult": "2 pm to 5 pm"}))
    assert kept(services_of(app).storage)[1].values == {"charge": CHARGE, "window": WINDOW}


def test_the_fallback_and_the_resumption_repeat_the_last_answer(app: Flask) -> None:
    carrier = Carrier(app)
    turn = in_english(carrier)
    answer = carrier.post(turn, {"SpeechResult": "500 rupees"})
    assert carrier.post("/voice-fallback?agent_type=LOGISTICS").data == answer.data
    assert carrier.post("/voice-resume").data == answer.data


def at_once(app: Flask, turn: str, speech: str, times: int = 4) -> list[TestResponse]:
    """What as many deliveries of one turn get that are posted at the same instant."""
    ready = Barrier(times)

    def knock(number: int) -> TestResponse:
        hand = Carrier(app)
        ready.wait()
        token = {"I-Twilio-Idempotency-Token": f"{turn}-{number}"}
        return hand.post(turn, {"SpeechResult": speech}, token)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(knock, range(times)))


def test_two_turns_at_the_same_instant_are_one(app: Flask) -> None:
    turn = in_english(Carrier(app))
    for speech in ("500 rupees", "2 pm to 5 pm"):
        answers = at_once(app, turn, speech)
        assert len({answer.data for answer in answers}) == 1
        turn = turn_of(answers[0])
    _, state, turns = kept(services_of(app).storage)
    assert [one.turn for one in turns] == [0, 1, 2, 3]
    assert state.values == {"charge": CHARGE, "window": WINDOW}


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address; killed afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.transports.serve", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def send(address: str, path: str, token: str = "", **changes: str) -> bytes:
    """A signed webhook over the wire; the document that came back."""
    form = call_form(**changes)
    fields = {name: [value] for name, value in form.items()}
    headers = {
        "X-Twilio-Signature": sign(TOKEN.encode(), "sha1", BASE + path, fields),
        "Content-Type": "application/x-www-form-urlencoded",
        "I-Twilio-Idempotency-Token": token,
    }
    answer = requests.post(address + path, data=urlencode(form), headers=headers, timeout=20)
    assert answer.status_code == 200
    read_twiml(answer.content)
    return answer.content


def next_turn(document: bytes) -> str:
    gather = read_twiml(document).find("Gather")
    assert gather is not None
    return (gather.get("action") or "").partition("#")[0]


def test_the_same_webhook_to_two_processes_at_once_counts_once(tmp_path: Path) -> None:
    with served(tmp_path) as (_, one), served(tmp_path) as (_, two):
        turn = VOICE
        for changes in ({}, {"Digits": "1"}, {"SpeechResult": "500 rupees"}):
            with ThreadPoolExecutor(4) as pool:
                where = (one, two, one, two)
                sent = [pool.submit(send, to, turn, f"d-{turn}", **changes) for to in where]
                answers = {future.result() for future in sent}
            assert len(answers) == 1
            turn = next_turn(answers.pop())
    app = create_app(real_settings(tmp_path))
    call, state, turns = kept(services_of(app).storage)
    services_of(app).close()
    assert [one.turn for one in turns] == [0, 1, 2]
    assert state.values == {"charge": CHARGE}
    assert call.outcome is None


def test_a_call_goes_on_in_another_process_when_the_first_is_killed(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address):
        turn = next_turn(send(address, VOICE))
        turn = next_turn(send(address, turn, Digits="1"))
        last = send(address, turn, SpeechResult="500 rupees")
        process.kill()
        process.wait()
    with served(tmp_path) as (_, address):
        assert send(address, "/voice-fallback", ErrorCode="11200") == last
        send(address, next_turn(last), SpeechResult="2 pm to 5 pm")
    app = create_app(real_settings(tmp_path))
    _, state, _ = kept(services_of(app).storage)
    services_of(app).close()
    assert state.values == {"charge": CHARGE, "window": WINDOW}


steps = st.tuples(
    st.sampled_from(
        ["/process-response", "/voice-resume", "/voice-fallback", "/handover-result", "/voice"]
    ),
    st.integers(-2, 2),  # how far off the turn number is
    st.sampled_from(
        [
            {"SpeechResult": "500 rupees"},
            {"SpeechResult": "2 pm to 5 pm"},
            {"SpeechResult": "no, 600 rupees"},
            {"SpeechResult": "yes"},
            {"SpeechResult": "a person please"},
            {"Digits": "1"},
            {"Digits": "*"},
            {},
            {"DialCallStatus": "busy"},
        ]
    ),
    st.sampled_from(["", "a", "b"]),
    st.integers(1, 2),  # how often it is sent
)


@examples(max_examples=60, deadline=None)
@given(script=st.lists(steps, max_size=14))
def test_turns_in_any_order_lose_and_double_nothing(
    script: list[tuple[str, int, dict[str, str], str, int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    app = create_app(real_settings(tmp_path_factory.mktemp("calls")))
    carrier, storage = Carrier(app), services_of(app).storage
    document_of(carrier.post(VOICE))
    for path, off, form, token, times in script:
        number = max(len(kept(storage)[2]) + off, 0)
        headers = {"I-Twilio-Idempotency-Token": f"{token}{number}"} if token else {}
        to = f"{path}?agent_type=LOGISTICS&turn={number}"
        answers = {carrier.post(to, form, headers).data for _ in range(times)}
        assert len(answers) == 1
        read_twiml(answers.pop())
    _, state, turns = kept(storage)
    assert [one.turn for one in turns] == list(range(len(turns)))
    said = {name: value for one in turns for name, value in one.accepted.items()}
    assert {name: value for name, value in said.items() if value is not None} == state.values
    services_of(app).close()
