"""Calls as stories: what the caller does, what the agent answers."""

from __future__ import annotations

import pytest

from agents.schema import ChoiceSpec
from conversation.events import (
    Extracted,
    HandoverResult,
)
from conversation.extraction import Decision, Extraction
from conversation.reading.cues import declines, wants_person
from conversation.stages import Stage
from conversation.state import Outcome
from tests.conversation.casting import NOON, Played, Scripted, english, rates, with_field

CHARGE = {"amount": 500, "currency": "INR"}
SIX_HUNDRED = {"amount": 600, "currency": "INR"}
WINDOW = {"start": "14:00", "end": "17:00"}


# The menu


def test_an_agent_with_two_languages_reads_its_menu_in_each() -> None:
    call = Played(rates())
    assert call.said == "English or Tamil? தமிழா?"
    assert call.state.stage is Stage.LANGUAGE
    assert call.listens
    assert call.listens.keys_most == 1
    assert {"English", "Tamil", "தமிழ்"} <= set(call.listens.hints)


def test_an_agent_with_one_language_greets_and_asks_at_once() -> None:
    call = Played(english())
    assert call.said == "Welcome to Rate line. What do you charge?"
    assert (call.state.stage, call.state.asking) == (Stage.WELCOME, "charge")


@pytest.mark.parametrize("words", ["not English, Tamil please", "தமிழ்", "tamizh", "Tamil"])
def test_the_language_is_chosen_by_any_of_its_names(words: str) -> None:
    assert Played(rates()).say(words).state.language == "ta-IN"


def test_the_language_is_chosen_by_key() -> None:
    call = Played(rates()).press("2")
    assert (call.state.language, call.state.stage) == ("ta-IN", Stage.WELCOME)


def test_star_reads_the_menu_again_and_a_wrong_key_says_so() -> None:
    assert Played(rates()).press("*").said == "English or Tamil? தமிழா?"
    assert Played(rates()).press("7").said.startswith("Sorry, I didn't get the language.")


def test_a_caller_who_never_chooses_gets_the_first_language() -> None:
    call = Played(rates()).say("hello", "who knows", "hm")
    assert (call.state.language, call.state.stage) == ("en-IN", Stage.WELCOME)


def test_a_language_the_agent_does_not_speak_is_named_as_such() -> None:
    said = Played(rates()).say("French please").said
    assert said.startswith("I'm sorry, I can only speak English and Tamil.")


def test_a_person_can_be_asked_for_at_the_menu_by_word_and_by_key() -> None:
    assert Played(rates()).say("I want to talk to a human").hands_over
    assert Played(rates()).press("0").hands_over


def test_a_caller_who_declines_at_the_menu_is_let_go() -> None:
    call = Played(rates()).say("I'm not interested")
    assert (call.state.outcome, call.state.stage) == (Outcome.DECLINED, Stage.LANGUAGE)


def test_a_failed_handover_from_the_menu_comes_back_in_the_first_language() -> None:
    call = Played(rates()).press("0").operator(HandoverResult.BUSY)
    assert (call.state.stage, call.state.asking) == (Stage.COLLECTING, "charge")


# Collecting


def test_both_fields_are_taken_from_one_utterance_and_read_back() -> None:
    call = Played(english()).say("500 rupees, 2 pm to 5 pm")
    assert call.data == {"charge": CHARGE, "window": WINDOW}
    assert call.said == "You charge 500 rupees, 2 pm to 5 pm. Right?"
    assert call.state.stage is Stage.CONFIRMING


def test_a_bare_number_answers_the_field_that_was_asked() -> None:
    call = Played(english()).say("500")
    assert call.data == {"charge": CHARGE}
    assert call.said == "Between what times?"


def test_a_value_given_before_is_corrected_while_another_field_is_asked() -> None:
    call = Played(english()).say("500", "sorry, it's 600 rupees")
    assert call.data == {"charge": SIX_HUNDRED}
    assert call.state.asking == "window"


def test_a_replaced_value_that_is_not_read_back_is_acknowledged() -> None:
    call = Played(english(confirm=())).say("500", "no, make it 600 rupees")
    assert call.said == "All right, 600 rupees. Between what times?"


def test_a_value_outside_its_bounds_is_not_kept_and_the_reason_is_said() -> None:
    agent = with_field(english(), "charge", max=1000)
    call = Played(agent).say("5000 rupees")
    assert call.data == {}
    assert call.said == "It can't be more than 1,000 rupees. What do you charge?"


