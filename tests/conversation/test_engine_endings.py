"""Calls as stories: the read-back, silence, limits, operators and the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversation.actions import Extract, HangUpReason
from conversation.engine import advance
from conversation.events import (
    BargeIn,
    CallEnded,
    CallStarted,
    HandoverAnswered,
    HandoverResult,
    Silence,
    ToolAnswered,
    Utterance,
)
from conversation.fields.base import Value
from conversation.stages import Stage
from conversation.state import Outcome, Slot, new_state
from tests.conversation.casting import NOON, Played, english, rates, with_field

CHARGE: Value = {"amount": 500, "currency": "INR"}
SIX_HUNDRED = {"amount": 600, "currency": "INR"}
WINDOW = {"start": "14:00", "end": "17:00"}


# Confirmation


def confirming() -> Played:
    return Played(english()).say("500 rupees, 2 pm to 5 pm")


def test_a_yes_completes_the_call_with_thanks() -> None:
    call = confirming().say("yes that's right")
    assert call.said == "Thanks for 500 rupees."
    assert call.hung_up
    assert call.hung_up.reason is HangUpReason.COMPLETED
    assert (call.state.stage, call.state.outcome) == (Stage.COMPLETED, Outcome.COMPLETED)
    assert all(slot.confirmed for slot in call.state.slots.values())


def test_a_no_with_a_value_both_refuses_and_corrects() -> None:
    call = confirming().say("no, it's 600")
    assert call.data["charge"] == SIX_HUNDRED
    assert call.said == "You charge 600 rupees, 2 pm to 5 pm. Right?"


def test_a_bare_no_asks_what_to_change_and_a_named_field_is_asked() -> None:
    call = confirming().say("no")
    assert call.said == "All right. What should I change: charge or time window?"
    assert call.say("the time window").said == "Between what times?"
    assert call.say("3 pm to 6 pm").said == "You charge 500 rupees, 3 pm to 6 pm. Right?"


def test_a_no_that_names_the_field_asks_for_it_at_once() -> None:
    assert confirming().say("no, the charge is wrong").said == "What do you charge?"


def test_what_to_change_takes_a_new_value_a_key_or_a_change_of_mind() -> None:
    assert confirming().press("2").say("600").data["charge"] == SIX_HUNDRED
    assert confirming().press("2").press("1").said == "What do you charge?"
    assert confirming().say("no", "oh, it's all right").state.stage is Stage.CONFIRMING


def test_what_to_change_explains_the_keys_when_it_is_not_understood() -> None:
    call = confirming().say("no", "hm hm")
    assert "press 1 for charge or press 2 for time window" in call.said
    assert confirming().say("no").press("9").said.startswith("Sorry, I didn't get that.")
    assert confirming().say("no").press("0").hands_over


def test_a_wordy_no_that_names_nothing_asks_what_to_change() -> None:
    call = confirming().say("no, you have understood me all wrong there")
    assert call.said == "All right. What should I change: charge or time window?"


def test_a_side_question_at_what_to_change_is_answered_and_asked_again() -> None:
    call = confirming().say("no", "who is calling?")
    assert call.said == "Acme Freight. All right. What should I change: charge or time window?"


def test_who_agrees_and_takes_leave_in_one_breath_has_agreed() -> None:
    assert confirming().say("ok, bye").state.outcome is Outcome.COMPLETED


def test_a_field_is_named_by_a_word_that_only_it_has() -> None:
    assert confirming().say("no, the time is wrong").said == "Between what times?"
    labels = {"label": {"en-IN": "charge for the time"}}
    agent = with_field(english(), "charge", **labels)
    unclear = Played(agent).say("500 rupees, 2 pm to 5 pm", "no, the time is wrong")
    assert unclear.said.startswith("All right. What should I change")


def test_a_no_with_only_one_field_read_back_asks_for_that_field() -> None:
    call = Played(english(confirm=("charge",))).say("500 rupees, 2 pm to 5 pm", "no")
    assert call.said == "What do you charge?"


def test_an_unclear_answer_to_the_read_back_is_asked_again() -> None:
    call = confirming().say("the weather")
    assert call.said.startswith("Please say yes or no, or press 1 for yes and 2 for no.")
    assert confirming().press("5").said == call.said
    assert call.say("hm hm", "hm hm").hands_over


def test_keys_answer_the_read_back() -> None:
    assert confirming().press("1").state.outcome is Outcome.COMPLETED
    assert confirming().press("2").state.stage is Stage.COLLECTING
    assert confirming().press("0").hands_over


def test_a_correction_that_cannot_be_says_why_and_asks_for_the_field() -> None:
    agent = with_field(english(), "charge", max=1000)
    call = Played(agent).say("500 rupees, 2 pm to 5 pm", "no, 5000 rupees")
    assert call.said == "It can't be more than 1,000 rupees. What do you charge?"
    assert call.data["charge"] == CHARGE


def test_a_side_question_at_the_read_back_reads_back_again() -> None:
    assert confirming().say("who is calling?").said == (
        "Acme Freight. You charge 500 rupees, 2 pm to 5 pm. Right?"
    )


def test_a_wordy_yes_with_nothing_new_confirms() -> None:
    call = confirming().say("yes 500 rupees from 2 pm to 5 pm is right, wonderful")
    assert call.state.outcome is Outcome.COMPLETED


def test_no_confirmation_is_asked_when_the_agent_wants_none() -> None:
    call = Played(english(confirm=())).say("500 rupees, 2 pm to 5 pm")
    assert call.state.outcome is Outcome.COMPLETED


def test_only_the_fields_named_are_read_back() -> None:
    call = Played(english(confirm=("charge",), say=_without_confirm())).say(
        "500 rupees, 2 pm to 5 pm"
    )
    assert call.said == "I have charge: 500 rupees. Is that right?"


def _without_confirm() -> dict[str, dict[str, str]]:
    return {key: texts for key, texts in rates().say.items() if key != "confirm"}


# Silence, limits, handover, the end


def test_the_silence_ladder_asks_again_then_shorter_then_says_goodbye() -> None:
    call = Played(english())
    assert call.wait().said == "I didn't hear anything. What do you charge?"
    assert call.wait().said == (
        "I didn't hear anything. The charge? You can also type the amount and press the hash key."
    )
    assert call.wait().said == "I didn't hear anything. Goodbye."
    assert call.state.outcome is Outcome.SILENT


def test_silence_at_the_read_back_tells_the_keys() -> None:
    assert confirming().wait(2).said.endswith("You can also press 1 for yes and 2 for no.")


def test_a_silent_caller_without_keys_or_operator_is_only_asked_shorter() -> None:
    agent = with_field(english(handover=None), "charge", kind="text", currency=None, min=None)
    assert Played(agent).wait(2).said == "I didn't hear anything. The charge?"


def test_a_word_from_the_caller_starts_the_silence_ladder_anew() -> None:
    call = Played(english()).wait(2).say("hm hm").wait(2)
    assert call.state.outcome is None


def test_a_silent_line_goes_to_an_operator_when_the_agent_says_so() -> None:
    handover = {"to": "queue:help", "when": ["silent"]}
    agent = type(english()).model_validate(english().model_dump() | {"handover": handover})
    call = Played(agent).wait(3)
    assert call.hands_over
    assert call.hands_over.to == "queue:help"
    assert call.said.startswith("I didn't hear anything. ")
    refused = Played(agent).say("let me talk to a person")
    assert refused.said.startswith("I'm sorry, I can't connect you to a person from here.")


def test_a_handover_that_was_answered_ends_the_call_as_handed_over() -> None:
    call = Played(english()).say("I want to speak to a human").operator(HandoverResult.ANSWERED)
    assert call.state.outcome is Outcome.HANDED_OVER
    assert call.hung_up


@pytest.mark.parametrize(
    "result", [HandoverResult.BUSY, HandoverResult.NO_ANSWER, HandoverResult.FAILED]
)
def test_a_handover_that_failed_comes_back_and_says_so(result: HandoverResult) -> None:
    call = Played(english()).say("500", "I want to speak to a human").operator(result)
    assert call.said == (
        "I'm sorry, nobody could take your call just now. Let's go on together. Between what times?"
    )
    assert call.data == {"charge": CHARGE}


def test_anything_the_caller_does_while_no_operator_came_takes_up_the_questions() -> None:
    call = Played(english()).say("I want to speak to a human").wait()
    assert call.state.stage is Stage.COLLECTING


def test_an_operator_is_tried_twice_at_most() -> None:
    call = Played(english())
    for _ in range(2):
        call.say("I want to speak to a human").operator(HandoverResult.BUSY)
    assert call.say("I want to speak to a human").hands_over is None
    assert call.said.startswith("I'm sorry, I couldn't reach anybody.")


def test_too_many_turns_hand_over_or_end_the_call() -> None:
    limits = english().limits.model_copy(update={"turns": 3})
    talk = ["can you repeat that"] * 3
    assert Played(english(limits=limits)).say(*talk).hands_over
    call = Played(english(limits=limits, handover=None)).say(*talk)
    assert call.said == "I'm sorry, this call has to end here. Goodbye."
    assert call.state.outcome is Outcome.LIMIT


def test_a_call_that_lasts_too_long_ends_but_the_last_answer_still_counts() -> None:
    call = Played(english(handover=None)).say("500 rupees, 2 pm to 5 pm")
    call.at += timedelta(hours=1)
    assert call.say("yes").state.outcome is Outcome.COMPLETED
    late = Played(english(handover=None))
    late.at += timedelta(hours=1)
    late.say("500 rupees")
    assert late.state.outcome is Outcome.LIMIT
    assert late.data == {"charge": CHARGE}


def test_a_caller_who_hangs_up_leaves_what_was_said() -> None:
    call = Played(english()).say("500 rupees").feed(CallEnded(NOON))
    assert call.state.outcome is Outcome.ABANDONED
    assert call.state.stage is Stage.COLLECTING
    assert call.data == {"charge": CHARGE}
    assert call.actions == ()


def test_a_line_that_dies_with_the_operator_was_handed_over() -> None:
    call = Played(english()).say("I want to speak to a human").feed(CallEnded(NOON))
    assert call.state.outcome is Outcome.HANDED_OVER


def test_a_call_that_never_connected_has_failed() -> None:
    assert Played(english()).feed(CallEnded(NOON, "failed")).state.outcome is Outcome.FAILED


def test_after_the_end_everything_only_hangs_up_and_the_outcome_stays() -> None:
    call = confirming().say("yes")
    for event in (Utterance("500", NOON), Silence(NOON), CallStarted(NOON)):
        assert call.feed(event).hung_up
    call.feed(CallEnded(NOON))
    assert call.state.outcome is Outcome.COMPLETED
    gone = Played(english()).feed(CallEnded(NOON)).say("hello?")
    assert gone.hung_up
    assert gone.hung_up.reason is HangUpReason.FAILED


def test_a_second_start_repeats_the_question_and_forgets_nothing() -> None:
    call = Played(english()).say("500").feed(CallStarted(NOON))
    assert call.said == "Between what times?"
    assert call.data == {"charge": CHARGE}


def test_a_report_of_an_operator_who_was_never_called_repeats_the_question() -> None:
    call = Played(english()).feed(HandoverAnswered(HandoverResult.ANSWERED, NOON))
    assert call.state.outcome is None
    assert call.said == "What do you charge?"


def test_only_what_was_heard_stays_in_the_history_after_a_barge_in() -> None:
    call = Played(english()).feed(BargeIn("Welcome to", NOON))
    assert call.state.history[-1].text == "Welcome to"
    said = call.state
    assert call.feed(BargeIn("", NOON)).feed(ToolAnswered("t", "a", NOON)).actions == ()
    spoken = said.with_line("caller", "hm")
    assert advance(english(), spoken, BargeIn("x", NOON))[0] == spoken


def test_the_engine_changes_no_state_it_was_given() -> None:
    state = new_state(english(), NOON)
    before = state.to_dict()
    advance(english(), state, CallStarted(NOON))
    assert state.to_dict() == before


def test_a_confirmed_value_said_again_stays_confirmed() -> None:
    call = Played(english())
    call.state = call.state.with_slot("charge", Slot(CHARGE, confirmed=True))
    call.say("500 rupees")
    assert call.state.slots["charge"].confirmed


def test_an_utterance_asks_a_brain_and_says_nothing_yet() -> None:
    state = Played(english()).state
    _, actions = advance(english(), state, Utterance("500", NOON))
    assert [type(action) for action in actions] == [Extract]
