"""What follows when the carrier says that a machine has answered, and who is a person after all."""

from __future__ import annotations

import pytest

from conversation.actions import HangUp, HangUpReason, Listen, Say
from conversation.engine import advance
from conversation.events import CallStarted, Digits, Direction, MachineAnswered
from conversation.machines import is_person, reads_as_greeting
from conversation.state import CallState, Outcome, changed, new_state
from tests.conversation.casting import NOON, Played, english, rates

VOICEMAIL = {"en-IN": "This is {agent_name}. We ring again.", "ta-IN": "மீண்டும் அழைக்கிறோம்."}


def rung(leaves_message: bool = False) -> Played:
    """A call of ours, as it begins."""
    agent = english(voicemail=VOICEMAIL)
    started = CallStarted(NOON, Direction.OUTBOUND, leaves_message=leaves_message)
    return Played(agent, state=new_state(agent, NOON)).feed(started)


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


@pytest.mark.parametrize(
    "greeting",
    [
        GREETING,
        "Hi, you have reached my voicemail. I cannot come to the phone right now.",
        "The person you are calling is currently switched off, please try again later",
        "please leave your message after the tone",
        "Hi, this is Ravi speaking, I can't take your call now, leave a message after the tone",
        "जिस व्यक्ति को आप कॉल कर रहे हैं वह अभी उपलब्ध नहीं है",
        "நீங்கள் அழைக்கும் நபர் தற்போது தொடர்பு எல்லைக்கு வெளியே உள்ளார்",
        "നിങ്ങൾ വിളിക്കുന്ന വ്യക്തി ഇപ്പോൾ പരിധിക്ക് പുറത്താണ്",
    ],
)
def test_a_machine_that_nobody_listens_for_is_known_by_its_greeting(greeting: str) -> None:
    call = rung().say(greeting)
    assert call.actions == (HangUp(HangUpReason.MACHINE),)
    assert (call.state.outcome, call.state.values) == (Outcome.MACHINE, {})
    assert call.state == CallState.from_dict(call.state.to_dict())


@pytest.mark.parametrize(
    "words",
    [
        "I'm not available now, I will get back to you",
        "I got your voicemail, I am not available",
        "please leave a message with my wife",
        "the person you are calling is not available, this is her husband speaking",
        "Sorry the person you are calling is not available, I am her son, can I help you",
        "He is not available right now, would you like to leave a message",
        "You have reached the wrong number, the number you have dialled is not hers",
        "You have reached Sharma Clinic, the doctor is not available, who is calling please",
        "जिस व्यक्ति को आप ढूंढ रहे हैं वो उपलब्ध नहीं है, मैं उनकी पत्नी बोल रही हूँ",
    ],
)
def test_people_who_cannot_talk_now_are_no_machines(words: str) -> None:
    assert rung().say(words).state.outcome is not Outcome.MACHINE


def test_who_rings_us_may_talk_of_machines() -> None:
    call = Played(english()).say(f"it said {GREETING}")
    assert call.state.outcome is None


def test_who_has_answered_is_no_machine_later() -> None:
    assert rung().say("500 rupees").say(GREETING).state.outcome is not Outcome.MACHINE


def test_where_a_message_is_to_be_left_the_end_of_the_greeting_is_waited_for() -> None:
    call = rung(leaves_message=True).say(GREETING)
    (listen,) = call.actions
    assert isinstance(listen, Listen)
    assert call.state.values == {}
    call = call.feed(MachineAnswered(NOON, True))
    assert call.said == "This is Rate line. We ring again."


def test_nothing_is_waited_for_that_does_not_come() -> None:
    call = rung(leaves_message=True).say(GREETING).wait()
    assert call.actions == (HangUp(HangUpReason.MACHINE),)
    assert call.state == CallState.from_dict(call.state.to_dict())
    person = rung(leaves_message=True).say("hello").wait()
    assert person.state.outcome is None


def test_where_the_agent_leaves_nothing_nothing_is_waited_for() -> None:
    started = CallStarted(NOON, Direction.OUTBOUND, leaves_message=True)
    agent = english()
    call = Played(agent, state=new_state(agent, NOON)).feed(started).say(GREETING)
    assert call.state.outcome is Outcome.MACHINE


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
