"""Orders of a server are read as the carrier reads them, and nonsense is refused with a reason."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from phone.media_frames import Clear, Frames, Mark, Media, read_order

SID = "MZ1"


def message(**what: object) -> str:
    return json.dumps({"streamSid": SID, **what})


def test_what_a_server_orders_is_read() -> None:
    payload = b64encode(b"\x01\x02").decode()
    assert read_order(message(event="media", media={"payload": payload}), SID) == Media(b"\x01\x02")
    assert read_order(message(event="mark", mark={"name": "one"}), SID) == Mark("one")
    assert read_order(message(event="clear"), SID) == Clear()


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        (json.dumps({"event": "clear"}), "streamSid is None"),
        (json.dumps({"event": "clear", "streamSid": "MZ2"}), "streamSid is 'MZ2'"),
        (message(event="sing", sing={}), "event 'sing'"),
        (message(event=["media"]), "no event"),
        (message(event="media"), "no event 'media'"),
        (message(event="media", media={"payload": 1}), "event 'media'"),
        (message(event="mark", mark={"name": 1}), "event 'mark'"),
    ],
)
def test_what_the_carrier_would_not_take_is_refused(told: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_order(told, SID)


def test_sound_that_is_no_base64_is_refused() -> None:
    with pytest.raises(ValueError, match=r"base64|padding"):
        read_order(message(event="media", media={"payload": "***"}), SID)


def test_messages_are_numbered_across_their_kinds_and_sound_on_its_track() -> None:
    frames = Frames("AC1", "CA1", SID)
    sent = [
        frames.start({}),
        frames.media(b"\xff" * 160, 0),
        frames.dtmf("5"),
        frames.media(b"\xff" * 160, 0, "outbound"),
        frames.media(b"\xff" * 160, 20),
        frames.stop(),
    ]
    told = [json.loads(one) for one in sent]
    assert [one["sequenceNumber"] for one in told] == ["1", "2", "3", "4", "5", "6"]
    assert [one["media"]["chunk"] for one in told if one["event"] == "media"] == ["1", "1", "2"]
    assert {one["streamSid"] for one in told} == {SID}
