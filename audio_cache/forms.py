"""What a recording looks like as bytes, as far as one can tell without decoding it."""

from __future__ import annotations

import unicodedata

# No voice says more letters in a second, at twice its usual pace; digits say several each.
_LETTERS_A_SECOND = 45.0
_LEAST_S = 0.05


def begins_as_audio(start: bytes) -> bool:
    """Whether the first bytes are those of an MP3: a frame, or the tag before the first.

    Sources: ISO/IEC 11172-3, 2.4.1.3 (eleven set bits, then a layer and a bit rate that exist);
    id3.org, ID3v2.3, 3.1.
    """
    if start.startswith(b"ID3"):
        return True
    if len(start) < 3 or start[0] != 0xFF or start[1] & 0xE0 != 0xE0:
        return False
    layer, bit_rate, sample_rate = start[1] >> 1 & 3, start[2] >> 4, start[2] >> 2 & 3
    return layer == 1 and bit_rate not in (0, 15) and sample_rate != 3


def bytes_a_second(audio_format: str) -> int:
    """How much a second takes: mp3_22050_32 is 32 kbit/s."""
    return int(audio_format.rpartition("_")[2]) * 1000 // 8


def least_bytes(text: str, audio_format: str) -> int:
    """The size below which a recording of `text` cannot be whole."""
    letters = sum(unicodedata.category(letter)[0] in "LN" for letter in text)
    return int(max(letters / _LETTERS_A_SECOND, _LEAST_S) * bytes_a_second(audio_format))
