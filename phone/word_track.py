"""Writes words into the sound of a telephone, and reads them back: how this phone knows speech.

The lowest bit of a sample of μ-law (ITU-T G.711) is below what a line carries of a voice. A voice
of this machine writes each word there, from the sample on at which it begins to be said; a
recogniser of this machine, and the phone's ear, read the words of what has come through the line,
and of nothing else: a word that was cut off, lost or cleared is not heard.

Form, one bit a sample, most significant first: 32 bits SYNC, one byte N, N bytes of UTF-8, one byte
of check (CRC-32 of the bytes, lowest eight bits).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

RATE_HZ = 8000
SILENCE = 0xFF  # the sample of μ-law that is zero
WORD_MOST_BYTES = 60
_SYNC = "11010011101001011100011101001101"
_HEAD = len(_SYNC) + 8
_LOWEST = bytes.maketrans(bytes(range(256)), bytes(48 + one % 2 for one in range(256)))


def samples_of(word: str) -> int:
    """How many samples it takes to write a word down, the least that its sound may have."""
    return len(_SYNC) + 8 * (len(_cut(word)) + 2)


def write_words(audio: bytes, words: Iterable[tuple[int, str]]) -> bytes:
    """The sound with `words` in it, each from the sample on that is named with it.

    Words may not overlap; a word that does not fit before the end is not written.
    """
    written = bytearray(audio)
    for start, word in words:
        told = _cut(word)
        body = bytes((len(told), *told, zlib.crc32(told) & 0xFF))
        bits = _SYNC + "".join(f"{one:08b}" for one in body)
        if start + len(bits) > len(written):
            continue
        for offset, bit in enumerate(bits, start):
            written[offset] = written[offset] & 0xFE | (bit == "1")
    return bytes(written)


class WordReader:
    """Reads the words of a stream of sound, in pieces of any length, in order."""

    def __init__(self) -> None:
        self._bits = b""

    def read(self, audio: bytes) -> list[str]:
        """The words that end in this piece."""
        self._bits += audio.translate(_LOWEST)
        words: list[str] = []
        sync = _SYNC.encode()
        while (start := self._bits.find(sync)) >= 0:
            self._bits = self._bits[start:]
            if len(self._bits) < _HEAD:
                return words
            size = int(self._bits[len(sync) : _HEAD], 2)
            end = _HEAD + 8 * (size + 1)
            if size <= WORD_MOST_BYTES and len(self._bits) < end:
                return words
            word = _checked(self._bits[_HEAD:end]) if size <= WORD_MOST_BYTES else None
            if word is not None:
                words.append(word)
            self._bits = self._bits[len(sync) if word is None else end :]
        self._bits = self._bits[-len(sync) + 1 :]
        return words


def _checked(bits: bytes) -> str | None:
    told = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    if zlib.crc32(told[:-1]) & 0xFF != told[-1]:
        return None
    try:
        return told[:-1].decode()
    except UnicodeDecodeError:
        return None


def _cut(word: str) -> bytes:
    return word.encode()[:WORD_MOST_BYTES].decode(errors="ignore").encode()
