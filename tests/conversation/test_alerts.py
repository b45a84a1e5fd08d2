"""Alerts: something is told, a key or a word answers it, and the call ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents.loader import load_agents, read_text
from agents.schema import Agent
from conversation.actions import HangUpReason
from conversation.engine import advance
from conversation.events import CallStarted, HandoverResult
from conversation.repertoire import repertoire
from conversation.state import Outcome, new_state
from tests.conversation.casting import NOON, Played

SHIPPED = Path(__file__).parents[2] / "agents"
TOLD = "Hello. Your parcel comes today."
KEYS = "Press 1 if you are in, 2 if not, 3 to hear it again, 9 for no more calls."

PARCEL = """
agent: parcel
name: Parcels
goal: Tell that a parcel comes.
languages: [en-IN]
variables: {day: today}
say: {goodbye: "Goodbye.", thanks: "Thank you. Goodbye."}
alert:
  say: "Hello. Your parcel comes {day}."
"""
ASKED = """  ask: "Press 1 if you are in, 2 if not, 3 to hear it again, 9 for no more calls."
  keys:
    "1": {value: in, words: [yes, "I am in"]}
    "2": {value: out, say: "It goes to a neighbour. Goodbye.", words: [no]}
    "3": {does: repeat}
    "9": {does: opt_out}
"""
DESK = """handover: {to: "+914400000004"}
"""


def parcel(*sections: str, **changes: Any) -> Agent:
    return read_text((PARCEL + "".join(sections)).encode()).model_copy(update=changes)


def with_desk() -> Agent:
    sentences = 'say: {handover: "Connecting you.", '
    text = (PARCEL + ASKED + DESK).replace("say: {", sentences, 1)
    return read_text(text.encode())


def test_without_keys_it_is_told_twice_and_the_call_is_complete() -> None:
    call = Played(parcel())
    assert call.said == f"{TOLD} {TOLD} Goodbye."
    assert call.hung_up is not None
    assert call.hung_up.reason is HangUpReason.COMPLETED
    assert call.state.outcome is Outcome.COMPLETED


def test_a_key_is_kept_thanked_for_and_ends_the_call() -> None:
    call = Played(parcel(ASKED))
    assert call.said == f"{TOLD} {KEYS}"
    call.press("1")
    assert call.said == "Thank you. Goodbye."
    assert (call.data, call.state.outcome) == ({"answer": "in"}, Outcome.COMPLETED)
    assert Played(parcel(ASKED)).press("2").said == "It goes to a neighbour. Goodbye."


def test_a_word_does_what_its_key_does() -> None:
    call = Played(parcel(ASKED)).say("no")
    assert call.said == "It goes to a neighbour. Goodbye."
    assert call.data == {"answer": "out"}


def test_who_says_nothing_hears_it_again_and_then_goodbye() -> None:
    call = Played(parcel(ASKED)).wait()
    assert call.said == f"{TOLD} {KEYS}"
    call.wait()
    assert call.said == "I didn't hear anything. Goodbye."
    assert call.state.outcome is Outcome.SILENT


def test_a_key_or_the_star_says_it_again() -> None:
    for key in ("3", "*"):
        assert Played(parcel(ASKED)).press(key).said == f"{TOLD} {KEYS}"


def test_a_key_that_does_nothing_is_told_of_the_others() -> None:
    call = Played(parcel(ASKED)).press("7")
    assert call.said == f"Sorry, I didn't get that. {KEYS}"
    assert call.press("8").press("0").state.outcome is Outcome.STUCK


def test_a_key_opts_out() -> None:
    call = Played(parcel(ASKED)).press("9")
    assert call.state.outcome is Outcome.OPTED_OUT
    assert call.said == "All right, we will not call this number again. Goodbye."
    own = ASKED.replace("{does: opt_out}", '{does: opt_out, say: "As you wish."}')
    assert Played(parcel(own)).press("9").said == "As you wish."


def test_an_operator_by_the_zero_or_by_a_key_that_does_so() -> None:
    for agent, key in ((with_desk(), "0"), (_by_key("5"), "5")):
        call = Played(agent).press(key)
        assert call.hands_over is not None
        call.operator(HandoverResult.NO_ANSWER)
        assert call.said.endswith(f"{TOLD} {KEYS}")
        assert call.press("1").data == {"answer": "in"}


def test_without_an_answer_to_keep_it_never_completes() -> None:
    only = '  ask: "Press 9 for no more calls."\n  keys: {"9": {does: opt_out}}\n'
    text = (PARCEL + only + DESK).replace("say: {", 'say: {handover: "Connecting.", ', 1)
    call = Played(read_text(text.encode())).press("0").operator(HandoverResult.BUSY)
    assert call.said.endswith("Press 9 for no more calls.")
    assert call.say("what is this").state.outcome is None
    assert call.wait(2).state.outcome is Outcome.SILENT


def test_a_doubtful_answer_is_read_back() -> None:
    call = Played(parcel(ASKED, confirm=("answer",))).say("I am in")
    assert call.said == "I have answer: in. Is that right?"
    assert call.press("1").state.outcome is Outcome.COMPLETED


def test_the_shipped_one_speaks_the_language_that_the_call_brings() -> None:
    agent = load_agents(SHIPPED)["reminder"]
    for brought, heard in (
        ("ta", "வணக்கம்"),
        ("ml-IN", "നമസ്കാരം"),
        ("hi_IN", "नमस्ते"),
        ("Tamil", "வணக்கம்"),
        ("EN", "Hello"),
    ):
        state, actions = advance(
            agent,
            new_state(agent, NOON),
            CallStarted(NOON, variables={"language": brought, "name": "Asha"}),
        )
        assert str(actions[0]).count(heard)
        assert state.variables["name"] == "Asha"


def test_a_call_that_brings_none_has_the_menu_and_silence_is_the_first_language() -> None:
    agent = load_agents(SHIPPED)["reminder"]
    for brought in ({}, {"language": "Klingon"}):
        state, _ = advance(agent, new_state(agent, NOON, brought), CallStarted(NOON))
        assert Played(agent, state=state).wait().said.startswith("Hello Sir or Madam.")


def test_everything_it_says_is_known_beforehand() -> None:
    for agent in (parcel(), with_desk(), load_agents(SHIPPED)["reminder"]):
        known = {(part.text, part.language) for part in repertoire(agent)}
        _state, actions = advance(agent, new_state(agent, NOON), CallStarted(NOON))
        said = [part for action in actions for part in getattr(action, "parts", ())]
        assert said
        assert all((part.text, part.language) in known for part in said)
    assert ("It goes to a neighbour.", "en-IN") in {
        (part.text, part.language) for part in repertoire(with_desk())
    }


def _by_key(key: str) -> Agent:
    asked = ASKED + f'    "{key}": {{does: hand_over}}\n'
    text = (PARCEL + asked + DESK).replace("say: {", 'say: {handover: "Connecting you.", ', 1)
    return read_text(text.encode())
