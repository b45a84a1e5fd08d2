"""What becomes of a field when model and rules read it alike, differently, or one does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from agents.schema import Agent, FieldSpec
from conversation.extraction import Decision, Extraction
from conversation.fields.base import Value
from providers.llm.agreement import combined
from providers.llm.rules import RulesBrain
from tests.conversation.casting import english
from tests.providers.llm.readings import extraction, request

WINDOW = {"start": "14:00", "end": "17:00"}


def money(amount: int) -> dict[str, str | int | float]:
    return {"amount": amount, "currency": "INR"}


def field(kind: str, **options: Any) -> Agent:
    return english(fields=(FieldSpec(name="it", kind=kind, ask={"en-IN": "It?"}, **options),))


def read(
    utterance: str,
    model: Extraction | Mapping[str, object],
    asked: str | None = "charge",
    agent: Agent | None = None,
    collected: Mapping[str, Value] | None = None,
) -> Extraction:
    agent = agent or english()
    asking = request(utterance, asked, collected)
    by_model = model if isinstance(model, Extraction) else extraction(model)
    return combined(agent, asking, by_model, RulesBrain().extract(agent, asking))


def test_agreement_is_sure() -> None:
    both = read("500 rupees, 2 pm to 5 pm", {"charge": money(500), "window": WINDOW})
    assert both.values == {"charge": money(500), "window": WINDOW}
    assert both.doubtful == frozenset()
    assert both.brain == "model"


def test_what_the_model_took_is_kept_and_the_rules_take_nothing() -> None:
    paid = replace(extraction({"charge": money(500)}), model="m-1", input_tokens=5, output_tokens=3)
    both = read("500 rupees", paid)
    assert (both.model, both.input_tokens, both.output_tokens) == ("m-1", 5, 3)
    rules = RulesBrain().extract(english(), request("500 rupees", "charge"))
    assert (rules.model, rules.input_tokens, rules.output_tokens) == ("", 0, 0)


def test_values_are_compared_as_the_field_keeps_them() -> None:
    both = read("500 rupees", {"charge": "500"})
    assert (both.values, both.doubtful) == ({"charge": money(500)}, frozenset())


def test_a_value_that_differs_is_read_back() -> None:
    both = read("500", {"charge": money(600)}, "charge")
    assert both.doubtful == {"charge"}


def test_of_two_values_the_one_that_was_said_by_name_is_kept() -> None:
    both = read("500 rupees", {"charge": money(7)})
    assert (both.values, both.doubtful) == ({"charge": money(500)}, frozenset({"charge"}))


def test_a_value_the_rules_named_and_the_model_missed_is_kept() -> None:
    both = read("500 rupees, 2 pm to 5 pm", {"charge": money(500)})
    assert (both.values["window"], both.doubtful) == (WINDOW, frozenset())


def test_a_bare_value_the_model_missed_is_kept_and_read_back() -> None:
    both = read("500", {})
    assert (both.values, both.doubtful) == ({"charge": money(500)}, frozenset({"charge"}))


@pytest.mark.parametrize(
    "model",
    [extraction(reply="It is one truck."), extraction(decision=Decision.HANDOVER_TO_HUMAN)],
)
def test_a_bare_value_in_what_the_model_took_for_something_else_is_dropped(
    model: Extraction,
) -> None:
    assert read("500", model).values == {}


def test_words_that_the_model_takes_for_no_answer_fill_no_text_field() -> None:
    both = read("sorry, could you explain that", {}, "it", field("text"))
    assert both.values == {}


def test_what_a_model_understood_and_the_words_hold_is_sure() -> None:
    both = read("a van, it would be 500", {"charge": money(500)}, None)
    assert (both.values, both.doubtful) == ({"charge": money(500)}, frozenset())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 7),
        ("date", "2026-03-09"),
        ("time", "16:00"),
        ("email", "boss@example.com"),
        ("name", "Mallory"),
        ("text", "everything is free"),
        ("address", "1 Evil Street"),
        ("yes_no", True),
    ],
)
def test_what_the_words_do_not_hold_is_read_back(kind: str, value: object) -> None:
    both = read("as the instructions of the boss say", {"it": value}, None, field(kind))
    assert (both.values, both.doubtful) == ({"it": value}, frozenset({"it"}))


def test_a_phone_number_the_words_do_not_hold_is_read_back() -> None:
    agent = field("phone", region="IN")
    both = read("call my boss", {"it": "+919876543210"}, "it", agent)
    assert both.doubtful == {"it"}
    both = read("nine eight seven six five 43210", {"it": "9876543210"}, "it", agent)
    assert (both.values, both.doubtful) == ({"it": "+919876543210"}, frozenset())


@pytest.mark.parametrize(
    ("kind", "value"), [("name", "Ravi Kumar"), ("text", "two sofas"), ("address", "5 Hill Road")]
)
def test_own_words_have_to_be_said_in_a_row(kind: str, value: str) -> None:
    said, scattered = f"well, {value} please", "5 or two Ravi Hill the sofas Kumar Road"
    assert read(said, {"it": value}, None, field(kind)).doubtful == frozenset()
    assert read(scattered, {"it": value}, None, field(kind)).doubtful == {"it"}


def test_an_echo_of_what_is_known_is_no_answer() -> None:
    both = read("what a day", {"charge": money(500)}, "window", collected={"charge": money(500)})
    assert both.values == {}


def test_a_value_the_field_refuses_never_replaces_one_it_takes() -> None:
    both = read("500 rupees", {"charge": money(0)})
    assert (both.values, both.doubtful) == ({"charge": money(500)}, frozenset({"charge"}))


def test_a_refused_value_is_told_only_about_the_field_that_was_asked() -> None:
    assert read("for nothing", {"charge": money(0)}).values == {"charge": money(0)}
    assert read("for nothing", {"charge": money(0)}, "window").values == {}


def test_what_the_caller_really_said_and_the_field_refuses_is_told() -> None:
    both = read("0 rupees", {})
    assert both.values == {"charge": money(0)}


def test_either_may_hear_that_a_person_is_wanted() -> None:
    handover = Decision.HANDOVER_TO_HUMAN
    assert read("put somebody real on", extraction(decision=handover)).decision is handover
    assert read("an operator please", {}).decision is handover


def test_a_piece_of_a_number_is_waited_for_and_not_refused() -> None:
    agent = field("phone", region="IN")
    piece = read("nine eight seven six five", {"it": "98765"}, "it", agent)
    assert (piece.values, piece.partial) == ({}, True)
    whole = read("nine eight seven six five 43210", {"it": "9876543210"}, "it", agent)
    assert not whole.partial
