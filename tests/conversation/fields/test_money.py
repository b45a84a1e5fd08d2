"""The money kind."""

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

MONEY = KINDS["money"]
CHARGE = spec("money", name="charge", currency="INR", min=1, max=100000)
PRICE = spec("money", name="price", currency="USD")
DIRHAMS = spec("money", name="price", currency="AED")

STRONG, WEAK = True, False


def rupees(amount: float) -> dict[str, object]:
    return {"amount": amount, "currency": "INR"}


READ = [
    ("en-IN", "500 rupees, 2 pm to 5 pm", [(500, STRONG)]),
    ("en-IN", "five hundred and fifty rupees", [(550, STRONG)]),
    ("en-IN", "Rs. 1,50,000", [(150000, STRONG)]),
    ("en-IN", "₹500/-", [(500, STRONG)]),
    ("en-IN", "INR 500 only", [(500, STRONG)]),
    ("en-IN", "5 rupees and 50 paise", [(5.5, STRONG)]),
    ("en-IN", "5 rupees 50 paise", [(5.5, STRONG)]),
    ("en-IN", "50 paise", [(0.5, STRONG)]),
    ("en-IN", "12 Indian rupees", [(12, STRONG)]),
    ("en-IN", "one fifty", [(150, WEAK)]),
    ("en-IN", "two seventy five rupees", [(275, STRONG)]),
    ("en-IN", "1 50", []),
    ("en-IN", "twelve fifty", [(1250, WEAK)]),
    ("en-IN", "fifteen twenty", []),
    ("en-IN", "four fifty for one trip", [(450, WEAK)]),
    ("en-IN", "one five zero zero", [(1500, WEAK)]),
    ("en-IN", "double five zero", [(550, WEAK)]),
    ("en-IN", "two three four", []),
    ("en-IN", "double five zero or zero six six", []),
    ("en-IN", "20 bucks", [(20, STRONG)]),
    ("en-IN", "5 rupees 50", [(5, STRONG)]),
    ("hi-IN", "saade teen hazaar", [(3500, WEAK)]),
    ("en-IN", "one five", []),
    ("en-IN", "make it six hundred", [(600, WEAK)]),
    ("en-IN", "5k", [(5000, WEAK)]),
    ("en-IN", "50 lakhs to 1 crore", []),
    ("en-IN", "we have 3 trucks, 500 each", [(500, WEAK)]),
    ("en-IN", "500 for 3 days", [(500, WEAK)]),
    ("en-IN", "500 from 2 pm on the 5th of March", [(500, WEAK)]),
    ("en-IN", "500, 600 rupees", [(600, STRONG)]),
    ("en-IN", "500 rupees or 600 rupees", []),
    ("en-IN", "500 rupees, yes, 500 rupees", [(500, STRONG)]),
    ("en-IN", "9876543210", []),
    ("en-IN", "at 2 pm", []),
    ("en-IN", "Indian food", []),
    ("hi-IN", "रोज़ का पाँच सौ रुपये", [(500, STRONG)]),
    ("hi-IN", "ढाई हज़ार", [(2500, WEAK)]),
    ("hi-IN", "paanch sau rupaye", [(500, STRONG)]),
    ("ta-IN", "ஐநூறு ரூபாய்", [(500, STRONG)]),
    ("ta-IN", "ரெண்டாயிரத்து ஐநூறு ரூபா", [(2500, STRONG)]),
    ("ta-IN", "600 ரூபாய்க்கு", [(600, STRONG)]),
    ("ta-IN", "ஒன்றரை லட்சம்", [(150000, STRONG)]),
    ("en-IN", "around 80 lakhs", [(8000000, STRONG)]),
    ("en-IN", "2 lakh boxes", [(200000, WEAK)]),
    ("en-IN", "1200 and the window is 9 to 12", [(1200, WEAK)]),
    ("ml-IN", "അഞ്ഞൂറ് രൂപ", [(500, STRONG)]),
    ("ml-IN", "ആയിരത്തി അഞ്ഞൂറ്", [(1500, WEAK)]),
    ("ml-IN", "600 രൂപയാണ്", [(600, STRONG)]),
]


@pytest.mark.parametrize(("language", "text", "amounts"), READ)
def test_amounts_are_read(language: str, text: str, amounts: list[tuple[float, bool]]) -> None:
    expected = [(rupees(amount), strong) for amount, strong in amounts]
    assert heard(CHARGE, text, context(language)) == expected


@pytest.mark.parametrize(
    ("field", "text", "currency"),
    [
        (CHARGE, "20 dollars", "USD"),
        (CHARGE, "$20", "USD"),
        (CHARGE, "20 Canadian dollars", "CAD"),
        (CHARGE, "20 euros", "EUR"),
        (PRICE, "20 bucks", "USD"),
        (PRICE, "20 US dollars", "USD"),
        (spec("money", currency="CAD"), "20 dollars", "CAD"),
        (spec("money", currency="LKR"), "20 rupees", "LKR"),
    ],
)
def test_a_currency_is_kept_and_means_the_field_s_own_where_names_are_shared(
    field: FieldSpec, text: str, currency: str
) -> None:
    assert heard(field, text, context()) == [({"amount": 20, "currency": currency}, STRONG)]


