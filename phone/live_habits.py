"""How a phone behaves in live conversations: how fast time passes, the line, the caller's voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from phone.spoken import tones, voice
from phone.tape import Side
from phone.weather import FAIR, Weather


class Headset(Protocol):
    """Real ears and a real mouth at a line that carries sound (μ-law). Nothing here may block."""

    def connect(self, speak: Callable[[bytes], None]) -> None:
        """The line is open: what `speak` is given goes out, from any thread."""

    def hear(self, audio: bytes) -> None:
        """The agent's sound, as it is heard."""

    def cut(self) -> None:
        """What was not heard yet is not heard any more."""


@dataclass(frozen=True, slots=True)
class Live:
    """The defaults are a caller in real time on a good line, who speaks in tones."""

    speed: float = 1.0  # sound passes through the line so many times faster
    weather: Weather = FAIR
    speaks: bool = False  # by espeak-ng, where it is installed
    headset: Headset | None = None  # of a person, beside what the caller says by words

    def sound(self, words: str, language: str) -> bytes:
        """The caller's voice, μ-law."""
        if self.speaks:
            return voice(words, language, Side.CALLER)
        return tones(words, Side.CALLER)
