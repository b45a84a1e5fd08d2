"""A call as text against the real engine and the rules brain, with a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.schema import Agent, FieldSpec, Handover
from calls.text_call import Answer, TextCall
from conversation.events import HandoverResult
from providers.llm.base import Brain
from providers.llm.rules import RulesBrain

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AGENT = Agent(
    agent="rates",
    name="Rates",
    goal="Collect a rate.",
    languages=("en-IN",),
    say={
        "welcome": {"en-IN": "Hello."},
        "thanks": {"en-IN": "Thanks."},
        "goodbye": {"en-IN": "Bye."},
        "handover": {"en-IN": "One moment."},
    },
    fields=(FieldSpec(name="charge", kind="money", currency="INR", ask={"en-IN": "How much?"}),),
    handover=Handover(to="+914400000000"),
)


def a_call(brain: Brain | None = None) -> TextCall:
    """A call that has not begun."""
    return TextCall(AGENT, brain or RulesBrain(), lambda: NOON)


def text_of(answer: Answer) -> str:
    """All that was said."""
    return " ".join(part.text for part in answer.said)


def test_a_call_begins_with_the_greeting_and_the_first_question() -> None:
    answer = a_call().start()
    assert text_of(answer) == "Hello. How much?"
    assert answer.listens is not None
    assert not answer.is_over


def test_words_are_read_by_the_brain_and_the_call_completes() -> None:
    call = a_call()
    call.start()
    answer = call.say("500 rupees")
    assert answer.is_over
    assert "Thanks." in text_of(answer)
    assert call.record() == {
        "agent_type": "rates",
        "stage": "completed",
        "outcome": "completed",
        "language": "en-IN",
        "data": {"charge": {"amount": 500, "currency": "INR"}},
    }


@pytest.mark.parametrize("keys", ["500#", "500", "500#9"])
def test_keys_end_at_the_hash_key(keys: str) -> None:
    call = a_call()
    call.start()
    call.press(keys)
    assert call.record()["data"] == {"charge": {"amount": 500, "currency": "INR"}}


@pytest.mark.parametrize("nothing", ["", "   "])
def test_no_words_are_silence(nothing: str) -> None:
    call = a_call()
    call.start()
    assert call.say(nothing) == _waited()
    assert call.state.silences == 1


def _waited() -> Answer:
    call = a_call()
    call.start()
    return call.wait()


def test_the_hash_key_alone_is_silence() -> None:
    call = a_call()
    call.start()
    call.press("#")
    assert call.state.silences == 1


def test_a_handover_waits_for_its_result() -> None:
    call = a_call()
    call.start()
    answer = call.say("I want to speak to a person")
    assert answer.hands_over is not None
    assert answer.hands_over.to == "+914400000000"
    assert not answer.is_over
    back = call.put_through(HandoverResult.BUSY)
    assert back.listens is not None
    call.say("give me a human")
    assert call.put_through(HandoverResult.ANSWERED).is_over
    assert call.record()["outcome"] == "handed_over"


def test_a_caller_who_hangs_up_has_abandoned_the_call() -> None:
    call = a_call()
    call.start()
    call.hang_up()
    assert call.record()["outcome"] == "abandoned"
