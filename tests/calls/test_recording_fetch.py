"""Recordings are fetched once and whole, whatever the carrier does and whoever dies."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from calls.recording_fetch import ATTEMPTS_MOST, LONGEST, LOST_AFTER
from calls.recordings import Recordings, RecordingStatus
from calls.wav import NotWav, WavHead, read_wav_head
from storage.objects import FolderObjects, ObjectsAway
from tests.calls.recorded import CALL, Desk, a_desk, notice
from tests.providers.telephony.recordings_rest import wav
from tests.storage.samples import at_once

SOUND = wav(1.5)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as made:
        yield made


def ended(desk: Desk, content: bytes = SOUND) -> None:
    desk.tell("completed", desk.carrier.add("RE1", content), duration_s="1", channels="1")


def test_it_is_fetched_kept_and_deleted_at_the_carrier(desk: Desk) -> None:
    ended(desk)
    desk.work()
    recording = desk.the_one()
    assert recording.status is RecordingStatus.KEPT
    assert desk.sound(recording) == SOUND
    # What the file says of itself counts, not what the callback said.
    assert (recording.duration_s, recording.channels) == (1.5, 2)
    assert recording.size_bytes == len(SOUND)
    assert not desk.carrier.content
    assert recording.url == ""
    assert not list((desk.folder / "fetching").iterdir())


def test_it_may_stay_at_the_carrier(desk: Desk) -> None:
    ended(desk)
    desk.with_(leaves_carrier=False).work(Event())
    assert desk.the_one().is_audible
    assert desk.carrier.content


def test_one_that_cannot_be_deleted_there_is_kept_here_all_the_same(desk: Desk) -> None:
    ended(desk)
    desk.carrier.statuses = [200, 500]
    desk.work()
    assert desk.the_one().is_audible
    assert desk.the_one().url


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda carrier: carrier.statuses.append(404), "no such recording"),
        (lambda carrier: carrier.statuses.append(503), "HTTP 503"),
        (lambda carrier: setattr(carrier, "cut_after", 900), "broke off"),
        (lambda carrier: carrier.content.update(dict.fromkeys(carrier.content, b"<html>")), "WAV"),
        (
            lambda carrier: carrier.content.update(dict.fromkeys(carrier.content, SOUND[:-9])),
            "breaks off",
        ),
        (lambda carrier: carrier.content.update(dict.fromkeys(carrier.content, b"")), "WAV"),
    ],
)
def test_what_goes_wrong_is_tried_again_later(desk: Desk, spoil: object, reason: str) -> None:
    ended(desk)
    spoil(desk.carrier)  # type: ignore[operator]
    desk.work()
    failed = desk.the_one()
    assert (failed.status, failed.attempts) == (RecordingStatus.WAITING, 1)
    assert reason in failed.failure
    assert desk.fetching.objects.size(failed.name) is None
    asked = len(desk.carrier.asked)
    desk.work()
    assert len(desk.carrier.asked) == asked  # not due yet

    desk.carrier.cut_after = None
    ended(desk)
    desk.wait(seconds=11)
    desk.work()
    assert desk.the_one().is_audible
    assert desk.the_one().failure == ""


def test_it_is_given_up_after_three_days(desk: Desk) -> None:
    ended(desk)
    desk.carrier.statuses = [500] * 100
    began_at = desk.now[0]
    for _ in range(ATTEMPTS_MOST):
        desk.work()
        desk.wait(hours=6)
    assert desk.the_one().status is RecordingStatus.FAILED
    assert len(desk.carrier.asked) == ATTEMPTS_MOST
    assert (desk.now[0] - began_at).days >= 3


def test_an_address_that_is_not_the_carriers_is_given_up_at_once(desk: Desk) -> None:
    desk.tell("completed", "https://evil.example/2010-04-01/Accounts/AC1/Recordings/RE1")
    desk.work()
    assert desk.the_one().status is RecordingStatus.FAILED
    assert not desk.carrier.asked


def test_one_that_is_too_large_is_not_kept(desk: Desk) -> None:
    ended(desk, wav(200, 1))
    desk.work()
    assert "RECORDING_MEGABYTES" in desk.the_one().failure
    assert desk.fetching.objects.size(desk.the_one().name) is None


def test_what_a_process_left_when_it_was_killed_is_found_again(desk: Desk) -> None:
    ended(desk)
    claimed = replace(desk.the_one(), attempts=1, next_at=desk.now[0] + LONGEST)
    desk.recordings.save(claimed)
    desk.work()
    assert not desk.carrier.asked  # somebody may be at it
    desk.wait(seconds=LONGEST.total_seconds())
    desk.work()
    assert desk.the_one().is_audible


def test_of_many_processes_one_fetches(desk: Desk) -> None:
    ended(desk)
    at_once([desk.work] * 6)
    assert [method for method, _, _ in desk.carrier.asked] == ["GET", "DELETE"]
    assert desk.the_one().is_audible


def test_a_process_that_ends_gives_its_recording_back(desk: Desk) -> None:
    ended(desk)
    stop = Event()
    desk.carrier.hold, desk.carrier.cut_after = stop, 1000
    done = at_once([lambda: desk.fetching.work(stop), stop.set])
    assert done == [None, None]
    assert desk.the_one().status is RecordingStatus.WAITING
    assert desk.fetching.objects.size(desk.the_one().name) is None


def test_many_are_fetched_though_some_are_not_due(desk: Desk) -> None:
    for number in range(130):
        url = desk.carrier.add(f"RE{number}", b"" if number % 2 else SOUND)
        call = replace(CALL, call_id=f"call-{number}")
        desk.recordings.note(call, notice("completed", url, f"RE{number}"))
    desk.work()
    kept = desk.recordings.due(RecordingStatus.KEPT, 200)
    assert len(kept) == 65
    desk.work()
    assert len(desk.recordings.due(RecordingStatus.WAITING, 200)) == 65


def test_a_callback_that_was_lost_is_made_up_for(desk: Desk) -> None:
    desk.tell("in-progress", desk.carrier.add("RE1", SOUND))
    desk.work()
    assert desk.the_one().status is RecordingStatus.RUNNING
    desk.wait(seconds=LOST_AFTER.total_seconds() + 1)
    desk.work()
    assert desk.the_one().is_audible


# Deleting


def test_what_is_erased_is_gone_here_at_once_and_then_at_the_carrier(desk: Desk) -> None:
    ended(desk)
    desk.with_(leaves_carrier=False).work(Event())
    desk.recordings.erase(desk.the_one())
    assert desk.fetching.objects.size(desk.the_one().name) is None
    assert desk.recordings.get(CALL.call_id) is None
    assert not desk.recordings.shown_of_call(CALL.call_id)
    desk.work()
    assert not desk.carrier.content
    assert desk.the_one().status is RecordingStatus.ERASED


def test_what_was_erased_before_it_was_whole_never_comes(desk: Desk) -> None:
    url = desk.carrier.add("RE1", SOUND)
    desk.tell("in-progress")
    desk.recordings.erase(desk.the_one())
    desk.tell("completed", url)
    desk.work()
    assert desk.the_one().status is RecordingStatus.ERASED
    assert not desk.carrier.content
    assert desk.fetching.objects.size(desk.the_one().name) is None


def test_what_could_not_be_deleted_here_is_deleted_when_it_can_be(desk: Desk) -> None:
    ended(desk)
    desk.work()
    kept = desk.the_one()
    assert kept.url == ""  # at the carrier it is gone already

    class Away(FolderObjects):
        """A store of objects that cannot be reached."""

        def delete(self, name: str) -> bool:
            raise ObjectsAway("away")

    away = Recordings(desk.register, Away(desk.folder), lambda: desk.now[0])
    with pytest.raises(ObjectsAway):
        away.erase(kept)
    assert desk.recordings.get(kept.recording_id) is None
    desk.work()
    assert not list(desk.folder.rglob("*.wav"))
    assert desk.the_one().status is RecordingStatus.ERASED


def test_of_a_call_that_is_gone_a_late_recording_is_deleted_at_the_carrier(desk: Desk) -> None:
    desk.tell("in-progress")
    desk.recordings.erase(desk.the_one())
    desk.recordings.note_stray(CALL.call_id, notice("completed", desk.carrier.add("RE1", SOUND)))
    desk.work()
    assert not desk.carrier.content


def test_erasing_while_it_is_fetched_leaves_nothing(desk: Desk) -> None:
    for number in range(8):
        url = desk.carrier.add(f"RE{number}", SOUND)
        call = replace(CALL, call_id=f"call-{number}")
        desk.recordings.note(call, notice("completed", url, f"RE{number}"))

    def erase() -> None:
        for number in range(8):
            for one in desk.recordings.of_call(f"call-{number}"):
                desk.recordings.erase(one)

    assert at_once([desk.work, erase]) == [None, None]
    desk.wait(seconds=LONGEST.total_seconds() + 1)
    desk.work()
    assert not list(desk.folder.rglob("*.wav"))
    assert not desk.carrier.content


# Heads


def test_the_head_of_a_recording_says_how_long_it_is() -> None:
    assert read_wav_head(io.BytesIO(SOUND), len(SOUND)) == WavHead(2, 8000, 1.5)


def test_a_file_that_did_not_know_its_length_is_as_long_as_it_is() -> None:
    head, sound = SOUND[:40], SOUND[44:]
    streamed = head + struct.pack("<I", 0xFFFFFFFF) + sound
    assert read_wav_head(io.BytesIO(streamed), len(streamed)).duration_s == 1.5


@pytest.mark.parametrize("cut", [0, 3, 8, 12, 20, 36, 43, len(SOUND) - 1])
def test_the_beginning_of_a_file_is_none(cut: int) -> None:
    with pytest.raises(NotWav):
        read_wav_head(io.BytesIO(SOUND[:cut]), cut)


def test_chunks_that_nobody_knows_are_passed_over() -> None:
    odd = SOUND[:12] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + SOUND[12:]
    assert read_wav_head(io.BytesIO(odd), len(odd)).duration_s == 1.5
