"""What every voice on live calls has to do, whichever company's: one suite for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from audio_cache.forms import begins_as_audio
from providers.errors import (
    ContentRefused,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.tts import open_synthesisers
from providers.tts.base import SpeechOrder, Synthesiser
from settings import Settings
from tests.providers.fake_vendor import Sent
from tests.providers.tts import fake_aura, fake_elevenlabs
from tests.providers.tts.fake_aura import FakeAura
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, mulaw
from tests.providers.tts.fake_voice import (
    EMPTY,
    JSON_WITH_200,
    PAGE,
    PAGE_NOT_TEXT,
    PIECE,
    FakeVoice,
    Spoken,
)

TEXT = "What do you charge for this route?"


@dataclass(frozen=True)
class Company:
    """A company and how its errors are worded."""

    fake: type[FakeVoice]
    key: str
    errors: object
    voice: str
    model: str

    def error(self, status: int) -> Sent:
        made: Sent = self.errors.error(status, "its_word")  # type: ignore[attr-defined]
        return made


COMPANIES = [
    Company(FakeElevenLabs, "elevenlabs", fake_elevenlabs, "voice-1", "eleven_flash_v2_5"),
    Company(FakeAura, "deepgram", fake_aura, "aura-2-thalia-en", "aura-2"),
]


@pytest.fixture(params=COMPANIES, ids=lambda one: one.key)
def company(request: pytest.FixtureRequest) -> Company:
    one: Company = request.param
    return one


@pytest.fixture
def fake(company: Company) -> Iterator[FakeVoice]:
    with company.fake() as fake:
        yield fake


@pytest.fixture
def voice(fake: FakeVoice) -> Iterator[Synthesiser]:
    (voice,) = open_synthesisers(fake.settings())
    yield voice
    voice.close()


@pytest.fixture
def order(company: Company) -> SpeechOrder:
    return SpeechOrder(TEXT, "en-IN", company.voice, company.model, {}, "ulaw_8000")


def hear(voice: Synthesiser, order: SpeechOrder, sound: bytearray) -> None:
    for piece in voice.stream(order):
        sound += piece


def failure_of(voice: Synthesiser, order: SpeechOrder) -> tuple[ProviderError, bytes]:
    """How it failed, and what came before."""
    sound = bytearray()
    with pytest.raises(ProviderError) as caught:
        hear(voice, order, sound)
    assert (caught.value.role, caught.value.provider) == ("tts", voice.name)
    return caught.value, bytes(sound)


def test_it_speaks_telephone_sound_piece_by_piece(
    fake: FakeVoice, voice: Synthesiser, order: SpeechOrder
) -> None:
    fake.answer = Spoken(between_s=0.005)
    pieces = list(voice.stream(order))
    assert len(pieces) > 2
    assert b"".join(pieces)[-len(mulaw(TEXT)) :] == mulaw(TEXT)
    assert begins_as_audio(pieces[0], "ulaw_8000")


def test_nothing_is_asked_before_it_is_wanted(
    fake: FakeVoice, voice: Synthesiser, order: SpeechOrder
) -> None:
    voice.stream(order)
    assert fake.asked == []


def test_it_speaks_english(voice: Synthesiser) -> None:
    assert voice.speaks("en-IN")
    assert voice.voice_for("en-IN")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, ProviderRefused),
        (403, ProviderRefused),
        (404, ProviderRefused),
        (400, ContentRefused),
        (413, ContentRefused),
        (422, ContentRefused),
        (408, ProviderTimeout),
        (504, ProviderTimeout),
        (409, ProviderUnavailable),
        (429, ProviderUnavailable),
        (500, ProviderUnavailable),
        (503, ProviderUnavailable),
    ],
)
def test_a_refusal_has_its_name(
    company: Company,
    fake: FakeVoice,
    voice: Synthesiser,
    order: SpeechOrder,
    status: int,
    kind: type[ProviderError],
) -> None:
    fake.answer = company.error(status)
    failed, sound = failure_of(voice, order)
    assert (type(failed), failed.code, sound) == (kind, f"{status} its_word", b"")
    assert failed.permanent is issubclass(kind, ProviderRefused)
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        PAGE,
        PAGE_NOT_TEXT,
        EMPTY,
        JSON_WITH_200,
        Sent(302, b"", "text/html"),
        Sent(500, b"[]"),
        Sent(500, b'{"err_code": 7, "detail": {"status": {}}}'),
        Sent(500, b"x" * 100_000),
    ],
)
def test_what_is_no_sound_is_an_outage(
    fake: FakeVoice, voice: Synthesiser, order: SpeechOrder, answer: Sent
) -> None:
    fake.answer = answer
    failed, sound = failure_of(voice, order)
    assert (type(failed), sound) == (ProviderUnavailable, b"")


def test_a_connection_that_breaks_gives_what_came(
    fake: FakeVoice, voice: Synthesiser, order: SpeechOrder
) -> None:
    fake.answer = Spoken(cut_after=2)
    failed, sound = failure_of(voice, order)
    assert type(failed) is ProviderUnavailable
    assert 0 < len(sound) <= 2 * PIECE


@pytest.mark.parametrize("pieces", [0, 2])
def test_silence_after_the_head_or_later_is_given_up_within_seconds(
    fake: FakeVoice, voice: Synthesiser, order: SpeechOrder, pieces: int
) -> None:
    fake.answer = Spoken(stall_after=pieces)
    failed, sound = failure_of(voice, order)
    assert type(failed) is ProviderTimeout
    assert bool(sound) is (pieces > 0)


def test_a_listener_who_leaves_ends_the_request(
    fake: FakeVoice, voice: Synthesiser, order: SpeechOrder
) -> None:
    fake.answer = Spoken(stall_after=1)
    stream = voice.stream(order)
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator
    fake.answer = Spoken()
    assert b"".join(voice.stream(order)).endswith(mulaw(TEXT))


def test_a_vendor_that_is_down_is_unavailable(company: Company, order: SpeechOrder) -> None:
    given = {f"{company.key}_api_key": "k", f"{company.key}_base_url": "http://127.0.0.1:1"}
    (voice,) = open_synthesisers(Settings(**given))  # type: ignore[arg-type]
    failed, _ = failure_of(voice, order)
    voice.close()
    assert (type(failed), failed.code) == (ProviderUnavailable, "ConnectError")


def test_a_key_that_no_header_can_hold_is_refused(
    company: Company, fake: FakeVoice, order: SpeechOrder
) -> None:
    settings = replace(fake.settings(), **{f"{company.key}_api_key": "…"})  # type: ignore[arg-type]
    (voice,) = open_synthesisers(settings)
    failed, _ = failure_of(voice, order)
    voice.close()
    assert (type(failed), failed.code, fake.asked) == (ProviderRefused, "KEY", [])


def test_without_keys_nobody_speaks() -> None:
    assert open_synthesisers(Settings()) == []


def test_the_first_is_asked_first() -> None:
    both = open_synthesisers(Settings(elevenlabs_api_key="a", deepgram_api_key="b"))
    for one in both:
        one.close()
    assert [one.name for one in both] == ["elevenlabs", "deepgram"]
