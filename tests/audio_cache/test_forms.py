"""What passes for a recording."""

from __future__ import annotations

import pytest

from audio_cache.forms import begins_as_audio, bytes_a_second, least_bytes
from tests.providers.tts.fake_elevenlabs import mp3


@pytest.mark.parametrize(
    ("start", "is_audio"),
    [
        (b"ID3\x04", True),
        (b"\xff\xfb\x90\x64", True),
        (b"\xff\xf3\x40\xc0", True),
        (b'{"detail"', False),
        (b"<html>", False),
        (b"\xff\xd8\xff\xe0", False),  # a picture
        (b"\xff\xff\xff\xff", False),
        (b"\xff\xfb", False),
        (b"", False),
    ],
)
def test_a_recording_is_told_by_its_first_bytes(start: bytes, is_audio: bool) -> None:
    assert begins_as_audio(start) is is_audio


@pytest.mark.parametrize(
    ("audio_format", "rate"), [("mp3_22050_32", 4000), ("mp3_44100_128", 16_000)]
)
def test_a_format_says_how_large_a_second_is(audio_format: str, rate: int) -> None:
    assert bytes_a_second(audio_format) == rate


def test_a_sentence_takes_its_time() -> None:
    text = "What do you charge for this route?"
    assert 2000 < least_bytes(text, "mp3_22050_32") < len(mp3(text))
    assert least_bytes(",", "mp3_22050_32") == 200
