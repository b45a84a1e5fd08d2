"""Recording begins when its announcement was said, in the caller's language, and never before."""

from __future__ import annotations

from typing import Any

import pytest

from agents.schema import Agent, Record
from conversation.actions import Action, Listen, Say, StartRecording
from conversation.events import CallStarted, HandoverResult
from tests.conversation.casting import NOON, Played, rates

TOLD = {"en-IN": "{agent_name} records this call.", "ta-IN": "இந்த அழைப்பு பதிவு செய்யப்படுகிறது."}


def recorded(**changes: Any) -> Agent:
    return rates(record=Record(announce=TOLD), **changes)


def kinds(actions: tuple[Action, ...]) -> list[type[Action]]:
    return [type(action) for action in actions]


@pytest.mark.parametrize(
    ("key", "told", "welcome"),
    [
        ("1", "Rate line records this call.", "Welcome to Rate line."),
        ("2", "இந்த அழைப்பு பதிவு செய்யப்படுகிறது.", "வணக்கம்."),
    ],
)
def test_it_is_announced_in_the_chosen_language(key: str, told: str, welcome: str) -> None:
    call = Played(recorded())
    assert kinds(call.actions) == [Say, Listen]  # the menu: nobody was told, nothing is recorded
    call.press(key)
    assert kinds(call.actions) == [Say, StartRecording, Say, Listen]
    announced, _, greeted, _ = call.actions
    assert isinstance(announced, Say)
    assert isinstance(greeted, Say)
    assert (announced.text, announced.interruptible) == (told, False)
    assert greeted.text.startswith(welcome)
    assert greeted.interruptible


def test_with_one_language_it_is_the_first_thing_said() -> None:
    call = Played(recorded(languages=("en-IN",)))
    assert kinds(call.actions) == [Say, StartRecording, Say, Listen]
    assert call.said.startswith("Rate line records this call. Welcome")


def test_it_is_said_once_however_the_call_goes_on() -> None:
    call = Played(recorded()).press("1").feed(CallStarted(NOON))
    call.say("Tamil please", "English please").wait().say("500 rupees", "no")
    told = [line.text for line in call.state.history if "records" in line.text]
    assert told == ["Rate line records this call."]
    assert StartRecording not in kinds(call.actions)


def test_a_caller_who_is_put_through_before_it_was_said_is_not_recorded() -> None:
    call = Played(recorded()).press("0")
    assert StartRecording not in kinds(call.actions)
    call.operator(HandoverResult.BUSY)
    assert StartRecording not in kinds(call.actions)


def test_an_agent_that_does_not_ask_for_it_records_nothing() -> None:
    assert kinds(Played(rates()).press("1").actions) == [Say, Listen]
