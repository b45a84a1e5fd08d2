from datetime import date

import pytest

from agents.schema import ChoiceSpec, FieldSpec
from conversation.fields.base import Context, Keypad, Problem
from conversation.fields.choice import Choice

_CONTEXT = Context("en-IN", date(2026, 3, 2))
_KIND = Choice()


def _spec(*choices: ChoiceSpec | str) -> FieldSpec:
    return FieldSpec(
        name="picked",
        kind="choice",
        ask={"en-IN": "Which?"},
        choices=tuple(
            ChoiceSpec(value=choice) if isinstance(choice, str) else choice for choice in choices
        ),
    )


_ACCOUNT = _spec("checking", "savings")
_SIZE = _spec(
    ChoiceSpec(value="small", synonyms={"ta-IN": ["சின்னது", "chinnathu"], "hi-IN": ["छोटा"]}),
    ChoiceSpec(value="medium", synonyms={"ta-IN": ["நடுத்தரம்"]}),
    ChoiceSpec(
        value="large",
        say={"en-IN": "the large one", "ta-IN": "பெரிய பிட்சா"},
        synonyms={"ta-IN": ["பெரியது", "பெரிய"], "ml-IN": ["വലുത്"], "hi-IN": ["बड़ा"]},
    ),
)
_THERAPIST = _spec("Psychologist", "Family Counselor", "Psychiatrist")
_EVENT = _spec("Music", "Sports", "Theater")
_WHEN = _spec(
    ChoiceSpec(value="immediately", synonyms={"en-IN": ["right away"]}),
    ChoiceSpec(value="afterwards", synonyms={"en-IN": ["later"]}),
)
_SEAT = _spec("Front Row", "Balcony")
_PRICE = _spec("cheap", "expensive")
_HOME = _spec("apartment", "house", "plot")


def _read(spec: FieldSpec, said: str) -> object:
    values = {reading.value for reading in _KIND.read(spec, said, _CONTEXT)}
    assert len(values) < 2
    return values.pop() if values else None


@pytest.mark.parametrize(
    ("spec", "said", "value"),
    [
        (_ACCOUNT, "the savings account please", "savings"),
        (_ACCOUNT, "saving account", "savings"),
        (_ACCOUNT, "not checking, savings", "savings"),
        (_ACCOUNT, "checking, no sorry, savings", "savings"),
        (_ACCOUNT, "I'm checking my savings", "savings"),
        (_ACCOUNT, "checking my checking", "checking"),
        (_ACCOUNT, "checking the balance", "checking"),
        (_ACCOUNT, "the first one", "checking"),
        (_ACCOUNT, "option 2", "savings"),
        (_SIZE, "medium medium", "medium"),
        (_SIZE, "a large pizza with extra cheese", "large"),
        (_SIZE, "big", "large"),
        (_SIZE, "smal", "small"),
        (_SIZE, "larg pizza", "large"),
        (_SIZE, "regular one", "medium"),
        (_SIZE, "I don't mind large", "large"),
        (_SIZE, "பெரியதா கொடுங்க", "large"),
        (_SIZE, "chinnathu", "small"),
        (_SIZE, "பெரிய வேண்டாம் நடுத்தரம்", "medium"),
        (_SIZE, "വലുത് മതി", "large"),
        (_SIZE, "बड़ा वाला", "large"),
        (_SIZE, "पहला वाला", "small"),
        (_SIZE, "large nahi small", "small"),
        (_THERAPIST, "counsellor", "Family Counselor"),
        (_THERAPIST, "a family one", "Family Counselor"),
        (_THERAPIST, "a sychologist", "Psychologist"),
        (_THERAPIST, "two psychiatrists", "Psychiatrist"),
        (_EVENT, "a rock concert", "Music"),
        (_EVENT, "baseball games", "Sports"),
        (_EVENT, "something like ballet", "Theater"),
        (_EVENT, "theatre", "Theater"),
        (_HOME, "a two bedroom flat", "apartment"),
        (_HOME, "villa", "house"),
        (_HOME, "I own a villa, I want a plot", "plot"),
        (_HOME, "I'd like a house more than a plot", "house"),
        (_HOME, "I can't afford a house so an apartment", "apartment"),
        (_EVENT, "some musical thing", "Music"),
        (_spec("rent", "drive"), "I was renting", "rent"),
        (_spec("rent", "drive"), "driving", "drive"),
        (_SIZE, "not small medium", "medium"),
        (_SIZE, "not small or medium, large", "large"),
        (_SIZE, "um small no medium", "medium"),
        (_SIZE, "not the large one, a mid one", "medium"),
        (_SIZE, "बड़ी वाली", "large"),
        (_ACCOUNT, "the latter", "savings"),
        (_ACCOUNT, "the former please", "checking"),
        (_SEAT, "front row", "Front Row"),
        (_SEAT, "frontrow please", "Front Row"),
        (_SEAT, "nothing in the balcony, front row", "Front Row"),
        (_PRICE, "something budget friendly", "cheap"),
    ],
)
def test_a_choice_is_meant_by_name_synonym_kind_or_place(
    spec: FieldSpec, said: str, value: str
) -> None:
    assert _read(spec, said) == value


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        *((_ACCOUNT, "savings or checking"), (_ACCOUNT, "two"), (_ACCOUNT, "the third one")),
        *((_ACCOUNT, "not checking"), (_ACCOUNT, "anything but savings"), (_ACCOUNT, "")),
        *((_ACCOUNT, "first of march"), (_SIZE, "charge"), (_SIZE, "barge"), (_SIZE, "bada")),
        *((_SIZE, "large or small"), (_EVENT, "a concert or a game"), (_EVENT, "something nice")),
        *((_WHEN, "that's right"), (_HOME, "I bought a flat"), (_HOME, "I sold my house already")),
        *((_SIZE, "பெரிய வேண்டாம்"), (_SIZE, "?!"), (_SIZE, "not small or medium")),
        *((_SIZE, "the latter"), (_spec("limited", "normal"), "unlimited")),
    ],
)
def test_a_choice_is_not_guessed(spec: FieldSpec, said: str) -> None:
    assert _read(spec, said) is None


