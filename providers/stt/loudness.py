"""How much of a piece of μ-law sound is loud enough to be a voice. Cheap, and no more than that."""

from __future__ import annotations

# Of 32,124: some 35 dB below the loudest sample, above the noise of a telephone line.
LOUD_LEAST = 600


def _level(code: int) -> int:
    """The size of a sample of μ-law (ITU-T G.711)."""
    turned = ~code & 0xFF
    return (((turned & 0x0F) << 3) + 0x84 << (turned >> 4 & 0x07)) - 0x84


_QUIET = bytes(code for code in range(256) if _level(code) < LOUD_LEAST)


def loud_bytes(audio: bytes) -> int:
    """How many samples are loud."""
    return len(audio.translate(None, _QUIET))
