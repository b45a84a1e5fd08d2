"""The recognisers on this machine, as a client sees them that is not ours."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from phone.spoken import noise, silence, tones
from phone.tape import Side
from phone.vendors.process import VendorsProcess
from phone.word_track import write_words
from tests.waiting import wait_until

CHARGE = tones("six hundred rupees", Side.CALLER)
NOVA = "/v1/listen?model=nova-3&language=en-IN&encoding=mulaw&sample_rate=8000"
TELLING = "&interim_results=true&endpointing=300&utterance_end_ms=1000&vad_events=true"
FLUX = "/v2/listen?model=flux-general-en&encoding=mulaw&sample_rate=8000&eager_eot_threshold=0.4"
SCRIBE = (
    "/v1/speech-to-text/realtime?model_id=scribe_v2_realtime&audio_format=ulaw_8000"
    "&commit_strategy=vad&vad_silence_threshold_secs=0.3"
)
TOKEN = {"Authorization": "Token k"}
KEY = {"xi-api-key": "k"}
LIMIT_S = 10.0


def a_socket(
    vendors: VendorsProcess, name: str, path: str, headers: dict[str, str]
) -> ClientConnection:
    address = vendors.addresses[name].replace("http", "ws") + path
    return connect(address, additional_headers=headers, proxy=None, compression=None)


def say(socket: ClientConnection, *sounds: bytes, piece: int = 640) -> None:
    sound = b"".join(sounds)
    for start in range(0, len(sound), piece):
        socket.send(sound[start : start + piece])


def messages(socket: ClientConnection) -> list[dict[str, Any]]:
    """Everything until it closes."""
    told = []
    try:
        while True:
            told.append(json.loads(socket.recv(LIMIT_S)))
    except ConnectionClosed:
        return told


def transcripts(told: list[dict[str, Any]], is_final: bool) -> list[str]:
    return [
        one["channel"]["alternatives"][0]["transcript"]
        for one in told
        if one["type"] == "Results" and one["is_final"] is is_final
    ]


def test_nova_tells_words_pauses_and_its_end(vendors: VendorsProcess) -> None:
    with a_socket(vendors, "deepgram", NOVA + TELLING, TOKEN) as socket:
        say(socket, silence(0.5), CHARGE, silence(0.5))
        socket.send('{"type":"Finalize"}')
        say(socket, silence(1.5))
        socket.send('{"type":"KeepAlive"}')
        socket.send('{"type":"CloseStream"}')
        told = messages(socket)
    kinds = [one["type"] for one in told]
    assert kinds[0] == "SpeechStarted"
    assert kinds[-1] == "Metadata"
    assert kinds.count("UtteranceEnd") == 1
    assert transcripts(told, is_final=False)[0] == "six"
    assert transcripts(told, is_final=True) == ["six hundred rupees", "", ""]
    pause = next(one for one in told if one.get("speech_final"))
    # The words end where the sound does, and 0.3 s of silence were waited for.
    assert 0.3 <= pause["start"] <= 0.5
    assert pause["start"] + pause["duration"] <= 0.5 + len(CHARGE) / 8000 + 0.4
    counted = vendors.counts()["deepgram"]
    assert (counted["texts"], counted["kept_alive"]) == ({"six hundred rupees": 1}, 1)


def test_a_word_that_begins_softly_after_a_silence_is_no_utterance_of_its_own(
    vendors: VendorsProcess,
) -> None:
    softly = write_words(silence(0.1) + noise(0.9), [(0, "five"), (4000, "hundred")])
    with a_socket(vendors, "deepgram", NOVA + TELLING, TOKEN) as socket:
        say(socket, silence(1), softly, silence(0.5))
        socket.send('{"type":"CloseStream"}')
        told = messages(socket)
    assert transcripts(told, is_final=True) == ["five hundred", ""]


def test_nova_tells_no_more_than_it_is_asked_for(vendors: VendorsProcess) -> None:
    with a_socket(vendors, "deepgram", NOVA, TOKEN) as socket:
        say(socket, noise(0.5), silence(1), CHARGE)
        socket.send('{"type":"Finalize"}')
        socket.send('{"type":"CloseStream"}')
        told = messages(socket)
    assert vendors.counts()["deepgram"]["texts"] == {"six hundred rupees": 1}
    assert {one["type"] for one in told} == {"Results", "Metadata"}
    assert any(one.get("from_finalize") for one in told)


def test_flux_follows_a_turn(vendors: VendorsProcess) -> None:
    with a_socket(vendors, "deepgram", FLUX, TOKEN) as socket:
        say(socket, silence(0.5), CHARGE, silence(1), CHARGE)
        socket.send('{"type":"ForceEndTurn"}')
        socket.send('{"type":"CloseStream"}')
        told = messages(socket)
    assert told[0]["type"] == "Connected"
    assert [one["sequence_id"] for one in told] == list(range(len(told)))
    events = [one["event"] for one in told[1:] if one["event"] != "Update"]
    assert events == [
        "StartOfTurn",
        "EagerEndOfTurn",
        "EndOfTurn",
        "StartOfTurn",
        *(["EagerEndOfTurn"] if events[-2] == "EagerEndOfTurn" else []),
        "EndOfTurn",
    ]
    ends = [one for one in told if one.get("event") == "EndOfTurn"]
    assert [(one["turn_index"], one["trigger"]) for one in ends] == [(0, "model"), (1, "manual")]
    assert {one["transcript"] for one in ends} == {"six hundred rupees"}


def test_scribe_commits_by_silence_and_on_demand(vendors: VendorsProcess) -> None:
    def chunk(sound: bytes, commit: bool = False) -> str:
        audio = base64.b64encode(sound).decode()
        message = {"message_type": "input_audio_chunk", "audio_base_64": audio}
        return json.dumps({**message, "commit": commit})

    with a_socket(vendors, "elevenlabs", SCRIBE, KEY) as socket:
        socket.send(chunk(CHARGE + silence(0.2)))
        socket.send(chunk(silence(0.5)))
        socket.send(chunk(CHARGE))
        socket.send(chunk(b"", commit=True))
        wait_until(lambda: vendors.counts()["scribe"]["texts"] == {"six hundred rupees": 2})
        socket.send("{}")
        told = messages(socket)
    assert [(one["message_type"], one.get("text")) for one in told] == [
        ("session_started", None),
        ("partial_transcript", "six hundred rupees"),
        ("committed_transcript", "six hundred rupees"),
        ("partial_transcript", "six hundred rupees"),
        ("committed_transcript", "six hundred rupees"),
    ]


@pytest.mark.parametrize(
    ("name", "path", "headers", "status"),
    [
        ("deepgram", NOVA, {}, 401),
        ("deepgram", "/v3/listen", TOKEN, 404),
        ("deepgram", "/v1/listen?model=nova-3", TOKEN, 400),
        ("deepgram", NOVA.replace("v1", "v2"), TOKEN, 400),
        ("deepgram", FLUX.replace("v2", "v1"), TOKEN, 400),
        ("elevenlabs", SCRIBE, {}, 401),
        ("elevenlabs", "/v1/else", KEY, 404),
        ("elevenlabs", SCRIBE.replace("ulaw", "pcm"), KEY, 400),
    ],
)
def test_who_asks_wrongly_is_not_let_in(
    vendors: VendorsProcess, name: str, path: str, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        a_socket(vendors, name, path, headers)
    assert refused.value.response.status_code == status


def test_nonsense_ends_a_session(vendors: VendorsProcess) -> None:
    with a_socket(vendors, "deepgram", NOVA, TOKEN) as socket:
        socket.send("nonsense")
        assert messages(socket) == []
        assert (socket.close_code, socket.close_reason) == (1008, "DATA-0000")


@pytest.mark.parametrize("speed", [1, 7, 50])
def test_times_are_those_of_the_sound_however_it_comes(vendors: VendorsProcess, speed: int) -> None:
    with a_socket(vendors, "deepgram", NOVA + TELLING, TOKEN) as socket:
        say(socket, silence(1), CHARGE, silence(2), piece=160 * speed)
        socket.send('{"type":"CloseStream"}')
        told = messages(socket)
    assert transcripts(told, is_final=True)[0] == "six hundred rupees"
    began = next(one for one in told if one["type"] == "SpeechStarted")
    assert began["timestamp"] == pytest.approx(1.0, abs=0.02)


def test_a_share_of_the_sessions_dies_in_the_middle_of_a_word(vendors: VendorsProcess) -> None:
    vendors.plan(deepgram={"fault": "dies", "share": 0.5})
    ends = []
    for _ in range(4):
        with a_socket(vendors, "deepgram", NOVA + TELLING, TOKEN) as socket:
            try:
                say(socket, CHARGE, silence(1))
                socket.send('{"type":"CloseStream"}')
                told = messages(socket)
            except ConnectionClosed:
                told = []
            ends.append(bool(told) and told[-1]["type"] == "Metadata")
    assert ends == [True, False, True, False]
    assert vendors.counts()["deepgram"]["failed"] == 2


def test_who_is_late_says_everything_in_order(vendors: VendorsProcess) -> None:
    vendors.plan(deepgram={"delay_ms": 100})
    with a_socket(vendors, "deepgram", NOVA + TELLING, TOKEN) as socket:
        say(socket, CHARGE, silence(1))
        socket.send('{"type":"CloseStream"}')
        told = messages(socket)
    assert transcripts(told, is_final=True)[0] == "six hundred rupees"
    assert told[-1]["type"] == "Metadata"
