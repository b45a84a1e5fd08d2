"""The time_range kind."""

from __future__ import annotations

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

RANGE = KINDS["time_range"]
ANY = spec("time_range")
OPEN_HOURS = spec("time_range", earliest="07:00", latest="12:00")
LATE = spec("time_range", earliest="18:00")

STRONG, WEAK = True, False


def span(text: str) -> dict[str, str]:
    start, end = text.split("-")
    return {"start": start, "end": end}


READ = [
    ("500 rupees, 2 pm to 5 pm", [("14:00-17:00", STRONG)]),
    ("between 2 and 5", [("14:00-17:00", WEAK)]),
    ("between 2 and 5 in the evening", [("14:00-17:00", STRONG)]),
    ("between the 2 and 5", [("14:00-17:00", WEAK)]),
    ("2 and 5", []),
    ("from 2 till 5 in the evening", [("14:00-17:00", STRONG)]),
    ("2 to 5", [("14:00-17:00", WEAK)]),
    ("two to five works", [("14:00-17:00", WEAK)]),
    ("9 to 5", [("09:00-17:00", WEAK)]),
    ("8 to 8", [("08:00-20:00", WEAK)]),
    ("6 to 9", []),
    ("6 to 9 in the evening", [("18:00-21:00", STRONG)]),
    ("10 to 2 pm", [("10:00-14:00", STRONG)]),
    ("10 am - 1", [("10:00-13:00", STRONG)]),
    ("2-5 pm", [("14:00-17:00", STRONG)]),
    ("morning 9 to 11", [("09:00-11:00", STRONG)]),
    ("morning 10 to evening 6", [("10:00-18:00", STRONG)]),
    ("10:30 to 12:15", [("10:30-12:15", STRONG)]),
    ("14:00 to 17:30", [("14:00-17:30", STRONG)]),
    ("1400 to 1700", [("14:00-17:00", WEAK)]),
    ("half past two till quarter to five", [("14:30-16:45", STRONG)]),
    ("9 am till noon", [("09:00-12:00", STRONG)]),
    ("noon to 3", [("12:00-15:00", STRONG)]),
    ("2 pm, 5 pm", [("14:00-17:00", STRONG)]),
    ("5 pm, 2 pm", []),
    ("11 pm to 2 am", [("23:00-02:00", STRONG)]),
    ("5 pm to 5", []),
    ("10 to 12 or 2 to 5", []),
    ("9 to 5, or 10 am to 4 pm", [("10:00-16:00", STRONG)]),
    ("after 3", [("15:00-23:59", WEAK)]),
    ("after 7", []),
    ("after 3 pm", [("15:00-23:59", WEAK)]),
    ("3 pm onwards", [("15:00-23:59", WEAK)]),
    ("before noon", [("00:00-12:00", WEAK)]),
    ("until 6 pm", [("00:00-18:00", WEAK)]),
    ("6 pm is fine", []),
    ("6 pm", []),
    ("3", []),
    ("after 3 people", []),
    ("mornings", [("08:00-12:00", WEAK)]),
    ("tomorrow afternoon", [("12:00-17:00", WEAK)]),
    ("in the evening", [("17:00-21:00", WEAK)]),
    ("tonight", [("19:00-23:00", WEAK)]),
    ("morning or evening", []),
    ("any time", [("00:00-23:59", WEAK)]),
    ("all day", [("00:00-23:59", WEAK)]),
    ("2 to 5 people", []),
    ("between 500 and 600 rupees", []),
    ("$2 to 5", []),
    ("3 to 4 days", []),
    ("from the 5th to the 7th", []),
    ("hello", []),
]


@pytest.mark.parametrize(("text", "spans"), READ)
def test_spans_are_read(text: str, spans: list[tuple[str, bool]]) -> None:
    assert heard(ANY, text, context()) == [(span(found), strong) for found, strong in spans]


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("hi-IN", "दोपहर 2 बजे से 5 बजे तक", "14:00-17:00"),
        ("hi-IN", "दो से पाँच", "14:00-17:00"),
        ("hi-IN", "सुबह 10 से शाम 6 बजे", "10:00-18:00"),
        ("hi-IN", "do baje se paanch baje tak", "14:00-17:00"),
        ("hi-IN", "शाम 5 बजे के बाद", None),
        ("hi-IN", "शाम 5 बजे बाद", "17:00-23:59"),
        ("hi-IN", "शाम 5 बजे से", "17:00-23:59"),
        ("hi-IN", "शाम 5 बजे तक", "00:00-17:00"),
        ("hi-IN", "दोपहर में", "12:00-17:00"),
        ("ta-IN", "மதியம் 2 மணி முதல் 5 மணி வரை", "14:00-17:00"),
        ("ta-IN", "மதியம் 2 மணியிலிருந்து 5 மணி வரை", "14:00-17:00"),
        ("ta-IN", "ரெண்டுல இருந்து அஞ்சு", "14:00-17:00"),
        ("ta-IN", "காலை பத்து மணி முதல் மதியம் ஒரு மணி வரை", "10:00-13:00"),
        ("ml-IN", "ഉച്ചയ്ക്ക് രണ്ട് മണി മുതൽ അഞ്ച് മണി വരെ", "14:00-17:00"),
        ("ml-IN", "രണ്ട് മുതൽ അഞ്ച് വരെ", "14:00-17:00"),
        ("ml-IN", "വൈകുന്നേരം", "17:00-21:00"),
    ],
)
def test_spans_are_read_in_the_caller_s_language(
    language: str, text: str, found: str | None
) -> None:
    values = [value for value, _ in heard(ANY, text, context(language))]
    assert values == ([span(found)] if found else [])


