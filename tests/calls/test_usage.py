"""What a turn used, under the names that have a price."""

from __future__ import annotations

import pytest

from agents.schema import Agent
from calls.prices import clips_ordered
from calls.speech import Spoken
from calls.usage import Guessing, together, usage_of
from conversation.actions import Listen, Part, Say
from conversation.extraction import Extraction
from tests.conversation.casting import english

READ = Extraction(brain="model", model="small", input_tokens=900, output_tokens=30)


def agent_with(voice: str) -> Agent:
    return english().model_copy(update={"say_voices": {"en-IN": voice}})


def test_an_answer_of_clips_that_was_read_by_a_model() -> None:
    say = Say((Part("You said", "en-IN", clip="k1"), Part("500.", "en-IN", False, clip="k2")))
    spoken = Spoken(
        actions=(say, Listen("en-IN")),
        by_carrier=False,
        hits=1,
        made=1,
        characters=4,
        provider="voices",
        model="fast",
    )
    assert usage_of(english(), spoken, READ, None) == {
        "gathers": 1,
        "clips": 2,
        "clip_hits": 1,
        "clips_made": 1,
        "tts_provider": "voices",
        "tts_model": "fast",
        "tts_characters": 4,
        "model": "small",
        "input_tokens": 900,
        "output_tokens": 30,
    }


def test_clips_of_an_answer_that_the_carrier_speaks_are_paid_for_and_not_heard() -> None:
    spoken = Spoken(
        (), by_carrier=True, hits=2, made=1, characters=9, provider="voices", model="fast"
    )
    assert usage_of(english(), spoken, None, None) == {
        "tts_provider": "voices",
        "tts_model": "fast",
        "tts_characters": 9,
    }


def test_a_vendor_that_was_late_is_paid_for_as_well() -> None:
    late = Spoken((), by_carrier=True, made=1, characters=9, provider="slow", model="a")
    broken = Spoken((), by_carrier=True, provider="broken")
    spoken = Spoken(
        (),
        by_carrier=False,
        made=1,
        characters=9,
        provider="fast",
        model="b",
        others=(late, broken),
    )
    usage = usage_of(english(), spoken, None, None)
    assert usage["tts_late"] == [{"provider": "slow", "model": "a", "characters": 9}]
    assert len(together(usage, usage)["tts_late"]) == 2  # type: ignore[arg-type]
    ordered = [(who, model, int(number)) for who, model, number in clips_ordered(usage)]
    assert ordered == [("fast", "b", 9), ("slow", "a", 9)]


@pytest.mark.parametrize("late", [None, 3, "x", [3, None, {}], [{"characters": "9"}]])
def test_what_another_version_kept_costs_nothing(late: object) -> None:
    assert list(clips_ordered({"tts_late": late})) == []


@pytest.mark.parametrize(
    ("voice", "kind"),
    [
        ("Polly.Kajal-Neural", "neural"),
        ("Polly.Joanna-Generative", "generative"),
        ("Polly.Aditi", "standard"),
        ("Google.ta-IN-Wavenet-C", "neural"),
        ("Google.te-IN-Standard-A", "standard"),
        ("alice", "basic"),
    ],
)
def test_what_the_carrier_speaks_is_counted_by_the_kind_of_its_voice(voice: str, kind: str) -> None:
    spoken = Spoken((Say((Part("Hello.", "en-IN"), Part("Bye.", "en-IN"))),), by_carrier=True)
    assert usage_of(agent_with(voice), spoken, None, None) == {
        "carrier_characters": 10,
        "carrier_parts": 2,
        "carrier_voice": kind,
    }


def test_what_was_read_ahead_in_vain_is_counted_too() -> None:
    guessing = Guessing(guesses=2, hit=True, saved_ms=412.34567, in_vain=[READ, Extraction()])
    usage = usage_of(english(), Spoken((), by_carrier=True), None, guessing)
    assert usage == {
        "speculations": 2,
        "speculation": "hit",
        "saved_ms": 412.346,
        "speculated_tokens": {"model": "small", "input": 900, "output": 30},
    }


def test_two_usages_of_a_turn_add_up() -> None:
    first = {"filler": 1, "clips": 1, "cost": {"total": 1.0}, "carrier_voice": "neural"}
    second = {"clips": 3, "gathers": 1, "carrier_voice": "basic"}
    assert together(first, second) == {
        "filler": 1,
        "clips": 4,
        "gathers": 1,
        "cost": {"total": 1.0},
        "carrier_voice": "basic",
    }
