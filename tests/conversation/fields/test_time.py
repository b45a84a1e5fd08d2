"""The time kind."""

from __future__ import annotations

import re
from datetime import time

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.schema import FieldSpec
from conversation.fields import KINDS
from conversation.fields.base import Keypad, Problem
from tests.conversation.fields.specimens import (
    ANY_JSON,
    ANY_TEXT,
    LANGUAGES,
    assert_in_text,
    assert_settles,
    context,
    heard,
    spec,
)

TIME = KINDS["time"]
ANY = spec("time")
OPEN_HOURS = spec("time", earliest="09:00", latest="20:00")

STRONG, WEAK = True, False

READ = [
    ("7 pm", [("19:00", STRONG)]),
    ("2:30 p.m.", [("14:30", STRONG)]),
    ("12 am", [("00:00", STRONG)]),
    ("12 pm", [("12:00", STRONG)]),
    ("noon", [("12:00", STRONG)]),
    ("12 noon", [("12:00", STRONG)]),
    ("12:00 noon", [("12:00", STRONG)]),
    ("midnight", [("00:00", STRONG)]),
    ("5 noon", [("12:00", STRONG)]),
    ("18:30", [("18:30", STRONG)]),
    ("09:30", [("09:30", STRONG)]),
    ("9:30", [("09:30", STRONG)]),
    ("5:45", [("17:45", WEAK)]),
    ("7:30", []),
    ("24:00", [("00:00", STRONG)]),
    ("25:00", []),
    ("24:30", []),
    ("10:75", []),
    ("quarter to 4 in the afternoon", [("15:45", STRONG)]),
    ("a quarter past nine", [("09:15", STRONG)]),
    ("half past 3", [("15:30", WEAK)]),
    ("half to 3", []),
    ("quarter to one", [("12:45", STRONG)]),
    ("ten past four pm", [("16:10", STRONG)]),
    ("twenty minutes to 5 in the evening", [("16:40", STRONG)]),
    ("twenty to five pm", [("16:40", STRONG)]),
    ("90 minutes to 5", []),
    ("ten to four", []),
    ("four in the evening", [("16:00", STRONG)]),
    ("evening 4:30", [("16:30", STRONG)]),
    ("in the evening at 6:45", [("18:45", STRONG)]),
    ("morning 11", [("11:00", STRONG)]),
    ("tomorrow evening, at about 5", [("17:00", WEAK)]),
    ("3 tomorrow afternoon", [("15:00", STRONG)]),
    ("8 tonight", [("20:00", STRONG)]),
    ("2 at night", [("02:00", STRONG)]),
    ("12 at night", [("00:00", STRONG)]),
    ("12 in the afternoon", [("12:00", STRONG)]),
    ("12 in the morning", []),
    ("11 in the afternoon", []),
    ("13 in the afternoon", [("13:00", STRONG)]),
    ("13 pm", [("13:00", STRONG)]),
    ("5 o'clock", [("17:00", WEAK)]),
    ('5 o"clock in the evening', [("17:00", STRONG)]),
    ("eleven fifteen", [("11:15", WEAK)]),
    ("11 15", [("11:15", WEAK)]),
    ("3 30 pm", [("15:30", STRONG)]),
    ("25 30", []),
    ("3.30", [("15:30", WEAK)]),
    ("3.5", []),
    ("0930", [("09:30", WEAK)]),
    ("1430 hours", [("14:30", STRONG)]),
    ("fifteen hundred hours", [("15:00", STRONG)]),
    ("in 2 hours", []),
    ("at 3", [("15:00", WEAK)]),
    ("at 3 please", [("15:00", WEAK)]),
    ("3", [("15:00", WEAK)]),
    ("one", [("13:00", WEAK)]),
    ("08", [("08:00", WEAK)]),
    ("seven", []),
    ("two and a half", []),
    ("lunch at 1", [("13:00", WEAK)]),
    ("breakfast at 7", [("07:00", WEAK)]),
    ("breakfast or dinner at 7", []),
    ("dinner at 1", [("13:00", WEAK)]),
    ("2 people at 4", [("16:00", WEAK)]),
    ("at 3 tickets", []),
    ("at 12 Main Street", []),
    ("at 3 I can", [("15:00", WEAK)]),
    ("March 5", []),
    ("4 or 5 of us", []),
    ("5 pm or 3 people", [("17:00", STRONG)]),
    ("between 2 and 5", []),
    ("2 or 3 pm", []),
    ("7 to 3 pm", []),
    ("2 pm, I said 2 pm", [("14:00", STRONG)]),
    ("2 pm then 4 pm there", []),
    ("98765 43210", []),
    ("o'clock", []),
    ("in the morning", []),
    ("the one", []),
    ("the morning one", []),
    ("one in the afternoon", [("13:00", STRONG)]),
    ("hello", []),
]


