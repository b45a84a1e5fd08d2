"""Nothing a caller can say, and nothing a model can answer, makes the readers of words raise."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.schema import Agent, Answer, ChoiceSpec, FieldSpec
from conversation.answers import find_answer
from conversation.fields import kind_of
from conversation.fields.base import Context, Problem
from conversation.language import asks_for_language, names_other_language, pick_language
from conversation.reading.asking import asks_something
from conversation.reading.confirmation import read_confirmation
from conversation.reading.cues import (
    declines,
    does_not_know,
    is_backchannel,
    says_goodbye,
    wants_person,
    wants_repeat,
    wants_to_wait,
)

_KINDS = ("text", "name", "phone", "email", "choice", "yes_no", "address")
_LANGUAGES = st.sampled_from(("en-IN", "hi-IN", "ta-IN", "ml-IN", "te-IN"))
_WORDS = st.sampled_from(
    "yes no not but is are the a my name John at dot com gmail 98450 double triple o l J . ? , "
    "one second large small option first or hold on English Tamil speak in please shared ride it's "
    "who what agent सही नहीं मेरा நான் இல்லை பெயர் തമിഴ് അല്ല athe illa haan main + _ @ "
    "- ' 1,500 2:30".split()
)
_SAID = st.one_of(st.text(max_size=80), st.lists(_WORDS, max_size=14).map(" ".join))
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=4,
)  # fmt: skip


def _spec(kind: str) -> FieldSpec:
    choices = (ChoiceSpec(value="large"), ChoiceSpec(value="small", synonyms={"ta-IN": ["சின்ன"]}))
    return FieldSpec(
        name="shared_ride",
        kind=kind,
        ask={"en-IN": "Which?"},
        region="IN" if kind == "phone" else None,
        choices=choices if kind == "choice" else (),
    )


@pytest.mark.parametrize("kind", _KINDS)
@given(said=_SAID, asked=_SAID, language=_LANGUAGES)
def test_what_is_read_lies_in_the_text_and_is_accepted(
    kind: str, said: str, asked: str, language: str
) -> None:
    spec, context = _spec(kind), Context(language, date(2026, 3, 2), asked)

    for reading in kind_of(spec).read(spec, said, context):
        assert 0 <= reading.start < reading.end <= len(said)
        accepted = kind_of(spec).accept(spec, reading.value, context)
        assert not isinstance(accepted, Problem) or accepted.code in ("too_long", "too_short")


@pytest.mark.parametrize("kind", _KINDS)
@given(value=_JSON, language=_LANGUAGES)
def test_an_accepted_value_is_canonical_and_can_be_spoken(
    kind: str, value: object, language: str
) -> None:
    spec, context = _spec(kind), Context(language, date(2026, 3, 2))

    accepted = kind_of(spec).accept(spec, value, context)

    if not isinstance(accepted, Problem):
        assert kind_of(spec).accept(spec, accepted, context) == accepted
        assert kind_of(spec).say_back(spec, accepted, language)


@pytest.mark.parametrize("kind", _KINDS)
@given(digits=st.text("0123456789*", max_size=20))
def test_any_keys_are_read(kind: str, digits: str) -> None:
    spec, context = _spec(kind), Context("en-IN", date(2026, 3, 2))

    value = kind_of(spec).read_keys(spec, digits, context)

    assert value is None or kind_of(spec).accept(spec, value, context) == value


@pytest.mark.parametrize(
    "cue",
    [wants_person, wants_repeat, wants_to_wait, declines, says_goodbye, does_not_know,
     is_backchannel, asks_something],
)  # fmt: skip
@given(said=_SAID, language=_LANGUAGES)
def test_any_words_are_a_cue_or_none(
    cue: Callable[[str, str], bool], said: str, language: str
) -> None:
    assert cue(said, language) in (True, False)


@given(said=_SAID, language=_LANGUAGES)
def test_any_words_get_a_verdict(said: str, language: str) -> None:
    verdict = read_confirmation(said, language)

    assert verdict.yes is not None or not verdict.bare


@given(said=_SAID)
def test_any_words_choose_an_offered_language_or_none(said: str) -> None:
    offered = ("en-IN", "ta-IN", "ml-IN")

    assert pick_language(said, offered) in (*offered, None)
    assert asks_for_language(said, offered, "ta-IN") in (*offered, None)
    assert names_other_language(said, offered) not in ("en", "ta", "ml")


@given(said=_SAID, about=_SAID, language=_LANGUAGES)
def test_any_words_find_an_answer_or_none(said: str, about: str, language: str) -> None:
    answer = Answer.model_construct(about=about, also=(), say={"en-IN": "So."})
    agent = Agent.model_construct(answers=(answer,))

    assert find_answer(agent, said, language) in (answer, None)
