"""Clips of silence: constant bit rate MPEG audio, layer III, mono, as long as their text takes.

Source: ISO 11172-3 and 13818-3 (frame header). A frame whose side information is all zeros holds
no sound; decoders take it as silence.
"""

from __future__ import annotations

import re
from functools import lru_cache

from phone.clock import speech_s

# Kilobits a second in the order of their index in a frame's header.
_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {44100: (1, 0), 22050: (2, 0), 24000: (2, 1)}  # hertz → version and index of the rate
_FORMAT = re.compile(r"mp3_(\d+)_(\d+)")
USUAL_FORMAT = "mp3_22050_32"
_SAMPLES = {1: 1152, 2: 576}  # in a frame, by version: a clip is as long as whole frames are


class UnknownFormat(ValueError):
    """No clip of that format can be made."""


@lru_cache(maxsize=256)
def clip(length: int, audio_format: str = USUAL_FORMAT) -> bytes:
    """A clip for a text of `length` characters. UnknownFormat when it is not one of MP3."""
    match = _FORMAT.fullmatch(audio_format)
    rate_hz, kbps = (int(match[1]), int(match[2])) if match else (0, 0)
    version, rate_index = _RATES.get(rate_hz, (0, 0))
    kbps_index = (_MPEG1_KBPS if version == 1 else _MPEG2_KBPS).index
    try:
        bit_rate = kbps_index(kbps)
    except ValueError:
        bit_rate = 0
    if not version or not bit_rate:
        raise UnknownFormat(audio_format)
    samples = _SAMPLES[version]
    frames = max(1, round(speech_s("x" * length) * rate_hz / samples))
    return _frames(frames, version, bit_rate << 4 | rate_index << 2, samples * kbps * 125 / rate_hz)


def _frames(number: int, version: int, third: int, size: float) -> bytes:
    """`size` is that of a frame in bytes, seldom whole: some frames are padded by one byte."""
    written = bytearray()
    due = 0.0
    for _ in range(number):
        due += size
        padding = int(due - len(written)) - int(size)
        head = bytes((0xFF, 0xFB if version == 1 else 0xF3, third | padding << 1, 0xC4))
        written += head + bytes(int(size) + padding - len(head))
    return bytes(written)
