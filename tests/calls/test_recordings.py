"""What the carrier tells of recordings, in any order and any number of times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations
from pathlib import Path

import pytest

from calls.recordings import OF_CALL_MOST, RecordingStatus
from tests.calls.recorded import CALL, Desk, a_desk, notice
from tests.storage.samples import at_once

URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as made:
        yield made


def test_a_recording_that_ended_waits_to_be_fetched(desk: Desk) -> None:
    desk.tell("in-progress", URL)
    assert desk.the_one().status is RecordingStatus.RUNNING
    desk.tell("completed", URL, duration_s="12", channels="2")
    recording = desk.the_one()
    assert recording.status is RecordingStatus.WAITING
    assert (recording.url, recording.duration_s, recording.channels) == (URL, 12.0, 2)
    assert recording.recording_id == CALL.call_id
    assert recording.name == f"recordings/{CALL.agent}/{CALL.call_id}.wav"
    assert not recording.is_audible


@pytest.mark.parametrize("order", list(permutations(["in-progress", "completed", "completed"])))
def test_late_and_doubled_callbacks_change_nothing(desk: Desk, order: tuple[str, ...]) -> None:
    for status in order:
        desk.tell(status, URL)
    assert desk.the_one().status is RecordingStatus.WAITING
    assert desk.the_one().url == URL


def test_a_recording_that_never_was_is_absent(desk: Desk) -> None:
    desk.tell("in-progress")
    desk.tell("absent")
    assert desk.the_one().status is RecordingStatus.ABSENT


def test_every_recording_of_a_call_has_a_name_of_its_own(desk: Desk) -> None:
    for recording_id in ("RE1", "RE2", "RE1", "RE3"):
        desk.tell("completed", URL, recording_id)
    found = desk.recordings.of_call(CALL.call_id)
    assert [one.recording_id for one in found] == ["call-1", "call-1-2", "call-1-3"]
    assert [one.carrier_id for one in found] == ["RE1", "RE2", "RE3"]


def test_told_at_the_same_time_in_many_processes_each_is_kept_once(desk: Desk) -> None:
    tasks: list[Callable[[], object]] = [
        partial(desk.tell, "completed", URL, f"RE{n % 3}") for n in range(12)
    ]
    assert at_once(tasks) == [None] * 12
    found = desk.recordings.of_call(CALL.call_id)
    assert sorted(one.carrier_id for one in found) == ["RE0", "RE1", "RE2"]


def test_a_flood_of_recordings_is_not_followed(desk: Desk) -> None:
    for number in range(OF_CALL_MOST + 5):
        desk.tell("completed", URL, f"RE{number}")
    assert len(desk.recordings.of_call(CALL.call_id)) == OF_CALL_MOST


@pytest.mark.parametrize(
    ("status", "recording_id"), [("", "RE1"), ("failed?", "RE1"), ("completed", "")]
)
def test_a_callback_that_says_nothing_is_passed_over(
    desk: Desk, status: str, recording_id: str
) -> None:
    desk.tell(status, URL, recording_id)
    assert not desk.recordings.of_call(CALL.call_id)


@pytest.mark.parametrize("raw", ["", "-3", "1e9", "٣", "nan", "9" * 50])
def test_numbers_that_are_none_are_left_out(desk: Desk, raw: str) -> None:
    desk.tell("completed", URL, duration_s=raw, channels=raw)
    assert desk.the_one().duration_s in (None, 999999999.0)


def test_what_is_told_of_nobodys_recording_is_passed_over(desk: Desk) -> None:
    desk.recordings.note_stray(None, notice("completed", URL))
    desk.recordings.note_stray("call-9", notice("completed", URL))
    assert not desk.recordings.of_call("call-9")
