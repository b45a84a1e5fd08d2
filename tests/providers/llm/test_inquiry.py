"""Models in a row: who is asked when, who is heard, and what a caller who waited gets later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from conversation.extraction import Extraction, ExtractionRequest
from providers.errors import ContentRefused, ProviderUnavailable
from providers.llm.base import Inquiry
from providers.llm.checked import CheckedBrain
from providers.llm.lane import FAILURES_MOST, PAUSE_S, Limits
from providers.llm.rules import RulesBrain
from tests.conversation.casting import english
from tests.providers.llm.readings import Clock, ScriptedModel, extraction, request
from tests.waiting import wait_until

CHARGE = {"amount": 500, "currency": "INR"}
FOUND = extraction({"charge": CHARGE}, reply="Acme.")
DOWN = ProviderUnavailable("llm", "first", "answered 503", "503")
# Long enough for whatever ends by itself; nobody waits for it to pass.
ENOUGH_S = 20.0
PATIENT = Limits(ENOUGH_S, ENOUGH_S, 4)


class CountingRules(RulesBrain):
    """Counts how often it reads."""

    def __init__(self) -> None:
        self.read = 0

    def extract(self, agent: object, request: ExtractionRequest) -> Extraction:
        """The reading of the rules."""
        self.read += 1
        return super().extract(agent, request)  # type: ignore[arg-type]


def model(name: str, answer: Extraction | Exception | None) -> ScriptedModel:
    return ScriptedModel(answer, name)


@contextmanager
def row(
    *models: ScriptedModel,
    limits: Limits = PATIENT,
    clock: Callable[[], float] = time.monotonic,
    rules: RulesBrain | None = None,
) -> Iterator[CheckedBrain]:
    brain = CheckedBrain(list(models), rules or RulesBrain(), limits, clock)
    yield brain
    for one in models:
        one.released.set()
    brain.close()


def begin(brain: CheckedBrain, models: tuple[str, ...] = ()) -> Inquiry:
    return brain.begin(english(models=models), request("500 rupees", "charge"))


def by(answer: Extraction | None) -> str | None:
    return None if answer is None else answer.brain


def comes_late(inquiry: Inquiry, of: ScriptedModel) -> Extraction | None:
    """What comes after the model was released."""
    of.released.set()
    wait_until(inquiry.late)
    return inquiry.late()


# One model


def test_an_answer_that_is_there_is_handed_to_whoever_waits_as_often_as_asked() -> None:
    rules = CountingRules()
    with row(model("first", FOUND), rules=rules) as brain:
        inquiry = begin(brain)
        answers = [inquiry.wait(ENOUGH_S), inquiry.wait(0), inquiry.settle()]
        assert answers == [answers[0]] * 3
        assert (by(answers[0]), inquiry.late()) == ("first", None)
    assert rules.read == 1


def test_who_stops_waiting_may_come_back_in_another_thread() -> None:
    first = model("first", None)
    with row(first) as brain, ThreadPoolExecutor(2) as pool:
        inquiry = begin(brain)
        assert inquiry.wait(0.01) is None
        waiting = [pool.submit(inquiry.wait, ENOUGH_S) for _ in range(2)]
        first.released.set()
        assert [by(one.result()) for one in waiting] == ["first", "first"]
    assert len(first.asked) == 1


def test_settling_gives_the_rules_answer_and_the_models_comes_late() -> None:
    first = model("first", None)
    with row(first) as brain:
        inquiry = begin(brain)
        assert inquiry.late() is None
        assert inquiry.settle().values == {"charge": CHARGE}
        assert inquiry.late() is None
        late = comes_late(inquiry, first)
        assert by(late) == "first"
        assert [by(inquiry.settle()), by(inquiry.wait(ENOUGH_S))] == ["rules", "rules"]


def test_settling_ends_the_waiting_of_others() -> None:
    with row(model("first", None)) as brain, ThreadPoolExecutor(1) as pool:
        inquiry = begin(brain)
        waiting = pool.submit(inquiry.wait, ENOUGH_S)
        settled = inquiry.settle()
        assert waiting.result() is settled


def test_the_answer_in_time_beats_the_settling() -> None:
    with row(model("first", FOUND)) as brain:
        inquiry = begin(brain)
        inquiry.wait(ENOUGH_S)
        assert by(inquiry.settle()) == "first"


def test_when_every_model_has_failed_nobody_waits() -> None:
    with row(model("first", DOWN), model("second", DOWN)) as brain:
        inquiry = begin(brain)
        assert by(inquiry.wait(ENOUGH_S)) == "rules"
        assert inquiry.late() is None


def test_a_brain_of_rules_has_answered_as_it_begins() -> None:
    inquiry = RulesBrain().begin(english(), request("500 rupees", "charge"))
    assert inquiry.wait(0) == inquiry.settle()
    assert (inquiry.settle().values, inquiry.late()) == ({"charge": CHARGE}, None)


# Several


def test_when_the_first_fails_the_second_is_asked_at_once() -> None:
    with row(model("first", DOWN), model("second", FOUND)) as brain:
        assert by(begin(brain).wait(ENOUGH_S)) == "second"


def test_the_second_is_asked_though_nobody_waits_at_that_moment() -> None:
    first, second = model("first", None), model("second", FOUND)
    first.answer_when_released = DOWN
    with row(first, second) as brain:
        begin(brain)
        first.released.set()
        assert second.was_asked.wait(ENOUGH_S)


def test_words_that_the_first_blocks_are_read_by_the_second() -> None:
    blocked = ContentRefused("llm", "first", "blocked", "SAFETY")
    with row(model("first", blocked), model("second", FOUND)) as brain:
        for _ in range(FAILURES_MOST + 1):
            assert by(begin(brain).wait(ENOUGH_S)) == "second"


def test_beside_a_slow_first_the_second_is_asked_at_the_deadline() -> None:
    first, second = model("first", None), model("second", FOUND)
    with row(first, second, limits=Limits(0.05, ENOUGH_S, 4)) as brain:
        inquiry = begin(brain)
        assert second.asked == []
        assert by(inquiry.wait(ENOUGH_S)) == "second"
        first.released.set()
        assert by(inquiry.settle()) == "second"
    assert (len(first.asked), len(second.asked)) == (1, 1)


def test_who_waits_until_the_deadline_and_goes_leaves_the_second_working() -> None:
    first, second = model("first", None), model("second", FOUND)
    with row(first, second, limits=Limits(0.1, ENOUGH_S, 4)) as brain:
        inquiry = begin(brain)
        assert by(inquiry.wait(0.09)) in (None, "second")
        assert second.was_asked.wait(ENOUGH_S)
        assert by(inquiry.wait(ENOUGH_S)) == "second"


def test_the_first_may_still_be_faster_than_the_second_beside_it() -> None:
    first, second = model("first", None), model("second", None)
    with row(first, second, limits=Limits(0.05, ENOUGH_S, 4)) as brain:
        inquiry = begin(brain)
        assert inquiry.wait(0.05) is None
        assert second.was_asked.wait(ENOUGH_S)
        first.released.set()
        assert by(inquiry.wait(ENOUGH_S)) == "first"


def test_at_most_two_are_asked_at_once() -> None:
    slow = [model(name, None) for name in ("first", "second", "third")]
    with row(*slow, limits=Limits(0.02, ENOUGH_S, 4)) as brain:
        inquiry = begin(brain)
        assert [inquiry.wait(0.05) for _ in range(3)] == [None] * 3
        assert [len(one.asked) for one in slow] == [1, 1, 0]


def test_after_the_hard_limit_nobody_else_is_asked() -> None:
    clock = Clock()
    first, second = model("first", None), model("second", FOUND)
    first.answer_when_released = DOWN
    with row(first, second, limits=Limits(1.0, 6.0, 4), clock=clock) as brain:
        inquiry = begin(brain)
        clock.now_s += 6.0
        first.released.set()
        assert by(inquiry.wait(ENOUGH_S)) == "rules"
    assert second.asked == []


@pytest.mark.parametrize(
    ("models", "asked"),
    [
        ((), ["first"]),
        (("second", "first"), ["second"]),
        (("second", "rules"), ["second"]),
        (("missing", "second"), ["second"]),
        (("rules",), ["rules"]),
        (("missing",), ["rules"]),
    ],
)
def test_an_agent_says_who_is_asked(models: tuple[str, ...], asked: list[str]) -> None:
    with row(model("first", FOUND), model("second", FOUND)) as brain:
        assert [by(begin(brain, models).wait(ENOUGH_S))] == asked
        agent = english(models=models)
        assert [brain.extract(agent, request("500 rupees", "charge")).brain] == asked


# What counts against a model


def failed(brain: CheckedBrain, clock: Clock) -> None:
    """Questions that nobody answers, settled after the time of a turn."""
    for _ in range(FAILURES_MOST):
        inquiry = begin(brain)
        clock.now_s += 2.5
        inquiry.settle()


LIMITS = Limits(2.5, 6.0, 8)


def test_a_model_that_hangs_is_left_alone_and_the_next_asked_first() -> None:
    clock = Clock()
    first, second = model("first", None), model("second", FOUND)
    with row(first, second, limits=LIMITS, clock=clock) as brain:
        failed(brain, clock)
        assert by(begin(brain).wait(ENOUGH_S)) == "second"
        assert len(first.asked) == FAILURES_MOST


def test_an_answer_that_comes_late_does_not_make_up_for_it() -> None:
    clock = Clock()
    first = model("first", None)
    with row(first, limits=LIMITS, clock=clock) as brain:
        for _ in range(FAILURES_MOST):
            inquiry = begin(brain)
            clock.now_s += 2.5
            inquiry.settle()
            assert by(comes_late(inquiry, first)) == "first"
            first.released.clear()
        begin(brain).settle()
        assert len(first.asked) == FAILURES_MOST


def test_settling_before_a_model_had_its_time_does_not_count() -> None:
    first = model("first", None)
    with row(first, limits=LIMITS, clock=Clock()) as brain:
        for _ in range(FAILURES_MOST + 1):
            begin(brain).settle()
        assert len(first.asked) == FAILURES_MOST + 1


def test_questions_that_nobody_settles_count_once_they_are_too_old() -> None:
    clock = Clock()
    first = model("first", None)
    with row(first, limits=LIMITS, clock=clock) as brain:
        for _ in range(FAILURES_MOST):
            begin(brain)
        clock.now_s += 6.0
        assert by(begin(brain).wait(ENOUGH_S)) == "rules"
        assert len(first.asked) == FAILURES_MOST


def test_a_question_that_is_never_answered_does_not_keep_others_from_trying_again() -> None:
    clock = Clock()
    first = model("first", None)
    with row(first, limits=LIMITS, clock=clock) as brain:
        failed(brain, clock)
        for tries in range(1, 4):
            clock.now_s += PAUSE_S
            begin(brain)  # tries it, and is never heard of again
            begin(brain)
            assert len(first.asked) == FAILURES_MOST + tries
            clock.now_s += 6.0
            begin(brain)
            assert len(first.asked) == FAILURES_MOST + tries


def test_nobody_queues_behind_questions_that_hang() -> None:
    first, second = model("first", None), model("second", FOUND)
    with row(first, second, limits=Limits(ENOUGH_S, ENOUGH_S, 2)) as brain:
        hanging = [begin(brain) for _ in range(2)]
        assert by(begin(brain).wait(ENOUGH_S)) == "second"
        assert len(first.asked) == 2
        first.released.set()
        assert [by(one.wait(ENOUGH_S)) for one in hanging] == ["first", "first"]


def test_a_brain_that_is_closed_answers_by_rule() -> None:
    first = model("first", FOUND)
    with row(first) as brain:
        brain.close()
        assert by(begin(brain).wait(ENOUGH_S)) == "rules"
    assert first.asked == []
