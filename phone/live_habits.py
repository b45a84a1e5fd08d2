"""How a phone behaves in live conversations: how fast time passes, the line, the caller's voice."""

from __future__ import annotations

from dataclasses import dataclass

from phone.spoken import tones, voice
from phone.tape import Side
from phone.weather import FAIR, Weather


@dataclass(frozen=True, slots=True)
class Live:
    """The defaults are a caller in real time on a good line, who speaks in tones."""

    speed: float = 1.0  # sound passes through the line so many times faster
    weather: Weather = FAIR
    speaks: bool = False  # by espeak-ng, where it is installed

    def sound(self, words: str, language: str) -> bytes:
        """The caller's voice, μ-law."""
        if self.speaks:
            return voice(words, language, Side.CALLER)
        return tones(words, Side.CALLER)
