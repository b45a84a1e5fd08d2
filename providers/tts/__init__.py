"""Voices: who speaks what agents say, besides the carrier. Which there are, and the opening."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from providers.tts.base import Synthesiser
from settings import Settings

OpenVoice = Callable[[Settings], Synthesiser]


def _elevenlabs() -> OpenVoice:
    # Its library takes a third of a second to import: only who has a key pays for it.
    from providers.tts.elevenlabs import ElevenLabs

    return ElevenLabs


def _deepgram() -> OpenVoice:
    from providers.tts.deepgram import Deepgram

    return Deepgram


@dataclass(frozen=True, slots=True)
class Vendor:
    """One company."""

    imported: Callable[[], OpenVoice]
    is_live_only: bool = False  # makes telephone sound for sockets, and no files for the carrier


# By the name of the setting that holds the key, in the order in which they are asked.
REGISTRY: Mapping[str, Vendor] = {
    "elevenlabs_api_key": Vendor(_elevenlabs),
    "deepgram_api_key": Vendor(_deepgram, is_live_only=True),
}


def import_voices(settings: Settings) -> None:
    """Import the libraries of the vendors whose keys are set: before a fork, it is done once."""
    for vendor in _with_keys(settings):
        vendor.imported()


def open_synthesiser(settings: Settings) -> Synthesiser | None:
    """Who makes clips that the carrier plays; None when there is none and its own voice speaks."""
    for vendor in _with_keys(settings):
        if not vendor.is_live_only:
            return vendor.imported()(settings)
    return None


def open_synthesisers(settings: Settings) -> list[Synthesiser]:
    """Who speaks on live calls, the first one first."""
    return [vendor.imported()(settings) for vendor in _with_keys(settings)]


def _with_keys(settings: Settings) -> Iterator[Vendor]:
    for key, vendor in REGISTRY.items():
        if getattr(settings, key):
            yield vendor
