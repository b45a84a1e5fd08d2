"""Forms of clips: what their files are called, and what a recording looks like as bytes.

As far as one can tell without decoding it.
"""

from __future__ import annotations

import unicodedata

# What the carrier plays from an address, and what is sent over a socket (raw μ-law, 8 kHz).
MP3, MULAW = ".mp3", ".ulaw"
SUFFIXES = (MP3, MULAW)
LIVE_FORMAT = "ulaw_8000"

# No voice says more letters in a second, at twice its usual pace; digits say several each.
_LETTERS_A_SECOND = 45.0
_LEAST_S = 0.05
_TEXT = frozenset(b"\t\r\n" + bytes(range(0x20, 0x7F)))
_LOOKED_AT = 64  # bytes: 8 ms of telephone sound
_LOUD_BELOW = 0x40  # a sample of text this low is a loud one, always on the same side of zero
_CONTAINERS = (b"RIFF", b"ID3", b"OggS", b"fLaC", b".snd")


def suffix_of(audio_format: str) -> str:
    """How the names of files in that form end."""
    return MULAW if audio_format.startswith("ulaw") else MP3


def begins_as_audio(start: bytes, audio_format: str = "mp3") -> bool:
    """Whether the first bytes are those of a recording in that form."""
    if suffix_of(audio_format) == MULAW:
        return bool(start) and not start.startswith(_CONTAINERS) and not _is_text(start)
    return _begins_as_mp3(start)


def bytes_a_second(audio_format: str) -> int:
    """How much a second takes: mp3_22050_32 is 32 kbit/s, ulaw_8000 a byte a sample."""
    number = int(audio_format.rpartition("_")[2])
    return number if suffix_of(audio_format) == MULAW else number * 1000 // 8


def least_bytes(text: str, audio_format: str) -> int:
    """The size below which a recording of `text` cannot be whole."""
    letters = sum(unicodedata.category(letter)[0] in "LN" for letter in text)
    return int(max(letters / _LETTERS_A_SECOND, _LEAST_S) * bytes_a_second(audio_format))


def as_wav(sound: bytes) -> bytes:
    """Raw μ-law as a WAV file, which the carrier plays from an address as it is.

    Source: RFC 2361 (format tag 7); its header has the size of the extension, and `fact`.
    """
    form = b"".join(
        number.to_bytes(size, "little")
        for number, size in ((7, 2), (1, 2), (8000, 4), (8000, 4), (1, 2), (8, 2), (0, 2))
    )
    padded = sound + b"\0" * (len(sound) % 2)
    chunks = b"WAVE" + b"".join(
        name + size.to_bytes(4, "little") + body
        for name, size, body in (
            (b"fmt ", len(form), form),
            (b"fact", 4, len(sound).to_bytes(4, "little")),
            (b"data", len(sound), padded),
        )
    )
    return b"RIFF" + len(chunks).to_bytes(4, "little") + chunks


def _begins_as_mp3(start: bytes) -> bool:
    """A frame, or the tag before the first.

    Sources: ISO/IEC 11172-3, 2.4.1.3 (eleven set bits, then a layer and a bit rate that exist);
    id3.org, ID3v2.3, 3.1.
    """
    if start.startswith(b"ID3"):
        return True
    if len(start) < 3 or start[0] != 0xFF or start[1] & 0xE0 != 0xE0:
        return False
    layer, bit_rate, sample_rate = start[1] >> 1 & 3, start[2] >> 4, start[2] >> 2 & 3
    return layer == 1 and bit_rate not in (0, 15) and sample_rate != 3


def _is_text(start: bytes) -> bool:
    """Letters only, which as sound would be loud and never cross zero: no voice does that."""
    looked_at = start[:_LOOKED_AT]
    return _TEXT.issuperset(looked_at) and min(looked_at) < _LOUD_BELOW