@pytest.mark.parametrize(
    ("field", "text", "found"),
    [
        (OPEN_HOURS, "7 to 11", "07:00-11:00"),
        (OPEN_HOURS, "after 9", "09:00-12:00"),
        (OPEN_HOURS, "before 9 am", "07:00-09:00"),
        (OPEN_HOURS, "any time", "07:00-12:00"),
        (OPEN_HOURS, "in the evening", None),
        (LATE, "7 to 11", "19:00-23:00"),
        (LATE, "in the evening", "18:00-21:00"),
    ],
)
def test_the_limits_of_the_field_tell_which_half_of_the_day(
    field: FieldSpec, text: str, found: str | None
) -> None:
    values = [value for value, _ in heard(field, text, context())]
    assert values == ([span(found)] if found else [])


ACCEPT = [
    (ANY, span("14:00-17:00"), span("14:00-17:00")),
    (ANY, {"start": "2 pm", "end": "5:30 pm"}, span("14:00-17:30")),
    (ANY, "14:00-17:00", span("14:00-17:00")),
    (ANY, "14:00 to 17:00", span("14:00-17:00")),
    (ANY, "2 pm to 5 pm", span("14:00-17:00")),
    (ANY, "between 2 and 5", span("14:00-17:00")),
    (ANY, "x to y", Problem("not_valid")),
    (ANY, "14:00", Problem("not_valid")),
    (ANY, "14:00 to y", Problem("not_valid")),
    (ANY, "x" * 300, Problem("not_valid")),
    (ANY, {"start": "14:00"}, Problem("not_valid")),
    (ANY, {"end": "14:00"}, Problem("not_valid")),
    (ANY, [14, 17], Problem("not_valid")),
    (ANY, None, Problem("not_valid")),
    (ANY, span("17:00-14:00"), Problem("ends_before_start")),
    (ANY, span("14:00-14:00"), Problem("ends_before_start")),
    (OPEN_HOURS, span("06:00-09:00"), Problem("too_early", {"limit": "7 am"})),
    (OPEN_HOURS, span("09:00-14:00"), Problem("too_late", {"limit": "12 noon"})),
]


@pytest.mark.parametrize(("field", "value", "accepted"), ACCEPT)
def test_values_are_validated(field: FieldSpec, value: object, accepted: object) -> None:
    assert RANGE.accept(field, value, context()) == accepted


@pytest.mark.parametrize(
    ("digits", "found"),
    [
        ("14001700", "14:00-17:00"),
        ("2*5", "14:00-17:00"),
        ("9*17", "09:00-17:00"),
        ("930*1130", "09:30-11:30"),
        ("6*9", None),
        ("9930*1130", None),
        ("14002500", None),
        ("1400", None),
        ("*", None),
        ("", None),
    ],
)
def test_spans_are_typed(digits: str, found: str | None) -> None:
    assert RANGE.read_keys(ANY, digits, context()) == (span(found) if found else None)


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("en-IN", "14:00-17:00", "2 pm to 5 pm"),
        ("en-IN", "15:00-23:59", "after 3 pm"),
        ("en-IN", "00:00-17:30", "before 5:30 pm"),
        ("en-IN", "00:00-23:59", "any time"),
        ("hi-IN", "14:00-17:00", "दोपहर 2 बजे से शाम 5 बजे तक"),
        ("hi-IN", "15:00-23:59", "दोपहर 3 बजे के बाद"),
        ("ta-IN", "14:00-17:00", "மதியம் 2 மணி முதல் மாலை 5 மணி வரை"),
        ("ta-IN", "00:00-17:00", "மாலை 5 மணிக்கு முன்"),
        ("ml-IN", "14:00-17:00", "ഉച്ചയ്ക്ക് 2 മണി മുതൽ വൈകുന്നേരം 5 മണി വരെ"),
        ("ml-IN", "00:00-23:59", "ഏത് സമയവും"),
    ],
)
def test_spans_are_said_back(language: str, value: str, said: str) -> None:
    assert RANGE.say_back(ANY, span(value), language) == said


def test_bad_limits_are_refused_with_a_sentence() -> None:
    assert RANGE.check(spec("time_range", earliest="nine")) == [
        'earliest is "nine"; write a time like 09:30.'
    ]
    assert not RANGE.check(OPEN_HOURS)


def test_the_schema_admits_what_is_accepted() -> None:
    jsonschema.validate(span("14:00-17:00"), RANGE.schema(ANY))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"start": "14:00"}, RANGE.schema(ANY))


def test_callers_may_pause_between_the_ends() -> None:
    assert RANGE.end_silence_s(ANY) == 2
    assert RANGE.keypad(ANY) == Keypad(None, "keypad_time_range")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recogniser_gets_a_few_words(language: str) -> None:
    assert 0 < len(RANGE.hints(ANY, language)) <= 100


@given(ANY_JSON, st.sampled_from(LANGUAGES))
def test_whatever_a_model_says_settles(value: object, language: str) -> None:
    for field in (ANY, OPEN_HOURS):
        assert_settles(field, value, context(language))


@given(ANY_TEXT, st.sampled_from(LANGUAGES))
def test_any_text_can_be_read(text: str, language: str) -> None:
    for field in (ANY, LATE):
        readings = RANGE.read(field, text, context(language))
        assert_in_text(readings, text)
        for reading in readings:
            assert_settles(field, reading.value, context(language))


@given(st.times(), st.times(), st.sampled_from(LANGUAGES))
def test_any_span_can_be_said(first: time, second: time, language: str) -> None:
    start, end = sorted((f"{first:%H:%M}", f"{second:%H:%M}"))
    assert RANGE.say_back(ANY, {"start": start, "end": end}, language)
