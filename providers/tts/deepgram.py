"""Deepgram's voices (Aura), straight over HTTP: raw μ-law for live calls. Importing is cheap.

Source: https://developers.deepgram.com/reference/text-to-speech/speak-request (model, encoding,
container), docs/tts-models (voices and languages), docs/tts-voice-controls (speed),
reference/errors. General knowledge: 2,000 characters a request, and that it comes as WAV without
`container=none`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping

import httpx2
import orjson

from providers.errors import (
    ContentRefused,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.tts.base import SpeechOrder
from settings import Settings

ROLE, NAME = "tts", "deepgram"
ADDRESS = "https://api.deepgram.com"

CONNECT_S = 2.0
FIRST_S = 4.0
STALL_S = 1.0  # between two pieces
TOTAL_S = 20.0
TEXT_MOST = 2000  # characters of one request; longer texts are several
_SIZE_MOST_BYTES = 16_000_000
_ERROR_MOST_BYTES = 10_000
_IDLE_MOST, _IDLE_S = 64, 60.0  # connections kept: setting one up costs a round trip or two
_FORMAT = re.compile(r"ulaw_(\d+)")
# A voice is called MODEL-NAME-LANGUAGE.
_VOICE = re.compile(r"(?P<model>aura(-2)?)-[a-z]+-(?P<language>[a-z]{2})")
# Who speaks a language that the voice of the settings does not.
_USUAL = (
    "aura-2-thalia-en",
    "aura-2-celeste-es",
    "aura-2-aurelia-de",
    "aura-2-agathe-fr",
    "aura-2-beatrix-nl",
    "aura-2-cinzia-it",
    "aura-2-ama-ja",
)
_SPEED_LEAST, _SPEED_MOST = 0.7, 1.5
_LATE = frozenset({408, 504})
_ABOUT_CONTENT = frozenset({400, 413, 422})


class Deepgram:
    """The voices of Deepgram. Safe for use from many threads."""

    name = NAME
    is_usual = False

    def __init__(self, settings: Settings) -> None:
        voice = settings.deepgram_voice
        self.model = _model(voice)
        self._voice = voice
        self._voices = {_language(one): one for one in (*_USUAL, voice)}
        base_url = settings.deepgram_base_url or ADDRESS
        # One address leads to recogniser and voice; whichever was written, both are behind it.
        self._url = re.sub(r"^ws", "http", base_url) + "/v1/speak"
        self._key = settings.deepgram_api_key
        limits = httpx2.Limits(
            max_connections=None, max_keepalive_connections=_IDLE_MOST, keepalive_expiry=_IDLE_S
        )
        patience = httpx2.Timeout(FIRST_S, connect=CONNECT_S, write=STALL_S)
        self._http = httpx2.Client(
            limits=limits, timeout=patience, event_hooks={"response": [_hurry]}
        )

    def speaks(self, language: str) -> bool:
        """English and six others, none of India's."""
        return language.partition("-")[0] in self._voices

    def voice_for(self, language: str) -> str:
        """The voice of the settings in its own language, a usual one in another."""
        return self._voices.get(language.partition("-")[0], self._voice)

    def stream(self, order: SpeechOrder) -> Iterator[bytes]:
        """The sound as it comes. ProviderError at any `next`."""
        ends_at = time.monotonic() + TOTAL_S
        size = 0
        try:
            for text in parts_of(order.text):
                for piece in self._pieces(order, text):
                    size += len(piece)
                    if time.monotonic() > ends_at:
                        raise ProviderTimeout(ROLE, NAME, "the sound trickles", "TOTAL")
                    if size > _SIZE_MOST_BYTES:
                        raise ProviderUnavailable(ROLE, NAME, "the sound does not end", "SIZE")
                    yield piece
        except httpx2.TimeoutException as error:
            raise ProviderTimeout(ROLE, NAME, "no sound in time") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            reason = type(error).__name__
            raise ProviderUnavailable(ROLE, NAME, f"not reachable: {reason}", reason) from error
        except UnicodeEncodeError as error:  # letters that no header can hold
            raise ProviderRefused(ROLE, NAME, "the key is none", "KEY") from error
        if not size:
            raise ProviderUnavailable(ROLE, NAME, "the answer is empty", "EMPTY")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _pieces(self, order: SpeechOrder, text: str) -> Iterator[bytes]:
        with self._http.stream(
            "POST",
            self._url,
            params=_asked(order),
            headers={"authorization": f"Token {self._key}"},
            json={"text": text},
        ) as answer:
            if not answer.is_success:
                raise _refusal(answer)
            kind = answer.headers.get("content-type", "")
            if not kind.startswith(("audio/", "application/octet-stream")):
                raise ProviderUnavailable(ROLE, NAME, "the answer is no sound", "CONTENT_TYPE")
            yield from answer.iter_bytes()


def parts_of(text: str) -> Iterator[str]:
    """The text in pieces that one request takes, parted after a sentence, or else a word."""
    while len(text) > TEXT_MOST:
        at = max(text.rfind(end, 0, TEXT_MOST) for end in (". ", "? ", "! ")) + 1
        at = at or text.rfind(" ", 0, TEXT_MOST)
        if at <= 0:
            at = TEXT_MOST
        yield text[:at]
        text = text[at:].lstrip()
    if text:
        yield text


def _hurry(response: httpx2.Response) -> None:
    """Once the head is there, wait for a piece of the body no longer than for a write."""
    patience = response.request.extensions.get("timeout")
    if patience and response.is_success:
        patience["read"] = patience["write"]


def _asked(order: SpeechOrder) -> dict[str, str | float]:
    found = _FORMAT.fullmatch(order.audio_format)
    if found is None:
        raise ContentRefused(ROLE, NAME, f"no {order.audio_format} is made here", "FORMAT")
    asked: dict[str, str | float] = {
        "model": order.voice,
        "encoding": "mulaw",
        "sample_rate": found[1],
        "container": "none",
    }
    speed = order.options.get("speed")
    if speed is not None:
        asked["speed"] = min(max(speed, _SPEED_LEAST), _SPEED_MOST)
    return asked


def _refusal(answer: httpx2.Response) -> ProviderError:
    """Our error for an answer that is none."""
    status = answer.status_code
    code = f"{status} {_code(answer)}".rstrip()
    told = f"answered {status}"
    if status in _LATE:
        return ProviderTimeout(ROLE, NAME, told, code)
    if status in _ABOUT_CONTENT:
        return ContentRefused(ROLE, NAME, told, code)
    if 400 <= status < 500 and status not in (409, 425, 429):
        return ProviderRefused(ROLE, NAME, told, code)
    return ProviderUnavailable(ROLE, NAME, told, code)


def _code(answer: httpx2.Response) -> str:
    """The vendor's own word for what is wrong ("INVALID_AUTH"); "" when there is none."""
    read = b""
    for piece in answer.iter_bytes():
        read += piece
        if len(read) > _ERROR_MOST_BYTES:
            return ""
    try:
        told = orjson.loads(read)
    except orjson.JSONDecodeError:
        return ""
    code = (told.get("err_code") or told.get("category")) if isinstance(told, Mapping) else None
    return code[:60] if isinstance(code, str) else ""


def _model(voice: str) -> str:
    found = _VOICE.fullmatch(voice)
    return found["model"] if found else voice


def _language(voice: str) -> str:
    """The language that a voice speaks; of a name in another form, English."""
    found = _VOICE.fullmatch(voice)
    return found["language"] if found else "en"
