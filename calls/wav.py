"""Reads the head of a WAV file: whether it is one, whole, and how long. Pure.

Source: RIFF as in the "Multimedia Programming Interface and Data Specifications 1.0".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

_FORMAT_BYTES = 16
# Writers that did not know the length beforehand leave it so.
_UNKNOWN_SIZES = frozenset({0, 0xFFFFFFFF, 0x7FFFFFFF})


class NotWav(ValueError):
    """The content is no WAV file, or only the beginning of one."""


@dataclass(frozen=True, slots=True)
class WavHead:
    """What a WAV file says of itself."""

    channels: int
    rate_hz: int
    duration_s: float


def read_wav_head(file: BinaryIO, size_bytes: int) -> WavHead:
    """The head of a file of that size, read from its beginning. NotWav says what is wrong."""
    file.seek(0)
    if file.read(4) != b"RIFF" or len(file.read(4)) < 4 or file.read(4) != b"WAVE":
        raise NotWav("it does not begin as a WAV file")
    channels = rate_hz = bytes_a_second = 0
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise NotWav("it has no sound in it")
        kind, size = struct.unpack("<4sI", head)
        begins_at = file.tell()
        if kind == b"fmt ":
            raw = file.read(_FORMAT_BYTES)
            if size < _FORMAT_BYTES or len(raw) < _FORMAT_BYTES:
                raise NotWav("it does not say what its sound is made of")
            _, channels, rate_hz, bytes_a_second = struct.unpack("<HHII", raw[:12])
        if kind == b"data":
            break
        file.seek(begins_at + size + size % 2)
    if not (channels and rate_hz and bytes_a_second):
        raise NotWav("it does not say what its sound is made of")
    there = size_bytes - begins_at
    if size in _UNKNOWN_SIZES:
        size = there
    if there < size:
        raise NotWav(f"it breaks off after {size_bytes} bytes")
    return WavHead(channels, rate_hz, round(size / bytes_a_second, 3))
