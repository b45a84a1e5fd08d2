"""Callers who want no more calls: heard at any moment, told so, and let go."""

from __future__ import annotations

import pytest

from conversation.actions import HangUp, HangUpReason, Say
from conversation.engine import advance
from conversation.events import BargeIn, CallEnded, CallStarted, HandoverResult, Silence
from conversation.state import CallState, Outcome
from tests.conversation.casting import NOON, Played, Scripted, english, rates

GONE = "All right, we will not call this number again. Goodbye."


def is_let_go(call: Played) -> bool:
    said = [action for action in call.actions if isinstance(action, Say)]
    return (
        call.state.outcome is Outcome.OPTED_OUT
        and call.actions == (*said, HangUp(HangUpReason.OPTED_OUT))
        and not any(one.interruptible for one in said)
    )


def test_at_the_menu_before_any_language_is_chosen() -> None:
    call = Played(rates()).say("இனிமே கூப்பிடாதீங்க")
    assert is_let_go(call)
    assert call.said == GONE


def test_in_the_language_of_the_call_whatever_the_words_are_in() -> None:
    call = Played(rates()).say("Tamil").say("please don't call me again")
    assert is_let_go(call)
    assert call.said == "சரி, இந்த எண்ணுக்கு இனி அழைக்க மாட்டோம். வணக்கம்."


@pytest.mark.parametrize(
    "before",
    [
        (),
        ("500 rupees",),
        ("500 rupees", "2 pm to 5 pm"),
        ("500 rupees, 2 pm to 5 pm", "no"),
    ],
)
def test_at_every_question(before: tuple[str, ...]) -> None:
    call = Played(english()).say(*before).say("yes, but never call me again")
    assert is_let_go(call)
    assert call.said == GONE


def test_after_an_operator_could_not_be_reached() -> None:
    call = Played(english()).say("an operator please").operator(HandoverResult.BUSY)
    assert is_let_go(call.say("take me off your list"))


def test_no_model_is_asked_and_none_can_undo_it() -> None:
    brain = Scripted()
    assert is_let_go(Played(english(), brain).say("500 rupees, and stop calling me"))
    assert brain.requests == []


def test_words_of_the_agents_own_are_said() -> None:
    own = english().say | {"opted_out": {"en-IN": "We are sorry, {agent_name} is silent now."}}
    call = Played(english(say=own)).say("unsubscribe")
    assert call.said == "We are sorry, Rate line is silent now."


def test_nothing_more_is_heard_afterwards() -> None:
    call = Played(english()).say("stop calling me").say("500 rupees")
    assert call.actions == (HangUp(HangUpReason.OPTED_OUT),)
    assert call.data == {}


def test_it_may_be_said_in_two_breaths_over_an_answer_that_nobody_heard() -> None:
    call = Played(english()).say("please stop")
    call.state, _ = advance(call.agent, call.state, BargeIn("", NOON))
    assert is_let_go(call.say("calling me"))


def test_who_is_only_busy_is_told_goodbye_and_may_be_rung_again() -> None:
    call = Played(english()).say("don't call me now")
    assert call.state.outcome is Outcome.DECLINED
    assert Played(english()).say("call me tomorrow").state.outcome is not Outcome.OPTED_OUT


def test_the_outcome_is_kept() -> None:
    call = Played(english()).say("stop calling me")
    again = CallState.from_dict(call.state.to_dict())
    assert again == call.state
    assert advance(call.agent, again, CallStarted(NOON))[1] == (HangUp(HangUpReason.OPTED_OUT),)


def test_it_counts_when_the_line_went_down_before_it_was_understood() -> None:
    call = Played(english()).say("500 rupees")
    call.state, _ = advance(call.agent, call.state, CallEnded(NOON, "hangup"))
    call.state, actions = advance(call.agent, call.state, Silence(NOON))
    assert actions == (HangUp(HangUpReason.FAILED),)
    assert call.say("hello?").state.outcome is Outcome.ABANDONED
    call.say("never call me again")
    assert (call.state.outcome, call.actions) == (
        Outcome.OPTED_OUT,
        (HangUp(HangUpReason.OPTED_OUT),),
    )


def completed() -> Played:
    call = Played(english()).say("500 rupees", "2 pm to 5 pm", "yes")
    assert call.state.outcome is Outcome.COMPLETED
    return call


def test_over_the_goodbye_what_was_collected_stays_and_they_are_told() -> None:
    call = completed()
    values = call.state.values
    call.say("and never call me again")

    assert (call.state.outcome, call.state.opted_out) == (Outcome.COMPLETED, True)
    assert call.state.values == values
    assert call.said == GONE
    assert call.actions[-1] == HangUp(HangUpReason.OPTED_OUT)
    assert CallState.from_dict(call.state.to_dict()) == call.state


def test_said_again_it_changes_nothing_more() -> None:
    call = completed().say("never call me again")
    before = call.state
    call.say("never call me again")

    assert call.state == before
    assert call.actions == (HangUp(HangUpReason.COMPLETED),)


def test_anything_else_over_the_goodbye_changes_nothing() -> None:
    call = completed()
    before = call.state
    call.say("thank you, goodbye")

    assert call.state == before
    assert not before.opted_out


def test_over_a_goodbye_that_collected_nothing_they_are_let_go() -> None:
    call = Played(english()).say("don't call me now")
    assert call.state.outcome is Outcome.DECLINED

    assert is_let_go(call.say("I said never call me again"))
    assert call.said == GONE


def test_while_an_operator_is_announced_they_are_let_go() -> None:
    call = Played(english()).say("an operator please")
    assert call.state.outcome is None

    assert is_let_go(call.say("no, never call me again"))
    assert call.said == GONE
