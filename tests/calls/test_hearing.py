"""The recognisers of a process, over real sockets to vendors on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from agents.schema import Agent
from calls.heard import Away, Back, Gone, Heard
from calls.hearing import Ears, Hearing, HearingUse, billed, open_hearing
from phone.spoken import silence, tones
from phone.tape import Side
from phone.vendors.plan import Fault, Plan
from phone.vendors.street import Street
from providers.stt.base import HearingOrder, TurnEnded, Words
from settings import read_settings
from tests.calls.jumping_loop import run_at_once
from tests.calls.listeners import AWAY, Ear, Listened, passes
from tests.calls.voices import an_agent
from tests.providers.stt.peer import run, until

ENGLISH = HearingOrder("en-IN", ("en-IN",))
CHARGE = tones("six hundred rupees", Side.CALLER)


def agent(*languages: str) -> Agent:
    return an_agent().model_copy(update={"languages": languages})


@dataclass
class Line:
    """A call on the street of vendors."""

    street: Street
    hearing: Hearing
    told: list[Heard] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def open(self, order: HearingOrder = ENGLISH) -> Ears:
        return self.hearing.open(order, self.told.append)

    @property
    def finals(self) -> list[str]:
        return [one.text for one in self.told if isinstance(one, Words) and one.is_final]

    @property
    def news(self) -> list[Heard]:
        return [one for one in self.told if isinstance(one, Away | Back | Gone)]

    def plan(self, name: str, fault: Fault | None) -> None:
        self.street.recognisers[name].plan = Plan(fault=fault)


@asynccontextmanager
async def a_line(*keys: str, model: str = "nova-3") -> AsyncIterator[Line]:
    street = Street()
    await street.open()
    settings = {"DEEPGRAM_MODEL": model}
    for key in keys or ("deepgram", "elevenlabs"):
        settings |= {
            f"{key.upper()}_API_KEY": "k",
            f"{key.upper()}_BASE_URL": street.addresses[key],
        }
    failures: list[str] = []
    hearing = open_hearing(read_settings(settings), lambda name, _: failures.append(name))
    try:
        yield Line(street, hearing, failures=failures)
    finally:
        street.close()


async def speaks(ears: Ears, sound: bytes, speed: float = 8.0) -> None:
    for start in range(0, len(sound), 160):
        ears.hear(sound[start : start + 160])
        await asyncio.sleep(0.02 / speed)


def test_what_a_caller_says_is_heard_and_charged_by_its_length() -> None:
    async def test() -> None:
        async with a_line() as line:
            ears = line.open()
            await speaks(ears, CHARGE + silence(1))
            await until(lambda: TurnEnded() in line.told)
            used = ears.used()
            ears.close()
            await until(lambda: line.street.recognisers["deepgram"].at_once == 0)
        assert (line.finals, line.news) == (["six hundred rupees"], [])
        assert [(one.provider, one.model) for one in used] == [("deepgram", "nova-3")]
        assert used[0].seconds == pytest.approx(len(CHARGE) / 8000 + 1, abs=0.1)

    run(test())


def test_malayalam_is_heard_by_who_understands_it() -> None:
    async def test() -> None:
        async with a_line() as line:
            ears = line.open(HearingOrder("ml-IN", ("ml-IN",)))
            await speaks(ears, tones("അറുനൂറ് രൂപ", Side.CALLER) + silence(1))
            await until(lambda: line.finals)
            ears.close()
        assert line.finals == ["അറുനൂറ് രൂപ"]
        assert line.street.recognisers["scribe"].requests == 1

    run(test())


@pytest.mark.parametrize("model", ["nova-3", "flux-general-en"])
@pytest.mark.parametrize("fault", [Fault.DIES, Fault.GARBAGE, Fault.QUOTA])
def test_no_word_is_lost_when_the_vendor_fails_in_the_middle_of_it(
    model: str, fault: Fault
) -> None:
    async def test() -> None:
        async with a_line(model=model) as line:
            ears = line.open()
            await speaks(ears, silence(0.2))
            await until(lambda: line.street.recognisers["deepgram"].at_once)
            line.plan("deepgram", fault)
            await speaks(ears, CHARGE + silence(1), speed=2)
            await until(lambda: line.finals and TurnEnded() in line.told)
            ears.close()
        assert line.finals == ["six hundred rupees"]
        # Both of the vendor's recognisers fail before the other vendor is asked.
        tries = 2 if "flux" in model else 1
        assert line.news == [one for n in range(tries) for one in (Away(n + 1), Back())]
        assert line.failures[:1] == ["deepgram-flux" if "flux" in model else "deepgram"]

    run(test())


def test_a_vendor_that_is_back_soon_has_lost_nothing() -> None:
    async def test() -> None:
        async with a_line("deepgram") as line:
            ears = line.open()
            await speaks(ears, CHARGE[:2400])
            line.plan("deepgram", Fault.BUSY)
            line.street.recognisers["deepgram"].break_off()
            await until(lambda: Away(2) in line.told)
            await speaks(ears, CHARGE[2400:] + silence(1))
            line.plan("deepgram", None)
            await until(lambda: line.finals)
            ears.close()
        assert line.finals == ["six hundred rupees"]
        assert line.news == [Away(1), Away(2), Back()]

    run(test())


def test_the_second_caller_does_not_wait_for_a_vendor_that_hangs() -> None:
    async def test() -> None:
        async with a_line() as line:
            line.plan("deepgram", Fault.SLOW)
            first = [line.open(), line.open()]
            await until(lambda: line.street.recognisers["scribe"].at_once == 2)
            began_at = time.monotonic()
            second = line.open()
            await until(lambda: line.street.recognisers["scribe"].at_once == 3)
            took_s = time.monotonic() - began_at
            for ears in (*first, second):
                ears.close()
            assert line.street.recognisers["deepgram"].requests == 2
        assert took_s < 1.0

    run(test())


def test_a_hundred_callers_at_once_are_all_heard() -> None:
    async def test() -> None:
        async with a_line() as line:
            every = [line.open() for _ in range(100)]
            await asyncio.gather(*(speaks(one, CHARGE + silence(1)) for one in every))
            await until(lambda: len(line.finals) == 100)
            for ears in every:
                ears.close()
            await until(lambda: line.street.recognisers["deepgram"].at_once == 0)
        assert set(line.finals) == {"six hundred rupees"}
        assert line.street.recognisers["deepgram"].most_at_once == 100

    run(test())


def test_an_agent_is_heard_when_each_of_its_languages_is() -> None:
    english, every = Ear("english", "en"), Ear("every", "en ta ml")

    def first(*ears: Ear, languages: str) -> str | None:
        found = Hearing(ears).for_agent(agent(*languages.split()))
        return found.name if found else None

    assert first(english, every, languages="en-IN") == "english"
    assert first(english, every, languages="en-IN ta-IN") == "english"
    assert first(english, every, languages="ta-IN en-IN") == "every"
    assert first(english, languages="en-IN ta-IN") is None
    assert first(languages="en-IN") is None


def test_an_agent_is_heard_first_by_whom_its_file_names() -> None:
    usual, other = Ear("usual"), Ear("other")
    file = an_agent(live={"recogniser": {"name": "other"}})
    named = file.model_copy(update={"languages": ("en-IN",)})

    assert Hearing((usual, other)).for_agent(named) is other
    assert Hearing((usual,)).for_agent(named) is usual  # better than nobody


def test_what_was_heard_is_billed_to_who_heard_last() -> None:
    uses = [HearingUse("ears", "fine", 1.25), HearingUse("other", "good", 2.0)]

    assert billed([]) == {}
    assert billed(uses) == {"stt_provider": "other", "stt_model": "good", "stt_seconds": 3.25}


def test_an_agent_is_not_heard_while_who_would_listen_is_away() -> None:
    async def test() -> None:
        ear = Ear()
        ear.errors = [AWAY] * 5
        call = Listened(ear)
        before = call.hearing.for_agent(agent("en-IN"))
        await passes(8)
        during = call.hearing.for_agent(agent("en-IN"))
        await passes(20)
        after = call.hearing.for_agent(agent("en-IN"))
        assert (before, during, after) == (ear, None, ear)

    run_at_once(test())
