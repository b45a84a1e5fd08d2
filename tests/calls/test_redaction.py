"""What is shown to whom: values, the words they came from, what the agent repeats, numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agents.schema import Agent
from calls.redaction import (
    WITHHELD,
    Sight,
    hides,
    masked_number,
    redacted_call,
    redacted_collected,
    redacted_event,
    redacted_turns,
    redacted_values,
    shown_number,
)
from conversation.state import CallState
from tests.conversation.casting import Played, rates, with_field
from tests.storage.samples import a_call, a_collection, a_turn, an_event

SECRET = with_field(rates(), "charge", sensitive=True)
MONEY = {"amount": 600, "currency": "INR"}


def named(kind: str) -> Agent:
    """An agent one of whose fields is of `kind`, unmarked."""
    return with_field(rates(), "charge", kind=kind, currency=None, min=None)


def talk() -> list[Any]:
    """A call in which the charge is asked for, given, read back and corrected."""
    return [
        a_turn(0, agent="Welcome. What do you charge?", caller="", caller_by="none", accepted={}),
        a_turn(1, caller="six hundred", accepted={"charge": MONEY}, agent="Between what times?"),
        a_turn(
            2,
            caller="2 to 5 pm",
            accepted={"window": {"start": "14:00", "end": "17:00"}},
            agent="You charge 600 rupees, 2 pm to 5 pm. Right?",
        ),
        a_turn(3, caller="yes that is right", accepted={}, agent="Thanks for 600 rupees."),
    ]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+919876543210", "+91••••••••10"),
        ("09876543210", "09•••••••10"),
        ("anonymous", "anonymous"),
        ("Restricted", "Restricted"),
        ("", ""),
        ("sip:asha@example.com", WITHHELD),
        ("1234", WITHHELD),
        ("+", WITHHELD),
        ("+٩٨٧٦٥٤٣٢١٠", "+٩٨••••••١٠"),
    ],
)
def test_a_masked_number_rings_nobody(number: str, shown: str) -> None:
    assert masked_number(number) == shown


def test_numbers_are_masked_for_those_who_may_only_look() -> None:
    number = "+919876543210"
    assert shown_number(number, Sight.MASKED) == masked_number(number)
    assert shown_number(number, Sight.LISTED) == shown_number(number, Sight.FULL) == number


@pytest.mark.parametrize(
    ("agent", "field", "hidden"),
    [
        (rates(), "charge", set()),
        (SECRET, "charge", {Sight.LISTED, Sight.MASKED}),
        (SECRET, "window", set()),
        (named("name"), "charge", {Sight.MASKED}),
        (named("phone"), "charge", {Sight.MASKED}),
        (named("email"), "charge", {Sight.MASKED}),
        (named("address"), "charge", {Sight.MASKED}),
        (rates(), "gone", {Sight.LISTED, Sight.MASKED}),
        (None, "charge", {Sight.LISTED, Sight.MASKED}),
    ],
)
def test_what_is_hidden_from_whom(agent: Agent | None, field: str, hidden: set[Sight]) -> None:
    assert {sight for sight in Sight if hides(agent, field, sight)} == hidden


def test_only_the_marked_value_is_masked() -> None:
    shown = redacted_values({"charge": MONEY, "window": "x"}, SECRET, Sight.LISTED)
    assert shown == {"charge": WITHHELD, "window": "x"}


def test_who_may_see_everything_gets_the_records_as_they_are() -> None:
    assert redacted_turns(talk(), SECRET, Sight.FULL) == talk()
    assert redacted_call(a_call(), SECRET, Sight.FULL) == a_call()
    assert redacted_collected(a_collection(), None, Sight.FULL) == a_collection()
    event = an_event("recording:1", data={"url": "https://carrier.example/1"})
    assert redacted_event(event, Sight.FULL) == event


@pytest.mark.parametrize("sight", [Sight.LISTED, Sight.MASKED])
def test_a_value_is_masked_wherever_it_was_said(sight: Sight) -> None:
    shown = redacted_turns(talk(), SECRET, sight)
    assert [turn.caller for turn in shown] == ["", WITHHELD, "2 to 5 pm", WITHHELD]
    assert shown[1].accepted == {"charge": WITHHELD}
    assert shown[2].accepted == talk()[2].accepted
    assert shown[2].agent == f"You charge {WITHHELD}, 2 pm to 5 pm. Right?"
    assert shown[3].agent == f"Thanks for {WITHHELD}."
    assert "600" not in repr(shown)
    assert "hundred" not in repr(shown)


def test_an_answer_that_was_not_understood_is_masked_too() -> None:
    asked, _, _, _ = talk()
    answer = a_turn(1, caller="it is six oh oh", accepted={}, agent="The charge?")
    again = a_turn(2, caller="six oh oh", accepted={}, agent="Goodbye.")
    shown = redacted_turns([asked, answer, again], SECRET, Sight.LISTED)
    assert [turn.caller for turn in shown] == ["", WITHHELD, WITHHELD]


def test_what_is_about_another_field_is_shown() -> None:
    shown = redacted_turns(talk(), with_field(rates(), "window", sensitive=True), Sight.LISTED)
    assert [turn.caller for turn in shown] == ["", "six hundred", WITHHELD, WITHHELD]
    assert shown[2].agent == f"You charge 600 rupees, {WITHHELD}. Right?"


def test_nothing_is_shown_of_an_agent_that_is_gone() -> None:
    shown = redacted_turns(talk(), None, Sight.LISTED)
    assert {turn.agent for turn in shown} == {WITHHELD}
    assert [turn.caller for turn in shown] == ["", WITHHELD, WITHHELD, WITHHELD]
    assert shown[1].accepted == {"charge": WITHHELD}


def test_a_value_of_another_version_of_the_file_does_no_harm() -> None:
    turns = [a_turn(1, accepted={"charge": "six hundred"}, agent="You said Six Hundred.")]
    shown = redacted_turns(turns, SECRET, Sight.LISTED)
    assert shown[0].agent == f"You said {WITHHELD}."
    for odd in (["a"], {"amount": "x"}, None, 3, True):
        assert redacted_turns([a_turn(1, accepted={"charge": odd})], SECRET, Sight.LISTED)


def test_figures_that_ring_somebody_are_masked_in_what_was_said() -> None:
    turn = a_turn(1, caller="ring me on 98765 43210 please", accepted={}, agent="9 8 7 6 5 4 3, ok")
    shown = redacted_turns([turn], rates(), Sight.MASKED)[0]
    assert shown.caller == f"ring me on {WITHHELD} please"
    assert shown.agent == f"{WITHHELD}, ok"
    assert redacted_turns([turn], rates(), Sight.LISTED) == [turn]


def test_a_number_of_one_figure_is_not_taken_out_of_others() -> None:
    agent = with_field(rates(), "charge", kind="number", currency=None, sensitive=True)
    turns = [a_turn(1, accepted={"charge": 5}, agent="5 of 500, is that 5?")]
    assert redacted_turns(turns, agent, Sight.LISTED)[0].agent == (
        f"{WITHHELD} of 500, is that {WITHHELD}?"
    )


def test_the_state_of_a_call_keeps_its_form_without_the_value() -> None:
    played = Played(SECRET).press("1").say("600 rupees")
    call = a_call(state=played.state.to_dict(), answer={"actions": [["say", []]]})
    shown = redacted_call(call, SECRET, Sight.MASKED)
    state = CallState.from_dict(shown.state)
    assert state.slots["charge"].value == state.slots["charge"].heard == WITHHELD
    assert state.stage == played.state.stage
    assert (state.history, state.question, state.pending) == ((), "", None)
    assert shown.caller_number == masked_number(call.caller_number)
    assert shown.answer == {}
    assert "600" not in repr(shown)


def test_variables_are_masked_for_those_who_may_only_look() -> None:
    state = replace(Played(rates()).state, variables={"name": "Asha"})
    call = a_call(state=state.to_dict())
    assert redacted_call(call, rates(), Sight.MASKED).state["variables"] == {"name": WITHHELD}
    assert redacted_call(call, rates(), Sight.LISTED).state["variables"] == {"name": "Asha"}


def test_a_call_that_never_began_has_no_state_to_show() -> None:
    assert redacted_call(a_call(), SECRET, Sight.LISTED).state == {}


def test_what_a_call_brought_home_is_masked() -> None:
    shown = redacted_collected(a_collection(), SECRET, Sight.MASKED)
    assert shown.data == {"charge": WITHHELD, "window": "14:00-17:00"}
    assert shown.caller_number == "+91••••••••10"


def test_a_callback_tells_no_number_and_no_place_of_a_recording() -> None:
    event = an_event("recording:1", data={"url": "https://x.example/1", "note": "+919876543210"})
    assert redacted_event(event, Sight.LISTED).data == {"note": "+919876543210"}
    assert redacted_event(event, Sight.MASKED).data == {"note": WITHHELD}


@pytest.mark.parametrize(
    ("heard", "shown"),
    [
        (None, None),
        ("", ""),
        ("You charge", "You charge"),
        ("You charge 60", f"You charge {WITHHELD}"),
        ("You charge 600 rupees, 2", f"You charge {WITHHELD}"),
        ("told otherwise", f"You charge {WITHHELD}"),
    ],
)
def test_what_was_heard_shows_no_part_of_a_masked_value(
    heard: str | None, shown: str | None
) -> None:
    turns = talk()
    turns[2] = replace(turns[2], heard=heard)
    turns[3] = replace(turns[3], former={"heard": heard})

    _, _, read_back, last = redacted_turns(turns, SECRET, Sight.LISTED)

    assert read_back.heard == shown
    assert last.former == {}


def test_what_was_heard_is_shown_where_nothing_is_masked_and_withheld_without_an_agent() -> None:
    turn = a_turn(0, agent="Between what times?", heard="Between")
    assert redacted_turns([turn], rates(), Sight.LISTED)[0].heard == "Between"
    assert redacted_turns([turn], None, Sight.LISTED)[0].heard == WITHHELD
