"""μ-law of the telephone (ITU-T G.711) to and from samples of 16 bits."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

RATE_HZ = 8000  # one byte a sample
SILENCE = 0xFF  # the sample that is zero
_BIAS, _MOST = 0x84, 32635


def _decoded(byte: int) -> int:
    byte = ~byte & 0xFF
    magnitude = (((byte & 0x0F) << 3) + _BIAS) << (byte >> 4 & 7)
    return _BIAS - magnitude if byte & 0x80 else magnitude - _BIAS


def _encoded(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _MOST) + _BIAS
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF


_SAMPLES = tuple(_decoded(byte) for byte in range(256))
# By the upper 14 bits of a sample; negative ones count from the end, as an index does.
_BYTES = bytes(_encoded(sample) for sample in (*range(0, 1 << 15, 4), *range(-(1 << 15) + 3, 3, 4)))


def encode(samples: Iterable[int]) -> bytes:
    """Samples of 16 bits as μ-law."""
    return bytes([_BYTES[one >> 2] for one in samples])


def decode(audio: bytes) -> array[int]:
    """μ-law as samples of 16 bits."""
    return array("h", [_SAMPLES[one] for one in audio])
