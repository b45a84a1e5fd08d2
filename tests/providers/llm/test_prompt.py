"""What a model is told, and that no caller gets out of his place in it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from conversation.extraction import Line
from providers.llm.prompt import LINES, UTTERANCE_LENGTH, instructions, turn_text
from tests.conversation.casting import english, rates
from tests.providers.llm.readings import request

KEYS = [
    "today", "language", "asked", "question", "confirming", "collected", "lines", "caller_said",
]  # fmt: skip


def test_the_instruction_holds_goal_fields_and_facts_and_no_caller() -> None:
    told = instructions(rates())
    for piece in ("Collect a rate.", "charge (money, required)", "Acme Freight.", "time window"):
        assert piece in told


def test_an_agent_without_facts_has_none() -> None:
    assert instructions(english(answers=())).rstrip().endswith("- none")


def test_a_turn_says_when_what_and_what_was_before() -> None:
    history = (Line("agent", "What do you charge?"), Line("caller", "600"))
    asked = request("600", "charge", {"window": {"start": "1:00"}}, history, "What do you charge?")
    assert json.loads(turn_text(asked)) == {
        "today": "2026-03-03, Tuesday",
        "language": "en-IN",
        "asked": "charge",
        "question": "What do you charge?",
        "confirming": False,
        "collected": {"window": {"start": "1:00"}},
        "lines": ["agent: What do you charge?"],
        "caller_said": "600",
    }


def test_a_turn_does_not_grow_with_the_call() -> None:
    history = tuple(Line("agent" if i % 2 else "caller", f"{i} " + "x" * 499) for i in range(12))
    text = turn_text(request("y" * 100_000, None, {}, history, "q" * 5000))
    data = json.loads(text)
    assert len(data["lines"]) == LINES
    assert len(data["caller_said"]) == UTTERANCE_LENGTH
    assert len(text) < 5000


@given(st.text() | st.text('"\\{}[]\n\r<>`/:, u0022', max_size=40))
def test_no_words_leave_their_place(words: str) -> None:
    asked = request(words, None, {"note": words}, (Line("caller", words + "!"),))
    data = json.loads(turn_text(asked))
    assert list(data) == KEYS
    assert isinstance(data["caller_said"], str)
    assert len(data["lines"]) == 1
    assert data["asked"] is None


def test_words_that_no_encoding_holds_are_sent_without_them() -> None:
    data = json.loads(turn_text(request("600\ud800 rupees\x00\u202enow", None, {"note": "\ud800"})))
    assert data["caller_said"] == "600? rupees now"
