"""The voices for telephones on this machine: words in the sound, at a pace, or silence."""

from __future__ import annotations

import asyncio

import pytest
import requests

from phone.vendors.clips import spoken
from phone.vendors.process import VendorsProcess
from phone.vendors.stand_ins import stand_ins
from phone.word_track import WordReader
from tests import needs

TEXT = "I have a charge of 607 rupees. Is that right?"
PATHS = {
    "elevenlabs": "/v1/text-to-speech/v1/stream?output_format=ulaw_8000",
    "aura": "/v1/speak?model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000&container=none",
}
PORTS = {"elevenlabs": "elevenlabs", "aura": "deepgram"}
KEYS = {"xi-api-key": "key", "authorization": "Token key"}


@pytest.fixture(params=sorted(PATHS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(
    vendors: VendorsProcess, name: str, path: str = "", text: str = TEXT, timeout_s: float = 10
) -> requests.Response:
    url = vendors.addresses[PORTS[name]] + (path or PATHS[name])
    return requests.post(url, json={"text": text}, headers=KEYS, timeout=timeout_s)


def test_a_telephone_hears_the_words(vendors: VendorsProcess, name: str) -> None:
    answer = ask(vendors, name)
    assert (answer.status_code, answer.headers["content-type"][:6]) == (200, "audio/")
    assert WordReader().read(answer.content) == TEXT.split()
    assert len(answer.content) == pytest.approx((0.3 + len(TEXT) / 14) * 8000, abs=1)
    assert vendors.counts()[name]["texts"] == {TEXT: 1}


def test_after_the_head_nothing_may_come(vendors: VendorsProcess, name: str) -> None:
    vendors.plan(**{name: {"fault": "headers"}})
    url = vendors.addresses[PORTS[name]] + PATHS[name]
    given = {"json": {"text": TEXT}, "headers": KEYS, "timeout": (5, 0.3)}
    with requests.post(url, stream=True, **given) as answer:  # type: ignore[arg-type]
        assert answer.status_code == 200
        with pytest.raises(requests.ConnectionError, match="timed out"):
            next(answer.iter_content(1))
    assert vendors.counts()[name]["failed"] == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/speak?model=aura-2-thalia-en", 400),
        (PATHS["aura"].replace("-en", "-ta"), 400),
        (PATHS["aura"].replace("/speak", "/listen"), 404),
    ],
)
def test_the_second_voice_takes_what_the_real_one_takes(
    vendors: VendorsProcess, path: str, status: int
) -> None:
    assert ask(vendors, "aura", path).status_code == status


def test_a_text_that_is_too_long_is_refused(vendors: VendorsProcess) -> None:
    assert ask(vendors, "aura", text="word " * 401).status_code == 413


@pytest.mark.parametrize("language", ["en", "ta"])
def test_where_there_is_speech_it_is_spoken(language: str) -> None:
    needs.program("espeak-ng")
    sound = spoken(TEXT, language)
    assert WordReader().read(sound) == TEXT.split()
    assert len(set(sound)) > 100  # no hum


def test_a_server_without_a_key_has_a_voice_that_speaks() -> None:
    needs.program("espeak-ng")

    async def asked() -> bytes:
        async with stand_ins() as there:
            url = there["elevenlabs_base_url"] + PATHS["elevenlabs"]
            answer = await asyncio.to_thread(
                lambda: requests.post(url, json={"text": TEXT}, headers=KEYS, timeout=10)
            )
            return answer.content

    sound = asyncio.run(asked())
    assert WordReader().read(sound) == TEXT.split()
    assert len(set(sound)) > 100  # no hum
