"""Messages of Media Streams, as the carrier writes them and as anybody might."""

from __future__ import annotations

import base64
import json

import pytest

from phone.media_frames import Clear, Frames, Mark, Media, read_order
from providers.telephony.base import (
    StreamAudio,
    StreamKey,
    StreamMark,
    StreamStarted,
    StreamStopped,
)
from providers.telephony.twilio.media_stream import MESSAGE_MOST, MediaStream

FRAMES = Frames("AC" + "7" * 32, "CA" + "5" * 32, "MZ" + "1" * 32)
WIRE = MediaStream()


def test_what_the_carrier_sends_is_read() -> None:
    assert WIRE.read(FRAMES.start({"token": "abc"})) == StreamStarted(
        FRAMES.stream_sid, FRAMES.call_sid, "abc", "audio/x-mulaw", 8000
    )
    assert WIRE.read(FRAMES.media(b"\x00\x80\xff", 20)) == StreamAudio(b"\x00\x80\xff")
    assert WIRE.read(FRAMES.dtmf("#")) == StreamKey("#")
    assert WIRE.read(FRAMES.mark("m1")) == StreamMark("m1")
    assert WIRE.read(FRAMES.stop()) == StreamStopped()


@pytest.mark.parametrize(
    "message",
    [
        '{"event":"connected","protocol":"Call","version":"1.0.0"}',
        '{"event":"something new","with":["anything"]}',
        FRAMES.media(b"\x00", 0, track="outbound"),
    ],
)
def test_what_is_not_for_us_is_nothing(message: str) -> None:
    assert WIRE.read(message) is None


def test_a_start_without_a_token_has_an_empty_one() -> None:
    told = WIRE.read(FRAMES.start({}))

    assert isinstance(told, StreamStarted)
    assert told.token == ""


@pytest.mark.parametrize(
    "message",
    [
        b'{"event":"connected"}',
        "",
        "no JSON",
        "[]",
        "null",
        "7",
        "{}",
        '{"event":null}',
        '{"event":[]}',
        '{"event":"media"}',
        '{"event":"media","media":null}',
        '{"event":"media","media":[]}',
        '{"event":"media","media":{}}',
        '{"event":"media","media":{"payload":7}}',
        '{"event":"media","media":{"payload":"é"}}',
        '{"event":"media","media":{"payload":"abc"}}',
        '{"event":"mark","mark":{"name":7}}',
        '{"event":"mark","mark":"m1"}',
        '{"event":"dtmf","dtmf":{"digit":"12"}}',
        '{"event":"dtmf","dtmf":{"digit":""}}',
        '{"event":"dtmf","dtmf":{"digit":5}}',
        '{"event":"start"}',
        '{"event":"start","start":[]}',
        '{"event":"start","start":{"streamSid":"MZ"}}',
        '{"event":"start","start":{"callSid":"CA"}}',
        '{"event":"start","start":{"streamSid":"MZ","callSid":["CA"]}}',
        '{"event":"start","start":{"streamSid":"MZ","callSid":"CA","customParameters":[1]}}',
        '{"event":"start","start":{"streamSid":"MZ","callSid":"CA","mediaFormat":"mulaw"}}',
        '{"event":"media","media":{"payload":"' + "A" * MESSAGE_MOST + '"}}',
        '{"event":' * 5000,
    ],
)
def test_nonsense_is_refused(message: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        WIRE.read(message)


@pytest.mark.parametrize("rate", [8000, "8000"])
def test_the_form_of_the_sound_is_told(rate: object) -> None:
    start = json.loads(FRAMES.start({"token": "t"}))
    start["start"]["mediaFormat"]["sampleRate"] = rate

    told = WIRE.read(json.dumps(start))

    assert isinstance(told, StreamStarted)
    assert told.rate_hz == 8000


@pytest.mark.parametrize("rate", ["much", None, [], 8000.5, "²"])
def test_a_rate_that_is_none_is_0(rate: object) -> None:
    start = json.loads(FRAMES.start({"token": "t"}))
    start["start"]["mediaFormat"]["sampleRate"] = rate

    told = WIRE.read(json.dumps(start))

    assert isinstance(told, StreamStarted)
    assert told.rate_hz == 0


def test_what_we_send_the_carrier_can_read() -> None:
    stream = FRAMES.stream_sid

    assert read_order(WIRE.audio(stream, b"\x00\xff"), stream) == Media(b"\x00\xff")
    assert read_order(WIRE.mark(stream, "m1"), stream) == Mark("m1")
    assert read_order(WIRE.clear(stream), stream) == Clear()


def test_an_id_from_outside_writes_no_message_of_ours() -> None:
    stream = 'MZ","event":"clear'

    sent = json.loads(WIRE.audio(stream, b"\x00"))

    assert sent == {
        "event": "media",
        "streamSid": stream,
        "media": {"payload": base64.b64encode(b"\x00").decode()},
    }
