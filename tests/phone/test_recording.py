"""A recorded call: who is heard when, on which channel, and where the file is to be had."""

from __future__ import annotations

import io
import wave
from array import array
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from phone.caller import Presses, Speaks
from phone.line import Line
from phone.mulaw import RATE_HZ
from phone.studio import STUDIO
from phone.tape import Piece, Report, Side, Tape, Tapes
from phone.voice import recording_of
from tests.phone.fake_app import App, Reply
from tests.phone.planned import NOON, PlannedCaller, response, run

RECORD = (
    '<Say>This call is recorded.</Say><Start><Recording recordingStatusCallback="/done" '
    'recordingStatusCallbackEvent="in-progress completed absent"/></Start>'
)
ASK = '<Gather input="speech dtmf" action="/next" numDigits="1"><Say>How much is it?</Say></Gather>'


@pytest.fixture
def app() -> Iterator[App]:
    with App() as server:
        server.views["/done"] = Reply(status=204)
        server.views["/next"] = Reply(response("<Hangup/>"))
        yield server


def channels(sound: bytes) -> tuple[array[int], array[int]]:
    """Caller and agent."""
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE_HZ)
        frames = array("h", file.readframes(file.getnframes()))
    return frames[0::2], frames[1::2]


def is_loud(track: array[int], first_s: float, last_s: float) -> bool:
    part = track[int(first_s * RATE_HZ) : int(last_s * RATE_HZ)]
    return bool(part) and max(map(abs, part)) > 500


def told(line: Line) -> list[dict[str, str]]:
    return [dict(one.form) for one in line.call.courier.deliveries if "RecordingSid" in one.form]


def fetch(url: str, method: str = "GET") -> requests.Response:
    return requests.request(method, url, auth=("AC", "local"), timeout=10)


def test_recording_begins_where_it_stands_and_its_file_can_be_fetched(app: App) -> None:
    line = run(app, PlannedCaller([Speaks(("five hundred rupees",))]), RECORD + ASK)
    began, completed = told(line)
    assert (began["RecordingStatus"], completed["RecordingStatus"]) == ("in-progress", "completed")
    assert began["RecordingSid"] == completed["RecordingSid"]
    assert (completed["RecordingChannels"], completed["CallSid"]) == ("2", line.call.leg.sid)
    answer = fetch(completed["RecordingUrl"] + ".wav")
    assert answer.headers["Content-Type"] == "audio/x-wav"
    caller, agent = channels(answer.content)
    assert abs(len(caller) / RATE_HZ - int(completed["RecordingDuration"])) <= 1
    # The agent asks first, and the caller answers when it has finished.
    assert is_loud(agent, 0.1, 1.0)
    assert not is_loud(caller, 0, 1.0)
    assert is_loud(caller, 1.4, 2.5)
    assert fetch(completed["RecordingUrl"] + ".json").json()["channels"] == 2
    assert fetch(completed["RecordingUrl"] + ".json", "DELETE").status_code == 204
    assert fetch(completed["RecordingUrl"] + ".wav").status_code == 404


def test_a_file_is_for_who_has_a_password_and_names_the_account(app: App) -> None:
    url = told(run(app, PlannedCaller(), RECORD))[-1]["RecordingUrl"]
    assert requests.get(url + ".wav", timeout=10).status_code == 401
    assert fetch(url.replace("/Accounts/AC", "/Accounts/XX") + ".wav").status_code == 404


def test_only_what_is_asked_for_is_told(app: App) -> None:
    verbs = '<Start><Recording recordingStatusCallback="/done"/></Start><Say>Hello</Say>'
    [completed] = told(run(app, PlannedCaller(), verbs))
    assert completed["RecordingStatus"] == "completed"
    assert not told(run(app, PlannedCaller(), "<Start><Recording/></Start><Say>Hello</Say>"))


def test_a_callback_that_nobody_takes_is_a_fault_and_no_end(app: App) -> None:
    verbs = '<Start><Recording recordingStatusCallback="http://127.0.0.1:9/x"/></Start>'
    line = run(app, PlannedCaller(), verbs + "<Say>Go on</Say>")
    assert len(line.call.transcript.faults) == 1
    assert line.call.leg.status == "completed"


def test_keys_are_heard_as_tones(app: App) -> None:
    line = run(app, PlannedCaller([Presses("5")]), RECORD + ASK)
    caller, _ = channels(fetch(told(line)[-1]["RecordingUrl"] + ".wav").content)
    assert is_loud(caller, 0, 10)


def at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_who_is_talked_over_stops() -> None:
    tape = Tape(NOON, Report(""))
    tapes = Tapes([tape])
    tapes.agent_plays(NOON, 2, "one", "en-IN")
    tapes.agent_plays(NOON, 1, "", "")  # a pause
    tapes.agent_plays(NOON, 3, "two", "en-IN")
    tapes.agent_plays(NOON, 3, "three", "en-IN")
    tapes.caller_acts(NOON + at(4), "wait", "en-IN")
    assert [(one.side, one.words, one.at - NOON, one.length_s) for one in tape.pieces[:2]] == [
        (Side.AGENT, "one", at(0), 2),
        (Side.AGENT, "two", at(3), 1),
    ]
    assert [one.words for one in tape.pieces] == ["one", "two", "wait"]


def test_a_side_that_says_nothing_is_as_long_as_the_other() -> None:
    tape = Tape(NOON, Report(""), ended_at=NOON + at(2))
    tape.pieces.append(Piece(Side.AGENT, NOON, 1, "", "clip"))
    caller, agent = channels(recording_of(tape))
    assert len(caller) == len(agent) == 2 * RATE_HZ
    assert not any(caller)
    assert is_loud(agent, 0, 1)


def test_words_in_a_language_nobody_speaks_are_a_tone() -> None:
    tape = Tape(NOON, Report(""), ended_at=NOON + at(1))
    tape.pieces.append(Piece(Side.CALLER, NOON, 1, "hello", "xx-XX"))
    assert is_loud(channels(recording_of(tape))[0], 0, 1)


def test_a_call_that_lasted_no_time_has_an_empty_file() -> None:
    assert channels(recording_of(Tape(NOON, Report(""), ended_at=NOON))) == (array("h"),) * 2


def test_whoever_waits_for_the_server_to_fetch_waits_no_longer_than_told() -> None:
    tape = Tape(NOON, Report(""), ended_at=NOON)
    STUDIO.keep("AC1", tape)
    assert STUDIO.wait_until_fetched(0.1) is False
    fetch(STUDIO.url("AC1", tape.sid) + ".json", "DELETE")
