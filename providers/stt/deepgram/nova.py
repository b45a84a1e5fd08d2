"""Nova: transcribes as it hears; turns end by silence. `/v1/listen`.

Source: https://developers.deepgram.com/reference/speech-to-text/listen-streaming
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from providers.errors import ProviderRefused
from providers.stt.base import (
    Broken,
    HearingEvent,
    HearingOrder,
    Reached,
    Recognition,
    SpeechStarted,
    Tell,
    TurnEnded,
    Words,
)
from providers.stt.deepgram.account import (
    TOGETHER,
    VENDOR,
    closed,
    endpoint,
    headers,
    keyterms,
    spoken,
)
from providers.stt.dialect import Message, subtag
from providers.stt.listening import listen
from settings import Settings

_USUAL = "nova-3"
# Of nova-3, streaming. Malayalam is in no list of the vendor's.
_LANGUAGES = TOGETHER | {
    "bn", "gu", "hi", "kn", "mr", "ne", "pa", "ta", "te",
    "af", "be", "bg", "bs", "ca", "cs", "da", "el", "et", "fi", "hr", "hu", "hy", "id", "ka", "ko",
    "lt", "lv", "mk", "ms", "no", "pl", "ro", "sk", "sl", "sr", "sv", "th", "tl", "tr", "uk", "vi",
}  # fmt: skip
_REGIONS = frozenset({"en-US", "en-AU", "en-GB", "en-IN", "en-NZ", "pt-BR", "pt-PT", "fr-CA"})
_MULTI = "multi"

# Silence after which a piece of speech is final. Whether the turn is over is decided by the field
# that is asked for (`conversation/turn_taking.py`), which needs to know early.
ENDPOINTING_MS = 300
UTTERANCE_END_MS = 1000  # the least that is possible


class Nova:
    """See `Recogniser`."""

    name = VENDOR
    vendor = VENDOR
    ends_turns = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._without_terms: set[str] = set()  # languages for which it took no keyterms

    def understands(self, language: str) -> bool:
        """See `Recogniser`."""
        return subtag(language) in _LANGUAGES

    def serves(self, order: HearingOrder) -> bool:
        """See `Recogniser`. Also where Flux is wanted: it stands in."""
        return self.understands(order.language)

    def model(self, order: HearingOrder) -> str:
        """See `Recogniser`."""
        model = self._model(order)
        return f"{model}-multilingual" if _language(order) == _MULTI else model

    async def open(self, order: HearingOrder, tell: Tell) -> Recognition:
        """See `Recogniser`."""
        language = _language(order)
        words = [] if language in self._without_terms else keyterms(order)
        try:
            return await self._open(language, order, words, tell)
        except ProviderRefused as error:
            if not words or not error.code.startswith("400"):
                raise
        # Not every language takes keyterms; which do is not written anywhere.
        listening = await self._open(language, order, [], tell)
        self._without_terms.add(language)
        return listening

    async def _open(
        self, language: str, order: HearingOrder, words: list[str], tell: Tell
    ) -> Recognition:
        query = [
            ("model", self._model(order)),
            ("language", language),
            ("encoding", "mulaw"),
            ("sample_rate", "8000"),
            ("channels", "1"),
            ("interim_results", "true"),
            # Not smart_format: it holds back words that may belong to a date or a number.
            ("punctuate", "true"),
            ("endpointing", str(ENDPOINTING_MS)),
            ("utterance_end_ms", str(UTTERANCE_END_MS)),
            ("vad_events", "true"),
            *(("keyterm", word) for word in words),
        ]
        url = endpoint(self._settings, "/v1/listen", query)
        return await listen(self.name, NovaTalk(order), url, headers(self._settings), tell)

    def _model(self, order: HearingOrder) -> str:
        for model in (order.model, self._settings.deepgram_model):
            if model.startswith("nova"):
                return model
        return _USUAL


class NovaTalk:
    """See `Dialect`."""

    is_ready = True  # it says nothing before it has heard something
    sends_text = False

    def __init__(self, order: HearingOrder) -> None:
        self._language = _language(order)
        self._has_words = False  # final ones since the turn ended last
        self._changes = 0  # that were asked for and not answered yet

    def read(self, message: Message) -> Iterator[HearingEvent]:
        """See `Dialect`."""
        match message.get("type"):
            case "Results":
                yield from self._results(message)
            case "SpeechStarted":
                yield SpeechStarted()
            case "UtteranceEnd":
                yield from self._turn_end()
            case "ConfigureSuccess" | "ConfigureFailure":
                self._changes = max(self._changes - 1, 0)
            case "Error" if self._changes:  # a change that it will not make; it goes on without
                self._changes -= 1
            case "Error":
                yield Broken(str(message.get("code") or message.get("variant") or "ERROR")[:60])
            case _:  # Metadata, and what is yet to be invented
                pass

    def _results(self, message: Message) -> Iterator[HearingEvent]:
        best = message["channel"]["alternatives"][0]
        text, is_final = best["transcript"].strip(), message.get("is_final") is True
        if text:
            yield Reached(float(message["start"]) + float(message["duration"]))
            yield Words(text, is_final, best.get("confidence"))
            self._has_words = self._has_words or is_final
        if message.get("speech_final") is True:
            yield from self._turn_end()

    def _turn_end(self) -> Iterator[HearingEvent]:
        """Once for the words since the last: speech_final and UtteranceEnd may both come."""
        if self._has_words:
            self._has_words = False
            yield TurnEnded()

    def sound(self, audio: bytes) -> bytes:
        """See `Dialect`."""
        return audio

    def finalise(self) -> bytes:
        """See `Dialect`."""
        return b'{"type":"Finalize"}'

    def keep_alive(self) -> bytes | None:
        """See `Dialect`. It closes after ten seconds without anything."""
        return b'{"type":"KeepAlive"}'

    def change(self, order: HearingOrder) -> bytes | None:
        """See `Dialect`. The words may change, the language may not."""
        if _language(order) != self._language:
            return None
        self._changes += 1
        return orjson.dumps({"type": "Configure", "keyterms": keyterms(order)})

    def goodbye(self) -> bytes | None:
        """See `Dialect`."""
        return b'{"type":"CloseStream"}'

    def closed(self, code: int, reason: str) -> HearingEvent:
        """See `Dialect`."""
        return closed(code, reason)


def _language(order: HearingOrder) -> str:
    """As the vendor writes it; `multi` where the caller may speak several that it mixes."""
    together = spoken(order)
    if len(together) > 1 and TOGETHER.issuperset(together):
        return _MULTI
    return order.language if order.language in _REGIONS else together[0]
