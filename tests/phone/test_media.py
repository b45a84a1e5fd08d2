"""How long a recording plays."""

from __future__ import annotations

import io
import wave

import pytest

from phone.media import length_s
from phone.webhook import Answer


def answer(body: bytes) -> Answer:
    """A recording that was fetched."""
    return Answer("http://clips.example/a", 200, "audio/mpeg", body)


def test_a_wave_file_says_its_own_length() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(16_000)
        writing.writeframes(b"\0\0" * 24_000)
    assert length_s(answer(file.getvalue())) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("header", "kbps"),
    [(b"\xff\xfb\x90\x00", 128), (b"\xff\xf3\x40\x00", 32), (b"\xff\xfb\x10\x00", 32)],
)
def test_an_mp3_is_as_long_as_its_bit_rate_says(header: bytes, kbps: int) -> None:
    body = header + b"\0" * (kbps * 1000 // 8 * 2 - 4)
    assert length_s(answer(body)) == pytest.approx(2.0)
    tagged = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\0" * 10 + body
    assert length_s(answer(tagged)) == pytest.approx(2.0, abs=0.01)


def test_other_bytes_count_as_telephone_audio() -> None:
    assert length_s(answer(b"\x7f" * 16_000)) == pytest.approx(2.0)
    assert length_s(answer(b"")) == 0
