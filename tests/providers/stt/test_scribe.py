"""Scribe: what its messages mean, as the vendor writes them, and what it is asked."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import orjson
import pytest

from providers.stt.base import (
    Broken,
    HearingEvent,
    HearingOrder,
    SpeechStarted,
    TurnEnded,
    Words,
)
from providers.stt.elevenlabs import Scribe, ScribeTalk
from settings import read_settings

ORDER = HearingOrder("ml-IN")


def heard(scribe: ScribeTalk, *messages: dict[str, Any]) -> list[HearingEvent]:
    return [event for message in messages for event in scribe.read(message)]


def said(kind: str, text: str) -> dict[str, Any]:
    return {"message_type": kind, "text": text}


def test_it_listens_when_its_session_has_started() -> None:
    scribe = ScribeTalk(ORDER)
    before = scribe.is_ready

    heard(scribe, {"message_type": "session_started", "session_id": "s", "config": {}})

    assert (before, scribe.is_ready) == (False, True)


def test_the_first_words_say_that_speech_has_begun_and_a_commit_ends_it() -> None:
    scribe = ScribeTalk(ORDER)

    assert heard(
        scribe,
        said("partial_transcript", "അറു"),
        said("partial_transcript", "അറുനൂറ്"),
        said("committed_transcript", "അറുനൂറ് രൂപ"),
        said("committed_transcript", "ശരി"),
    ) == [
        SpeechStarted(),
        Words("അറു", is_final=False),
        Words("അറുനൂറ്", is_final=False),
        Words("അറുനൂറ് രൂപ", is_final=True),
        TurnEnded(),
        SpeechStarted(),
        Words("ശരി", is_final=True),
        TurnEnded(),
    ]


def test_empty_words_are_nothing() -> None:
    empty = [said("partial_transcript", " "), said("committed_transcript", "")]

    assert heard(ScribeTalk(ORDER), *empty) == []


@pytest.mark.parametrize(
    ("kind", "is_permanent"),
    [
        *((one, True) for one in ("auth_error", "quota_exceeded", "unaccepted_terms")),
        *((one, True) for one in ("invalid_request", "input_error", "chunk_size_exceeded")),
        *((one, False) for one in ("error", "transcriber_error", "rate_limited")),
        *((one, False) for one in ("queue_overflow", "resource_exhausted")),
        ("session_time_limit_exceeded", False),
    ],
)
def test_an_error_says_whether_to_try_again(kind: str, is_permanent: bool) -> None:
    assert heard(ScribeTalk(ORDER), {"message_type": kind, "error": "why"}) == [
        Broken(kind, is_permanent)
    ]


@pytest.mark.parametrize(
    "kind",
    [
        *("commit_throttled", "insufficient_audio_activity", "warning", "edited_transcript"),
        *("committed_transcript_with_timestamps", "committed_transcript_entities"),
        *("final_transcript", "something_new"),
    ],
)
def test_what_means_nothing_to_us_is_passed_over(kind: str) -> None:
    assert heard(ScribeTalk(ORDER), {"message_type": kind, "text": "x", "error": "y"}) == []


def test_sound_goes_out_in_text_and_so_does_the_wish_for_an_end() -> None:
    scribe = ScribeTalk(ORDER)
    chunk = {"message_type": "input_audio_chunk", "sample_rate": 8000}

    assert orjson.loads(scribe.sound(b"\x00\xff")) == {
        **chunk,
        "audio_base_64": b64encode(b"\x00\xff").decode(),
        "commit": False,
    }
    assert orjson.loads(scribe.finalise()) == {**chunk, "audio_base_64": "", "commit": True}
    assert scribe.sends_text
    assert (scribe.keep_alive(), scribe.goodbye(), scribe.change(ORDER)) == (None, None, None)


def test_it_knows_malayalam_too() -> None:
    scribe = Scribe(read_settings({}))

    assert all(scribe.understands(one) for one in ("ml-IN", "ta-IN", "hi-IN", "en-IN"))
    assert not scribe.understands("xx-XX")
