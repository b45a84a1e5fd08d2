"""What follows when the carrier says that a machine has answered, and who is a person after all."""

from __future__ import annotations

import pytest

from conversation.actions import HangUp, HangUpReason, Say
from conversation.engine import advance
from conversation.events import CallStarted, Digits, MachineAnswered
from conversation.machines import is_person, reads_as_greeting
from conversation.state import Outcome, changed, new_state
from tests.conversation.casting import NOON, Played, english, rates

VOICEMAIL = {"en-IN": "This is {agent_name}. We ring again.", "ta-IN": "மீண்டும் அழைக்கிறோம்."}
GREETING = "hi you've reached sam i can't come to the phone please leave a message after the beep"


def test_a_machine_is_hung_up_on() -> None:
    call = Played(english()).feed(MachineAnswered(NOON))
    assert call.actions == (HangUp(HangUpReason.MACHINE),)
    assert call.state.outcome is Outcome.MACHINE


def test_the_message_is_said_whole_and_then_the_call_is_over() -> None:
    agent = english(voicemail=VOICEMAIL)
    state, actions = advance(agent, new_state(agent, NOON), MachineAnswered(NOON, True))
    say, hang_up = actions
    assert isinstance(say, Say)
    assert (say.text, say.interruptible) == ("This is Rate line. We ring again.", False)
    assert hang_up == HangUp(HangUpReason.MACHINE)
    assert (state.outcome, state.turn, state.started_at) == (Outcome.MACHINE, 0, NOON)


def test_an_agent_without_a_message_leaves_none() -> None:
    agent = english()
    _, actions = advance(agent, new_state(agent, NOON), MachineAnswered(NOON, True))
    assert actions == (HangUp(HangUpReason.MACHINE),)


def test_a_greeting_that_was_taken_for_an_answer_overrules_nothing() -> None:
    call = Played(english(voicemail=VOICEMAIL)).say(GREETING).feed(MachineAnswered(NOON, True))
    assert call.said == "This is Rate line. We ring again."
    assert call.state.outcome is Outcome.MACHINE


@pytest.mark.parametrize("words", ["hello who is this", "500 rupees", "yes"])
def test_a_person_who_speaks_overrules_the_verdict(words: str) -> None:
    before = Played(english()).say(words).state
    assert advance(english(), before, MachineAnswered(NOON)) == (before, ())


def test_a_key_overrules_the_verdict() -> None:
    agent = rates()
    state, _ = advance(agent, new_state(agent, NOON), CallStarted(NOON))
    state, _ = advance(agent, state, Digits("1", NOON))
    assert is_person(state)


def test_who_talks_on_and_on_without_answering_is_no_person() -> None:
    monologue = "good morning and thank you for calling the house of the very busy smith family"
    assert not is_person(Played(english()).say(monologue).state)


def test_a_long_answer_is_a_persons() -> None:
    answer = "well for this route as you know very well we always take about 500 rupees or so"
    call = Played(english()).say(answer)
    assert call.data["charge"] == {"amount": 500, "currency": "INR"}
    assert is_person(call.state)


def test_a_caller_with_an_operator_is_a_person() -> None:
    call = Played(english()).say("let me talk to a human")
    silent = changed(call.state, history=())
    assert is_person(silent)


def test_a_verdict_on_a_call_that_is_over_changes_nothing() -> None:
    ended = changed(Played(english()).state, outcome=Outcome.COMPLETED)
    state, actions = advance(english(), ended, MachineAnswered(NOON))
    assert (state, actions) == (ended, (HangUp(HangUpReason.COMPLETED),))


@pytest.mark.parametrize(
    "words",
    [
        GREETING,
        "The person you are calling is not available",
        "please record your message at the tone",
        "Welcome to the voicemail box of Ravi",
        "the number you have dialled is switched off",
        "your call has been forwarded to an automatic voice message system",
        "आप जिस व्यक्ति को कॉल कर रहे हैं वह उपलब्ध नहीं है",
        "कृपया बीप के बाद अपना संदेश छोड़ें",
        "நீங்கள் அழைக்கும் நபர் தற்போது கிடைக்கவில்லை",
        "பீப் ஒலிக்குப் பிறகு உங்கள் செய்தியை பதிவு செய்யவும்",
        "നിങ്ങൾ വിളിക്കുന്ന വ്യക്തി ഇപ്പോൾ ലഭ്യമല്ല",
        "ബീപ്പ് ശബ്ദത്തിനു ശേഷം സന്ദേശം രേഖപ്പെടുത്തുക",
    ],
)
def test_greetings_of_machines_are_known_in_every_language(words: str) -> None:
    assert reads_as_greeting(words)


@pytest.mark.parametrize(
    "words",
    ["hello", "yes this is Sam", "call me back in the evening", "500 rupees", "ஆமா சொல்லுங்க"],
)
def test_what_people_say_is_no_greeting_of_a_machine(words: str) -> None:
    assert not reads_as_greeting(words)