def test_a_problem_of_a_field_that_was_not_asked_waits_for_its_question() -> None:
    agent = with_field(english(), "charge", max=1000)
    call = Played(agent).say("500", "5000 rupees")
    assert call.data == {"charge": CHARGE}
    assert call.said == "Sorry, I didn't get that. Between what times?"


def test_the_second_miss_uses_the_shorter_question_and_tells_the_keypad_way() -> None:
    call = Played(english()).say("hm hm", "what ever")
    assert call.said == (
        "Sorry, I didn't get that. The charge? You can also type the amount and press the hash key."
    )


def test_three_misses_hand_the_call_over() -> None:
    call = Played(english()).say("hm hm", "hm hm", "hm hm")
    assert call.hands_over
    assert call.hands_over.to == "+914400000000"
    assert call.state.stage is Stage.HANDOVER


def test_three_misses_without_an_operator_end_the_call_politely() -> None:
    call = Played(english(handover=None)).say("hm hm", "hm hm", "hm hm")
    assert call.said == "I'm sorry, I couldn't understand everything I need. Goodbye."
    assert call.state.outcome is Outcome.STUCK


def test_an_optional_field_is_passed_over_when_it_is_not_known_or_missed() -> None:
    agent = with_field(english(), "window", required=False)
    assert Played(agent).say("500", "I don't know").state.stage is Stage.CONFIRMING
    call = Played(agent).say("500", "hm hm", "hm hm", "hm hm")
    assert call.said == "I have charge: 500 rupees. Is that right?"


def test_a_required_field_that_is_not_known_is_asked_again() -> None:
    call = Played(english()).say("I don't know")
    assert call.said == "I do need an answer to this one. What do you charge?"


def test_keys_answer_without_any_brain() -> None:
    brain = Scripted()
    call = Played(english(), brain).press("500#").press("14001700")
    assert call.data == {"charge": CHARGE, "window": WINDOW}
    assert call.press("1").state.outcome is Outcome.COMPLETED
    assert brain.requests == []


def test_a_typed_value_outside_its_bounds_is_refused_with_the_reason() -> None:
    agent = with_field(english(), "charge", min=10)
    assert Played(agent).press("5").said.startswith("It can't be less than 10 rupees.")


def test_keys_that_mean_nothing_are_a_miss() -> None:
    call = Played(english()).say("500").press("9")
    assert call.said == "Sorry, I didn't get that. Between what times?"


def test_zero_reaches_an_operator_and_star_repeats() -> None:
    assert Played(english()).say("500").press("0").hands_over
    assert Played(english()).press("*").said == "What do you charge?"


def test_a_field_without_keys_still_reaches_the_operator_by_zero() -> None:
    agent = with_field(english(), "charge", kind="text", currency=None, min=None)
    assert Played(agent).press("0").hands_over
    helped = Played(agent).wait(2).said
    assert helped.endswith("Press 0 to speak to a person.")


def test_a_field_of_choices_tells_which_key_means_what() -> None:
    choices = (ChoiceSpec(value="small"), ChoiceSpec(value="large"))
    agent = with_field(english(), "charge", kind="choice", choices=choices)
    assert Played(agent).wait(2).said.endswith("Or press 1 for small or press 2 for large.")


# At any time


def test_the_language_is_switched_in_the_middle_and_the_question_repeated() -> None:
    call = Played(rates()).say("Tamil", "can we speak in English")
    assert call.state.language == "en-IN"
    assert call.said == "What do you charge?"


def test_a_switch_of_language_keeps_the_value_said_in_the_same_breath() -> None:
    call = Played(rates()).press("2").say("English please, 500 rupees")
    assert call.state.language == "en-IN"
    assert call.data == {"charge": CHARGE}


def test_a_language_that_is_not_spoken_is_named_in_the_middle_too() -> None:
    said = Played(rates()).press("1").say("can we speak in French").said
    assert said == "I'm sorry, I can only speak English and Tamil. What do you charge?"


def test_a_side_question_is_answered_and_the_question_put_again() -> None:
    call = Played(english()).say("who is calling?")
    assert call.said == "Acme Freight. What do you charge?"
    assert call.state.slots["charge"].misses == 0


def test_a_side_question_beside_an_answer_loses_neither() -> None:
    call = Played(english()).say("500 rupees, and who is calling?")
    assert call.data == {"charge": CHARGE}
    assert call.said == "Acme Freight. Between what times?"


def test_asked_to_repeat_the_agent_repeats() -> None:
    assert Played(english()).say("can you repeat that").said == "What do you charge?"


def test_asked_to_wait_the_agent_waits_longer_without_asking() -> None:
    call = Played(english()).say("one moment please")
    assert call.said == "Of course, take your time."
    assert call.listens
    assert call.listens.timeout_s > 10


