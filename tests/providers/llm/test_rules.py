"""Which field a value belongs to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agents.loader import load_agents
from agents.schema import Agent, FieldSpec
from conversation.extraction import Decision, Extraction, ExtractionRequest
from providers.llm.rules import RulesBrain
from tests.conversation.casting import english

AGENTS = load_agents(Path("agents"))
CHARGE = {"amount": 600, "currency": "INR"}


def read(
    utterance: str,
    asked: str | None = None,
    agent: Agent | None = None,
    language: str = "en-IN",
    confirming: bool = False,
) -> Extraction:
    request = ExtractionRequest(
        utterance, language, date(2026, 3, 3), asked, "", confirming, collected={}
    )
    return RulesBrain().extract(agent or english(), request)


def dates() -> Agent:
    """An agent with two fields of one kind."""
    specs = tuple(
        FieldSpec(name=name, kind="date", ask={"en-IN": f"The {name}?"})
        for name in ("arrival", "departure")
    )
    return english(fields=specs)


def test_several_fields_are_read_from_one_utterance() -> None:
    values = read("600 rupees, between 2 and 5 pm", "charge").values
    assert values == {"charge": CHARGE, "window": {"start": "14:00", "end": "17:00"}}


def test_a_bare_value_belongs_to_the_field_that_was_asked() -> None:
    assert read("600", "charge").values == {"charge": CHARGE}
    assert read("600", "window").values == {}


def test_a_bare_value_in_an_open_question_belongs_to_the_only_field_it_can_mean() -> None:
    assert read("no, it's 600", confirming=True).values == {"charge": CHARGE}


def test_a_bare_value_that_corrects_belongs_to_the_only_field_it_can_mean() -> None:
    assert read("no, 600", "window").values == {"charge": CHARGE}


def test_a_value_taken_back_is_not_read() -> None:
    assert read("500, no sorry, 600", "charge").values == {"charge": CHARGE}


def test_a_no_that_takes_something_back_is_still_an_answer() -> None:
    spec = FieldSpec(name="insured", kind="yes_no", ask={"en-IN": "Is it insured?"})
    agent = english(fields=(spec,))

    assert read("uh no actually it expired", "insured", agent).values == {"insured": False}
    assert read("no, I keep it all to myself", "insured", agent).values == {"insured": False}


def test_one_value_for_two_unasked_fields_of_a_kind_is_given_to_neither() -> None:
    assert read("on the 5th of March", agent=dates()).values == {}


def test_one_value_for_two_fields_of_a_kind_goes_to_the_one_that_is_named() -> None:
    said = "the arrival is on the 5th of March"
    assert read(said, agent=dates()).values == {"arrival": "2026-03-05"}


def test_free_text_is_kept_whole_and_not_searched_for_other_fields() -> None:
    values = read("a toothache since Monday", "reason", AGENTS["clinic"]).values
    assert set(values) == {"reason"}


def test_a_name_beside_a_phone_number_gives_both() -> None:
    values = read("I'm Ravi Kumar, my number is 98765 43210", "name", AGENTS["clinic"]).values
    assert values == {"name": "Ravi Kumar", "phone": "+919876543210"}


@pytest.mark.parametrize(
    ("utterance", "decision"),
    [
        ("let me talk to a person", Decision.HANDOVER_TO_HUMAN),
        ("600 rupees", Decision.NEED_MORE_INFO),
        ("600 rupees, 2 pm to 5 pm", Decision.THANK_YOU_RESPONSE),
    ],
)
def test_the_decision_follows_from_what_is_known(utterance: str, decision: Decision) -> None:
    assert read(utterance, "charge").decision is decision


def test_other_languages_are_read_in_their_own_words() -> None:
    assert read("அறுநூறு ரூபாய்", "charge", language="ta-IN").values == {"charge": CHARGE}
    assert read("അറുനൂറ് രൂപ", "charge", language="ml-IN").values == {"charge": CHARGE}
    assert read("छह सौ रुपये", "charge", language="hi-IN").values == {"charge": CHARGE}
