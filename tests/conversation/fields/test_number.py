"""The number kind."""

from __future__ import annotations

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

NUMBER = KINDS["number"]
UNIT = {"en-IN": "bedrooms", "hi-IN": "कमरे", "ta-IN": "அறைகள்", "ml-IN": "മുറികൾ"}
BEDROOMS = spec("number", name="bedrooms", unit=UNIT, min=1, max=10, whole=True)
GUESTS = spec("number", name="guests")
ANY = spec("number")

ADULTS = spec("number", name="number_of_adults")
STAY = spec("number", name="stay_length")
STRONG, WEAK = True, False

READ = [
    (BEDROOMS, "", "three bedrooms please", [(3, STRONG)]),
    (BEDROOMS, "", "3 bathrooms and 2 bed rooms", [(2, STRONG)]),
    (BEDROOMS, "", "three", [(3, WEAK)]),
    (BEDROOMS, "", "2 or 3", []),
    (BEDROOMS, "", "I said 3, yes 3", [(3, WEAK)]),
    (BEDROOMS, "", "one in Chennai, with 3 bedrooms", [(3, STRONG)]),
    (BEDROOMS, "", "the cheaper one", []),
    (BEDROOMS, "", "one", [(1, WEAK)]),
    (BEDROOMS, "", "just one", [(1, WEAK)]),
    (BEDROOMS, "", "500 rupees", []),
    (BEDROOMS, "", "Rs 500", []),
    (BEDROOMS, "", "20 percent", []),
    (BEDROOMS, "", "at 2 pm on the 5th of March", []),
    (BEDROOMS, "", "for 3 days", []),
    (BEDROOMS, "", "1671 Willow Pass Road", []),
    (BEDROOMS, "", "9876543210", []),
    (BEDROOMS, "", "1000000000000000", []),
    (BEDROOMS, "", "hello", []),
    (GUESTS, "", "there are three of us", [(3, WEAK)]),
    (GUESTS, "", "it is for 3 people", [(3, WEAK)]),
    (GUESTS, "", "me and two friends", [(3, WEAK)]),
    (GUESTS, "", "me, my wife and our two kids", [(4, WEAK)]),
    (GUESTS, "", "three adults and a baby", [(4, WEAK)]),
    (GUESTS, "", "my brother, his wife and I", [(3, WEAK)]),
    (GUESTS, "", "my wife and two kids", []),
    (GUESTS, "", "me and some friends", []),
    (GUESTS, "", "me and my friends", []),
    (GUESTS, "", "my friend wants 2 seats", [(2, WEAK)]),
    (GUESTS, "", "it's my boss, 4 adults", [(4, WEAK)]),
    (spec("number", name="party_size"), "", "my husband and me", [(2, WEAK)]),
    (GUESTS, "", "me plus two", [(3, WEAK)]),
    (ANY, "How many bags?", "two fifty bags", [(250, WEAK)]),
    (ANY, "How many bags?", "two 50 kilo bags", []),
    (BEDROOMS, "", "12 ഗാന്ധി റോഡ്", []),
    (BEDROOMS, "", "14 temple road", []),
    (GUESTS, "", "I'll be alone", [(1, WEAK)]),
    (GUESTS, "", "just me", [(1, WEAK)]),
    (GUESTS, "", "on my own", [(1, WEAK)]),
    (GUESTS, "", "it's not just me", []),
    (GUESTS, "", "a table for two at seven thirty", [(2, WEAK)]),
    (GUESTS, "How many people and for how many days?", "2 people for 3 days", [(2, WEAK)]),
    (ANY, "", "two five zero", [(250, WEAK)]),
    (ADULTS, "", "two adults and one kid", [(2, STRONG)]),
    (ANY, "How many rooms do you need?", "a room will do", [(1, WEAK)]),
    (ANY, "How many tickets?", "a single ticket please", [(1, WEAK)]),
    (ANY, "How many tickets?", "I want one", [(1, WEAK)]),
    (BEDROOMS, "", "I want one in Chennai", []),
    (ANY, "How many nights?", "five nights in 2 rooms", [(5, WEAK)]),
    (ANY, "How many days?", "for two weeks from the 5th", [(14, WEAK)]),
    (ANY, "How many weeks?", "two weeks", [(2, WEAK)]),
    (ANY, "How many hours?", "three hours on the 5th", [(3, WEAK)]),
    (ANY, "How many days?", "a single day", [(1, WEAK)]),
    (STAY, "How long, and how many rooms?", "one week, two rooms", [(7, WEAK)]),
    (GUESTS, "", "me and two friends, three in total", [(3, WEAK)]),
    (GUESTS, "", "4 of them all", [(4, WEAK)]),
    (ANY, "How many tickets?", "3 people want 4 tickets", []),
    (ANY, "How many bags?", "2 people with 4 bags", [(4, WEAK)]),
    (spec("number", name="travelers"), "", "2 adults", [(2, WEAK)]),
    (ANY, "How many bed rooms?", "2 bathrooms, 4 bedrooms", [(4, WEAK)]),
    (ANY, "", "minus five", [(-5, WEAK)]),
    (ANY, "", "two and a half", [(2.5, WEAK)]),
]


