"""What an agent can be known to say before anybody calls."""

from __future__ import annotations

from typing import Any

import pytest

from agents.schema import Agent
from conversation.actions import Part
from conversation.repertoire import repertoire, whole_sentences
from tests.conversation import casting


def rates(**changes: Any) -> Agent:
    """The agent of the other tests, changed and checked anew."""
    return Agent.model_validate(casting.rates().model_dump(exclude_none=True) | changes)


def texts(agent: Agent, language: str = "en-IN", whole: tuple[str, ...] = ()) -> list[str]:
    return [part.text for part in repertoire(agent, whole) if part.language == language]


def everything(agent: Agent, whole: tuple[str, ...] = ()) -> str:
    return " ".join(texts(agent, whole=whole))


def with_fields(*fields: dict[str, Any], **changes: Any) -> Agent:
    asks = {"ask": {"en-IN": "Tell me?", "ta-IN": "சொல்லுங்கள்?"}}
    return rates(fields=[asks | one for one in fields], **changes)


SIZES = {
    "name": "size",
    "kind": "choice",
    "choices": [{"value": "small"}, {"value": "large", "say": {"ta-IN": "பெரியது"}}],
}


def test_what_every_call_says_comes_first() -> None:
    said = texts(rates())
    assert said[0] == "English or Tamil?"
    assert said.index("What do you charge?") < said.index("I didn't hear anything.")
    assert said.index("I didn't hear anything.") < said.index("The charge?")


@pytest.mark.parametrize("language", ["en-IN", "ta-IN"])
def test_every_language_is_spoken_and_nothing_twice(language: str) -> None:
    said = texts(rates(), language)
    assert len(said) > 20
    assert len(said) == len(set(said))


def test_nothing_holds_what_only_a_caller_can_bring() -> None:
    for part in repertoire(rates()):
        assert "\x00" not in part.text
        assert "{" not in part.text


def test_names_and_defaults_are_known() -> None:
    greeting = {"en-IN": "Welcome to {agent_name}, {guest}.", "ta-IN": "வணக்கம்."}
    agent = rates(say={**rates().say, "welcome": greeting}, variables={"guest": "friend"})
    assert "Rate line" in everything(agent)
    assert "friend" in everything(agent)


def test_choices_are_known_as_they_are_said_back() -> None:
    agent = with_fields(SIZES, say={**rates().say, "confirm": {
        "en-IN": "A {size} one. Right?", "ta-IN": "{size}. சரியா?"}}, confirm=["size"])  # fmt: skip
    assert "small" in everything(agent)
    assert "large" in everything(agent)
    assert "பெரியது" in " ".join(texts(agent, "ta-IN"))
    assert "press 1 for small or press 2 for large" in everything(agent, ("en-IN",))


def test_yes_and_no_and_not_given_are_known() -> None:
    agent = with_fields({"name": "pets", "kind": "yes_no", "required": False}, say={
        **rates().say, "thanks": {"en-IN": "Pets: {pets}. Bye.", "ta-IN": "நன்றி."}})  # fmt: skip
    for value in ("yes", "no", "not given"):
        assert f"Pets: {value}." in everything(agent, ("en-IN",))


def test_sentences_about_other_kinds_are_not_said() -> None:
    assert "That day is already over." not in texts(rates())
    assert "That day is already over." in texts(with_fields({"name": "day", "kind": "date"}))


def test_what_can_be_changed_is_known_when_it_is_read_back() -> None:
    agent = rates(confirm=["charge", "window"])
    assert "charge or time window?" in everything(agent, ("en-IN",))
    assert "What should I change: charge" not in everything(rates(confirm=[]), ("en-IN",))


def test_an_agent_without_operator_or_menu_does_not_speak_of_them() -> None:
    agent = rates(languages=("en-IN",), handover=None)
    said = texts(agent)
    assert "English or Tamil?" not in said
    assert "Connecting you." not in said
    both = rates(handover={"to": "+914400000000"})
    assert "Connecting you." in texts(both)


def test_a_field_that_is_not_typed_has_no_word_on_keys() -> None:
    agent = with_fields({"name": "who", "kind": "name"})
    assert "Tell me?" in texts(agent)
    assert "press the hash key" not in everything(agent)


def test_answers_to_side_questions_are_known() -> None:
    aside = {"about": "who is it", "say": {"en-IN": "The rate line.", "ta-IN": "நாங்கள்."}}
    assert "The rate line." in texts(rates(answers=[aside]))


# Sentences as a whole


def pieces(*said: tuple[str, bool], language: str = "en-IN") -> list[Part]:
    return [Part(text, language, fixed) for text, fixed in said]


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ([], []),
        ([("Hello.", True), ("You.", True)], ["Hello.", "You."]),
        ([("I have", True), ("five,", False), ("ok?", True)], ["I have five, ok?"]),
        ([("Hi.", True), ("I have", True), ("five.", False)], ["Hi.", "I have five."]),
        ([("I have", True), ("five", False)], ["I have five"]),
        ([("Five.", False), ("ok?", True)], ["Five.", "ok?"]),
        ([("He said", True), ('"five."', False), ("ok?", True)], ['He said "five."', "ok?"]),
    ],
)
def test_a_sentence_with_a_value_becomes_one(
    said: list[tuple[str, bool]], whole: list[str]
) -> None:
    assert [part.text for part in whole_sentences(pieces(*said))] == whole


def test_a_sentence_ends_where_the_language_does() -> None:
    said = [*pieces(("I have", True)), *pieces(("ஐந்து", False), language="ta-IN")]
    assert whole_sentences(said) == tuple(said)


def test_the_announcement_of_a_recording_is_known() -> None:
    told = {"en-IN": "This call is recorded.", "ta-IN": "அழைப்பு பதிவாகிறது."}
    agent = rates(record={"announce": told})
    assert set(told.values()) <= {part.text for part in repertoire(agent)}


def test_what_is_said_while_somebody_waits_long_is_known() -> None:
    agent = rates(live={"hold": {"en-IN": "Still looking."}})

    assert "Still looking." in texts(agent)
    assert "Still looking." not in texts(agent, "ta-IN")
