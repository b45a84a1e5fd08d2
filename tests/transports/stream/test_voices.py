"""What callers hear over a socket when the companies that speak do their part, and when not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from calls.live_voice import open_live_voice
from calls.session import Patience
from settings import Settings
from tests.providers.tts.fake_aura import FakeAura
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, error
from tests.providers.tts.fake_voice import Answer, Asked, Spoken
from tests.transports.far_end import run
from tests.transports.stream_house import House, open_house
from transports.duplex import Desk


@contextmanager
def spoken_house(folder: Path, fake: FakeElevenLabs, aura: FakeAura) -> Iterator[House]:
    """A house in which the two companies speak, one after the other."""
    house = open_house(folder)
    settings = Settings(
        elevenlabs_api_key="key-1",
        elevenlabs_base_url=fake.address,
        deepgram_api_key="key-2",
        deepgram_base_url=aura.address,
        data_dir=str(folder),
        clip_wait_ms=2500,  # a good company is quicker on any machine
    )
    voice = open_live_voice(settings, house.services.storage)
    turns = house.services.turns.for_door(voice, Patience())
    live = replace(house.services.live, voice=voice, stream_turns=turns)
    services = replace(house.services, live=live)
    made = replace(house, services=services, desk=Desk(services, turns, ThreadPoolExecutor(4)))
    try:
        yield made
    finally:
        fake.release()
        made.close()
        house.desk.pool.shutdown()


@pytest.fixture
def fake() -> Iterator[FakeElevenLabs]:
    with FakeElevenLabs() as fake:
        yield fake


@pytest.fixture
def aura() -> Iterator[FakeAura]:
    with FakeAura() as aura:
        yield aura


@pytest.fixture
def house(fake: FakeElevenLabs, aura: FakeAura, tmp_path: Path) -> Iterator[House]:
    with spoken_house(tmp_path, fake, aura) as house:
        yield house


def test_a_caller_hears_sentences_while_they_are_made(
    house: House, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    fake.answer = Spoken(between_s=0.005)

    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.say("seven")
            await far.until_heard("7 pieces, is that right?")

            assert far.heard.startswith("Hello, this is the automated assistant.")

    run(test())
    assert aura.asked == []


@pytest.mark.parametrize("fault", [error(500), Spoken(stall_after=0), Spoken(first_s=30)])
def test_the_second_company_speaks_when_the_first_does_not(
    house: House, fake: FakeElevenLabs, aura: FakeAura, fault: Answer
) -> None:
    fake.answer = fault

    async def test() -> None:
        async with house.call_on_line() as far:
            assert far.heard.startswith("Hello, this is the automated assistant.")
            fake.answer = Spoken()  # and all is well with it again
            house.ears.say("seven")
            await far.until_heard("7 pieces, is that right?")

    run(test())
    assert any("7" in text for text in aura.texts)  # the call kept its voice
    assert not any("7" in text for text in fake.texts)


def test_a_sentence_that_breaks_off_is_taken_up_where_it_stopped(
    house: House, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    seen: set[str] = set()

    def first_half(asked: Asked) -> Spoken:
        is_new = asked.text not in seen
        seen.add(asked.text)
        return Spoken(cut_after=2) if is_new else Spoken()

    fake.answer = first_half

    async def test() -> None:
        async with house.call_on_line() as far:
            assert "Hello, this is the automated assistant. How many pieces" in far.heard

    run(test())
    assert aura.asked == []


def test_a_sentence_that_nobody_can_finish_is_said_anew_in_turns(
    house: House, fake: FakeElevenLabs
) -> None:
    fake.answer = Spoken(cut_after=2)

    async def test() -> None:
        house.rings()
        async with house.line() as far:
            far.starts()
            await far.until(lambda: far.code is not None)

            assert far.code == 1000

    run(test())
    assert house.said_last()[-1] == "How many pieces do you want?"


def test_when_nobody_speaks_the_call_goes_on_in_turns(
    house: House, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            fake.answer = aura.answer = error(500)
            house.ears.say("seven")
            await far.until(lambda: far.code is not None)

            assert "7" not in far.heard

    run(test())
    assert " ".join(house.said_last()).startswith("7 pieces")
