"""Flux: follows turns by what is said, not by silence alone. `/v2/listen`.

Sources: https://developers.deepgram.com/docs/flux/quickstart, …/flux/state, …/flux/configure.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from providers.stt.base import (
    Broken,
    HearingEvent,
    HearingOrder,
    Reached,
    Recognition,
    SpeechStarted,
    Tell,
    TurnEnded,
    TurnResumed,
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

_ENGLISH = "flux-general-en"  # the other one knows ten languages

# How sure it must be that the caller has finished; the vendor's default, and what its examples
# take for an early guess, which lets an answer be read ahead of time.
END_THRESHOLD = "0.7"
EAGER_THRESHOLD = "0.4"
# After as much silence it ends the turn whatever was said. Those who ask end it earlier.
TIMEOUT_MS = "5000"


def _known(model: str) -> frozenset[str]:
    """The languages of a model of Flux, without regions."""
    return frozenset({"en"}) if model == _ENGLISH else TOGETHER


class Flux:
    """See `Recogniser`."""

    name = f"{VENDOR}-flux"
    vendor = VENDOR
    ends_turns = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def understands(self, language: str) -> bool:
        """See `Recogniser`."""
        return self.serves(HearingOrder(language))

    def serves(self, order: HearingOrder) -> bool:
        """See `Recogniser`."""
        model = self.model(order)
        return model.startswith("flux") and subtag(order.language) in _known(model)

    def model(self, order: HearingOrder) -> str:
        """See `Recogniser`."""
        return self._wanted(order)

    def _wanted(self, order: HearingOrder) -> str:
        """The model that the agent's file or the settings name, whoever's it is."""
        is_ours = order.model.startswith(("flux", "nova"))
        return order.model if is_ours else self._settings.deepgram_model

    async def open(self, order: HearingOrder, tell: Tell) -> Recognition:
        """See `Recogniser`."""
        model = self.model(order)
        query = [
            ("model", model),
            ("encoding", "mulaw"),
            ("sample_rate", "8000"),
            ("eot_threshold", END_THRESHOLD),
            ("eager_eot_threshold", EAGER_THRESHOLD),
            ("eot_timeout_ms", TIMEOUT_MS),
            *(("keyterm", word) for word in keyterms(order)),
        ]
        if model != _ENGLISH:
            query += [("language_hint", one) for one in spoken(order) if one in TOGETHER]
        url = endpoint(self._settings, "/v2/listen", query)
        return await listen(self.name, FluxTalk(model), url, headers(self._settings), tell)


class FluxTalk:
    """See `Dialect`."""

    sends_text = False

    def __init__(self, model: str) -> None:
        self.is_ready = False
        self._model = model
        self._said = ""  # the words of the turn, as they were told last

    def read(self, message: Message) -> Iterator[HearingEvent]:
        """See `Dialect`."""
        match message.get("type"):
            case "Connected":
                self.is_ready = True
            case "TurnInfo":
                yield from self._turn(message)
            case "Error":
                yield Broken(str(message.get("code") or "ERROR")[:60])
            case _:  # Warning, ConfigureSuccess, ConfigureFailure, and what is yet to be invented
                pass

    def _turn(self, message: Message) -> Iterator[HearingEvent]:
        event = message["event"]
        if event == "StartOfTurn":
            yield SpeechStarted()
        elif event == "TurnResumed":
            yield TurnResumed()
        text = message["transcript"].strip()
        # Updates come of silence too: the same words again are no sign of speech.
        if text and not (event == "Update" and text == self._said):
            is_final = event == "EndOfTurn"
            yield Reached(float(message["audio_window_end"]))
            yield Words(text, is_final, _confidence(message) if is_final else None)
        self._said = text
        if event == "EndOfTurn":
            yield TurnEnded()
        elif event == "EagerEndOfTurn":
            yield TurnEnded(is_eager=True)

    def sound(self, audio: bytes) -> bytes:
        """See `Dialect`."""
        return audio

    def finalise(self) -> bytes:
        """See `Dialect`."""
        return b'{"type":"ForceEndTurn"}'

    def keep_alive(self) -> bytes | None:
        """See `Dialect`. It knows no such message."""
        return None

    def change(self, order: HearingOrder) -> bytes | None:
        """See `Dialect`. What is spoken now counts: the rest of the call's languages may be those
        that somebody else hears."""
        told: dict[str, object] = {"type": "Configure", "keyterms": keyterms(order)}
        languages = _known(self._model)
        if subtag(order.language) not in languages:
            return None
        if self._model != _ENGLISH:
            told["language_hints"] = [one for one in spoken(order) if one in languages]
        return orjson.dumps(told)

    def goodbye(self) -> bytes | None:
        """See `Dialect`."""
        return b'{"type":"CloseStream"}'

    def closed(self, code: int, reason: str) -> HearingEvent:
        """See `Dialect`."""
        return closed(code, reason)


def _confidence(message: Message) -> float | None:
    """How sure it is of the words of a turn: the mean of them."""
    each = [float(word["confidence"]) for word in message.get("words") or ()]
    return sum(each) / len(each) if each else None
