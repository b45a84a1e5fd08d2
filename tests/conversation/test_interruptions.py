"""A caller who cuts in: what they were asked, what they answered, what they are told again."""

from __future__ import annotations

from typing import Any

import pytest

from agents.schema import Record
from conversation.events import BargeIn
from conversation.extraction import Extraction
from conversation.state import CallState, Exchange, Outcome
from tests.conversation.casting import NOON, Played, Scripted, english, rates, with_field

WELCOME = "Welcome to Rate line."
CHARGE = "What do you charge?"
WINDOW = "Between what times?"


def cut(call: Played, heard: str) -> Played:
    """The caller cuts in when so much of the answer was heard."""
    return call.feed(BargeIn(heard, NOON))


def lines(call: Played) -> list[str]:
    """What was said, as a brain is told it."""
    return [f"{line.role}: {line.text}" for line in call.state.history]


# What counts as said


def test_only_what_was_heard_counts_as_said() -> None:
    call = cut(Played(english()), "Welcome to  Rate line. What")

    assert lines(call) == ["agent: Welcome to Rate line. What"]


def test_what_nobody_heard_was_not_said() -> None:
    assert lines(cut(Played(english()), "")) == []


def test_an_announcement_and_the_welcome_are_one_answer() -> None:
    agent = english(record=Record(announce={"en-IN": "This call is recorded."}))
    call = Played(agent)
    assert len(call.state.history) == 2

    assert lines(cut(call, f"This call is recorded. {WELCOME}")) == [
        f"agent: This call is recorded. {WELCOME}"
    ]


def test_of_two_answers_in_a_row_only_the_last_is_cut() -> None:
    call = Played(english()).wait()
    first, second = lines(call)

    assert lines(cut(call, "I didn't hear")) == [first, "agent: I didn't hear"]
    assert second != first


def test_words_nobody_knows_stand_for_the_last_line() -> None:
    call = Played(english()).wait()

    assert lines(cut(call, "Something else"))[1:] == ["agent: Something else"]


def test_a_caller_who_cuts_in_on_nothing_changes_nothing() -> None:
    call = Played(english())
    call.state = CallState.from_dict(call.state.to_dict() | {"history": []})

    assert cut(call, "Wel").state.heard is None


# The question was put


def test_who_cuts_into_a_question_they_know_answers_it() -> None:
    call = cut(Played(english()), f"{WELCOME} What do you").say("500 rupees")

    assert call.data == {"charge": {"amount": 500, "currency": "INR"}}
    assert call.said == WINDOW
    assert call.state.heard is None


# The question was not put


def test_words_over_the_answer_do_not_answer_a_question_nobody_heard() -> None:
    agent = with_field(english(), "window", kind="text")
    call = Played(agent).say("500 rupees")
    cut(call, "Between").say("no, 600 rupees")

    assert call.data == {"charge": {"amount": 600, "currency": "INR"}}
    assert call.said == WINDOW


def test_who_said_nothing_of_use_is_asked_what_they_did_not_hear() -> None:
    agent = with_field(english(), "window", kind="text")
    call = Played(agent).say("500 rupees")
    cut(call, "Between").say("it is a lovely day")

    assert "window" not in call.data
    assert call.said == WINDOW
    assert call.state.slots["window"].misses == 0


def test_the_number_that_goes_on_is_read_as_one() -> None:
    agent = with_field(english(), "charge", kind="phone", currency=None, min=None, region="IN")
    call = Played(agent).say("98450")
    cut(call, "").say("123")
    assert call.said == "Go on."

    cut(call, "").say("45")
    assert call.data == {"charge": "+919845012345"}
    assert call.said == WINDOW


def test_a_value_that_goes_on_is_replaced_without_a_word_on_it() -> None:
    call = Played(english(confirm=())).say("five hundred")
    cut(call, "").say("and fifty rupees")

    assert call.data == {"charge": {"amount": 550, "currency": "INR"}}
    assert call.said == WINDOW


