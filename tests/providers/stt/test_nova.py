"""Nova: what its messages mean, as the vendor writes them, and what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
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
    Words,
)
from providers.stt.deepgram.nova import Nova, NovaTalk
from settings import read_settings

ORDER = HearingOrder("en-IN")


def talk() -> NovaTalk:
    return NovaTalk(ORDER)


def heard(nova: NovaTalk, *messages: Mapping[str, Any]) -> list[HearingEvent]:
    return [event for message in messages for event in nova.read(message)]


def results(
    text: str, is_final: bool, speech_final: bool = False, **more: object
) -> dict[str, Any]:
    words = [{"word": one, "start": 0.1, "end": 0.4, "confidence": 0.99} for one in text.split()]
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "start": 0.5,
        "duration": 1.2,
        "is_final": is_final,
        "speech_final": speech_final,
        "from_finalize": False,
        "channel": {
            "alternatives": [
                {"transcript": text, "confidence": 0.99, "languages": ["en"], "words": words}
            ]
        },
        "metadata": {"request_id": "r", "model_uuid": "u"},
        **more,
    }


UTTERANCE_END = {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": 2.4}


def test_words_come_unfinished_then_final_and_the_pause_ends_the_turn() -> None:
    assert heard(
        talk(),
        {"type": "SpeechStarted", "channel": [0], "timestamp": 1.1},
        results("six", is_final=False),
        results("six hundred", is_final=True, speech_final=True),
    ) == [
        SpeechStarted(),
        Reached(1.7),
        Words("six", is_final=False, confidence=0.99),
        Reached(1.7),
        Words("six hundred", is_final=True, confidence=0.99),
        TurnEnded(),
    ]


def test_a_turn_ends_once_though_it_is_told_twice() -> None:
    nova = talk()
    heard(nova, results("six hundred", is_final=True, speech_final=True))

    assert heard(nova, UTTERANCE_END) == []


def test_the_end_of_the_utterance_counts_when_no_pause_was_told() -> None:
    nova = talk()
    heard(nova, results("six", is_final=True), results("hundred", is_final=True))

    assert heard(nova, UTTERANCE_END, UTTERANCE_END) == [TurnEnded()]


def test_an_empty_final_piece_is_nothing_but_may_end_the_turn() -> None:
    nova = talk()

    assert heard(nova, results("", is_final=True, speech_final=True)) == []
    heard(nova, results("six", is_final=True))
    assert heard(nova, results(" ", is_final=True, speech_final=True)) == [TurnEnded()]


def test_noise_alone_is_no_turn() -> None:
    started = {"type": "SpeechStarted", "channel": [0], "timestamp": 1.1}

    assert heard(talk(), started, results("", is_final=True, speech_final=True), UTTERANCE_END) == [
        SpeechStarted()
    ]


def test_what_was_asked_for_is_final_without_ending_the_turn() -> None:
    finalised = results("six", is_final=True, from_finalize=True)

    assert heard(talk(), finalised) == [Reached(1.7), Words("six", True, 0.99)]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "Metadata", "transaction_key": "deprecated", "request_id": "r", "duration": 3.2},
        {"type": "ConfigureSuccess", "request_id": "r", "keyterms": []},
        {"type": "ConfigureFailure", "request_id": "r", "code": "c", "description": "d"},
        {"type": "SomethingNew", "x": 1},
        {},
    ],
)
def test_what_means_nothing_to_us_is_passed_over(message: dict[str, Any]) -> None:
    assert heard(talk(), message) == []


def test_an_error_breaks_it_but_not_one_that_answers_a_change() -> None:
    error = {"type": "Error", "variant": "v", "description": "d", "code": "KeytermsNotSupported"}
    nova = talk()
    nova.change(HearingOrder("en-IN", hints=("R123",)))

    assert heard(nova, error) == []
    assert heard(nova, error) == [Broken("KeytermsNotSupported")]


def test_a_change_succeeds_once_for_each() -> None:
    nova = talk()
    nova.change(ORDER)
    heard(nova, {"type": "ConfigureSuccess", "request_id": "r", "keyterms": []})

    assert heard(nova, {"type": "Error", "variant": "v"}) == [Broken("v")]


def test_other_words_are_listened_for_at_once_another_language_is_not() -> None:
    told = talk().change(HearingOrder("en-IN", hints=("R123", "Kochi")))

    assert told is not None
    assert orjson.loads(told) == {"type": "Configure", "keyterms": ["R123", "Kochi"]}
    assert talk().change(HearingOrder("ta-IN")) is None
    assert talk().change(HearingOrder("en-IN", ("en-IN", "hi-IN"))) is None  # mixed, then


@pytest.mark.parametrize(
    ("code", "reason", "is_permanent"),
    [
        (1011, "NET-0001", False),
        (1011, "NET-0000", False),
        (1006, "", False),
        (1000, "", False),
        (1008, "DATA-0000", True),
    ],
)
def test_a_close_code_says_whether_to_try_again(code: int, reason: str, is_permanent: bool) -> None:
    broken = talk().closed(code, reason)

    assert broken == Broken(f"{code} {reason}".rstrip(), is_permanent)


def test_it_is_kept_finalised_and_closed_by_text() -> None:
    nova = talk()

    assert nova.keep_alive() == b'{"type":"KeepAlive"}'
    assert nova.finalise() == b'{"type":"Finalize"}'
    assert nova.goodbye() == b'{"type":"CloseStream"}'


@pytest.mark.parametrize(
    ("language", "is_known"),
    [
        *((one, True) for one in ("en-IN", "hi-IN", "ta-IN", "te-IN", "kn-IN", "bn-IN", "mr-IN")),
        *((one, True) for one in ("gu-IN", "pa-IN", "ne", "en", "EN-us", "fr-FR")),
        *((one, False) for one in ("ml-IN", "xx", "or-IN", "")),
    ],
)
def test_it_knows_languages(language: str, is_known: bool) -> None:
    assert Nova(read_settings({})).understands(language) is is_known


def test_several_languages_that_it_mixes_are_billed_as_such() -> None:
    nova = Nova(read_settings({}))

    assert nova.model(HearingOrder("en-IN", ("en-IN", "hi-IN"))) == "nova-3-multilingual"
    assert nova.model(HearingOrder("en-IN", ("en-IN", "ta-IN"))) == "nova-3"
    assert nova.model(HearingOrder("en-IN", model="nova-2-phonecall")) == "nova-2-phonecall"
