from datetime import date

import pytest

from agents.schema import FieldSpec
from conversation.fields.base import Context, FieldKind, Problem
from conversation.fields.email import Email

_CONTEXT = Context("en-IN", date(2026, 3, 2))
_KIND: FieldKind = Email()
_SPEC = FieldSpec(name="mail", kind="email", ask={"en-IN": "Your e-mail?"})


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("john dot smith at gmail dot com", "john.smith@gmail.com"),
        ("my email is john dot smith at gmail dot com thanks", "john.smith@gmail.com"),
        ("j underscore doe at yahoo dot co dot in", "j_doe@yahoo.co.in"),
        ("J O H N at the rate gmail dot com", "john@gmail.com"),
        ("john smith 42 at the rate of gmail.com", "johnsmith42@gmail.com"),
        ("john forty two at gmail dot com", "john42@gmail.com"),
        ("priya double two at g mail dot com", "priya22@gmail.com"),
        ("capital J o h n nineteen ninety at gmail dot com", "john1990@gmail.com"),
        ("all lower case a b c one two three at outlook dot com", "abc123@outlook.com"),
        ("john smith at gmail dot com all lower case", "johnsmith@gmail.com"),
        ("john dash doe at my company dot com", "john-doe@mycompany.com"),
        ("john plus news at my-company.com", "john+news@my-company.com"),
        ("a dot kumar at gmail dot com", "a.kumar@gmail.com"),
        ("b as in boy o b at gmail dot com", "bob@gmail.com"),
        ("d for dog o g at gmail dot com", "dog@gmail.com"),
        ("dot john at gmail dot c o m", "john@gmail.com"),
        ("it's John.Smith@Gmail.com.", "john.smith@gmail.com"),
        ("John.Smith at Gmail.com", "john.smith@gmail.com"),
        ("kumar ऐट gmail डॉट com", "kumar@gmail.com"),
        ("kumar அட் gmail டாட் com", "kumar@gmail.com"),
        ("kumar അറ്റ് gmail ഡോട്ട് com", "kumar@gmail.com"),
    ],
)
def test_a_dictated_address_is_put_together(said: str, address: str) -> None:
    (found,) = _KIND.read(_SPEC, said, _CONTEXT)

    assert (found.value, found.strong) == (address, True)


def test_two_addresses_are_two_readings_with_their_places() -> None:
    said = "write to john at gmail dot com and mary at yahoo dot com"

    found = _KIND.read(_SPEC, said, _CONTEXT)

    assert [said[reading.start : reading.end] for reading in found] == [
        "john at gmail dot com",
        "mary at yahoo dot com",
    ]


@pytest.mark.parametrize(
    "said",
    ["", "john at gmail", "I am at home", "meet me at acme dot com", "@@@", "at at dot dot", "'''",
     "john dot smith", "a@b", "ʼ", "it is a@-x.com", "john at dot com", "जॉन ऐट जीमेल डॉट कॉम",
     "x" * 300 + "@gmail.com"],
)  # fmt: skip
def test_an_incomplete_address_is_none(said: str) -> None:
    assert list(_KIND.read(_SPEC, said, _CONTEXT)) == []


def test_an_address_is_accepted_in_lower_case() -> None:
    assert _KIND.accept(_SPEC, " John@Example.org ", _CONTEXT) == "john@example.org"


@pytest.mark.parametrize(
    "value", [None, 3, "", "john", "john@", "a@b", "a b@c.com", [], "x@" + "y" * 300 + ".com"]
)
def test_what_is_no_address_is_refused(value: object) -> None:
    assert _KIND.accept(_SPEC, value, _CONTEXT) == Problem("not_valid")


def test_an_address_is_said_back_with_words_for_signs() -> None:
    said = _KIND.say_back(_SPEC, "john.smith_22-jd+vip@gmail.com", "en-IN")

    assert said == "john dot smith underscore 2 2 dash j d plus vip at gmail dot com"
    assert _KIND.say_back(_SPEC, "jdk@x.com", "ta-IN") == "j d k அட் x டாட் com"
    assert _KIND.say_back(_SPEC, "ann@x.com", "fr-FR") == "ann at x dot com"


def test_the_rest_of_the_contract() -> None:
    assert not _KIND.check(_SPEC)
    assert _KIND.read_keys(_SPEC, "123", _CONTEXT) is None
    assert _KIND.keypad(_SPEC) is None
    assert _KIND.end_silence_s(_SPEC) == 3
    assert "dot com" in _KIND.hints(_SPEC, "en-IN")
    assert _KIND.schema(_SPEC)["type"] == "string"
