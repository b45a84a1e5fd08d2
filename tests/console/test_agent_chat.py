"""Talks to a text that nobody has saved: the real engine, a signed state, nothing kept."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app import services_of
from storage.records import CallQuery
from tests.console.conftest import RATES
from tests.console.pages import Reader

DRAFT = RATES.replace("What do you charge?", "Your price, please?")


def turn(
    reader: Reader, state: str = "", move: str = "say", words: str = "", text: str = DRAFT
) -> Any:
    """One turn; what the page is told."""
    body = {"text": text, "state": state, "move": move, "words": words}
    answer = reader.ask("/console/agent-chat", body)
    assert answer.status_code == 200, answer.text
    return answer.json


def said(told: Any) -> str:
    return " ".join(one["text"] for one in told["said"])


def test_a_draft_is_talked_to_from_greeting_to_end(reader: Reader, app: Flask) -> None:
    greeted = turn(reader)
    assert said(greeted).endswith("Your price, please?")
    answered = turn(reader, greeted["state"], words="500")

    assert answered["is_over"]
    assert answered["outcome"] == "completed"
    assert answered["fields"][0]["heard"] == "500"
    assert services_of(app).storage.calls(CallQuery()) == []


def test_keys_silence_and_the_operator(reader: Reader) -> None:
    state = turn(reader)["state"]
    assert "price" in said(turn(reader, state, "silence"))
    assert turn(reader, state, "keys", "500#")["outcome"] == "completed"
    over = turn(reader, state, words="I want to talk to a human")
    assert over["hands_over"] == "+914400000000"
    assert turn(reader, over["state"], "operator", "answered")["outcome"] == "handed_over"


def test_a_text_that_changes_meanwhile_leads_from_the_next_turn_on(reader: Reader) -> None:
    state = turn(reader)["state"]
    wider = DRAFT.replace("handover: {", '  weight: {kind: number, ask: "How heavy?"}\nhandover: {')

    assert "How heavy?" in said(turn(reader, state, words="500", text=wider))


def test_a_text_with_mistakes_is_not_talked_to(reader: Reader) -> None:
    refused = reader.ask("/console/agent-chat", {"text": "agent: ["})

    assert refused.status_code == 422
    assert refused.json is not None
    assert "line 2" in refused.json["error"]


@pytest.mark.parametrize("state", ["forged", "e30.e30.e30", "x" * 100_000])
def test_a_state_that_we_did_not_sign_is_refused(reader: Reader, state: str) -> None:
    body = {"text": DRAFT, "state": state, "words": "500"}

    assert reader.ask("/console/agent-chat", body).status_code == 422


def test_a_call_that_is_over_stays_over(reader: Reader) -> None:
    over = turn(reader, turn(reader)["state"], words="500")
    body = {"text": DRAFT, "state": over["state"], "words": "600"}

    assert reader.ask("/console/agent-chat", body).status_code == 409


def test_an_unknown_move_is_refused(reader: Reader) -> None:
    state = turn(reader)["state"]
    for move, words in (("dance", ""), ("operator", "maybe")):
        body = {"text": DRAFT, "state": state, "move": move, "words": words}
        assert reader.ask("/console/agent-chat", body).status_code == 422
