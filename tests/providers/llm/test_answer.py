"""What a model has to answer, and what is no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agents.loader import load_agents
from conversation.extraction import Decision
from conversation.fields import KINDS
from providers.llm.answer import WrongAnswer, answer_schema, count, read_answer
from tests.conversation.casting import rates

AGENTS = load_agents(Path("agents"))
GOOD: Mapping[str, Any] = {
    "fields": {"charge": {"amount": 600, "currency": "INR"}, "window": None},
    "reply": None,
    "language": None,
    "decision": "NEED_MORE_INFO",
}


def keywords(schema: object) -> Iterator[str]:
    """Every keyword of a schema, wherever it stands; names of properties are none."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield key
            inner = value.values() if key == "properties" else [value]
            for one in inner:
                yield from keywords(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from keywords(one)


@pytest.mark.parametrize("name", sorted(AGENTS))
def test_every_field_of_every_agent_is_asked_for_and_may_be_null(name: str) -> None:
    agent = AGENTS[name]
    schema = answer_schema(agent)
    jsonschema.Draft202012Validator.check_schema(schema)
    names = [spec.name for spec in agent.fields]
    empty = {**GOOD, "fields": dict.fromkeys(names)}
    jsonschema.validate(empty, schema)
    assert read_answer(agent, json.dumps(empty), "m").values == {}
    for name in names:
        without = {key: None for key in names if key != name}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**GOOD, "fields": without}, schema)


def test_a_schema_uses_only_what_model_vendors_take() -> None:
    used = {word for agent in AGENTS.values() for word in keywords(answer_schema(agent))}
    assert used <= {
        "type", "format", "description", "enum", "minimum", "maximum", "properties", "required",
        "anyOf",
    }  # fmt: skip
    assert {spec.kind for agent in AGENTS.values() for spec in agent.fields} <= KINDS.keys()


def test_a_good_answer_is_read() -> None:
    read = read_answer(rates(), json.dumps({**GOOD, "language": "ta-IN", "reply": "Hi"}), "m")
    assert read.values == {"charge": {"amount": 600, "currency": "INR"}}
    assert (read.decision, read.language, read.reply, read.brain) == (
        Decision.NEED_MORE_INFO,
        "ta-IN",
        "Hi",
        "m",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"fields": None},
        {"fields": []},
        {"fields": {"charge": 1}},
        {"fields": {"charge": 1, "window": None, "admin": True}},
        {"reply": 5},
        {"reply": ["x"]},
        {"language": "fr-FR"},
        {"language": []},
        {"decision": "DONE"},
        {"decision": None},
        {"decision": {}},
        {"more": 1},
    ],
    ids=str,
)
def test_an_answer_that_breaks_the_schema_is_none(change: Mapping[str, Any]) -> None:
    with pytest.raises(WrongAnswer):
        read_answer(rates(), json.dumps({**GOOD, **change}), "m")


@pytest.mark.parametrize("text", ["", "600", "[]", "null", '{"fields": ', "NaN", "{}", "```json"])
def test_a_text_that_is_no_answer_is_none(text: str) -> None:
    with pytest.raises(WrongAnswer):
        read_answer(rates(), text, "m")


def test_an_answer_of_a_length_that_nobody_asked_for_is_refused_unread() -> None:
    long = {**GOOD, "reply": "so " * 10_000}
    with pytest.raises(WrongAnswer, match="longer"):
        read_answer(rates(), json.dumps(long), "model")


@pytest.mark.parametrize("raw", [None, "5", -1, 0, True, 1.5, 2**63, [3], {}])
def test_what_is_no_number_of_tokens_counts_as_none(raw: object) -> None:
    assert count(raw) == 0


def test_tokens_are_counted() -> None:
    assert count(812) == 812
