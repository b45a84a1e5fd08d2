"""Quiet background sound while an answer is awaited, made by code: a room, somebody types."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from functools import cache

from audio_cache.mulaw import RATE_HZ, encoded

LENGTH_S = 8
# Of samples of 16 bits. The room is just above the noise of a line, the keys are no louder than a
# breath: a recogniser that hears them through the caller's loudspeaker must take them for nothing.
_ROOM, _KEY = 60, 700
_KEY_S = 0.035
# Seconds at which a key is struck: words of a few letters, with the pauses of somebody who reads.
_WORDS = ((0.4, 5), (1.5, 3), (2.2, 7), (4.3, 4), (5.2, 2), (5.9, 6))
_STROKE_S = 0.14
_SEED = 20260911


@cache
def background() -> bytes:
    """Eight seconds of μ-law at 8 kHz that may be played over and over; always the same."""
    length = LENGTH_S * RATE_HZ
    sound = array("h", bytes(2 * length))
    noise = _noise()
    low = 0.0
    # The end goes before the start, to bring the filter to where it ends: no seam is heard.
    seeded = [next(noise) for _ in range(length)]
    for place in (*range(length - RATE_HZ // 10, length), *range(length)):
        low += 0.15 * (seeded[place] - low)
        sound[place] = int(_ROOM * 3 * low)
    for number, start in enumerate(_strokes(noise)):
        _strike(sound, int(start * RATE_HZ), 1500 + 220 * (number % 5), noise)
    return encoded(sound)


def _noise() -> Iterator[float]:
    """Numbers from -1 to 1 without any order, the same each time (Numerical Recipes, ranqd1)."""
    state = _SEED
    while True:
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        yield state / 0x7FFFFFFF - 1


def _strokes(noise: Iterator[float]) -> Iterator[float]:
    for start, letters in _WORDS:
        for letter in range(letters):
            yield start + letter * _STROKE_S + 0.03 * next(noise)


def _strike(sound: array[int], place: int, hertz: float, noise: Iterator[float]) -> None:
    """One key: a short knock that dies away."""
    for n in range(int(_KEY_S * RATE_HZ)):
        fades = math.exp(-n / (0.006 * RATE_HZ))
        knock = 0.6 * math.sin(2 * math.pi * hertz * n / RATE_HZ) + 0.4 * next(noise)
        sound[place + n] += int(_KEY * fades * knock)
