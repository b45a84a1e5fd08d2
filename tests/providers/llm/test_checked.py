"""A model beside the rules: who answers, how long a caller waits, when the model is left alone."""

from __future__ import annotations

import time

import pytest

from conversation.extraction import Extraction
from providers.errors import (
    ContentRefused,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.llm.checked import CheckedBrain
from providers.llm.lane import FAILURES_MOST, PAUSE_S, Limits
from providers.llm.rules import RulesBrain
from tests.conversation.casting import english
from tests.providers.llm.readings import Clock, ScriptedModel, extraction, request

CHARGE = {"amount": 500, "currency": "INR"}
DOWN = ProviderUnavailable("llm", "model", "answered 503", "503")


def ask(brain: CheckedBrain, utterance: str = "500 rupees") -> Extraction:
    return brain.extract(english(), request(utterance, "charge"))


def test_the_model_answers_and_is_named() -> None:
    model = ScriptedModel(extraction({"charge": CHARGE}, reply="Acme."))
    brain = CheckedBrain([model], RulesBrain(), Limits(5.0, 5.0, 2))
    answer = ask(brain)
    assert (answer.values, answer.reply, answer.brain) == ({"charge": CHARGE}, "Acme.", "model")
    brain.close()
    assert model.closed == 1


@pytest.mark.parametrize(
    "error",
    [
        DOWN,
        ProviderTimeout("llm", "model", "late"),
        ProviderRefused("llm", "model", "answered 401", "401"),
        ContentRefused("llm", "model", "blocked", "SAFETY"),
    ],
)
def test_the_rules_stand_in_for_a_model_that_fails(error: ProviderError) -> None:
    brain = CheckedBrain([ScriptedModel(error)], RulesBrain(), Limits(5.0, 5.0, 2))
    answer = ask(brain)
    assert (answer.values, answer.doubtful, answer.brain) == (
        {"charge": CHARGE},
        frozenset(),
        "rules",
    )
    brain.close()


def test_nobody_waits_longer_than_the_deadline() -> None:
    model = ScriptedModel(None)
    brain = CheckedBrain([model], RulesBrain(), Limits(0.05, 0.05, 2))
    began_s = time.monotonic()
    assert ask(brain).brain == "rules"
    assert time.monotonic() - began_s < 5  # the model itself takes 30
    brain.close()


def test_a_pool_full_of_late_answers_keeps_nobody_waiting() -> None:
    model = ScriptedModel(None)
    brain = CheckedBrain([model], RulesBrain(), Limits(0.05, 0.05, 1))
    assert [ask(brain).brain for _ in range(2)] == ["rules", "rules"]
    assert len(model.asked) == 1
    brain.close()


def test_a_model_that_lets_everybody_wait_is_asked_no_more_until_it_answers() -> None:
    clock = Clock()
    model = ScriptedModel(None)
    brain = CheckedBrain([model], RulesBrain(), Limits(2.5, 6.0, 8), clock)
    agent = english()
    for _ in range(FAILURES_MOST):
        brain.begin(agent, request("500 rupees", "charge"))
    clock.now_s += 2.1  # no failure yet: they may still be in time
    answer = brain.begin(agent, request("500 rupees", "charge")).wait(0.0)
    assert answer is not None
    assert answer.brain == "rules"
    assert len(model.asked) == FAILURES_MOST
    brain.close()


def test_a_few_slow_answers_among_many_keep_nobody_from_the_model() -> None:
    clock = Clock()
    model = ScriptedModel(None)
    brain = CheckedBrain([model], RulesBrain(), Limits(2.5, 6.0, 8), clock)
    agent = english()
    for _ in range(FAILURES_MOST):
        brain.begin(agent, request("500 rupees", "charge"))
    clock.now_s += 1.9
    for _ in range(FAILURES_MOST):
        brain.begin(agent, request("500 rupees", "charge"))
    clock.now_s += 0.2
    assert brain.begin(agent, request("500 rupees", "charge")).wait(0.0) is None
    brain.close()


def test_after_failures_in_a_row_the_model_is_left_alone_and_tried_again_later() -> None:
    clock = Clock()
    model = ScriptedModel(DOWN)
    brain = CheckedBrain([model], RulesBrain(), Limits(5.0, 5.0, 2), clock)
    for _ in range(FAILURES_MOST + 2):
        assert ask(brain).values == {"charge": CHARGE}
    assert len(model.asked) == FAILURES_MOST
    model.answer = extraction({"charge": CHARGE})
    assert ask(brain).brain == "rules"
    clock.now_s += PAUSE_S
    assert [ask(brain).brain for _ in range(2)] == ["model", "model"]
    brain.close()


def test_blocked_words_are_no_reason_to_leave_the_model_alone() -> None:
    model = ScriptedModel(ContentRefused("llm", "model", "blocked", "SAFETY"))
    brain = CheckedBrain([model], RulesBrain(), Limits(5.0, 5.0, 2))
    for _ in range(FAILURES_MOST + 1):
        ask(brain)
    assert len(model.asked) == FAILURES_MOST + 1
    brain.close()


def test_a_bug_in_a_model_is_told_with_its_place_and_costs_no_caller_an_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = ScriptedModel(KeyError("bug"))
    brain = CheckedBrain([model], RulesBrain(), Limits(5.0, 5.0, 2))
    answers = [ask(brain) for _ in range(FAILURES_MOST + 1)]
    assert [answer.brain for answer in answers] == ["rules"] * (FAILURES_MOST + 1)
    assert len(model.asked) == FAILURES_MOST
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.exc_info is not None for record in told] == [True] * FAILURES_MOST
    brain.close()


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (ProviderRefused("llm", "model", "answered 401", "401 invalid_api_key"), "ERROR"),
        (ContentRefused("llm", "model", "the content was blocked", "SAFETY"), "WARNING"),
        (ProviderUnavailable("llm", "model", "answered 503", "503"), "WARNING"),
    ],
)
def test_what_only_a_person_can_mend_is_an_error_in_the_log(
    error: ProviderError, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    brain = CheckedBrain([ScriptedModel(error)], RulesBrain(), Limits(5.0, 5.0, 2))
    ask(brain)
    [told] = [record for record in caplog.records if record.message == "a model failed"]
    assert (told.levelname, vars(told)["code"]) == (level, error.code)
    brain.close()


def test_closing_twice_is_harmless() -> None:
    brain = CheckedBrain([ScriptedModel(extraction())], RulesBrain(), Limits(5.0, 5.0, 2))
    brain.close()
    brain.close()
