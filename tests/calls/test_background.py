"""The sound of a caller's wait: quiet, without a seam, no speech, always the same."""

from __future__ import annotations

from audio_cache.mulaw import encoded, from_onset, level_db
from calls.background import LENGTH_S, background
from phone.mulaw import decode
from phone.word_track import WordReader


def test_it_is_quiet_and_never_silent() -> None:
    sound = background()
    levels = [level_db(sound[at : at + 800]) for at in range(0, len(sound), 800)]
    assert len(sound) == LENGTH_S * 8000
    assert -70 < min(levels) < max(levels) < -28


def test_its_end_goes_over_into_its_start() -> None:
    samples = decode(background())
    steps = [abs(samples[at + 1] - samples[at]) for at in range(2000)]
    assert abs(samples[0] - samples[-1]) <= max(steps[:400])


def test_no_word_is_in_it() -> None:
    assert WordReader().read(background() * 3) == []


def test_somebody_types_in_it() -> None:
    assert len(b"".join(from_onset([background()]))) < len(background())


def test_samples_are_coded_as_the_line_has_them() -> None:
    codes = bytes(one for one in range(256) if one != 0x7F)  # that is zero, as 0xFF is
    assert encoded(decode(codes)) == codes
    samples = [*range(-32768, 32768, 7), 32767]
    heard = decode(encoded(samples))
    assert all(
        abs(one - two) <= 16 + abs(one) / 30 for one, two in zip(samples, heard, strict=True)
    )
