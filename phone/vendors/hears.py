"""What these recognisers hear: speech by its loudness, words by what is written in the sound.

All times are of the sound that came, not of a clock: a phone that speaks eight times as fast is
understood as well.
"""

from __future__ import annotations

from phone.mulaw import RATE_HZ, decode
from phone.word_track import WordReader

# 35 dB below the loudest sample.
_LOUD_LEAST = 600
# As loud as long it is somebody who speaks, or a noise; less is a click.
_CLICK = RATE_HZ // 200


_QUIET = bytes(code for code in range(256) if abs(decode(bytes((code,)))[0]) < _LOUD_LEAST)


class Ear:
    """Hears one caller. Positions are samples since the beginning."""

    __slots__ = ("_reader", "at", "began_at", "ended_at", "is_loud", "words")

    def __init__(self) -> None:
        self._reader = WordReader()
        self.at = 0  # how much was heard
        self.is_loud = False  # in the last piece
        self.began_at: int | None = None  # where the present speech or noise begins
        self.ended_at = 0  # where it was loud last
        self.words: list[str] = []  # of it

    @property
    def quiet_s(self) -> float:
        """For how long it has been quiet."""
        return (self.at - self.ended_at) / RATE_HZ

    @property
    def at_s(self) -> float:
        """How much was heard."""
        return self.at / RATE_HZ

    def hear(self, sound: bytes) -> bool:
        """More sound; whether words came with it."""
        end = len(sound.rstrip(_QUIET))
        self.is_loud = end > _CLICK and len(sound.translate(None, _QUIET)) > _CLICK
        if self.is_loud:
            if self.began_at is None:
                self.began_at = self.at + len(sound) - len(sound.lstrip(_QUIET))
            self.ended_at = self.at + end
        self.at += len(sound)
        found = self._reader.read(sound)
        if not found:
            return False
        if self.began_at is None:  # too quiet to be heard yet, and words all the same
            self.began_at = self.at
        self.ended_at = self.at
        self.words += found
        return True

    def take(self) -> str:
        """The words so far, which are done with."""
        text = " ".join(self.words)
        self.words.clear()
        return text

    def rest(self) -> None:
        """The speech is over: what is loud next begins another."""
        self.began_at = None
