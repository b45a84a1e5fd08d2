"""Spoken words: as long as they should be, loud, and with the words in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phone.clock import speech_s
from phone.connected import language_of
from phone.mulaw import RATE_HZ, SILENCE, decode, encode
from phone.spoken import noise, silence, tones, voice
from phone.tape import Side
from phone.word_track import WordReader

TEXTS = ["500 rupees from 2 to 5 pm", "a", "ரூபாய் ஐந்நூறு", "अरे हाँ, ठीक है", "x" * 70 + " y"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("side", Side)
def test_the_words_are_in_the_sound_and_it_is_as_long_as_they_take(text: str, side: Side) -> None:
    sound = tones(text, side)
    words = [word.encode()[:60].decode(errors="ignore") for word in text.split()]
    assert WordReader().read(sound) == words
    assert abs(len(sound) - speech_s(text) * RATE_HZ) < 0.2 * RATE_HZ


def test_spoken_words_end_in_silence_so_that_they_are_told_from_what_follows() -> None:
    sound = tones("five hundred", Side.CALLER)
    assert set(sound[-1600:]) == {SILENCE}
    assert max(decode(sound[:800])) > 4000


@pytest.mark.parametrize("text", TEXTS[:2])
def test_a_voice_says_the_words_whether_or_not_this_machine_can_speak(text: str) -> None:
    assert WordReader().read(voice(text, "en", Side.CALLER)) == text.split()


def test_noise_is_loud_and_holds_no_words() -> None:
    assert WordReader().read(noise(2.0)) == []
    assert max(decode(noise(0.1))) > 4000
    assert len(noise(0.5)) == RATE_HZ / 2


def test_silence_is_the_sample_that_is_zero() -> None:
    assert set(decode(silence(0.1))) == {0}


def test_a_sample_comes_back_within_half_a_step() -> None:
    # ITU-T G.711: sixteen steps from each power of two to the next, of the sample and the bias.
    every = range(-32768, 32768)
    for sample, back in zip(every, decode(encode(every)), strict=True):
        within = min(abs(sample), 32635) + 0x84
        half_step = 1 << (within.bit_length() - 6)
        assert abs(back - sample) <= half_step + max(0, abs(sample) - 32635)


@given(st.integers(0, 255))
def test_every_byte_comes_back_as_it_was(byte: int) -> None:
    # 7F is the other zero (ITU-T G.711).
    assert encode(decode(bytes((byte,)))) == bytes((0xFF if byte == 0x7F else byte,))


@pytest.mark.parametrize(
    ("words", "language"), [("five", "en"), ("ஐந்து", "ta"), ("पाँच", "hi"), ("അഞ്ച്", "ml")]
)
def test_the_letters_tell_the_language_of_the_callers_voice(words: str, language: str) -> None:
    assert language_of(words) == language


@pytest.mark.parametrize("speak", [voice, lambda text, _, side: tones(text, side)])
def test_a_sound_begins_with_its_first_word(speak: Callable[[str, str, Side], bytes]) -> None:
    begin = decode(speak("2 pm to 5 pm", "en", Side.AGENT)[:160])
    assert max(abs(one) for one in begin) >= 600
