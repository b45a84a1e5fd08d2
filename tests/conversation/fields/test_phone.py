from datetime import date

import pytest

from agents.schema import FieldSpec
from conversation.fields.base import Context, Keypad, Problem
from conversation.fields.phone import Phone

_CONTEXT = Context("en-IN", date(2026, 3, 2))
_KIND = Phone()
_SPEC = FieldSpec(name="number", kind="phone", ask={"en-IN": "Your number?"}, region="IN")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("nine eight four five oh one two three four five", "+919845012345"),
        ("my number is 98450 12345", "+919845012345"),
        ("zero nine eight four five oh one two three four five", "+919845012345"),
        ("ninety eight forty five zero one twenty three forty five", "+919845012345"),
        ("nine eight four five double zero one two double three", "+919845001233"),
        ("ஒன்பது எட்டு நாலு அஞ்சு பூஜ்யம் ஒன்னு ரெண்டு மூணு நாலு அஞ்சு", "+919845012345"),
        ("नौ आठ चार पांच शून्य एक दो तीन चार पांच", "+919845012345"),
        ("ഒമ്പത് എട്ട് നാല് അഞ്ച് പൂജ്യം ഒന്ന് രണ്ട് മൂന്ന് നാല് അഞ്ച്", "+919845012345"),
        ("call me on +44 20 7946 0958", "+442079460958"),
        ("plus one four one five five five five two six seven one", "+14155552671"),
    ],
)
def test_a_whole_number_is_read_and_strong(said: str, number: str) -> None:
    (found,) = _KIND.read(_SPEC, said, _CONTEXT)

    assert (found.value, found.strong) == (number, True)
    assert said[found.start].isalnum() or said[found.start] == "+"


@pytest.mark.parametrize(
    "said",
    ["", "nine eight four five", "98450 1234", "order 12345678", "two people at 5", "yes",
     "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9"],
)  # fmt: skip
def test_an_incomplete_number_is_none(said: str) -> None:
    assert list(_KIND.read(_SPEC, said, _CONTEXT)) == []


def test_two_numbers_are_two_readings() -> None:
    found = _KIND.read(_SPEC, "98450 12345 or maybe it was 98450 12346", _CONTEXT)

    assert [reading.value for reading in found] == ["+919845012345", "+919845012346"]


@pytest.mark.parametrize(
    ("keys", "number"),
    [("9845012345", "+919845012345"), ("*442079460958", "+442079460958"), ("98*", None),
     ("", None), ("12", None)],
)  # fmt: skip
def test_a_number_is_typed(keys: str, number: str | None) -> None:
    assert _KIND.read_keys(_SPEC, keys, _CONTEXT) == number


@pytest.mark.parametrize("value", ["9845012345", "+91 98450-12345", "098450 12345"])
def test_a_number_of_the_region_is_accepted(value: str) -> None:
    assert _KIND.accept(_SPEC, value, _CONTEXT) == "+919845012345"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *(("98450", "too_short"), ("9" * 20, "too_long"), ("9" * 41, "not_valid")),
        *((9845012345, "not_valid"), (None, "not_valid"), ("", "not_valid"), ("+", "not_valid")),
        *(("my number", "not_valid"), ("98450 12345 ext 4", "not_valid"), ([], "not_valid")),
    ],
)
def test_what_is_no_number_is_refused(value: object, code: str) -> None:
    assert _KIND.accept(_SPEC, value, _CONTEXT) == Problem(code)


def test_a_number_is_said_back_in_groups_of_digits() -> None:
    assert _KIND.say_back(_SPEC, "+919845012345", "en-IN") == "9 8 4 5 0, 1 2 3 4 5"
    assert _KIND.say_back(_SPEC, "+14155552671", "ta-IN") == "பிளஸ் 1, 4 1 5, 5 5 5, 2 6 7 1"
    assert _KIND.say_back(_SPEC, "+442079460958", "fr-FR").startswith("plus 4 4, 2 0")


def test_the_region_has_to_exist() -> None:
    assert not _KIND.check(_SPEC)
    assert "region QQ" in _KIND.check(_SPEC.model_copy(update={"region": "QQ"}))[0]


def test_the_rest_of_the_contract() -> None:
    assert _KIND.keypad(_SPEC) == Keypad(None, "keypad_phone")
    assert _KIND.end_silence_s(_SPEC) == 3
    assert "double" in _KIND.hints(_SPEC, "en-IN")
    assert "IN" in str(_KIND.schema(_SPEC)["description"])
