"""One contract for every recogniser, against vendors on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs

import pytest

from phone.spoken import noise, silence, tones
from phone.tape import Side
from phone.vendors.plan import Fault, Plan
from phone.vendors.recogniser import Recogniser as Fake
from phone.vendors.street import Street
from providers.errors import (
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.stt import open_recognisers
from providers.stt.base import (
    Broken,
    HearingEvent,
    HearingOrder,
    Recogniser,
    Recognition,
    SpeechStarted,
    TurnEnded,
    TurnResumed,
    Words,
)
from settings import read_settings
from tests.providers.stt.peer import Told, run, until

ORDER = HearingOrder("en-IN", ("en-IN",), ("R123",))
NAMES = ("deepgram", "deepgram-flux", "elevenlabs")
PIECE = 640
CHARGE = tones("six hundred rupees", Side.CALLER)
LONG = tones("between two and four in the afternoon but never on a sunday please", Side.CALLER)


@dataclass(frozen=True)
class Place:
    """A recogniser of ours and its vendor."""

    recogniser: Recogniser
    fake: Fake
    street: Street
    told: Told

    async def open(self, order: HearingOrder = ORDER) -> Recognition:
        return await self.recogniser.open(order, self.told)

    @property
    def finals(self) -> list[str]:
        return [one.text for one in self.told.events if isinstance(one, Words) and one.is_final]

    def count(self, event: HearingEvent) -> int:
        return self.told.events.count(event)


@asynccontextmanager
async def place(name: str, plan: Plan | None = None) -> AsyncIterator[Place]:
    street = Street()
    await street.open()
    settings = read_settings(
        {
            "DEEPGRAM_API_KEY": "k",
            "DEEPGRAM_BASE_URL": street.addresses["deepgram"],
            "DEEPGRAM_MODEL": "flux-general-en" if name == "deepgram-flux" else "nova-3",
            "ELEVENLABS_API_KEY": "k",
            "ELEVENLABS_BASE_URL": street.addresses["elevenlabs"],
        }
    )
    recogniser = next(one for one in open_recognisers(settings) if one.name == name)
    fake = street.recognisers["scribe" if name == "elevenlabs" else "deepgram"]
    fake.plan = plan or Plan()
    try:
        yield Place(recogniser, fake, street, Told())
    finally:
        street.close()


def say(recognition: Recognition, *sounds: bytes) -> None:
    sound = b"".join(sounds)
    for start in range(0, len(sound), PIECE):
        recognition.send(sound[start : start + PIECE])


every_recogniser = pytest.mark.parametrize("name", NAMES)


@every_recogniser
def test_words_are_told_as_they_come_and_once_when_they_are_final(name: str) -> None:
    async def test() -> None:
        async with place(name) as here:
            recognition = await here.open()
            say(recognition, silence(0.5), CHARGE, silence(2), LONG, silence(2))
            await until(lambda: here.count(TurnEnded()) == 2)
            recognition.close()
        began, first = (type(one) for one in here.told.events[:2])
        assert began is SpeechStarted
        assert first is not TurnEnded
        assert " ".join(here.finals) == (
            "six hundred rupees between two and four in the afternoon but never on a sunday please"
        )
        assert any(isinstance(one, Words) and one.text == "six" for one in here.told.events)

    run(test())


@every_recogniser
def test_noise_is_not_told_as_words(name: str) -> None:
    async def test() -> None:
        async with place(name) as here:
            recognition = await here.open()
            say(recognition, noise(1), silence(2), CHARGE, silence(1))
            await until(lambda: here.count(TurnEnded()))
            recognition.close()
        assert here.finals == ["six hundred rupees"]

    run(test())


@every_recogniser
def test_words_become_final_when_that_is_asked_for(name: str) -> None:
    async def test() -> None:
        async with place(name) as here:
            recognition = await here.open()
            say(recognition, CHARGE[:-1200])
            recognition.finalise()
            await until(lambda: here.finals)
            recognition.close()
        assert here.finals == ["six hundred rupees"]

    run(test())


@every_recogniser
def test_it_is_asked_for_telephone_sound_the_language_and_the_hints(name: str) -> None:
    async def test() -> None:
        async with place(name) as here:
            (await here.open()).close()
            await until(lambda: here.fake.at_once == 0)
        query = parse_qs(next(iter(here.fake.queries)))
        model = query.get("model") or query["model_id"]
        assert model == [here.recogniser.model(ORDER)]
        assert (query.get("keyterm") or query["keyterms"]) == ["R123"]

    run(test())


@every_recogniser
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.DOWN, ProviderUnavailable),
        (Fault.SLOW, ProviderTimeout),
        (Fault.KEY, ProviderRefused),
        (Fault.BUSY, ProviderUnavailable),
        (Fault.BROKEN, ProviderUnavailable),
    ],
)
def test_who_does_not_let_us_in_raises_by_what_it_is(
    name: str, fault: Fault, kind: type[ProviderError]
) -> None:
    async def test() -> None:
        async with place(name, Plan(fault=fault)) as here:
            with pytest.raises(kind):
                await here.open()
        assert here.told.events == []

    run(test())


@every_recogniser
@pytest.mark.parametrize(
    ("fault", "is_right"),
    [
        (Fault.DIES, lambda one: one == Broken("1006")),
        (Fault.GARBAGE, lambda one: one == Broken("GARBAGE", is_deaf=True)),
        (Fault.QUOTA, lambda one: isinstance(one, Broken)),
        (Fault.MUTE, lambda one: one == Broken("SILENT", is_deaf=True)),
    ],
    ids=["dies", "garbage", "quota", "mute"],
)
def test_who_fails_later_is_told_as_broken_once(
    name: str, fault: Fault, is_right: Callable[[HearingEvent], bool]
) -> None:
    async def test() -> None:
        async with place(name) as here:
            recognition = await here.open()
            here.fake.plan = Plan(fault=fault)
            say(recognition, CHARGE)

            def breaks() -> bool:
                recognition.send(LONG[:PIECE])  # a caller goes on talking
                return bool(here.told.events) and isinstance(here.told.events[-1], Broken)

            await until(breaks)
            recognition.close()
        assert is_right(here.told.events[-1])
        assert sum(isinstance(one, Broken) for one in here.told.events) == 1

    run(test())


def test_flux_tells_that_a_turn_may_be_over_and_that_it_goes_on() -> None:
    async def test() -> None:
        async with place("deepgram-flux") as here:
            recognition = await here.open()
            say(recognition, CHARGE, silence(0.05), CHARGE, silence(2))
            await until(lambda: here.count(TurnEnded()))
            recognition.close()
        order = [one for one in here.told.events if isinstance(one, TurnEnded | TurnResumed)]
        assert order == [
            TurnEnded(is_eager=True),
            TurnResumed(),
            TurnEnded(is_eager=True),
            TurnEnded(),
        ]
        assert here.finals == ["six hundred rupees six hundred rupees"]

    run(test())


def test_languages_are_mixed_where_the_vendor_mixes_them() -> None:
    async def asked(name: str, *languages: str) -> dict[str, list[str]]:
        async with place(name) as here:
            (await here.open(HearingOrder(languages[0], languages))).close()
            return parse_qs(next(iter(here.fake.queries)))

    async def test() -> None:
        assert (await asked("deepgram", "en-IN"))["language"] == ["en-IN"]
        assert (await asked("deepgram", "ta-IN"))["language"] == ["ta"]
        assert (await asked("deepgram", "en-IN", "hi-IN"))["language"] == ["multi"]
        assert (await asked("deepgram", "en-IN", "ta-IN"))["language"] == ["en-IN"]
        scribe = await asked("elevenlabs", "ta-IN", "en-IN", "ml-IN")
        assert (scribe["language_code"], scribe["secondary_languages"]) == (["ta"], ["en", "ml"])

    run(test())


def test_no_more_hints_are_sent_than_a_vendor_takes() -> None:
    hints = tuple(f"{number} a street in Chennai" for number in range(2000))

    async def test() -> None:
        for name, most in (("deepgram", 400), ("elevenlabs", 1000)):
            async with place(name) as here:
                (await here.open(HearingOrder("en-IN", hints=(*hints, "x" * 70, "")))).close()
                query = parse_qs(next(iter(here.fake.queries)))
            sent = query.get("keyterm") or query.get("keyterms") or []
            assert sum(map(len, sent)) <= most

    run(test())