def test_where_units_are_small_two_fifty_is_not_two_hundred_and_fifty() -> None:
    assert heard(PRICE, "two fifty", context("en-US")) == []
    assert heard(PRICE, "five dollars fifty.", context("en-US")) == [
        ({"amount": 5.5, "currency": "USD"}, STRONG)
    ]
    assert heard(PRICE, "5 dollars 50 times", context("en-US")) == [
        ({"amount": 5, "currency": "USD"}, STRONG)
    ]
    assert heard(PRICE, "99 cents", context("en-US")) == [
        ({"amount": 0.99, "currency": "USD"}, STRONG)
    ]


ACCEPT = [
    ({"amount": 600, "currency": "INR"}, rupees(600)),
    ({"amount": "600", "currency": "inr "}, rupees(600)),
    ({"amount": 600, "currency": None}, rupees(600)),
    ({"amount": 600}, rupees(600)),
    (600, rupees(600)),
    (600.0, rupees(600)),
    (600.456, rupees(600.46)),
    ("600", rupees(600)),
    ("Rs 600", rupees(600)),
    ("six hundred rupees", rupees(600)),
    ("six hundred", rupees(600)),
    ({"amount": 20, "currency": "USD"}, Problem("wrong_currency", {"currency": "rupees"})),
    ("20 dollars", Problem("wrong_currency", {"currency": "rupees"})),
    (0, Problem("too_small", {"limit": "1 rupee"})),
    (100001, Problem("too_large", {"limit": "1,00,000 rupees"})),
    (-5, Problem("not_valid")),
    ("", Problem("not_valid")),
    ("x" * 300, Problem("not_valid")),
    ({}, Problem("not_valid")),
    ([600], Problem("not_valid")),
    (True, Problem("not_valid")),
    (None, Problem("not_valid")),
]


@pytest.mark.parametrize(("value", "accepted"), ACCEPT)
def test_values_are_validated(value: object, accepted: object) -> None:
    assert MONEY.accept(CHARGE, value, context()) == accepted


def test_limits_are_spoken_in_the_language_of_the_call() -> None:
    problem = MONEY.accept(CHARGE, 0, context("ta-IN"))
    assert problem == Problem("too_small", {"limit": "1 ரூபாய்"})


@pytest.mark.parametrize(
    ("digits", "value"), [("600", rupees(600)), ("5*50", rupees(5.5)), ("*", None), ("", None)]
)
def test_amounts_are_typed(digits: str, value: object) -> None:
    assert MONEY.read_keys(CHARGE, digits, context()) == value


@pytest.mark.parametrize(
    ("language", "amount", "currency", "said"),
    [
        ("en-IN", 600, "INR", "600 rupees"),
        ("en-IN", 1, "INR", "1 rupee"),
        ("en-IN", 120000, "INR", "1,20,000 rupees"),
        ("en-US", 120000, "USD", "120,000 dollars"),
        ("en-IN", 5.5, "INR", "5 rupees and 50 paise"),
        ("en-US", 0.01, "USD", "1 cent"),
        ("en-IN", 5.5, "AED", "5.5 dirhams"),
        ("en-IN", 5, "SGD", "5 SGD"),
        ("hi-IN", 600, "INR", "600 रुपये"),
        ("hi-IN", 5.5, "INR", "5 रुपये 50 पैसे"),
        ("ta-IN", 120000, "INR", "1,20,000 ரூபாய்"),
        ("ml-IN", 600, "INR", "600 രൂപ"),
        ("ml-IN", 20, "USD", "20 ഡോളർ"),
        ("kn-IN", 600, "INR", "600 rupees"),
    ],
)
def test_amounts_are_said_back(language: str, amount: float, currency: str, said: str) -> None:
    assert MONEY.say_back(CHARGE, {"amount": amount, "currency": currency}, language) == said


def test_options_that_leave_no_amount_are_refused() -> None:
    assert MONEY.check(spec("money", currency="INR", min=5, max=1))
    assert MONEY.check(spec("money", currency="INR", max=-1))
    assert not MONEY.check(CHARGE)
    assert MONEY.needs == {"currency"}


def test_the_schema_admits_what_is_accepted() -> None:
    jsonschema.validate(rupees(600), MONEY.schema(CHARGE))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"amount": "600"}, MONEY.schema(CHARGE))


def test_it_is_typed_to_the_hash_and_heard_at_once() -> None:
    assert MONEY.keypad(CHARGE) == Keypad(None, "keypad_money")
    assert MONEY.end_silence_s(CHARGE) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recogniser_gets_a_few_words(language: str) -> None:
    assert 0 < len(MONEY.hints(CHARGE, language)) <= 100


@given(ANY_JSON, st.sampled_from(LANGUAGES))
def test_whatever_a_model_says_settles(value: object, language: str) -> None:
    for field in (CHARGE, PRICE, DIRHAMS):
        assert_settles(field, value, context(language))


@given(ANY_TEXT, st.sampled_from(LANGUAGES))
def test_any_text_can_be_read(text: str, language: str) -> None:
    readings = MONEY.read(CHARGE, text, context(language))
    assert_in_text(readings, text)
    for reading in readings:
        assert_settles(CHARGE, reading.value, context(language))
