"""Flux: what its messages mean, as the vendor writes them, and what it is asked."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from providers.stt.base import (
    Broken,
    HearingEvent,
    HearingOrder,
    Reached,
    SpeechStarted,
    TurnEnded,
    TurnResumed,
    Words,
)
from providers.stt.deepgram.flux import Flux, FluxTalk
from settings import read_settings

ENGLISH, MULTI = "flux-general-en", "flux-general-multi"


def heard(flux: FluxTalk, *messages: dict[str, Any]) -> list[HearingEvent]:
    """Without how far each goes."""
    events = [event for message in messages for event in flux.read(message)]
    return [event for event in events if not isinstance(event, Reached)]


def info(event: str, text: str = "", **more: object) -> dict[str, Any]:
    return {
        "type": "TurnInfo",
        "request_id": "r",
        "sequence_id": 4,
        "event": event,
        "turn_index": 0,
        "audio_window_start": 0.0,
        "audio_window_end": 1.3,
        "transcript": text,
        "words": [{"word": one, "confidence": 0.5} for one in text.split()],
        "end_of_turn_confidence": 0.1,
        "languages": ["en"],
        **more,
    }


def test_it_listens_when_it_says_so() -> None:
    flux = FluxTalk(ENGLISH)
    before = flux.is_ready

    heard(flux, {"type": "Connected", "request_id": "r", "sequence_id": 0})

    assert (before, flux.is_ready) == (False, True)


def test_a_turn_grows_may_end_goes_on_and_ends() -> None:
    assert heard(
        FluxTalk(ENGLISH),
        info("Update"),
        info("StartOfTurn", "i"),
        info("Update", "i want"),
        info("EagerEndOfTurn", "i want"),
        info("TurnResumed", "i want"),
        info("Update", "i want six"),
        info("EagerEndOfTurn", "i want six"),
        info("EndOfTurn", "i want six", trigger="model"),
    ) == [
        SpeechStarted(),
        Words("i", is_final=False),
        Words("i want", is_final=False),
        Words("i want", is_final=False),
        TurnEnded(is_eager=True),
        TurnResumed(),
        Words("i want", is_final=False),
        Words("i want six", is_final=False),
        Words("i want six", is_final=False),
        TurnEnded(is_eager=True),
        Words("i want six", is_final=True, confidence=0.5),
        TurnEnded(),
    ]


def test_the_same_words_again_are_no_sign_of_speech() -> None:
    flux = FluxTalk(ENGLISH)
    heard(flux, info("StartOfTurn", "yes"))

    assert heard(flux, info("Update", "yes"), info("Update", "yes")) == []


def test_it_tells_how_far_the_words_go() -> None:
    assert next(iter(FluxTalk(ENGLISH).read(info("Update", "yes")))) == Reached(1.3)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "Warning", "request_id": "r", "sequence_id": 5, "code": "c", "description": "d"},
        {"type": "ConfigureFailure", "request_id": "r"},
        {"type": "SomethingNew"},
        info("SomethingNew"),
    ],
)
def test_what_means_nothing_to_us_is_passed_over(message: dict[str, Any]) -> None:
    assert heard(FluxTalk(ENGLISH), message) == []


def test_an_error_breaks_it() -> None:
    error = {"type": "Error", "sequence_id": 6, "code": "INTERNAL_SERVER_ERROR", "description": "d"}

    assert heard(FluxTalk(ENGLISH), error) == [Broken("INTERNAL_SERVER_ERROR")]


def test_it_ends_turns_on_demand_and_knows_no_keep_alive() -> None:
    flux = FluxTalk(ENGLISH)

    assert flux.finalise() == b'{"type":"ForceEndTurn"}'
    assert flux.keep_alive() is None
    assert flux.goodbye() == b'{"type":"CloseStream"}'


def test_words_and_languages_are_changed_where_the_model_knows_them() -> None:
    told = FluxTalk(MULTI).change(HearingOrder("hi-IN", ("hi-IN", "en-IN"), hints=("Kochi",)))

    assert told is not None
    assert orjson.loads(told) == {
        "type": "Configure",
        "keyterms": ["Kochi"],
        "language_hints": ["hi", "en"],
    }
    assert FluxTalk(MULTI).change(HearingOrder("ta-IN")) is None
    assert FluxTalk(ENGLISH).change(HearingOrder("hi-IN")) is None
    assert FluxTalk(ENGLISH).change(HearingOrder("en-GB")) is not None


@pytest.mark.parametrize(
    ("model", "hinted"), [(ENGLISH, {}), (MULTI, {"language_hints": ["en", "hi"]})]
)
def test_hints_follow_the_question_where_the_caller_may_speak_a_language_it_has_not_got(
    model: str, hinted: dict[str, list[str]]
) -> None:
    order = HearingOrder("en-IN", ("en-IN", "hi-IN", "ta-IN"), hints=("Kochi",))

    told = FluxTalk(model).change(order)

    assert told is not None
    assert orjson.loads(told) == {"type": "Configure", "keyterms": ["Kochi"], **hinted}


@pytest.mark.parametrize(
    ("model", "languages"), [(ENGLISH, {"en-IN"}), (MULTI, {"en-IN", "hi-IN"})]
)
def test_it_knows_the_languages_of_its_model(model: str, languages: set[str]) -> None:
    flux = Flux(read_settings({"DEEPGRAM_MODEL": model}))

    assert {one for one in ("en-IN", "hi-IN", "ta-IN", "ml-IN") if flux.understands(one)} == (
        languages
    )
