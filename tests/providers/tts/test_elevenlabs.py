"""The voice against a server that speaks its wire format, well and badly."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from audio_cache.forms import begins_as_audio
from providers.errors import (
    ContentRefused,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.tts import open_synthesiser
from providers.tts.base import SpeechOrder, Synthesiser
from settings import Settings
from tests.providers.fake_vendor import Sent
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, error, mp3
from tests.providers.tts.fake_voice import (
    EMPTY,
    JSON_WITH_200,
    PAGE,
    PAGE_NOT_TEXT,
    PIECE,
    Answer,
    Spoken,
)

ORDER = SpeechOrder(
    "What do you charge for this route?",
    "ta-IN",
    "voice-1",
    "eleven_flash_v2_5",
    {},
    "mp3_22050_32",
)


@pytest.fixture
def fake() -> Iterator[FakeElevenLabs]:
    with FakeElevenLabs() as fake:
        yield fake


@pytest.fixture
def voice(fake: FakeElevenLabs) -> Iterator[Synthesiser]:
    voice = open_synthesiser(fake.settings())
    assert voice is not None
    yield voice
    voice.close()


def order(**changes: object) -> SpeechOrder:
    return SpeechOrder(**{**{name: getattr(ORDER, name) for name in ORDER.__slots__}, **changes})


def hear(voice: Synthesiser, asked: SpeechOrder, sound: bytearray) -> None:
    for piece in voice.stream(asked):
        sound += piece


def failure_of(voice: Synthesiser, asked: SpeechOrder = ORDER) -> tuple[ProviderError, bytes]:
    """How it failed, and what came before."""
    sound = bytearray()
    with pytest.raises(ProviderError) as caught:
        hear(voice, asked, sound)
    assert (caught.value.role, caught.value.provider) == ("tts", "elevenlabs")
    return caught.value, bytes(sound)


def test_without_a_key_there_is_no_vendor() -> None:
    assert open_synthesiser(Settings()) is None


def test_a_text_becomes_sound(fake: FakeElevenLabs, voice: Synthesiser) -> None:
    pieces = list(voice.stream(ORDER))
    assert b"".join(pieces) == mp3(ORDER.text)
    assert len(pieces) > 1
    assert begins_as_audio(pieces[0])


def test_nothing_is_asked_before_it_is_wanted(fake: FakeElevenLabs, voice: Synthesiser) -> None:
    voice.stream(ORDER)
    assert fake.asked == []


def test_the_request_is_what_the_vendor_documents(fake: FakeElevenLabs, voice: Synthesiser) -> None:
    list(voice.stream(order(options={"stability": 0.4, "speed": 2.0})))
    asked = fake.asked[0]
    assert asked.path == "/v1/text-to-speech/voice-1/stream"
    assert asked.query == {"output_format": "mp3_22050_32"}
    assert asked.headers["xi-api-key"] == "key-1"
    assert asked.body == {
        "text": ORDER.text,
        "model_id": "eleven_flash_v2_5",
        "language_code": "ta",
        "voice_settings": {"stability": 0.4, "speed": 1.2},  # the most it takes
    }


def test_the_slow_model_gets_a_stability_it_takes(fake: FakeElevenLabs, voice: Synthesiser) -> None:
    list(voice.stream(order(model="eleven_v3", options={"stability": 0.4})))
    assert fake.asked[0].body["voice_settings"] == {"stability": 0.5}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (error(401, "invalid_api_key"), ProviderRefused, "401 invalid_api_key"),
        (error(401, "quota_exceeded"), ProviderRefused, "401 quota_exceeded"),
        (error(403), ProviderRefused, "403 some_code"),
        (error(404, "voice_not_found"), ProviderRefused, "404 voice_not_found"),
        (error(400), ContentRefused, "400 some_code"),
        (Sent(422, b'{"detail": [{"loc": ["body"], "msg": "x"}]}'), ContentRefused, "422"),
        (error(408), ProviderTimeout, "408 some_code"),
        (error(504), ProviderTimeout, "504 some_code"),
        (error(409), ProviderUnavailable, "409 some_code"),
        (error(429, "system_busy"), ProviderUnavailable, "429 system_busy"),
        (error(500), ProviderUnavailable, "500 some_code"),
        (error(503), ProviderUnavailable, "503 some_code"),
        (Sent(302, b"", "text/html"), ProviderUnavailable, "302"),
        (Sent(500, b"[]"), ProviderUnavailable, "500"),
        (PAGE, ProviderUnavailable, "502"),
        (PAGE_NOT_TEXT, ProviderUnavailable, "BODY"),
        (EMPTY, ProviderUnavailable, "EMPTY"),
        (JSON_WITH_200, ProviderUnavailable, "CONTENT_TYPE"),
    ],
)
def test_a_fault_has_its_name(
    fake: FakeElevenLabs,
    voice: Synthesiser,
    answer: Answer,
    kind: type[ProviderError],
    code: str,
) -> None:
    fake.answer = answer
    failed, sound = failure_of(voice)
    assert (type(failed), failed.code, sound) == (kind, code, b"")
    assert failed.permanent is issubclass(kind, ProviderRefused)
    assert len(fake.asked) == 1  # the library tried no second time


def test_a_connection_that_breaks_gives_what_came(fake: FakeElevenLabs, voice: Synthesiser) -> None:
    fake.answer = Spoken(cut_after=2)
    failed, sound = failure_of(voice)
    assert type(failed) is ProviderUnavailable
    assert sound == mp3(ORDER.text)[: len(sound)]
    assert 0 < len(sound) <= 2 * PIECE


def test_a_stream_that_stalls_is_given_up_within_seconds(
    fake: FakeElevenLabs, voice: Synthesiser
) -> None:
    fake.answer = Spoken(stall_after=2)
    failed, sound = failure_of(voice)
    assert type(failed) is ProviderTimeout
    assert sound


def test_a_vendor_that_is_down_is_unavailable(fake: FakeElevenLabs) -> None:
    voice = open_synthesiser(
        Settings(elevenlabs_api_key="k", elevenlabs_base_url="http://127.0.0.1:1")
    )
    assert voice is not None
    failed, _ = failure_of(voice)
    voice.close()
    assert (type(failed), failed.code) == (ProviderUnavailable, "ConnectError")


def test_a_key_that_no_header_can_hold_is_refused(fake: FakeElevenLabs) -> None:
    settings = Settings(elevenlabs_api_key="…", elevenlabs_base_url=fake.address)
    voice = open_synthesiser(settings)
    assert voice is not None
    failed, _ = failure_of(voice)
    voice.close()
    assert (type(failed), failed.code, fake.asked) == (ProviderRefused, "KEY", [])


def test_a_listener_who_leaves_ends_the_request(fake: FakeElevenLabs, voice: Synthesiser) -> None:
    fake.answer = Spoken(stall_after=1)
    stream = voice.stream(ORDER)
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator
    fake.answer = Spoken()
    assert b"".join(voice.stream(ORDER)) == mp3(ORDER.text)


@pytest.mark.live
@pytest.mark.skipif(not os.getenv("ELEVENLABS_API_KEY"), reason="needs ELEVENLABS_API_KEY")
@pytest.mark.parametrize(
    ("text", "language", "model"),
    [
        ("Hello, what do you charge?", "en-IN", "eleven_flash_v2_5"),
        ("கட்டணம் எத்தனை ரூபாய்?", "ta-IN", "eleven_flash_v2_5"),
        ("നിരക്ക് എത്ര രൂപയാണ്?", "ml-IN", "eleven_v3"),
    ],
)
def test_the_real_vendor_speaks(text: str, language: str, model: str) -> None:
    voice = open_synthesiser(Settings(elevenlabs_api_key=os.environ["ELEVENLABS_API_KEY"]))
    assert voice is not None
    spoken = SpeechOrder(text, language, voice.voice_for(language), model, {}, "mp3_22050_32")
    sound = b"".join(voice.stream(spoken))
    voice.close()
    assert begins_as_audio(sound)
    assert len(sound) > 2000
