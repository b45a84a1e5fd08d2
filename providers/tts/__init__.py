"""Voices: who speaks what agents say, besides the carrier. Which there are, and the opening."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.tts.base import Synthesiser
from settings import Settings

OpenVoice = Callable[[Settings], Synthesiser]


def _elevenlabs() -> OpenVoice:
    # Its library takes a third of a second to import: only who has a key pays for it.
    from providers.tts.elevenlabs import ElevenLabs

    return ElevenLabs


# A vendor, as what imports it, by the name of the setting that holds its key. The first that has a
# key is used.
REGISTRY: Mapping[str, Callable[[], OpenVoice]] = {
    "elevenlabs_api_key": _elevenlabs,
}


def import_voices(settings: Settings) -> None:
    """Import the libraries of the vendors whose keys are set: before a fork, it is done once."""
    for key, imported in REGISTRY.items():
        if getattr(settings, key):
            imported()


def open_synthesiser(settings: Settings) -> Synthesiser | None:
    """The vendor whose key is set; None when there is none and the carrier's voice speaks."""
    for key, imported in REGISTRY.items():
        if getattr(settings, key):
            return imported()(settings)
    return None
