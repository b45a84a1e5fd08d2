"""Recognisers: who turns a live caller's sound into words. Which there are, and their opening."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from providers.stt.base import Recogniser
from settings import Settings


def _deepgram(settings: Settings) -> Iterator[Recogniser]:
    from providers.stt.deepgram.flux import Flux
    from providers.stt.deepgram.nova import Nova

    yield Flux(settings)  # where its model is wanted
    yield Nova(settings)


def _elevenlabs(settings: Settings) -> Iterator[Recogniser]:
    from providers.stt.elevenlabs import Scribe

    yield Scribe(settings)


# What a vendor has, by the name of the setting that holds its key, in the order in which they are
# asked.
REGISTRY: Mapping[str, Callable[[Settings], Iterator[Recogniser]]] = {
    "deepgram_api_key": _deepgram,
    "elevenlabs_api_key": _elevenlabs,
}


def open_recognisers(settings: Settings) -> Sequence[Recogniser]:
    """Those whose keys are set, in the order in which they are asked."""
    return [
        recogniser
        for key, opened in REGISTRY.items()
        if getattr(settings, key)
        for recogniser in opened(settings)
    ]
