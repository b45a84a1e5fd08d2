"""A call that goes on under another version of its agent's file."""

from __future__ import annotations

from typing import Any

import pytest

from agents.schema import Agent
from conversation.refit import refitted
from conversation.stages import Stage
from conversation.state import CallState, Outcome, Pending, changed
from tests.conversation.casting import Played, english, rates, with_field

CHARGE = {"amount": 500, "currency": "INR"}
DEPOSIT = english().fields[0].model_copy(update={"name": "deposit"})


def under(agent: Agent, *said: str, **changes: Any) -> Played:
    """A call that began with the usual file and goes on with another."""
    before = changed(Played(english()).say(*said).state, **changes)
    return Played(agent, state=refitted(agent, before))


def test_the_version_that_made_a_state_changes_nothing_in_it() -> None:
    for said in ((), ("500 rupees",), ("500 rupees", "2 to 5 pm")):
        state = Played(english()).say(*said).state
        assert refitted(english(), state) == state


def test_a_field_that_was_added_is_asked() -> None:
    agent = english(fields=(*english().fields, DEPOSIT))
    call = under(agent, "500 rupees").say("2 to 5 pm")
    assert call.state.asking == "deposit"
    assert call.data["charge"] == CHARGE


def test_what_was_collected_in_a_field_that_is_gone_is_kept() -> None:
    agent = english(fields=english().fields[1:], confirm=("window",))
    call = under(agent, "500 rupees").say("2 to 5 pm", "yes")
    assert call.state.outcome is Outcome.COMPLETED
    assert call.data["charge"] == CHARGE


def test_instead_of_a_field_that_is_gone_the_next_is_asked() -> None:
    agent = english(fields=english().fields[1:], confirm=("window",))
    assert under(agent).state.asking == "window"


def test_a_field_that_is_gone_is_not_asked_while_values_are_read_back() -> None:
    agent = english(fields=english().fields[1:], confirm=("window",))
    call = under(agent, stage=Stage.CONFIRMING)
    assert call.state.asking is None


def test_a_value_that_is_allowed_no_longer_is_asked_again() -> None:
    agent = with_field(english(), "charge", min=1000)
    call = under(agent, "500 rupees")
    assert call.state.slots["charge"].value is None
    assert call.say("2 to 5 pm").state.asking == "charge"


def test_a_language_that_is_gone_gives_way_to_the_first() -> None:
    tamil = Played(rates()).press("2").state
    assert tamil.language == "ta-IN"
    assert refitted(english(), tamil).language == "en-IN"


@pytest.mark.parametrize("answer", [None, 0])
def test_an_answer_aside_may_have_become_another(answer: int | None) -> None:
    pending = Pending("who is calling", excused=True, answer=answer)
    state: CallState = changed(Played(english()).state, pending=pending)
    fitted = refitted(english(answers=()), state)
    assert fitted.pending == Pending("who is calling", excused=True)