@pytest.mark.parametrize(("text", "times"), READ)
def test_times_are_read(text: str, times: list[tuple[str, bool]]) -> None:
    assert heard(ANY, text, context()) == times


@pytest.mark.parametrize(
    ("language", "text", "time"),
    [
        ("hi-IN", "शाम साढ़े पाँच बजे", "17:30"),
        ("hi-IN", "सुबह सवा नौ बजे", "09:15"),
        ("hi-IN", "दोपहर बारह बजे", "12:00"),
        ("hi-IN", "रात 9 बजे", "21:00"),
        ("hi-IN", "subah das baje", "10:00"),
        ("ta-IN", "மாலை மூணரை மணிக்கு", "15:30"),
        ("ta-IN", "காலை 10 மணி", "10:00"),
        ("ta-IN", "காலை 9 மணி 30 நிமிடம்", "09:30"),
        ("ta-IN", "kaalai pathu mani", "10:00"),
        ("ml-IN", "വൈകുന്നേരം അഞ്ചരയ്ക്ക്", "17:30"),
        ("ml-IN", "രാവിലെ 10 മണിക്ക്", "10:00"),
        ("ml-IN", "uchakku randu manikku", "14:00"),
    ],
)
def test_times_are_read_in_the_caller_s_language(language: str, text: str, time: str) -> None:
    assert heard(ANY, text, context(language)) == [(time, STRONG)]


def test_minutes_in_tamil_need_their_unit_or_a_quarter_of_the_hour() -> None:
    assert heard(ANY, "காலை 9 மணி 30", context("ta-IN")) == [("09:30", STRONG)]
    assert heard(ANY, "மாலை 5 மணி 10 பேர்", context("ta-IN")) == [("17:00", STRONG)]


@pytest.mark.parametrize(
    ("field", "question", "text", "times"),
    [
        (OPEN_HOURS, "", "7", ["19:00"]),
        (OPEN_HOURS, "", "9", ["09:00"]),
        (OPEN_HOURS, "", "8", ["20:00"]),
        (spec("time", earliest="18:00"), "", "8", ["20:00"]),
        (spec("time", latest="12:00"), "", "8", ["08:00"]),
        (ANY, "What time for dinner?", "7", ["19:00"]),
        (ANY, "At what time in the morning?", "7", ["07:00"]),
        (ANY, "Morning or evening?", "7", []),
        (ANY, "In the afternoon?", "11", ["11:00"]),
        (spec("time", name="pickup_time"), "", "pick up at 3 pm and return by 5 pm", ["15:00"]),
        (spec("time", name="return_time"), "", "pick up at 3 pm and return by 5 pm", ["17:00"]),
    ],
)
def test_what_is_left_open_is_filled_by_field_and_question(
    field: FieldSpec, question: str, text: str, times: list[str]
) -> None:
    assert [time for time, _ in heard(field, text, context(agent_said=question))] == times


ACCEPT = [
    (ANY, "14:30", "14:30"),
    (ANY, "9:05", "09:05"),
    (ANY, "14:30:59", "14:30"),
    (ANY, "14.30", "14:30"),
    (ANY, "2:30 pm", "14:30"),
    (ANY, "half past 3", Problem("not_valid")),
    (ANY, "24:00", Problem("not_valid")),
    (ANY, "10:60", Problem("not_valid")),
    (ANY, "2 pm or 3 pm", Problem("not_valid")),
    (ANY, "", Problem("not_valid")),
    (ANY, "x" * 300, Problem("not_valid")),
    (ANY, 14, Problem("not_valid")),
    (ANY, None, Problem("not_valid")),
    (OPEN_HOURS, "09:00", "09:00"),
    (OPEN_HOURS, "20:00", "20:00"),
    (OPEN_HOURS, "08:59", Problem("too_early", {"limit": "9 am"})),
    (OPEN_HOURS, "20:01", Problem("too_late", {"limit": "8 pm"})),
]


