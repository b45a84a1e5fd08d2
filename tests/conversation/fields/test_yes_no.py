from datetime import date

import pytest

from agents.schema import FieldSpec
from conversation.fields.base import Context, Keypad, Problem
from conversation.fields.yes_no import YesNo

_KIND = YesNo()
_SPEC = FieldSpec(
    name="shared_ride",
    kind="yes_no",
    ask={"en-IN": "Is a shared ride okay?"},
    label={"en-IN": "shared ride", "ta-IN": "பகிர்வு சவாரி"},
)


def _read(said: str, asked: str = "", language: str = "en-IN") -> tuple[object, bool] | None:
    found = _KIND.read(_SPEC, said, Context(language, date(2026, 3, 2), asked))
    return (found[0].value, found[0].strong) if found else None


@pytest.mark.parametrize(
    "said",
    ["yes", "sure", "that's okay with me", "no problem", "yes, but only for 2 people", "ok",
     "well if it's cheaper then yes", "ஆமா", "சரி", "haan chalega", "ठीक है", "അതെ", "athe"],
)  # fmt: skip
def test_a_yes_without_the_thing_asked_is_weak(said: str) -> None:
    assert _read(said) == (True, False)


@pytest.mark.parametrize(
    "said",
    ["no", "nope", "no thanks", "not really", "I'd rather not", "வேண்டாம்", "illa", "nahi chahiye",
     "नहीं", "വേണ്ട", "venda"],
)  # fmt: skip
def test_a_no_without_the_thing_asked_is_weak(said: str) -> None:
    assert _read(said) == (False, False)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("a shared ride is fine", True),
        ("yes, a shared ride", True),
        ("I would like a shared ride for two", True),
        ("sharing would be great", True),
        ("rideshare is cool", True),
        ("I do not mind sharing", True),
        ("2 people, and a shared ride is okay", True),
        ("no, a shared ride is fine", True),
        ("no shared ride please", False),
        ("I'd rather not share", False),
        ("I don't want a shared ride", False),
        ("not a shared ride", False),
        ("anything without sharing", False),
        ("I hate sharing", False),
    ],
)
def test_naming_the_thing_asked_makes_the_answer_strong(said: str, value: bool) -> None:
    assert _read(said) == (value, True)


def test_the_thing_is_recognised_with_case_endings() -> None:
    assert _read("பகிர்வுக்கு சரி", language="ta-IN") == (True, True)
    assert _read("பகிர்வு சவாரி வேண்டாம்", language="ta-IN") == (False, True)


def test_a_bare_mention_takes_it_weakly() -> None:
    assert _read("shared ride for 2") == (True, False)


def test_a_polite_wish_in_the_form_of_a_question_takes_it() -> None:
    assert _read("can I get a shared ride?") == (True, False)


@pytest.mark.parametrize(
    "said",
    ["", "?", "I need a ride to Fifth Avenue", "what is a shared ride?", "is a shared ride cheaper",
     "I'd prefer a private one", "2 people and no kids", "I don't know", "maybe", "wait"],
)  # fmt: skip
def test_neither_yes_nor_no_gives_nothing(said: str) -> None:
    assert _read(said) is None


@pytest.mark.parametrize(
    ("asked", "said", "value"),
    [
        ("Do you mind sharing?", "no", True),
        ("Would you mind a shared ride?", "no, not at all", True),
        ("Do you mind a shared ride?", "sure, that's fine", True),
        ("Do you mind sharing?", "yes", None),
        ("Is sharing okay, if you don't mind me asking?", "no", False),
        ("Do you mind telling me whether sharing is okay?", "yes", True),
        ("Will anyone be joining you?", "just me", False),
        ("Are you travelling alone?", "just me", True),
        ("Is a shared ride okay?", "just me", None),
    ],
)
def test_the_question_decides_what_an_answer_means(
    asked: str, said: str, value: bool | None
) -> None:
    read = _read(said, asked)

    assert (read[0] if read else None) is value


def test_without_a_label_the_name_of_the_field_tells_what_is_asked() -> None:
    spec = FieldSpec(name="needs_parking", kind="yes_no", ask={"en-IN": "Parking?"})

    (found,) = _KIND.read(spec, "parking is needed", Context("en-IN", date(2026, 3, 2)))

    assert found.value is True


@pytest.mark.parametrize(
    ("name", "said", "value"),
    [
        ("smoking_allowed", "non smoking please", False),
        ("smoking_allowed", "nope, non-smoking is fine", False),
        ("furnished", "an unfurnished one would be great", False),
        ("furnished", "I don't want an unfurnished one", None),
        ("serves_beer", "it has to have beer", True),
        ("add_breakfast", "we will skip breakfast", False),
        ("parking", "parking isn't important", False),
        ("parking", "we would like to have that", True),
        ("parking", "that's a must", True),
        ("parking", "I'd like to have it for two people", None),
        ("parking", "I never need it", False),
        ("parking", "let's leave that out", False),
        ("parking", "no, not yet", False),
        ("parking", "yes sir it is there only", True),
        ("sharing", "yes I do mind", False),
    ],
)
def test_what_is_offered_is_taken_and_refused_in_many_ways(
    name: str, said: str, value: bool | None
) -> None:
    spec = FieldSpec(name=name, kind="yes_no", ask={"en-IN": "?"})

    found = _KIND.read(spec, said, Context("en-IN", date(2026, 3, 2), "Do you mind?"))

    assert (found[0].value if found else None) is value


@pytest.mark.parametrize(
    ("language", "said", "value"),
    [("ta-IN", "வேணும்", True), ("ta-IN", "venam", False), ("ml-IN", "venam", True),
     ("ml-IN", "ഉണ്ട്", True), ("hi-IN", "nahin ji", False), ("hi-IN", "चाहिए", True),
     ("en-IN", "venam", None)],
)  # fmt: skip
def test_a_word_of_two_languages_means_what_it_means_in_that_of_the_call(
    language: str, said: str, value: bool | None
) -> None:
    read = _read(said, language=language)

    assert (read[0] if read else None) is value


def test_keys_one_and_two() -> None:
    context = Context("en-IN", date(2026, 3, 2))

    assert [_KIND.read_keys(_SPEC, keys, context) for keys in ("1", "2", "3", "")] == [
        *(True, False, None, None)
    ]
    assert _KIND.keypad(_SPEC) == Keypad(1, "keypad_yes_no")


@pytest.mark.parametrize(
    ("value", "accepted"),
    [(True, True), (False, False), ("Yes", True), (" no ", False), ("true", True), ("0", False)],
)
def test_truth_in_any_form_is_accepted(value: object, accepted: bool) -> None:
    assert _KIND.accept(_SPEC, value, Context("en-IN", date(2026, 3, 2))) is accepted


@pytest.mark.parametrize("value", [None, 1, 0, 2.5, "maybe", "", [], {"yes": True}])
def test_what_is_no_truth_is_refused(value: object) -> None:
    assert _KIND.accept(_SPEC, value, Context("en-IN", date(2026, 3, 2))) == Problem("not_valid")


def test_it_is_said_back_in_the_language() -> None:
    assert _KIND.say_back(_SPEC, True, "ta-IN") == "ஆம்"
    assert _KIND.say_back(_SPEC, False, "te-IN") == "no"


def test_the_rest_of_the_contract() -> None:
    assert not _KIND.check(_SPEC)
    assert _KIND.schema(_SPEC)["type"] == "boolean"
    assert _KIND.end_silence_s(_SPEC) is None
    assert _KIND.hints(_SPEC, "ml-IN") == ("അതെ", "അല്ല")
