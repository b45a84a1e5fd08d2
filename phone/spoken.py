"""Words as the sound of a telephone, with the words written into it (`word_track.py`).

`tones` is the same on every machine, and costs little: for tests and loads. `voice` is speech by
espeak-ng where that is installed and knows the language, and tones where it is not.
"""

from __future__ import annotations

import math
from functools import lru_cache

from phone.clock import speech_s
from phone.mulaw import RATE_HZ, SILENCE, encode
from phone.tape import Side
from phone.voice import spoken_samples
from phone.word_track import samples_of, write_words

_HUM_HZ = {Side.AGENT: 220, Side.CALLER: 330}
_LOUD = 6000
_SOUND_LEAST = 600
_GAP = 160  # samples of silence at the end of a word


@lru_cache(maxsize=1024)
def tones(text: str, side: Side) -> bytes:
    """μ-law: a tone for each word, as long as `clock.speech_s` estimates for the text, which ends
    with the pause that is in that estimate."""
    words = text.split()
    length = int(speech_s(text) * RATE_HZ)
    sound = bytearray()
    starts = []
    for word in words:
        starts.append((len(sound), word))
        room = max(int((len(word) + 1) / 14 * RATE_HZ), samples_of(word) + _GAP)
        sound += _hum(side)[: room - _GAP].ljust(room - _GAP, _hum(side)[:1])
        sound += bytes((SILENCE,)) * _GAP
    sound += bytes((SILENCE,)) * (length - len(sound))
    return write_words(bytes(sound), starts)


@lru_cache(maxsize=256)
def voice(text: str, language: str, side: Side) -> bytes:
    """μ-law: `text` spoken; each word is written where it is likely to be said."""
    samples = spoken_samples(text, language, side)
    # From the first sound on: who cuts the silence before it away does not cut a word away.
    begins = next((at for at, one in enumerate(samples) if abs(one) >= _SOUND_LEAST), 0)
    samples = samples[begins:]
    words = text.split()
    if not samples or len(samples) < sum(samples_of(word) for word in words):
        return tones(text, side)
    letters = sum(len(word) + 1 for word in words)
    starts = []
    at, free = 0, 0
    for word in words:
        begin = max(free, at * len(samples) // letters)
        starts.append((begin, word))
        free = begin + samples_of(word)
        at += len(word) + 1
    return write_words(encode(samples), starts)


@lru_cache(maxsize=64)
def noise(seconds: float) -> bytes:
    """μ-law: a cough, a door: loud, and no word in it."""
    return _hum(Side.CALLER)[: int(seconds * RATE_HZ)]


def silence(seconds: float) -> bytes:
    """μ-law: nothing."""
    return bytes((SILENCE,)) * int(seconds * RATE_HZ)


@lru_cache(maxsize=2)
def _hum(side: Side) -> bytes:
    """Ten seconds of the side's tone; without words in the lowest bits, whatever they are."""
    turn = 2 * math.pi * _HUM_HZ[side] / RATE_HZ
    one_s = encode(int(_LOUD * math.sin(n * turn)) for n in range(RATE_HZ))
    return one_s * 10