@pytest.mark.parametrize(
    ("said", "strong"),
    [("savings", True), ("the saving account", True), ("savinks", False), ("the first one", False),
     ("checking on it", False)],
)  # fmt: skip
def test_only_a_name_said_in_full_may_fill_a_field_that_was_not_asked(
    said: str, strong: bool
) -> None:
    assert [reading.strong for reading in _KIND.read(_ACCOUNT, said, _CONTEXT)] == [strong]


def test_a_reading_knows_its_place() -> None:
    (reading,) = _KIND.read(_ACCOUNT, "my savings, please", _CONTEXT)

    assert (reading.start, reading.end) == (3, 10)


@pytest.mark.parametrize(
    ("digits", "value"),
    [("1", "small"), ("3", "large"), ("0", None), ("4", None), ("*", None), ("", None)],
)
def test_keys_count_from_one(digits: str, value: str | None) -> None:
    assert _KIND.read_keys(_SIZE, digits, _CONTEXT) == value


@pytest.mark.parametrize("value", ["large", " LARGE", "பெரிய", "The large one", "larges"])
def test_values_and_synonyms_are_accepted(value: str) -> None:
    assert _KIND.accept(_SIZE, value, _CONTEXT) == "large"


@pytest.mark.parametrize("value", ["huge", "", 3, None, ["large"], {"value": "large"}, True])
def test_other_values_are_refused_with_the_choices(value: object) -> None:
    assert _KIND.accept(_SIZE, value, _CONTEXT) == Problem(
        "not_a_choice", {"choices": "small, medium or the large one"}
    )


def test_the_choices_are_listed_in_the_language_of_the_call() -> None:
    problem = _KIND.accept(_SIZE, "huge", Context("ta-IN", _CONTEXT.today))

    assert isinstance(problem, Problem)
    assert problem.detail["choices"] == "small, medium அல்லது பெரிய பிட்சா"


def test_a_choice_is_said_back_in_its_own_words() -> None:
    both = _spec(ChoiceSpec(value="cod", say="cash on delivery"), "card")

    assert _KIND.say_back(both, "cod", "en-IN") == "cash on delivery"
    assert _read(both, "cash on delivery") == "cod"
    assert _KIND.say_back(_SIZE, "large", "ta-IN") == "பெரிய பிட்சா"
    assert _KIND.say_back(_SIZE, "large", "hi-IN") == "large"
    assert _KIND.say_back(_SIZE, "gone since", "en-IN") == "gone since"


def test_schema_keypad_and_hints_follow_the_choices() -> None:
    many = _spec(*(f"choice {number}" for number in range(12)))

    assert _KIND.schema(_SIZE)["enum"] == ["small", "medium", "large"]
    assert _KIND.keypad(_SIZE) == Keypad(1, "keypad_choice")
    assert _KIND.keypad(many) == Keypad(2, "keypad_choice")
    assert _KIND.end_silence_s(_SIZE) is None
    assert set(_KIND.hints(_SIZE, "ta-IN")) >= {"பெரிய பிட்சா", "large", "சின்னது"}
    assert "छोटा" not in _KIND.hints(_SIZE, "ta-IN")


def test_a_sound_list_of_choices_has_no_problem() -> None:
    assert not _KIND.check(_SIZE)


def test_every_problem_of_the_choices_is_told() -> None:
    assert _KIND.check(_spec("one")) == ["choices needs at least two entries"]
    assert _KIND.check(_spec("one", "one")) == ['"one" is listed twice']
    shared = _spec("one", ChoiceSpec(value="two", synonyms={"en-IN": ["ONE"]}))
    assert _KIND.check(shared) == ['"one" means both "one" and "two"']


def test_a_choice_of_marks_only_is_never_read() -> None:
    assert _read(_spec("???", "blue"), "???") is None


def test_a_word_that_two_choices_share_names_neither() -> None:
    assert _read(_spec("red wine", "white wine"), "wine please") is None
    assert _read(_spec("red wine", "white wine"), "the white please") == "white wine"


def test_an_everyday_word_chooses_only_when_it_was_asked_for() -> None:
    found = _KIND.read(_WHEN, "I'll think about it later", _CONTEXT)

    assert [(one.value, one.strong) for one in found] == [("afterwards", False)]
