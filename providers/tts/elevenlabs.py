"""ElevenLabs as a voice, by its own library. Importing this imports the library.

Source: https://elevenlabs.io/docs/api-reference/text-to-speech/stream
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, cast

import httpx
from elevenlabs.client import OMIT
from elevenlabs.client import ElevenLabs as Client
from elevenlabs.core.api_error import ApiError
from elevenlabs.core.request_options import RequestOptions
from elevenlabs.types import VoiceSettings

from providers.errors import (
    ContentRefused,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.tts.base import SpeechOrder
from settings import Settings

ROLE, NAME = "tts", "elevenlabs"

# A caller is waiting, and goes to the carrier's voice long before the second of these; what comes
# later is kept for the next caller.
CONNECT_S = 2.0
FIRST_S = 5.0
# Between two pieces. The slow model makes a clip in bursts.
STALL_S = 1.0
STALL_SLOW_S = 3.0
TOTAL_S = 20.0
_IDLE_MOST, _IDLE_S = 64, 60.0  # connections kept: setting one up costs a round trip or two
# A quarter of a second at 32 kbit/s: the library waits until it has as much.
_SIZE_MOST_BYTES = 16_000_000  # 4096 characters take a tenth of it in the largest format

_SLOW_MODELS = frozenset({"eleven_v3"})
_STEPS_OF_STABILITY = (0.0, 0.5, 1.0)  # the slow model refuses what lies between
_SPEED_LEAST, _SPEED_MOST = 0.7, 1.2
_LATE = frozenset({408, 504})
# Answers that are about this text, voice or form and say nothing about the next.
_ABOUT_CONTENT = frozenset({400, 413, 422})


class ElevenLabs:
    """The voices of ElevenLabs. Safe for use from many threads."""

    name = NAME
    is_usual = True

    def __init__(self, settings: Settings) -> None:
        self._voice = settings.elevenlabs_voice_id
        self.model = settings.elevenlabs_model
        limits = httpx.Limits(
            max_connections=None, max_keepalive_connections=_IDLE_MOST, keepalive_expiry=_IDLE_S
        )
        self._http = httpx.Client(limits=limits, event_hooks={"response": [_hurry]})
        # The key is given in any case: the library reads its variable when it is imported.
        self._client = Client(
            api_key=settings.elevenlabs_api_key,
            base_url=settings.elevenlabs_base_url or None,
            timeout=FIRST_S,
            httpx_client=self._http,
        )

    def speaks(self, language: str) -> bool:
        """Yes: where one model does not, another does (`agents/voices.py`)."""
        return True

    def voice_for(self, language: str) -> str:
        """Its voices speak every language."""
        return self._voice

    def stream(self, order: SpeechOrder) -> Iterator[bytes]:
        """The sound as it comes. ProviderError at any `next`."""
        ends_at = time.monotonic() + TOTAL_S
        size = 0
        try:
            for piece in self._pieces(order):
                size += len(piece)
                if time.monotonic() > ends_at:
                    raise ProviderTimeout(ROLE, NAME, "the sound trickles", "TOTAL")
                if size > _SIZE_MOST_BYTES:
                    raise ProviderUnavailable(ROLE, NAME, "the sound does not end", "SIZE")
                yield piece
        except ApiError as error:
            raise _refusal(error) from error
        except httpx.TimeoutException as error:
            raise ProviderTimeout(ROLE, NAME, "no sound in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            reason = type(error).__name__
            raise ProviderUnavailable(ROLE, NAME, f"not reachable: {reason}", reason) from error
        except UnicodeEncodeError as error:  # letters that no header can hold
            raise ProviderRefused(ROLE, NAME, "the key is none", "KEY") from error
        except ValueError as error:  # an error page that is no text
            raise ProviderUnavailable(ROLE, NAME, "answered what cannot be read", "BODY") from error
        if not size:
            raise ProviderUnavailable(ROLE, NAME, "the answer is empty", "EMPTY")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _pieces(self, order: SpeechOrder) -> Iterator[bytes]:
        subtag = order.language.partition("-")[0]
        stall_s = STALL_SLOW_S if order.model in _SLOW_MODELS else STALL_S
        patience = httpx.Timeout(FIRST_S, connect=CONNECT_S, write=stall_s)
        # The library hands both on as they are; its types know whole seconds and sizes only.
        # Without a size the sound comes as it arrives: a kilobyte is a quarter of a second of it.
        options = cast(
            RequestOptions,
            {"timeout_in_seconds": patience, "max_retries": 0, "chunk_size": None},
        )
        with self._client.text_to_speech.with_raw_response.stream(
            order.voice,
            text=order.text,
            model_id=order.model,
            output_format=cast(Any, order.audio_format),
            # ISO 639-1; a model that does not know the language ignores it.
            language_code=subtag if len(subtag) == 2 else OMIT,
            voice_settings=_voice_settings(order),
            request_options=options,
        ) as answer:
            kind = answer.headers.get("content-type", "")
            if not kind.startswith(("audio/", "application/octet-stream")):
                raise ProviderUnavailable(ROLE, NAME, "the answer is no sound", "CONTENT_TYPE")
            yield from answer.data


def _hurry(response: httpx.Response) -> None:
    """Once the head is there, wait for a piece of the body no longer than for a write.

    A client has one limit for reads, and the first may take longer than those that follow.
    """
    patience = response.request.extensions.get("timeout")
    if patience and response.is_success:
        patience["read"] = patience["write"]


def _voice_settings(order: SpeechOrder) -> VoiceSettings:
    options: dict[str, Any] = dict(order.options)
    if not options:
        return cast(VoiceSettings, OMIT)  # the voice's own
    speed = options.get("speed")
    if speed is not None:
        options["speed"] = min(max(speed, _SPEED_LEAST), _SPEED_MOST)
    stability = options.get("stability")
    if stability is not None and order.model in _SLOW_MODELS:
        options["stability"] = min(_STEPS_OF_STABILITY, key=lambda step: abs(step - stability))
    return VoiceSettings(**options)


def _refusal(error: ApiError) -> ProviderError:
    """Our error for an answer that is none. The vendor's words stay in it."""
    status = error.status_code or 0
    code = f"{status} {_code(error.body)}".rstrip()
    if status in _LATE:
        return ProviderTimeout(ROLE, NAME, f"answered {status}", code)
    if status in _ABOUT_CONTENT:
        return ContentRefused(ROLE, NAME, f"answered {status}", code)
    if 400 <= status < 500 and status not in (409, 425, 429):
        return ProviderRefused(ROLE, NAME, f"answered {status}", code)
    return ProviderUnavailable(ROLE, NAME, f"answered {status}", code)


def _code(body: object) -> str:
    """The vendor's own word for what is wrong ("quota_exceeded"); "" when there is none."""
    detail = body.get("detail") if isinstance(body, Mapping) else None
    status = detail.get("status") if isinstance(detail, Mapping) else None
    return status[:60] if isinstance(status, str) else ""
