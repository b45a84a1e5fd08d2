"""The contract of a voice: text in, sound out, piece by piece. What is kept of it is not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """One text to be spoken."""

    text: str
    language: str  # BCP-47
    voice: str  # the vendor's id
    model: str  # the vendor's id
    options: Mapping[str, float]  # stability, similarity_boost (0 to 1), speed (1: usual)
    audio_format: str  # codec_samplerate_kbits: mp3_22050_32; raw μ-law: ulaw_8000


class Synthesiser(Protocol):
    """A speech vendor. Safe for use from many threads."""

    name: str
    model: str  # of agents whose file names none
    is_usual: bool  # files of agents that name no company mean this one

    def speaks(self, language: str) -> bool:
        """Whether it can speak a language (BCP-47)."""

    def voice_for(self, language: str) -> str:
        """The voice of agents whose file names none."""

    def stream(self, order: SpeechOrder) -> Iterator[bytes]:
        """The sound as it is made, never empty.

        Nothing is asked before the first `next`. Any `next` may raise ProviderError, also after
        sound has come: then it breaks off there. To close the iterator ends the request.
        """

    def close(self) -> None:
        """Close the connections."""