@pytest.mark.parametrize(("field", "question", "text", "found"), READ)
def test_numbers_are_read(field: FieldSpec, question: str, text: str, found: object) -> None:
    assert heard(field, text, context("en-IN", question)) == found


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("hi-IN", "हम चार लोग हैं", 4),
        ("hi-IN", "मुझे पच्चीस चाहिए", 25),
        ("ta-IN", "மூணு பேர்", 3),
        ("ta-IN", "எங்களுக்கு இருபத்தஞ்சு வேணும்", 25),
        ("ml-IN", "മൂന്ന് പേർ", 3),
        ("ml-IN", "ഇരുപത്തിയഞ്ച്", 25),
    ],
)
def test_numbers_are_read_in_the_caller_s_language(language: str, text: str, value: object) -> None:
    assert heard(ANY, text, context(language)) == [(value, WEAK)]


ACCEPT = [
    (BEDROOMS, 3, 3),
    (BEDROOMS, 3.0, 3),
    (BEDROOMS, "3", 3),
    (BEDROOMS, " 3.0 ", 3),
    (BEDROOMS, "three", 3),
    (BEDROOMS, 2.5, Problem("not_whole")),
    (BEDROOMS, 0, Problem("too_small", {"limit": "1 bedroom"})),
    (BEDROOMS, 11, Problem("too_large", {"limit": "10 bedrooms"})),
    (ANY, 2.5, 2.5),
    (ANY, "1,50,000", 150000),
    (ANY, "-4", -4),
    (ANY, True, Problem("not_valid")),
    (ANY, None, Problem("not_valid")),
    (ANY, "two or three", Problem("not_valid")),
    (ANY, "x" * 1000, Problem("not_valid")),
    (ANY, float("nan"), Problem("not_valid")),
    (ANY, float("inf"), Problem("not_valid")),
    (ANY, 10**400, Problem("not_valid")),
    (ANY, [3], Problem("not_valid")),
    (ANY, {"amount": 3}, Problem("not_valid")),
]


@pytest.mark.parametrize(("field", "value", "accepted"), ACCEPT)
def test_values_are_validated(field: FieldSpec, value: object, accepted: object) -> None:
    result = NUMBER.accept(field, value, context())
    assert result == accepted
    assert type(result) is type(accepted)


@pytest.mark.parametrize(
    ("digits", "value"),
    [("3", 3), ("2*5", 2.5), ("0", 0), ("", None), ("*", None), ("2*5*1", None), ("9" * 16, None)],
)
def test_numbers_are_typed(digits: str, value: object) -> None:
    assert NUMBER.read_keys(ANY, digits, context()) == value


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("en-IN", 3, "3 bedrooms"),
        ("en-IN", 1, "1 bedroom"),
        ("hi-IN", 1, "1 कमरे"),
        ("ta-IN", 2, "2 அறைகள்"),
        ("ml-IN", 120000, "1,20,000 മുറികൾ"),
        ("en-US", 1234567.5, "1,234,567.5"),
        ("en-IN", -1234567, "-12,34,567 bedrooms"),
        ("kn-IN", 100, "100"),
    ],
)
def test_numbers_are_said_back(language: str, value: int | float, said: str) -> None:
    assert NUMBER.say_back(BEDROOMS, value, language) == said


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("people", "1 person"),
        ("parties", "1 party"),
        ("boxes", "1 box"),
        ("glass", "1 glass"),
        ("kg", "1 kg"),
    ],
)
def test_one_thing_is_said_in_the_singular(unit: str, one: str) -> None:
    assert NUMBER.say_back(spec("number", unit={"en-IN": unit}), 1, "en-IN") == one


def test_limits_in_the_wrong_order_are_refused() -> None:
    assert NUMBER.check(spec("number", min=5, max=1)) == ["min (5) is larger than max (1)."]
    assert not NUMBER.check(BEDROOMS)


def test_the_schema_admits_what_is_accepted() -> None:
    jsonschema.validate(3, NUMBER.schema(BEDROOMS))
    jsonschema.validate(2.5, NUMBER.schema(ANY))
    for refused in (0, 11, 2.5, "3"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(refused, NUMBER.schema(BEDROOMS))


def test_it_is_typed_to_the_hash_and_heard_at_once() -> None:
    assert NUMBER.keypad(ANY) == Keypad(None, "keypad_number")
    assert NUMBER.end_silence_s(ANY) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recogniser_gets_a_few_words(language: str) -> None:
    words = NUMBER.hints(BEDROOMS, language)
    assert 0 < len(words) <= 100
    assert (UNIT.get(language) in words) is (language in UNIT)


@given(ANY_JSON, st.sampled_from(LANGUAGES))
def test_whatever_a_model_says_settles(value: object, language: str) -> None:
    for field in (ANY, BEDROOMS):
        assert_settles(field, value, context(language))


@given(ANY_TEXT, st.sampled_from(LANGUAGES))
def test_any_text_can_be_read(text: str, language: str) -> None:
    where = context(language, "How many bedrooms?")
    readings = NUMBER.read(BEDROOMS, text, where)
    assert_in_text(readings, text)
    for reading in readings:
        assert_settles(ANY, reading.value, where)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(LANGUAGES))
def test_any_number_can_be_said(value: int | float, language: str) -> None:
    assert NUMBER.say_back(BEDROOMS, value, language)