def test_half_a_value_does_not_stand_when_the_whole_is_refused() -> None:
    agent = with_field(english(), "charge", kind="number", currency=None, max=1000)
    brain = Scripted(Extraction(values={"charge": 12}), Extraction(values={"charge": 12_000}), None)
    call = Played(agent, brain).say("12")
    assert call.data == {"charge": 12}

    cut(call, "").say("thousand")
    assert brain.requests[1].utterance == "12 thousand"
    assert brain.requests[1].asked == "charge"
    assert call.data == {}
    assert call.said.endswith(CHARGE)
    assert call.state.slots["charge"].misses == 1


def test_the_last_value_may_go_on_over_the_read_back() -> None:
    agent = with_field(english(), "window", kind="number", max=1000)
    brain = Scripted(
        Extraction(values={"charge": 500}),
        Extraction(values={"window": 12}),
        Extraction(values={"window": 12_000}),
    )
    call = Played(agent, brain).say("500", "12")
    cut(call, "").say("thousand")

    assert "window" not in call.data
    assert call.said.endswith(WINDOW)


def test_who_says_it_again_does_not_say_it_twice() -> None:
    brain = Scripted(None, None)
    call = Played(english(), brain).say("Five hundred")
    cut(call, "").say("five hundred.")

    assert brain.requests[1].utterance == "five hundred."
    assert brain.requests[1].agent_said == CHARGE


def test_yes_to_what_was_not_read_back_confirms_nothing() -> None:
    call = Played(english()).say("500 rupees", "2 pm to 5 pm")
    read_back = call.said

    cut(call, "You").say("yes")
    assert call.state.outcome is None
    assert call.said == read_back

    cut(call, "You").say("yes, and the weather is good")
    assert call.state.outcome is None
    assert call.said == read_back

    cut(call, "You").say("no, 600 rupees")
    assert call.data["charge"] == {"amount": 600, "currency": "INR"}

    call.say("yes")
    assert call.state.outcome is Outcome.COMPLETED


@pytest.mark.parametrize("said", ["sorry?", "what?", "can you repeat that"])
def test_who_did_not_hear_is_told_again_from_where_it_was_lost(said: str) -> None:
    assert cut(Played(english()), "Welcome").say(said).said == f"{WELCOME} {CHARGE}"
    assert cut(Played(english()), f"{WELCOME} What").say(said).said == CHARGE
    assert Played(english()).say(said).said == CHARGE


def test_an_answer_that_is_known_beforehand_needs_no_question() -> None:
    agent = with_field(english(), "charge", kind="number", currency=None)
    assert cut(Played(agent), "Wel").say("500").data == {"charge": 500}

    missed = cut(Played(agent), "Wel").say("it is a lovely day")
    assert missed.said == f"{WELCOME} {CHARGE}"
    assert missed.state.slots["charge"].misses == 0


def test_a_side_question_over_an_answer_is_answered_and_the_rest_is_told() -> None:
    call = Played(english()).say("500 rupees")
    cut(call, "").say("who is calling?")

    assert call.said == f"Acme Freight. {WINDOW}"


def test_a_menu_that_is_cut_short_is_chosen_from() -> None:
    call = cut(Played(rates()), "English").say("English")

    assert call.state.language == "en-IN"
    assert call.state.heard is None
    assert call.said == f"{WELCOME} {CHARGE}"


def test_keys_answer_the_question_that_stands() -> None:
    call = Played(english())
    cut(call, "").press("500#")

    assert call.data == {"charge": {"amount": 500, "currency": "INR"}}
    assert call.state.heard is None


def test_an_interruption_is_kept_with_the_call() -> None:
    call = Played(english(), Scripted(None)).say("five hundred")
    cut(call, "")
    kept = CallState.from_dict(call.state.to_dict())

    assert kept == call.state
    assert kept.last == Exchange("charge", CHARGE, "five hundred")


def test_a_read_back_is_no_question_about_a_field() -> None:
    call = Played(english()).say("500 rupees", "2 pm to 5 pm", "it is a lovely day")
    state: Any = call.state

    assert state.last.asked is None
