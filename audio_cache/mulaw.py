"""Telephone sound, μ-law at 8 kHz (ITU-T G.711): how long, how loud, where speech begins."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

RATE_HZ = 8000
BYTES_A_SECOND = RATE_HZ  # a byte a sample
SILENCE = b"\xff"  # the sample that is zero
LEAST_DB = -80.0
_LOUDEST = 8031  # of 14 bits: the table counts in those


def _magnitude(byte: int) -> int:
    """The size of a sample without its sign, 0 to 8031 (G.711, table 2a)."""
    inverted = ~byte & 0x7F
    return ((2 * (inverted & 0x0F) + 33) << (inverted >> 4)) - 33


def _byte(sample: int) -> int:
    """The code of a sample of 16 bits, of which 14 count (table 2a)."""
    size = min(abs(sample) >> 2, _LOUDEST) + 33
    exponent = size.bit_length() - 6
    return ~((sample < 0) << 7 | exponent << 4 | size >> (exponent + 1) & 0x0F) & 0xFF


# By byte, so that nothing is decoded. Loudness is in steps of the code: 16 of them are 6 dB.
_LOUDNESS = bytes(~byte & 0x7F for byte in range(256))
_SQUARES = tuple(_magnitude(byte) ** 2 for byte in range(256))
_EVERY = 8  # samples, of which a meter looks at one

# Where speech begins: the first 10 ms with a sample above -44 dB, which is over the noise of a
# vendor's silence and under the breath of an f. What is before it is left, by so much as a soft
# start takes; no more is cut than a vendor's habit explains, a longer pause is meant.
_STEP = RATE_HZ // 100
_BEGINS_AT = 20
_LEFT = 3 * _STEP
CUT_MOST_BYTES = RATE_HZ * 6 // 10


def encoded(samples: Iterable[int]) -> bytes:
    """Samples of 16 bits as μ-law. For what is made once."""
    return bytes([_byte(sample) for sample in samples])


def silence(ms: float) -> bytes:
    """So much silence."""
    return SILENCE * int(ms * RATE_HZ / 1000)


def level_db(sound: bytes) -> float:
    """How loud it is (RMS), in decibels of the loudest sample: 0 to LEAST_DB, silence.

    From every eighth sample, which is exact enough for a meter.
    """
    some = sound[::_EVERY]
    if not some:
        return LEAST_DB
    mean = sum(map(_SQUARES.__getitem__, some)) / len(some)
    return max(LEAST_DB, 10 * math.log10(mean / _LOUDEST**2)) if mean else LEAST_DB


def from_onset(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The sound from where speech begins; the silence before it, which callers wait through, not.

    All of it when nothing is loud.
    """
    source = iter(pieces)
    held = b""
    for piece in source:
        held += piece
        onset = _onset(held)
        if onset is not None:
            yield held[min(max(onset - _LEFT, 0), CUT_MOST_BYTES) :]
            held = b""
            break
        if len(held) > CUT_MOST_BYTES + _LEFT:
            yield held[CUT_MOST_BYTES:]
            held = b""
            break
    if held:
        yield held
    yield from source


def _onset(sound: bytes) -> int | None:
    """Where the first loud step begins."""
    loud = sound.translate(_LOUDNESS)
    return next(
        (at for at in range(0, len(loud), _STEP) if max(loud[at : at + _STEP]) >= _BEGINS_AT), None
    )
