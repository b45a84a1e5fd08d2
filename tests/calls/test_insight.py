"""What is counted of an ended call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agents.schema import Agent, FieldSpec
from calls.figures import Figures, percentile
from calls.insight import Ended, bare_fact, fact_of, made_anew, with_summary, without_words
from calls.lexicon import sentiment_of
from calls.phrases import phrases_of
from calls.prices import load_prices
from providers.llm.summary import Summary
from storage.facts import bucket_of, tallies_of, value_of
from storage.records import TurnRecord
from tests.storage.samples import NOON, a_call, a_collection, a_turn, an_event

PRICES = load_prices()
AGENT = Agent(
    agent="logistics",
    name="Rates",
    goal="Collect a rate.",
    languages=("en-IN",),
    say={},
    fields=(
        FieldSpec(name="caller_name", kind="name", ask={"en-IN": "What is your name?"}),
        FieldSpec(name="charge", kind="money", ask={"en-IN": "How much is it?"}),
        FieldSpec(name="pin", kind="text", sensitive=True, ask={"en-IN": "What is the gate code?"}),
    ),
)
SUMMARY = Summary("The caller gave a rate.", 0.5, ("grateful",), ("delivery route",), "some-model")


def said(words: str, turn: int = 1, **changes: object) -> TurnRecord:
    """A turn in which the caller said these words."""
    turn_record = a_turn(turn, caller=words, agent="How much is it?", accepted={})
    return replace(turn_record, **changes)  # type: ignore[arg-type]


def call_of(*turns: TurnRecord, **changes: object) -> Ended:
    """An ended call: a greeting and these turns."""
    greeting = a_turn(0, caller="", caller_by="none", brain=None, timings_ms={}, accepted={})
    over = NOON + timedelta(seconds=60)
    call = a_call(outcome="completed", stage="completed", ended_at=over, version=7)
    call = replace(call, **changes)  # type: ignore[arg-type]
    return Ended(call, (greeting, *turns), a_collection(), ())


def test_a_fact_counts_what_is_in_the_records() -> None:
    ended = call_of(
        said("five hundred rupees", 1, accepted={"charge": {"amount": 500}}, brain="some-model"),
        said("", 2, caller_by="silence", brain=None),
        said("what do you mean", 3),
        state={"asking": "charge"},
    )

    fact = fact_of(ended, AGENT, PRICES)

    assert (fact.call_id, fact.call_version, fact.day) == ("call-1", 7, "2026-03-01")
    assert (fact.outcome, fact.stage, fact.field) == ("completed", "completed", "charge")
    assert (fact.turns, fact.silences, fact.misses) == (4, 1, 1)
    assert fact.brains == {"some-model": 1, "rules": 1}
    assert sum(fact.answers.values()) == 3
    assert fact.duration_s == 60
    assert fact.cost["line"] > 0
    assert not fact.has_asked


def test_the_carriers_word_on_the_duration_counts() -> None:
    ended = call_of()
    told = replace(ended, events=(an_event("status:3", data={"duration_s": "75"}),))
    assert fact_of(told, AGENT, PRICES).duration_s == 75


@pytest.mark.parametrize("state", [{}, {"asking": None}, {"asking": 3}, {"format": 99}])
def test_a_state_of_another_form_counts_as_nothing(state: dict[str, object]) -> None:
    ended = replace(call_of(state=state), collected=None)
    assert fact_of(ended, None, PRICES).field == ""


@pytest.mark.parametrize(
    ("words", "phrases"),
    [
        ("I want to ask about the delivery window", {"delivery window"}),
        ("delivery window, delivery window please", {"delivery window"}),
        ("my mail is asha dot rao at gmail dot com and the truck is late", {"truck", "late"}),
        ("write to asha@example.org about the truck", {"write", "truck"}),
        ("my name is Asha Rao and the loading bay is closed", {"loading bay", "closed"}),
        ("ring 98765 43210 for lorry B12", {"ring", "lorry"}),
        ("yes", set()),
        ("five hundred rupees", set()),
        ("", set()),
        ("x" * 5000, set()),
        ("🙂 \x00 ; -- ${x}", set()),
    ],
)
def test_phrases_are_what_callers_talk_of(words: str, phrases: set[str]) -> None:
    assert set(phrases_of([a_turn(0), said(words)], {}, AGENT)) == phrases


def test_words_of_a_value_are_no_phrase_wherever_they_are_said() -> None:
    turns = [
        a_turn(0, agent="What is your name?"),
        said("Asha Rao", 1, accepted={"caller_name": "Asha Rao"}),
        said("Asha is late with the lorry", 2),
    ]
    assert set(phrases_of(turns, {"caller_name": "Asha Rao"}, AGENT)) == {"late", "lorry"}


@pytest.mark.parametrize("question", ["What is your name?", "What is the gate code?"])
def test_what_is_said_to_a_personal_question_is_no_phrase_even_when_refused(question: str) -> None:
    turns = [a_turn(0, agent=question), said("blue elephant garden")]
    assert phrases_of(turns, {}, AGENT) == ()


def test_of_an_agent_whose_file_is_gone_there_are_no_phrases() -> None:
    assert phrases_of([a_turn(0), said("the loading bay is closed")], {}, None) == ()


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("this is wonderful, thank you so much", 0.5, 1.0),
        ("this is terrible, I am very angry", -1.0, -0.5),
        ("five hundred", 0.0, 0.0),
        ("no", 0.0, 0.0),  # an answer is no mood
        ("yes please", 0.0, 0.0),
    ],
)
def test_english_words_have_a_mood(words: str, low: float, high: float) -> None:
    found = sentiment_of([a_turn(0), said(words)])
    assert found is not None
    assert low <= found <= high


def test_other_languages_are_not_scored() -> None:
    turns = [a_turn(0, language="ta-IN"), said("this is terrible", language="en-IN")]
    assert sentiment_of(turns) is None
    assert sentiment_of([]) is None
    assert sentiment_of([a_turn(0), said("5", caller_by="keys")]) is None


def test_a_summary_takes_the_place_of_the_words() -> None:
    ended = call_of(said("the loading bay is terrible"))
    lexical = fact_of(ended, AGENT, PRICES)
    assert (lexical.judged_by, lexical.phrases) == ("lexicon", ("loading bay", "terrible"))

    fact = with_summary(lexical, ended, SUMMARY, 0.0001)

    assert (fact.sentiment, fact.judged_by, fact.has_asked) == (0.5, "some-model", True)
    assert fact.phrases == ("delivery route",)
    assert fact.cost["summary"] == 0.0001
    assert fact.emotions == ("grateful",)


def test_topics_of_a_model_with_a_value_or_a_figure_are_left_out() -> None:
    ended = call_of(said("Asha Rao", accepted={"caller_name": "Asha Rao"}))
    topics = ("Asha's lorry", "gate 12", "asha", "Late  Delivery", "late delivery", "x" * 90)
    fact = with_summary(fact_of(ended, AGENT, PRICES), ended, replace(SUMMARY, topics=topics), 0.0)
    assert fact.phrases == ("late delivery",)


def test_a_fact_made_anew_keeps_what_a_model_said() -> None:
    ended = call_of(said("the loading bay is terrible"))
    former = with_summary(fact_of(ended, AGENT, PRICES), ended, SUMMARY, 0.0001)
    later = fact_of(call_of(said("the loading bay is terrible"), version=9), AGENT, PRICES)

    fact = made_anew(later, former)

    assert (fact.call_version, fact.summary) == (9, SUMMARY.text)
    assert (fact.sentiment, fact.cost["summary"]) == (0.5, 0.0001)
    assert made_anew(later, replace(later, has_asked=True)) == replace(later, has_asked=True)


def test_without_its_words_a_fact_counts_the_same() -> None:
    fact = with_summary(fact_of(call_of(), AGENT, PRICES), call_of(), SUMMARY, 0.0)
    bare = without_words(fact)
    assert (bare.summary, bare.phrases) == ("", ())
    assert {k: v for k, v in tallies_of(fact).items() if not k.startswith("phrase/")} == dict(
        tallies_of(bare)
    )


def test_a_call_that_cannot_be_read_is_counted_all_the_same() -> None:
    fact = bare_fact(call_of().call)
    assert (fact.outcome, fact.turns, fact.duration_s) == ("completed", 0, 60)


@pytest.mark.parametrize("value", [1.5, 20, 333, 4000, 60_000])
def test_a_bucket_stands_for_its_values_within_five_percent(value: float) -> None:
    assert abs(value_of(bucket_of(value)) - value) / value < 0.05


def test_percentiles_come_out_of_histograms_that_were_added_up() -> None:
    histogram: dict[str, int] = {}
    for value in range(1, 1001):
        bucket = str(bucket_of(value))
        histogram[bucket] = histogram.get(bucket, 0) + 1
    for share, exact in ((0.5, 500), (0.95, 950), (0.99, 990)):
        found = percentile(histogram, share)
        assert found is not None
        assert abs(found - exact) / exact < 0.06
    assert percentile({}, 0.5) is None
    assert percentile({"0": 3}, 0.99) == 1


def test_figures_of_nothing_are_nothing() -> None:
    nothing = Figures({})
    assert nothing.calls == nothing.unfinished == 0
    assert nothing.completion_rate is nothing.sentiment is nothing.median_duration_s is None
    assert nothing.left == []
    assert nothing.total_cost == 0


def test_calls_that_never_connected_are_in_no_share() -> None:
    figures = Figures(
        {"calls": 4, "outcome/completed": 1, "outcome/failed": 2, "outcome/silent": 1}
    )
    assert (figures.connected, figures.completion_rate, figures.abandonment_rate) == (2, 0.5, 0.5)