@pytest.mark.parametrize(("field", "value", "accepted"), ACCEPT)
def test_values_are_validated(field: FieldSpec, value: object, accepted: object) -> None:
    assert TIME.accept(field, value, context()) == accepted


@pytest.mark.parametrize(
    ("digits", "time"),
    [
        ("1430", "14:30"),
        ("930", "09:30"),
        ("9", "09:00"),
        ("14", "14:00"),
        ("9*30", "09:30"),
        ("00", "00:00"),
        ("0000", "00:00"),
        ("0", None),
        ("2500", None),
        ("1470", None),
        ("", None),
        ("*", None),
    ],
)
def test_times_are_typed_on_a_24_hour_clock(digits: str, time: str | None) -> None:
    assert TIME.read_keys(ANY, digits, context()) == time


@pytest.mark.parametrize(
    ("language", "time", "said"),
    [
        ("en-IN", "14:00", "2 pm"),
        ("en-IN", "14:30", "2:30 pm"),
        ("en-IN", "12:00", "12 noon"),
        ("en-IN", "00:00", "12 midnight"),
        ("en-IN", "00:15", "12:15 am"),
        ("hi-IN", "09:00", "सुबह 9 बजे"),
        ("hi-IN", "14:30", "दोपहर 2:30 बजे"),
        ("ta-IN", "17:30", "மாலை 5:30 மணி"),
        ("ta-IN", "21:00", "இரவு 9 மணி"),
        ("ml-IN", "09:00", "രാവിലെ 9 മണി"),
        ("ml-IN", "02:00", "രാത്രി 2 മണി"),
        ("kn-IN", "14:00", "2 pm"),
    ],
)
def test_times_are_said_back(language: str, time: str, said: str) -> None:
    assert TIME.say_back(ANY, time, language) == said


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, 0),
        ({"earliest": "09:00", "latest": "20:00"}, 0),
        ({"earliest": "9 am"}, 1),
        ({"earliest": "9:00", "latest": "24:00"}, 2),
        ({"earliest": "20:00", "latest": "09:00"}, 1),
    ],
)
def test_bad_limits_are_refused_with_a_sentence(options: dict[str, str], wrong: int) -> None:
    assert len(TIME.check(spec("time", **options))) == wrong


def test_the_schema_admits_what_is_accepted() -> None:
    jsonschema.validate("14:30", TIME.schema(ANY))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate("24:30", TIME.schema(ANY))


def test_four_keys_end_it_and_it_is_heard_at_once() -> None:
    assert TIME.keypad(ANY) == Keypad(4, "keypad_time")
    assert TIME.end_silence_s(ANY) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recogniser_gets_a_few_words(language: str) -> None:
    assert 0 < len(TIME.hints(ANY, language)) <= 100


@given(ANY_JSON, st.sampled_from(LANGUAGES))
def test_whatever_a_model_says_settles(value: object, language: str) -> None:
    for field in (ANY, OPEN_HOURS):
        assert_settles(field, value, context(language))


@given(ANY_TEXT, st.sampled_from(LANGUAGES), st.sampled_from(["", "For dinner?"]))
def test_any_text_can_be_read(text: str, language: str, question: str) -> None:
    readings = TIME.read(ANY, text, context(language, question))
    assert_in_text(readings, text)
    for reading in readings:
        assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(reading.value))


@given(st.times(), st.sampled_from(LANGUAGES))
def test_what_is_said_in_english_is_understood(time: time, language: str) -> None:
    canonical = f"{time:%H:%M}"
    assert TIME.say_back(ANY, canonical, language)
    assert heard(ANY, TIME.say_back(ANY, canonical, "en-IN"), context()) == [(canonical, STRONG)]
