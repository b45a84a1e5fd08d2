"""Recordings by link, in parts as players ask for them, and in the record of a call."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from access.recording_links import ExpiredLink, ForgedLink, RecordingLinks
from calls.recordings import Recording, RecordingStatus
from providers.telephony.base import CallNotice, NoticeKind
from tests.providers.telephony.recordings_rest import wav
from tests.storage.samples import a_turn
from tests.transports.doors import NOW, House, a_call, json_of

SOUND = wav(1)
AUTH = {"Authorization": "Bearer api-secret"}
URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"


def noted(house: House, status: str = "completed") -> Recording:
    """A call with a recording of which the carrier told."""
    services = house.services
    if services.storage.load_call("call-1") is None:
        services.storage.create_call(a_call())
    data = {"recording_id": "RE1", "status": status, "url": URL}
    services.recordings.note(a_call(), CallNotice("CA", NoticeKind.RECORDING, "k", 0, "", data))
    [recording] = services.recordings.of_call("call-1")
    return recording


def kept(house: House) -> Recording:
    """A call with a recording that can be heard."""
    recording = noted(house)
    services = house.services
    services.objects.keep(recording.name, io.BytesIO(SOUND))
    heard = replace(
        recording,
        status=RecordingStatus.KEPT,
        duration_s=1.0,
        channels=2,
        size_bytes=len(SOUND),
    )
    return services.recordings.save(heard)


def heard(house: House, path: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return house.app.test_client().get(path, headers=named)


def link(house: House) -> str:
    return house.services.recording_links.path_to(kept(house).recording_id)


def test_a_link_opens_its_recording_without_any_other_proof(house: House) -> None:
    answer = heard(house, link(house))
    assert (answer.status_code, answer.content_type) == (200, "audio/wav")
    assert answer.data == SOUND
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "status", "part", "told"),
    [
        ("bytes=0-", 200, SOUND, None),
        ("bytes=100-199", 206, SOUND[100:200], f"bytes 100-199/{len(SOUND)}"),
        ("bytes=100-", 206, SOUND[100:], f"bytes 100-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=-10", 206, SOUND[-10:], f"bytes {len(SOUND) - 10}-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=0-0", 206, SOUND[:1], f"bytes 0-0/{len(SOUND)}"),
        ("bytes=10-999999999", 206, SOUND[10:], f"bytes 10-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=999999999-", 416, b"", f"bytes */{len(SOUND)}"),
        ("bytes=-0", 416, b"", f"bytes */{len(SOUND)}"),
        ("bytes=9-1", 200, SOUND, None),
        ("bytes=0-1,4-5", 200, SOUND, None),
        ("bytes=", 200, SOUND, None),
        ("bytes=-", 200, SOUND, None),
        ("lines=1-2", 200, SOUND, None),
        ("bytes=" + "9" * 60 + "-", 416, b"", f"bytes */{len(SOUND)}"),
    ],
)
def test_a_player_gets_the_part_it_asks_for(
    house: House, wanted: str, status: int, part: bytes, told: str | None
) -> None:
    answer = heard(house, link(house), Range=wanted)
    assert (answer.status_code, answer.data) == (status, part)
    assert answer.headers.get("Content-Range") == told
    assert answer.headers["Content-Length"] == str(len(part))


def test_a_link_that_was_changed_opens_nothing(house: House) -> None:
    right = link(house)
    query = parse_qs(urlsplit(right).query)
    signature, expires = query["signature"][0], query["expires"][0]
    for wrong in (
        "/recordings/call-1",
        f"/recordings/call-1?expires={expires}",
        f"/recordings/call-1?expires={int(expires) + 1}&signature={signature}",
        f"/recordings/call-2?expires={expires}&signature={signature}",
        f"/recordings/call-1?expires={expires}&signature={signature[:-1]}x",
        f"/recordings/call-1?expires={expires}&signature=é",
        f"/recordings/call-1?expires=&signature={signature}",
    ):
        answer = heard(house, wrong)
        assert answer.status_code == 403
        assert json_of(answer)["error"]["code"] == "forged_link"


def test_an_old_link_opens_nothing_and_says_so_to_people(house: House) -> None:
    kept(house)
    before = RecordingLinks(house.services.secret, timedelta(0), lambda: NOW)
    path = before.path_to("call-1")
    answer = heard(house, path)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (410, "expired_link")
    page = heard(house, path, Accept="text/html")
    assert page.status_code == 410
    assert page.mimetype == "text/html"
    assert b"This link has expired" in page.data


def test_links_are_checked_by_time_and_secret() -> None:
    now = [NOW]
    links = RecordingLinks(b"secret", timedelta(minutes=5), lambda: now[0])
    query = parse_qs(urlsplit(links.path_to("call-1")).query)
    expires, signature = query["expires"][0], query["signature"][0]
    links.check("call-1", expires, signature)
    with pytest.raises(ForgedLink):
        RecordingLinks(b"other", links.lasts, links.clock).check("call-1", expires, signature)
    now[0] += timedelta(minutes=5)
    with pytest.raises(ExpiredLink):
        links.check("call-1", expires, signature)


def test_a_recording_that_was_deleted_is_gone_for_every_link(house: House) -> None:
    path = link(house)
    [recording] = house.services.recordings.of_call("call-1")
    house.services.recordings.erase(recording)
    assert heard(house, path).status_code == 404


def test_a_file_that_is_gone_is_missed(house: House) -> None:
    path = link(house)
    house.services.objects.delete("recordings/logistics/call-1.wav")
    assert json_of(heard(house, path))["error"]["code"] == "no_recording"


# The record of a call


def test_the_record_of_a_call_holds_a_link_that_opens(house: House) -> None:
    kept(house)
    call = house.services.storage.load_call("call-1")
    assert call is not None
    house.services.storage.save_call(call, a_turn(1))
    log = json_of(heard(house, "/call-logs/call-1", **AUTH))
    assert (log["call_id"], log["duration"]) == ("call-1", 1.0)
    assert log["transcript"][0]["caller"] == "five hundred rupees"
    assert log["expires_in"] == 900
    assert log["recordings"][0]["status"] == "kept"
    assert log["download_url"].startswith("https://calls.example/recordings/call-1?")
    path = log["download_url"].removeprefix("https://calls.example")
    assert heard(house, path).data == SOUND


def test_the_carriers_id_is_as_good(house: House) -> None:
    kept(house)
    carrier_id = a_call().carrier_id
    assert json_of(heard(house, f"/call-logs/{carrier_id}", **AUTH))["call_id"] == "call-1"


def test_without_a_recording_there_is_no_link(house: House) -> None:
    house.services.storage.create_call(a_call())
    log = json_of(heard(house, "/call-logs/call-1", **AUTH))
    assert (log["download_url"], log["recordings"]) == (None, [])
    answer = heard(house, "/call-logs/call-1/recording", **AUTH)
    assert answer.status_code == 404
    assert json_of(answer)["error"]["message"] == "This call was not recorded."


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("in-progress", "still being recorded"),
        ("completed", "try again in a minute"),
        ("absent", "nothing to record"),
    ],
)
def test_a_recording_that_cannot_be_heard_yet_says_why(
    house: House, status: str, message: str
) -> None:
    noted(house, status)
    answer = heard(house, "/call-logs/call-1/recording", **AUTH)
    assert answer.status_code == 404
    assert message in json_of(answer)["error"]["message"]


def test_the_recording_of_a_call_can_be_asked_for_with_the_token(house: House) -> None:
    kept(house)
    answer = heard(house, "/call-logs/call-1/recording", Range="bytes=0-3", **AUTH)
    assert (answer.status_code, answer.data) == (206, b"RIFF")


def test_strangers_and_unknown_calls(house: House) -> None:
    for path in ("/call-logs/call-1", "/call-logs/call-1/recording"):
        assert heard(house, path).status_code == 401
        assert heard(house, path, **AUTH).status_code == 404
