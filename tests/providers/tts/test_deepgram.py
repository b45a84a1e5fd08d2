"""What is particular to the second company's voices: its wire, its languages, its limit."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from audio_cache.forms import begins_as_audio
from providers.errors import ContentRefused
from providers.tts.base import SpeechOrder
from providers.tts.deepgram import TEXT_MOST, Deepgram, parts_of
from settings import Settings
from tests.providers.tts.fake_aura import FakeAura
from tests.providers.tts.fake_elevenlabs import mulaw

VOICE = "aura-2-thalia-en"


@pytest.fixture
def fake() -> Iterator[FakeAura]:
    with FakeAura() as fake:
        yield fake


@pytest.fixture
def voice(fake: FakeAura) -> Iterator[Deepgram]:
    voice = Deepgram(fake.settings())
    yield voice
    voice.close()


def order(text: str = "How much?", **options: float) -> SpeechOrder:
    return SpeechOrder(text, "en-IN", VOICE, "aura-2", options, "ulaw_8000")


def test_the_request_is_what_the_vendor_documents(fake: FakeAura, voice: Deepgram) -> None:
    list(voice.stream(order(speed=9, stability=0.4)))
    asked = fake.asked[0]
    assert asked.path == "/v1/speak"
    assert asked.query == {
        "model": VOICE,
        "encoding": "mulaw",
        "sample_rate": "8000",
        "container": "none",
        "speed": "1.5",  # the most it takes
    }
    assert asked.headers["authorization"] == "Token key-2"
    assert asked.body == {"text": "How much?"}


@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_the_address_of_the_recogniser_leads_to_the_voice_too(fake: FakeAura, scheme: str) -> None:
    address = fake.address.replace("http", scheme)
    voice = Deepgram(fake.settings(deepgram_base_url=address))
    assert b"".join(voice.stream(order())).endswith(mulaw("How much?"))
    voice.close()


@pytest.mark.parametrize(
    ("language", "speaks", "by"),
    [
        ("en-IN", True, VOICE),
        ("es-MX", True, "aura-2-celeste-es"),
        ("ja-JP", True, "aura-2-ama-ja"),
        ("hi-IN", False, VOICE),
        ("ta-IN", False, VOICE),
        ("ml-IN", False, VOICE),
    ],
)
def test_it_speaks_no_language_of_india(
    voice: Deepgram, language: str, speaks: bool, by: str
) -> None:
    assert (voice.speaks(language), voice.voice_for(language)) == (speaks, by)


@pytest.mark.parametrize(
    ("named", "model", "language"),
    [
        ("aura-2-celeste-es", "aura-2", "es-MX"),
        ("aura-asteria-en", "aura", "en-IN"),
        ("some-new-thing", "some-new-thing", "en-IN"),
    ],
)
def test_the_voice_of_the_settings_speaks_its_language(
    named: str, model: str, language: str
) -> None:
    voice = Deepgram(Settings(deepgram_api_key="k", deepgram_voice=named))
    assert (voice.model, voice.voice_for(language)) == (model, named)
    voice.close()


def test_a_long_text_is_several_requests_and_one_sound(fake: FakeAura, voice: Deepgram) -> None:
    text = "This is a sentence. " * 150
    sound = b"".join(voice.stream(order(text)))
    assert [len(one) <= TEXT_MOST for one in fake.texts] == [True, True]
    assert "".join(fake.texts).replace(" ", "") == text.replace(" ", "")
    assert all(one.endswith(".") for one in fake.texts[:1])
    assert sound == b"".join(fake.sound(one) for one in fake.asked)


@pytest.mark.parametrize("text", ["x" * 5000, "word " * 1000, "அ" * 2001, "One. " + "y" * 4000])
def test_any_text_is_parted_within_the_limit(text: str) -> None:
    parts = list(parts_of(text))
    assert all(0 < len(one) <= TEXT_MOST for one in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_only_telephone_sound_is_made_here(fake: FakeAura, voice: Deepgram) -> None:
    mp3 = SpeechOrder("Hi.", "en-IN", VOICE, "aura-2", {}, "mp3_22050_32")
    with pytest.raises(ContentRefused):
        list(voice.stream(mp3))
    assert fake.asked == []


@pytest.mark.live
@pytest.mark.skipif(not os.getenv("DEEPGRAM_API_KEY"), reason="needs DEEPGRAM_API_KEY")
def test_the_real_vendor_speaks() -> None:
    voice = Deepgram(Settings(deepgram_api_key=os.environ["DEEPGRAM_API_KEY"]))
    sound = b"".join(voice.stream(order("Hello, what do you charge?")))
    voice.close()
    assert begins_as_audio(sound, "ulaw_8000")
    assert len(sound) > 4000
