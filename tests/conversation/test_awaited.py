"""What is awaited of a caller follows from the call and from the agent's file."""

from __future__ import annotations

from agents.schema import LiveSpeech
from conversation.questions import waiting
from conversation.turn_taking import Expected, Manner, expected, manner_of
from tests.conversation.casting import Played, rates


def awaited(call: Played) -> Expected:
    assert call.listens is not None
    return expected(call.agent, call.state, call.listens)


def test_what_is_awaited_follows_from_the_call() -> None:
    call = Played(rates())
    assert awaited(call).menu == ("en-IN", "ta-IN")

    call.press("1")
    assert awaited(call).question == "What do you charge?"
    assert (awaited(call).keys_most, awaited(call).timeout_s) == (None, 6)
    assert awaited(call).spec is call.agent.fields[0]

    call.say("500 rupees", "from 2 to 5 pm")
    assert awaited(call).confirming
    assert awaited(call).spec is None


def test_only_the_first_greeting_is_protected() -> None:
    call = Played(rates(live=LiveSpeech(protect_greeting=True)))
    assert not awaited(call).protected  # nothing stands before the question of the menu
    assert awaited(call.press("1")).protected
    assert not awaited(call.wait()).protected
    assert not awaited(Played(rates()).press("1")).protected


def test_an_agent_has_its_own_manner() -> None:
    live = LiveSpeech(interruption_words=2, false_stop_ms=900, end_silence_ms=400)

    assert manner_of(rates(live=live)) == Manner(False, 2, 0.9, 0.4)
    assert manner_of(rates()) == Manner()


def test_who_waits_long_is_told_so_in_the_agents_words() -> None:
    call = Played(rates(live=LiveSpeech(hold={"en-IN": "Still looking."})))

    assert [part.text for part in waiting(call.agent, call.state, was_told=True)] == [
        "Still looking."
    ]
    assert waiting(call.agent, call.state, was_told=False) == waiting(
        rates(), call.state, was_told=True
    )
