"""A model that takes its time, on a live call: a filler, and the answer as soon as it is there."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.schema import Agent
from calls.session import Patience
from conversation.extraction import Extraction, ExtractionRequest
from conversation.turn_taking import Words
from providers.llm.rules import RulesBrain
from tests.transports.far_end import FarEnd, run
from tests.transports.stream_house import AGENT, House, open_house

WITH_BACKGROUND = AGENT + "live: {background: typing}\n"


@dataclass
class LateInquiry:
    """Has its answer when the model is let go on."""

    answer: Extraction
    is_ready: threading.Event

    def wait(self, seconds: float) -> Extraction | None:
        """See `Inquiry`."""
        return self.answer if self.is_ready.wait(seconds) else None

    def settle(self) -> Extraction:
        """See `Inquiry`."""
        return self.answer

    def late(self) -> Extraction | None:
        """See `Inquiry`."""
        return None


@dataclass
class LateBrain:
    """A model that thinks until a test lets it go on."""

    is_ready: threading.Event = field(default_factory=threading.Event)
    name: str = "late"

    def begin(self, agent: Agent, request: ExtractionRequest) -> LateInquiry:
        """See `Brain`."""
        return LateInquiry(RulesBrain().extract(agent, request), self.is_ready)

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """See `Brain`."""
        return RulesBrain().extract(agent, request)


@pytest.fixture
def brain() -> LateBrain:
    return LateBrain()


@pytest.fixture
def house(tmp_path: Path, brain: LateBrain) -> Iterator[House]:
    house = open_house(tmp_path, Patience(0.05, 10.0, again_s=4.0), WITH_BACKGROUND, brain)
    yield house
    brain.is_ready.set()
    house.close()


@asynccontextmanager
async def thinking(house: House) -> AsyncIterator[FarEnd]:
    """A call whose caller has said a number, and has heard the filler."""
    async with house.call_on_line() as far:
        house.ears.say("twelve")
        await far.until_heard("One moment please.")
        yield far


def test_a_filler_is_cut_the_instant_the_answer_is_there(house: House, brain: LateBrain) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            far.plays = False
            house.ears.say("twelve")
            await far.until(lambda: far.waiting)
            assert not far.clears

            brain.is_ready.set()
            await far.until(lambda: far.clears)
            far.plays = True
            far.hears()
            await far.until_heard("12 pieces, is that right?")
            assert "One moment" not in far.heard
        assert "filler" in house.turns[1].usage

    run(test())


def test_a_filler_that_was_heard_is_followed_by_background_and_the_answer(
    house: House, brain: LateBrain
) -> None:
    async def test() -> None:
        async with thinking(house) as far:
            heard = len(far.audio)
            await far.until(lambda: len(far.audio) > heard + 8000)
            assert far.heard.count("One moment please.") == 1

            brain.is_ready.set()
            await far.until_heard("12 pieces, is that right?")
        assert house.turns[1].agent == "One moment please. 12 pieces, is that right?"

    run(test())


def test_who_hangs_up_while_the_model_thinks_has_said_it_all_the_same(
    house: House, brain: LateBrain
) -> None:
    async def test() -> None:
        async with thinking(house) as far:
            far.says(far.frames.stop())
            brain.is_ready.set()
            await far.until(lambda: not house.desk.calls)

        assert house.call.outcome == "abandoned"
        assert house.turns[1].caller == "twelve"

    run(test())


def test_who_says_more_when_the_process_ends_while_the_model_thinks_has_said_both(
    house: House, brain: LateBrain
) -> None:
    async def test() -> None:
        async with thinking(house) as far:
            house.ears.tell(Words("thousand please", is_final=True))
            house.desk.leave_all()
            brain.is_ready.set()
            await far.until(lambda: far.code is not None and house.moved)

        assert [turn.caller for turn in house.turns[1:]] == ["twelve", "thousand please"]
        assert house.turns[-1].accepted == {"count": 12_000}
        assert house.turns[-1].heard == ""

    run(test())
