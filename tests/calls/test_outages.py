"""Outages by order: what fails while one is on, in every process, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.loader import load_agents
from agents.schema import Agent
from calls.outages import MOST_S, BreakableBrain, BreakableVoice, Outage, Outages, Part
from conversation.answering import request_of
from conversation.extraction import ExtractionRequest
from conversation.state import Pending, changed, new_state
from providers.errors import ProviderUnavailable
from providers.llm.rules import RulesBrain
from providers.tts.base import SpeechOrder
from settings import Settings
from storage.sqlite_register import SqliteRegister

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ORDER = SpeechOrder("Hello", "en-IN", "v", "m", {}, "mp3_22050_32")


class Clock:
    """Now, until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


class Voice:
    """Makes sound."""

    name, model, is_usual = "voice", "m", True
    is_closed = False

    def speaks(self, language: str) -> bool:
        return language == "en-IN"

    def voice_for(self, language: str) -> str:
        return "v"

    def stream(self, order: SpeechOrder) -> Iterator[bytes]:
        yield b"sound"

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path) -> Iterator[SqliteRegister]:
    one = SqliteRegister(tmp_path / "calls.db")
    yield one
    one.close()


@pytest.fixture
def outages(register: SqliteRegister, clock: Clock) -> Outages:
    return Outages(register, clock)


@pytest.fixture(scope="module")
def agent() -> Agent:
    return load_agents(Path("agents"))["logistics"]


def asked(agent: Agent) -> ExtractionRequest:
    state = changed(new_state(agent, NOW), asking="charge")
    return request_of(agent, state, Pending("500 rupees"), NOW)


def test_all_is_well_until_something_is_ordered(outages: Outages) -> None:
    assert [outages.of(part) for part in Part] == [None, None]


def test_what_is_ordered_holds_for_every_process(
    outages: Outages, register: SqliteRegister, clock: Clock
) -> None:
    outages.order(Part.MODEL, Outage.DOWN)
    outages.order(Part.MODEL, Outage.SLOW)  # the last word counts
    other = Outages(register, clock)
    assert other.of(Part.MODEL) is outages.of(Part.MODEL) is Outage.SLOW
    outages.end(Part.MODEL)
    assert Outages(register, clock).of(Part.MODEL) is None


def test_it_ends_by_itself(outages: Outages, register: SqliteRegister, clock: Clock) -> None:
    outages.order(Part.VOICE, Outage.DOWN)
    clock.at = NOW + timedelta(seconds=MOST_S)
    assert Outages(register, clock).of(Part.VOICE) is None


def test_a_model_that_is_down_leaves_the_rules(outages: Outages, agent: Agent) -> None:
    brain = BreakableBrain(RulesBrain(), outages, Settings())
    outages.order(Part.MODEL, Outage.DOWN)
    read = brain.begin(agent, asked(agent)).wait(2.0)
    brain.close()
    assert read is not None
    assert read.brain == "rules"
    assert read.values == {"charge": {"amount": 500, "currency": "INR"}}


def test_a_slow_model_is_waited_for_and_then_used(outages: Outages, agent: Agent) -> None:
    brain = BreakableBrain(RulesBrain(), outages, Settings())
    outages.order(Part.MODEL, Outage.SLOW)
    began = time.monotonic()
    inquiry = brain.begin(agent, asked(agent))
    assert inquiry.wait(0.05) is None
    read = inquiry.wait(10.0)
    brain.close()
    assert read is not None
    assert read.brain == "practice"
    assert 3.5 < time.monotonic() - began < 6.0


def test_an_agent_that_names_its_models_meets_the_outage_too(
    outages: Outages, agent: Agent
) -> None:
    brain = BreakableBrain(RulesBrain(), outages, Settings())
    outages.order(Part.MODEL, Outage.SLOW)
    named = agent.model_copy(update={"models": ("gemini",)})
    assert brain.begin(named, asked(agent)).wait(0.05) is None
    brain.close()


def test_a_brain_without_an_outage_is_itself(outages: Outages, agent: Agent) -> None:
    brain = BreakableBrain(RulesBrain(), outages, Settings())
    assert brain.name == "rules"
    assert brain.extract(agent, asked(agent)).brain == "rules"
    brain.close()


def test_a_voice_that_is_down_makes_nothing(outages: Outages) -> None:
    voice = BreakableVoice(Voice(), outages)
    assert list(voice.stream(ORDER)) == [b"sound"]
    outages.order(Part.VOICE, Outage.DOWN)
    with pytest.raises(ProviderUnavailable):
        next(voice.stream(ORDER))
    voice.close()
