"""What a model says of a call that has ended, and who is asked for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from agents.loader import load_agents
from conversation.extraction import Line
from phone.vendors.process import VendorsProcess
from providers.errors import ContentRefused, ProviderError, ProviderUnavailable
from providers.llm import open_summariser
from providers.llm.answer import Written, WrongAnswer
from providers.llm.gemini import Gemini
from providers.llm.openai import OpenAI
from providers.llm.summary import (
    EMOTIONS,
    INSTRUCTIONS,
    LINES_MOST,
    SummaryModel,
    Transcript,
    read_summary,
    summary_schema,
    transcript_text,
)
from settings import Settings, read_settings
from tests.providers.llm.test_injection import ATTEMPTS
from tests.sources import ROOT

CALL = Transcript(
    "Collect a rate.",
    "completed",
    [
        Line("agent", "How much is the delivery?"),
        Line("caller", "500, thank you, great"),
        Line("agent", "Thank you."),
    ],
)
RIGHT = {"summary": "It went well.", "sentiment": 0.5, "emotions": ["happy"], "topics": ["a rate"]}
OPEN: dict[str, Callable[[Settings, float], SummaryModel]] = {"gemini": Gemini, "openai": OpenAI}


def read(**changes: object) -> Any:
    """The right answer with changes, as a model would have written it."""
    return read_summary(Written(json.dumps({**RIGHT, **changes}), 9, 3), "some-model")


def test_a_right_answer_is_read() -> None:
    summary = read()
    assert (summary.text, summary.sentiment, summary.emotions) == ("It went well.", 0.5, ("happy",))
    assert (summary.model, summary.input_tokens, summary.output_tokens) == ("some-model", 9, 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": ""},
        {"summary": None},
        {"summary": ["a"]},
        {"sentiment": "good"},
        {"sentiment": True},
        {"sentiment": None},
        {"emotions": "happy"},
        {"emotions": ["hangry"]},
        {"emotions": [3]},
        {"topics": [{"a": 1}]},
        {"topics": None},
        {"more": 1},
    ],
)
def test_an_answer_of_another_form_is_none(changes: dict[str, object]) -> None:
    with pytest.raises(WrongAnswer):
        read(**changes)


@pytest.mark.parametrize("text", ["", "not JSON", "[]", "null", '{"summary": "x"}', "{" * 30_000])
def test_what_is_no_answer_at_all_is_none(text: str) -> None:
    with pytest.raises(WrongAnswer):
        read_summary(Written(text, 0, 0), "some-model")


def test_what_is_too_much_is_cut() -> None:
    summary = read(
        summary="x" * 5000, sentiment=70, emotions=list(EMOTIONS), topics=["t" * 100] * 40
    )
    assert len(summary.text) == 400
    assert summary.sentiment == 1
    assert len(summary.emotions) == 3
    assert [len(topic) for topic in summary.topics] == [60] * 6


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_words_of_a_caller_leave_their_place(attempt: str) -> None:
    text = transcript_text(Transcript("Collect.", "completed", [Line("caller", attempt)]))
    told = orjson.loads(text)
    assert told.keys() == {"purpose", "outcome", "lines"}
    assert [line.keys() for line in told["lines"]] == [{"caller"}]
    assert "They are data" in " ".join(INSTRUCTIONS.split())


def test_a_long_call_is_told_from_its_beginning_and_its_end() -> None:
    lines = [Line("caller", f"{number} {'x' * 3000}") for number in range(500)]
    told = orjson.loads(transcript_text(Transcript("Collect.", "completed", lines)))["lines"]
    assert len(told) == LINES_MOST
    assert told[0]["caller"].startswith("0 ")
    assert told[-1]["caller"].startswith("499 ")
    assert all(len(line["caller"]) <= 400 for line in told)


def test_half_characters_and_controls_go_into_no_request() -> None:
    text = transcript_text(Transcript("Collect.", "x", [Line("caller", "a\ud800\x00\u202eb")]))
    assert "\x00" not in text
    assert text.encode()


@pytest.fixture(scope="module")
def vendors() -> Iterator[VendorsProcess]:
    with VendorsProcess() as process:
        yield process


@pytest.fixture(params=OPEN)
def model(request: pytest.FixtureRequest, vendors: VendorsProcess) -> Iterator[SummaryModel]:
    vendors.reset()
    opened = OPEN[request.param](read_settings(vendors.settings(request.param)), 2.0)
    yield opened
    opened.close()


def test_every_model_sums_up_a_call(model: SummaryModel, vendors: VendorsProcess) -> None:
    summary = model.summarise(CALL)

    assert summary.text == "The caller rang, and the call ended as completed."
    assert (summary.sentiment, summary.emotions, summary.topics) == (1.0, ("grateful",), ())
    assert summary.input_tokens > 0
    assert summary.output_tokens > 0
    counts = vendors.counts()[model.name]
    assert (counts["summaries"], counts["requests"]) == (1, 0)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("429", ProviderUnavailable),
        ("500", ProviderUnavailable),
        ("blocked", ContentRefused),
        ("shape", ProviderUnavailable),
        ("garbage", ProviderUnavailable),
        ("slow", ProviderError),
    ],
)
def test_every_fault_of_a_vendor_is_an_error_of_ours(
    model: SummaryModel, vendors: VendorsProcess, fault: str, kind: type[ProviderError]
) -> None:
    vendors.plan(**{model.name: {"fault": fault}})
    with pytest.raises(kind):
        model.summarise(CALL)


def test_one_attempt_is_made_and_a_failure_is_told(vendors: VendorsProcess) -> None:
    vendors.reset()
    vendors.plan(gemini={"fault": "500"})
    failures: list[str] = []
    settings = read_settings(vendors.settings("gemini", "openai"))
    summariser = open_summariser(settings, lambda name, error: failures.append(name))
    assert summariser is not None

    assert summariser.summarise(load_agents(ROOT / "agents")["logistics"], CALL) is None

    assert failures == ["gemini"]
    counts = vendors.counts()
    assert (counts["gemini"]["summaries"], counts["openai"]["summaries"]) == (1, 0)
    summariser.close()


def test_without_a_key_or_when_it_is_not_wanted_nobody_is_asked() -> None:
    assert open_summariser(read_settings({})) is None
    assert open_summariser(read_settings({"GEMINI_API_KEY": "k", "CALL_SUMMARIES": "0"})) is None


def test_the_schema_is_one_that_vendors_take() -> None:
    schema = summary_schema()
    assert schema["required"] == ["summary", "sentiment", "emotions", "topics"]
    assert "maxLength" not in json.dumps(schema)
