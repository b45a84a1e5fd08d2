"""Which field a value belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from agents.loader import load_agents
from agents.schema import Agent, FieldSpec
from conversation.extraction import Decision, Extraction, ExtractionRequest, Line
from conversation.fields.base import Value
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
    collected: Mapping[str, Value] | None = None,
    history: tuple[Line, ...] = (),
) -> Extraction:
    request = ExtractionRequest(
        *(utterance, language, date(2026, 3, 3), asked, "", confirming),
        collected=collected or {},
        history=history,
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


def test_a_number_before_what_is_chosen_counts_it() -> None:
    pizza = AGENTS["pizza"]

    values = read("two large margherita to 14 temple road", "pizza", pizza).values
    assert values == {"pizza": "margherita", "size": "large", "quantity": 2}
    values = read("large farmhouse, three of them", "pizza", pizza).values
    assert values == {"pizza": "farmhouse", "size": "large", "quantity": 3}
    values = read("large farmhouse before 3", "pizza", pizza).values
    assert values == {"pizza": "farmhouse", "size": "large"}


def test_an_announced_address_keeps_its_numbers() -> None:
    said = "my address is 45 MG Road Bangalore 560001"
    values = read(said, "quantity", AGENTS["pizza"]).values
    assert values == {"address": "45 MG Road Bangalore 560001"}


def test_a_span_of_bare_hours_beside_an_amount_is_understood() -> None:
    values = read("500, between 2 and 5", "charge").values
    assert values["window"] == {"start": "14:00", "end": "17:00"}


def test_a_bare_hour_behind_a_day_is_its_time_when_only_one_is_possible() -> None:
    values = read("I want to come tomorrow at 5", "date", AGENTS["clinic"]).values
    assert values == {"date": "2026-03-04", "time": "17:00"}


COLLECTED = {"date": "2026-03-05", "time": "11:00", "phone": "+919845001123"}


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("yes but make it 4 pm", {"time": "16:00"}),
        ("actually change it to Friday", {"date": "2026-03-06"}),
        ("no, make it 4 pm on Friday", {"reason": "make it 4 pm on Friday"}),
        ("I fell down the stairs at 4 pm", {"reason": "I fell down the stairs at 4 pm"}),
        ("I want to change my tablets at 4 pm", {"reason": "I want to change my tablets at 4 pm"}),
    ],
)
def test_a_text_is_not_a_change_of_another_field(said: str, values: dict[str, str]) -> None:
    assert read(said, "reason", AGENTS["clinic"], collected=COLLECTED).values == values


def test_what_is_taken_back_tells_which_field_is_corrected() -> None:
    clinic = AGENTS["clinic"]

    assert read("not 11, 12", None, clinic, collected=COLLECTED).values == {"time": "12:00"}
    assert read("not 9, 12", None, clinic, collected=COLLECTED).values == {}


def phone_pieces(*said: str) -> Mapping[str, object]:
    """What is read from the last of several answers to the question for a phone number."""
    lines = [
        line for text in said for line in (Line("agent", "Your number?"), Line("caller", text))
    ]
    return read(said[-1], "phone", AGENTS["clinic"], history=tuple(lines)).values


def test_a_phone_number_in_pieces_is_put_together() -> None:
    whole = {"phone": "+919845001123"}

    assert phone_pieces("it's nine eight four five", "double zero one one two three") == whole
    assert phone_pieces("98", "45001", "and then 123") == whole
    assert phone_pieces("Ravi", "nine eight four five oh oh one one two three") == whole


def test_a_piece_that_begins_again_or_leaves_the_number_open_gives_none() -> None:
    assert phone_pieces("98450", "98450") == {}
    assert phone_pieces("98450", "011") == {}
    assert phone_pieces("98450", "I think it ends with something like 01123 or so") == {}
    assert phone_pieces("I live at number 5", "double zero one one two three") == {}
    assert phone_pieces("98450") == {}


def test_the_answer_to_the_question_is_not_given_to_another_field_too() -> None:
    specs = tuple(
        FieldSpec(name=name, kind="money", currency="INR", ask={"en-IN": "?"})
        for name in ("charge", "deposit")
    )
    assert read("600 rupees", "charge", english(fields=specs)).values == {"charge": CHARGE}


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
