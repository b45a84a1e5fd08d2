from datetime import date

import pytest

from agents.schema import FieldSpec
from conversation.fields.base import Context, FieldKind, Problem
from conversation.fields.name import Name

_CONTEXT = Context("en-IN", date(2026, 3, 2))
_KIND: FieldKind = Name()
_SPEC = FieldSpec(name="caller", kind="name", ask={"en-IN": "Your name?"})


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("my name is john smith", "John Smith"),
        ("hello, my name is Mary O'Brien and I need a table", "Mary O'Brien"),
        ("this is John Smith speaking", "John Smith"),
        ("john smith speaking", "John Smith"),
        ("call me Ishmael", "Ishmael"),
        ("my name is spelt S H A U N", "Shaun"),
        ("my name is Ravi Kumar, R A V E E", "Ravee Kumar"),
        ("My name is Jay Z", "Jay Z"),
        ("my name is John Smith, that's S M Y T H E", "John Smythe"),
        ("my name is Jon, spelled J O H N", "John"),
        ("my name is Kumar, spelled R A O", "Rao"),
        ("मेरा नाम राहुल शर्मा है", "राहुल शर्मा"),
        ("mera naam rahul hai", "Rahul"),
        ("main rahul bol raha hoon", "Rahul"),
        ("नमस्ते मैं राहुल बोल रहा हूँ", "राहुल"),
        ("என் பெயர் குமார்", "குமார்"),
        ("naan kumar pesuren", "Kumar"),
        ("എന്റെ പേര് ആനന്ദ് എന്നാണ്", "ആനന്ദ്"),
        ("ente peru anand aanu", "Anand"),
    ],
)
def test_an_announced_name_is_strong(said: str, name: str) -> None:
    (found,) = _KIND.read(_SPEC, said, _CONTEXT)

    assert (found.value, found.strong) == (name, True)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        *(("John", "John"), ("JOHN SMITH", "John Smith"), ("um, it's Priya", "Priya")),
        *(("I am John", "John"), ("John here", "John"), ("Robert from Acme", "Robert")),
        *(("Will Smith", "Will Smith"), ("Anu", "Anu"), ("it's for Priya", "Priya")),
        *(("my daughter Meena", "Meena"), ("sorry I said Preethi", "Preethi")),
        *(("Dr. Anand Rao", "Dr. Anand Rao"), ("S. Kumar", "S. Kumar"), ("o'brien", "O'Brien")),
        *(("ludwig van beethoven", "Ludwig van Beethoven"), ("J O H N", "John")),
        *(("double l O Y D", "Lloyd"), ("J as in Juliet A N E", "Jane"), ("mr smith", "Mr Smith")),
        *(("Smith S M Y T H", "Smyth"), ("it's spelled S M I T H", "Smith")),
        *(("குமார்", "குமார்"), ("राहुल जी", "राहुल"), ("McDonald", "McDonald")),
    ],
)
def test_a_bare_name_is_weak(said: str, name: str) -> None:
    (found,) = _KIND.read(_SPEC, said, _CONTEXT)

    assert (found.value, found.strong) == (name, False)


@pytest.mark.parametrize(
    "said",
    ["", "yes", "no", "um", "500", "five hundred", "I'm fine", "I'm looking for a flat",
     "who is this",
     "why do you ask", "this is about the price", "the charge is five hundred", "I don't know",
     "my name is", "my name", "I want a large pizza with extra cheese", "good morning", "x",
     "what's my name", "illa", "நான்", "mr", "A B", "is John there", "25 Main Street",
     "Will you come", "Will", "Monday", "Anand wants two", "this is Anand five"],
)  # fmt: skip
def test_what_is_no_name_is_none(said: str) -> None:
    assert list(_KIND.read(_SPEC, said, _CONTEXT)) == []


def test_a_reading_knows_its_place() -> None:
    said = "hi, this is John Smith speaking"

    (found,) = _KIND.read(_SPEC, said, _CONTEXT)

    assert said[found.start : found.end] == "John Smith"


def test_a_name_is_accepted_with_single_spaces() -> None:
    assert _KIND.accept(_SPEC, "  Anand   Rao ", _CONTEXT) == "Anand Rao"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((None, "not_valid"), (5, "not_valid"), ("", "not_valid"), ("R2D2", "not_valid")),
        *(("a@b.com", "not_valid"), ("...", "not_valid"), ("a" * 101, "too_long")),
        *(("one two three four five six seven eight", "too_long"), ([], "not_valid")),
    ],
)
def test_what_is_no_name_is_refused(value: object, code: str) -> None:
    assert _KIND.accept(_SPEC, value, _CONTEXT) == Problem(code)


def test_the_rest_of_the_contract() -> None:
    assert not _KIND.check(_SPEC)
    assert _KIND.read_keys(_SPEC, "5", _CONTEXT) is None
    assert _KIND.say_back(_SPEC, "Anand Rao", "ta-IN") == "Anand Rao"
    assert _KIND.keypad(_SPEC) is None
    assert _KIND.end_silence_s(_SPEC) == 2
    assert not _KIND.hints(_SPEC, "en-IN")
    assert _KIND.schema(_SPEC)["type"] == "string"
