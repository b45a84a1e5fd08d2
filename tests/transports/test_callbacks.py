"""Callbacks of the carrier: kept once, in order, and a line that is down ends its call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.recordings import RecordingStatus
from calls.turns import UnknownAgent
from storage.base import StorageError
from storage.records import CallRecord
from tests.providers.telephony.twilio_forms import CALL_SID
from tests.transports.doors import House, a_call, json_of


def status(house: House, word: str, sequence: int | None, query: str = "") -> int:
    form = {"CallStatus": word, "CallbackSource": "call-progress-events"}
    if sequence is not None:
        form["SequenceNumber"] = str(sequence)
    return house.carrier.post(f"/call-events/status{query}", form).status_code


def kept(house: House, call_id: str = "call-1") -> CallRecord:
    call = house.services.storage.load_call(call_id)
    assert call is not None
    return call


def test_statuses_are_kept_in_order_however_they_arrive(house: House) -> None:
    house.services.storage.create_call(a_call())
    for word, sequence in (("in-progress", 2), ("ringing", 1), ("initiated", 0)):
        assert status(house, word, sequence) == 204
    assert (kept(house).status, kept(house).status_sequence) == ("in-progress", 2)
    events = house.services.storage.events("call-1")
    assert [one.data["status"] for one in events] == ["initiated", "ringing", "in-progress"]


def test_a_status_told_twice_is_kept_once(house: House) -> None:
    house.services.storage.create_call(a_call())
    assert [status(house, "ringing", 1), status(house, "ringing", 1)] == [204, 204]
    assert len(house.services.storage.events("call-1")) == 1


def test_a_line_that_is_down_ends_the_call(house: House) -> None:
    house.services.storage.create_call(a_call())
    status(house, "completed", 3)
    assert house.turns.ended == [(CALL_SID, "completed")]
    assert kept(house).status == "completed"


def test_what_is_over_stays_over(house: House) -> None:
    house.services.storage.create_call(a_call())
    status(house, "completed", 3)
    status(house, "in-progress", 9)
    assert kept(house).status == "completed"


def test_the_end_counts_even_with_a_number_below_one_that_was_seen(house: House) -> None:
    house.services.storage.create_call(replace(a_call(), status="in-progress", status_sequence=7))
    status(house, "completed", None)
    assert kept(house).status == "completed"
    assert house.turns.ended == [(CALL_SID, "completed")]


def test_a_call_that_ended_before_its_line_went_down_is_not_ended_again(house: House) -> None:
    house.services.storage.create_call(replace(a_call(), outcome="completed"))
    status(house, "completed", 3)
    assert not house.turns.ended
    assert kept(house).status == "completed"


def test_an_end_that_was_interrupted_is_made_up_for_by_its_repetition(house: House) -> None:
    house.services.storage.create_call(a_call())
    house.turns.error = StorageError("away")
    assert status(house, "completed", 3) == 503
    house.turns.error = None
    assert status(house, "completed", 3) == 204
    assert house.turns.ended == [(CALL_SID, "completed")]


def test_an_order_that_seemed_to_fail_but_rang_ends_like_any_call(house: House) -> None:
    house.services.storage.create_call(replace(a_call(), status="failed"))
    status(house, "completed", 3)
    assert kept(house).status == "completed"
    assert house.turns.ended == [(CALL_SID, "completed")]


@pytest.mark.parametrize(
    "error", [UnknownAgent("logistics", ()), ValueError("a call state of format 0")]
)
def test_a_call_ends_even_when_it_cannot_be_led_any_more(house: House, error: Exception) -> None:
    house.services.storage.create_call(a_call())
    house.turns.error = error
    assert status(house, "completed", 3) == 204
    assert (kept(house).outcome, kept(house).status) == ("abandoned", "completed")


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "canceled"])
def test_an_ordered_call_that_nobody_took_has_failed(house: House, word: str) -> None:
    ordered = replace(a_call(), carrier_id=None, direction="outbound", answer={}, status="queued")
    house.services.storage.create_call(ordered)
    status(house, word, 2, "?call_id=call-1")
    call = kept(house)
    assert (call.outcome, call.status, call.carrier_id) == ("failed", word, CALL_SID)
    assert call.ended_at is not None
    assert not house.turns.ended


def test_a_callback_that_names_our_call_but_belongs_to_another_changes_nothing(
    house: House,
) -> None:
    house.services.storage.create_call(a_call("CA-other"))
    assert status(house, "completed", 3, "?call_id=call-1") == 204
    assert kept(house).status == "queued"


def test_a_callback_for_an_unknown_call_is_taken_and_forgotten(house: House) -> None:
    assert status(house, "completed", 3) == 204
    assert house.services.storage.events("call-1") == []


def test_machine_detection_and_recordings_are_kept(house: House) -> None:
    house.services.storage.create_call(a_call())
    amd = {"AnsweredBy": "machine_start", "MachineDetectionDuration": "2100"}
    recording = {"RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingDuration": "9"}
    assert house.carrier.post("/call-events/amd", amd).status_code == 204
    assert house.carrier.post("/call-events/recording", recording).status_code == 204
    events = {one.kind: one.data for one in house.services.storage.events("call-1")}
    assert events["amd"]["answered_by"] == "machine_start"
    assert events["recording"] == {"recording_id": "RE1", "status": "completed", "duration_s": "9"}


def test_a_callback_of_an_unknown_kind_is_not_found(house: House) -> None:
    for kind in ("handover", "weather"):
        answer = house.carrier.post(f"/call-events/{kind}")
        assert (answer.status_code, json_of(answer)["error"]["code"]) == (404, "not_found")


def test_a_callback_that_names_no_call_is_refused(house: House) -> None:
    answer = house.carrier.post("/call-events/status", {"CallSid": "?"})
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (400, "bad_callback")


RECORDED = {
    "RecordingSid": "RE1",
    "RecordingStatus": "completed",
    "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/AC{'7' * 32}/Recordings/RE1",
    "RecordingDuration": "12",
    "RecordingChannels": "2",
}


def test_where_a_recording_lies_is_kept_once(house: House) -> None:
    house.services.storage.create_call(a_call())
    for _ in range(2):
        path = "/call-events/recording?call_id=call-1"
        assert house.carrier.post(path, RECORDED).status_code == 204
    [recording] = house.services.recordings.of_call("call-1")
    assert recording.status is RecordingStatus.WAITING
    assert (recording.url, recording.duration_s) == (RECORDED["RecordingUrl"], 12)
    assert len(house.services.storage.events("call-1")) == 1


def test_a_recording_of_a_call_that_is_not_known_is_none_of_ours(house: House) -> None:
    assert house.carrier.post("/call-events/recording?call_id=call-9", RECORDED).status_code == 204
    assert not house.services.recordings.of_call("call-9")


def test_a_forged_recording_is_refused(house: House) -> None:
    house.services.storage.create_call(a_call())
    path = "/call-events/recording?call_id=call-1"
    assert house.carrier.client.post(path, data=RECORDED).status_code == 403
    assert not house.services.recordings.of_call("call-1")
