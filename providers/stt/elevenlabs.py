"""Scribe, the realtime recogniser of ElevenLabs: some ninety languages, Malayalam among them.

Source: https://elevenlabs.io/docs/api-reference/speech-to-text/v-1-speech-to-text-realtime
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from providers.stt.base import (
    Broken,
    HearingEvent,
    HearingOrder,
    Recognition,
    SpeechStarted,
    Tell,
    TurnEnded,
    Words,
)
from providers.stt.dialect import Message, address, subtag, terms
from providers.stt.listening import listen
from settings import Settings

VENDOR = "elevenlabs"
_HOST = "wss://api.elevenlabs.io"
_PATH = "/v1/speech-to-text/realtime"
_MODEL = "scribe_v2_realtime"

# Silence after which words are final: its least. As with nova, the field decides about the turn.
SILENCE_S = "0.3"
# Its limits of hints, and of what we would pay extra for.
_TERMS_MOST, _TERM_MOST, _TERMS_TOTAL = 50, 20, 1000

# Its languages by their codes of two letters, those of its own pages.
_LANGUAGES = frozenset(
    "af am ar as az be bg bn bs ca cs cy da de el en es et fa ff fi fr ga gl gu ha he hi hr hu hy "
    "id ig is it ja jv ka kk km kn ko ku ky lb ln lo lt lv mi mk ml mn mr ms mt my ne nl no ny oc "
    "or pa pl ps pt ro ru sd si sk sl sn so sr sv sw ta te tg th tl tr uk ur uz vi wo xh yue zh zu"
    .split()
)  # fmt: skip

# Errors that would be the same again: somebody has to see to the key, the account or the code.
_PERMANENT = frozenset(
    {
        "auth_error",
        "quota_exceeded",
        "unaccepted_terms",
        "invalid_request",
        "input_error",
        "chunk_size_exceeded",
    }
)
_PASSING = frozenset(
    {
        "error",
        "transcriber_error",
        "rate_limited",
        "queue_overflow",
        "resource_exhausted",
        "session_time_limit_exceeded",
    }
)


class Scribe:
    """See `Recogniser`."""

    name = VENDOR
    vendor = VENDOR
    ends_turns = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def understands(self, language: str) -> bool:
        """See `Recogniser`."""
        return subtag(language) in _LANGUAGES

    def serves(self, order: HearingOrder) -> bool:
        """See `Recogniser`."""
        return self.understands(order.language)

    def model(self, order: HearingOrder) -> str:
        """See `Recogniser`."""
        return order.model if order.model.startswith("scribe") else _MODEL

    async def open(self, order: HearingOrder, tell: Tell) -> Recognition:
        """See `Recogniser`."""
        first, *others = _codes(order)
        query = [
            ("model_id", self.model(order)),
            ("audio_format", "ulaw_8000"),
            ("commit_strategy", "vad"),
            ("vad_silence_threshold_secs", SILENCE_S),
            ("language_code", first),
            *(("secondary_languages", other) for other in others),
            *(("keyterms", term) for term in _keyterms(order)),
        ]
        url = address(self._settings.elevenlabs_base_url or _HOST, _PATH, query)
        headers = {"xi-api-key": self._settings.elevenlabs_api_key}
        return await listen(self.name, ScribeTalk(order), url, headers, tell)


class ScribeTalk:
    """See `Dialect`."""

    sends_text = True

    def __init__(self, order: HearingOrder) -> None:
        self.is_ready = False
        self._codes = _codes(order)
        self._is_speaking = False  # words came that are not final yet

    def read(self, message: Message) -> Iterator[HearingEvent]:
        """See `Dialect`."""
        match message.get("message_type"):
            case "session_started":
                self.is_ready = True
            case "partial_transcript":
                if text := message["text"].strip():
                    yield from self._begin()
                    yield Words(text, is_final=False)
            case "committed_transcript":
                if text := message["text"].strip():
                    yield from self._begin()
                    yield Words(text, is_final=True)
                    yield TurnEnded()
                self._is_speaking = False
            case str() as kind if kind in _PERMANENT:
                yield Broken(kind, is_permanent=True)
            case str() as kind if kind in _PASSING:
                yield Broken(kind)
            case _:  # harmless errors, forms we did not ask for, what is yet to be invented
                pass

    def _begin(self) -> Iterator[HearingEvent]:
        """It does not tell that speech begins: the first words do."""
        if not self._is_speaking:
            self._is_speaking = True
            yield SpeechStarted()

    def sound(self, audio: bytes) -> bytes:
        """See `Dialect`."""
        return _chunk(b64encode(audio), b"false")

    def finalise(self) -> bytes:
        """See `Dialect`."""
        return _chunk(b"", b"true")

    def keep_alive(self) -> bytes | None:
        """See `Dialect`. It knows no such message."""
        return None

    def change(self, order: HearingOrder) -> bytes | None:
        """See `Dialect`. It takes no changes: the same language may do, without the new hints."""
        return None

    def goodbye(self) -> bytes | None:
        """See `Dialect`. To close is enough."""
        return None

    def closed(self, code: int, reason: str) -> HearingEvent:
        """See `Dialect`. Why it closes, it says before."""
        return Broken(f"{code} {reason[:60]}".rstrip())


def _chunk(audio: bytes, commit: bytes) -> bytes:
    return (
        b'{"message_type":"input_audio_chunk","audio_base_64":"%b","commit":%b,"sample_rate":8000}'
        % (audio, commit)
    )


def _codes(order: HearingOrder) -> list[str]:
    """The languages of a call as the vendor writes them, the present one first."""
    spoken = dict.fromkeys(subtag(one) for one in (order.language, *order.languages))
    return [one for one in spoken if one in _LANGUAGES]


def _keyterms(order: HearingOrder) -> list[str]:
    return terms(order.hints, _TERMS_MOST, _TERM_MOST, _TERMS_TOTAL)