def test_a_caller_who_declines_or_says_goodbye_is_let_go() -> None:
    for words in ("I'm not interested, sorry", "goodbye"):
        call = Played(english()).say(words)
        assert call.said == "All right. Sorry to have troubled you. Goodbye."
        assert call.state.outcome is Outcome.DECLINED


# What a model may say


def test_a_value_on_which_two_brains_disagree_is_read_back_whatever_the_file_says() -> None:
    both = {"charge": 500, "window": "14:00-17:00"}
    brain = Scripted(Extraction(values=both, doubtful=frozenset({"charge"})))
    call = Played(english(confirm=()), brain).say("something")
    assert call.said == "I have charge: 500 rupees. Is that right?"
    assert call.press("1").state.outcome is Outcome.COMPLETED


def test_a_doubtful_value_beside_a_yes_is_read_back_before_the_call_completes() -> None:
    agent = with_field(english(confirm=("charge",)), "window", required=False)
    brain = Scripted(
        Extraction(values={"charge": 500}),
        Extraction(),  # no window: passed over
        Extraction(values={"window": WINDOW}, doubtful=frozenset({"window"})),
    )
    call = Played(agent, brain).say("500 rupees", "I don't know")
    assert call.state.stage is Stage.CONFIRMING
    call.say("yes and that other thing")
    assert call.state.outcome is None
    assert "2 pm to 5 pm" in call.said
    assert call.say("yes").state.outcome is Outcome.COMPLETED


def test_a_model_that_says_all_is_in_does_not_end_the_call_while_a_field_is_missing() -> None:
    brain = Scripted(Extraction(Decision.THANK_YOU_RESPONSE, {"charge": 500}))
    assert Played(english(), brain).say("it's done").said == "Between what times?"


def test_a_model_may_ask_for_an_operator_answer_aside_and_switch_the_language() -> None:
    person = Scripted(Extraction(Decision.HANDOVER_TO_HUMAN))
    assert Played(english(), person).say("this is urgent").hands_over
    aside = Scripted(Extraction(reply="  We pay\nweekly. "))
    assert Played(english(), aside).say("so").said == "We pay weekly. What do you charge?"
    switch = Scripted(Extraction(language="ta-IN"))
    assert Played(rates(), switch).press("1").say("so").state.language == "ta-IN"


def test_values_a_model_invents_or_mangles_are_never_kept() -> None:
    values = {"charge": {"amount": "lots"}, "colour": "red", "window": [1, 2]}
    call = Played(english(), Scripted(Extraction(values=values))).say("something")
    assert call.data == {}
    assert call.said.endswith("What do you charge?")


def test_when_no_brain_answers_the_caller_is_asked_again_and_nothing_is_counted() -> None:
    call = Played(english(), Scripted(None)).say("500 rupees")
    assert call.said == "Sorry, I didn't get that. What do you charge?"
    assert call.state.slots["charge"].misses == 0


def test_an_answer_that_comes_after_its_utterance_was_dealt_with_changes_nothing() -> None:
    call = Played(english())
    call.feed(Extracted(Extraction(values={"charge": 900}), NOON))
    assert call.data == {}
    assert call.said == "What do you charge?"


def test_the_brain_is_told_what_was_asked_and_said() -> None:
    brain = Scripted(Extraction())
    Played(english(), brain).say("hello there")
    (request,) = brain.requests
    assert (request.asked, request.agent_said) == ("charge", "What do you charge?")
    assert [line.role for line in request.history] == ["agent", "caller"]


def test_a_number_in_pieces_is_waited_for_and_no_piece_is_a_miss() -> None:
    clinic = with_field(english(), "charge", kind="phone", currency=None, min=None, region="IN")
    call = Played(clinic).say("nine eight four five")
    assert (call.said, call.state.slots["charge"].misses) == ("Go on.", 0)
    assert call.say("zero one two", "three four five").data == {"charge": "+919845012345"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-IN", "cancel my order"),
        ("en-IN", "I want to cancel"),
        ("hi-IN", "कैंसल कर दीजिए"),
        ("ta-IN", "கேன்சல் பண்ணுங்க"),
        ("ml-IN", "എനിക്ക് താൽപര്യമില്ല"),
    ],
)
def test_a_caller_who_cancels_is_let_go(language: str, words: str) -> None:
    assert declines(words, language)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en-IN", "reception please"), ("ta-IN", "ஆள்கிட்ட பேசணும்"), ("ml-IN", "ഒരാളോട് സംസാരിക്കണം")],
)
def test_a_person_is_asked_for_in_the_callers_own_words(language: str, words: str) -> None:
    assert wants_person(words, language)
