"""Telephone sound by its bytes: loudness, and where speech begins."""

from __future__ import annotations

import pytest

from audio_cache.mulaw import CUT_MOST_BYTES, LEAST_DB, from_onset, level_db, silence
from phone.mulaw import encode
from phone.spoken import noise, tones
from phone.tape import Side

LOUD = tones("Hello there.", Side.AGENT)
HISS = encode([3, -3] * 40_000)  # the noise of a line, far below speech


def trimmed(sound: bytes, piece: int) -> bytes:
    return b"".join(from_onset(sound[at : at + piece] for at in range(0, len(sound), piece)))


@pytest.mark.parametrize("piece", [1, 79, 80, 1000, 100_000])
@pytest.mark.parametrize("before_ms", [0, 10, 200, 500])
def test_silence_before_speech_is_cut_however_it_comes(piece: int, before_ms: int) -> None:
    heard = trimmed(HISS[: before_ms * 8] + LOUD, piece)
    assert heard.endswith(LOUD)
    assert len(heard) - len(LOUD) == min(before_ms, 30) * 8


def test_a_soft_start_keeps_its_breath() -> None:
    soft = encode([40, -40] * 120)  # 30 ms below what counts as speech
    assert trimmed(HISS[:1600] + soft + LOUD, 160) == soft + LOUD


def test_a_long_pause_is_meant() -> None:
    heard = trimmed(HISS[:16_000] + LOUD, 800)
    assert len(heard) == 16_000 + len(LOUD) - CUT_MOST_BYTES


@pytest.mark.parametrize("sound", [b"", b"\xff", HISS[:400], HISS[:16_000]])
def test_what_is_never_loud_is_kept_but_for_as_much(sound: bytes) -> None:
    heard = trimmed(sound, 100)
    assert sound.endswith(heard)
    assert len(sound) - len(heard) in (0, CUT_MOST_BYTES)


def test_loudness_is_told_in_decibels() -> None:
    full = encode([32_000, -32_000] * 4000)
    half = encode([16_000, -16_000] * 4000)
    assert level_db(full) == pytest.approx(0, abs=0.5)
    assert level_db(half) == pytest.approx(-6, abs=0.5)
    assert -20 < level_db(noise(0.1)) < -10
    assert level_db(HISS) < -60


@pytest.mark.parametrize("quiet", [b"", silence(20), b"\x7f" * 160])
def test_silence_is_the_least(quiet: bytes) -> None:
    assert level_db(quiet) == LEAST_DB


def test_silence_has_a_length() -> None:
    assert len(silence(250)) == 2000
