"""Words in the lowest bits of a sound come through a line as far as the sound does."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from phone.word_track import WORD_MOST_BYTES, WordReader, samples_of, write_words

WORDS = ["five", "hundred", "रुपये", "from", "2", "pm"]
APART = 1200  # samples


def spoken(words: list[str], audio: bytes | None = None) -> bytes:
    length = APART * len(words) + 400
    sound = audio or bytes(random.Random(1).randrange(256) for _ in range(length))
    return write_words(sound, ((number * APART, word) for number, word in enumerate(words)))


@given(st.lists(st.integers(1, 700), min_size=1, max_size=30))
def test_words_are_read_whatever_pieces_the_sound_comes_in(sizes: list[int]) -> None:
    sound, reader = spoken(WORDS), WordReader()
    heard: list[str] = []
    at = turn = 0
    while at < len(sound):
        size = sizes[turn % len(sizes)]
        heard += reader.read(sound[at : at + size])
        at, turn = at + size, turn + 1
    assert heard == WORDS


def test_a_sound_that_breaks_off_has_the_words_that_were_said_by_then() -> None:
    sound = spoken(WORDS)
    assert WordReader().read(sound[: 2 * APART + samples_of(WORDS[2])]) == WORDS[:3]
    assert WordReader().read(sound[: 2 * APART + samples_of(WORDS[2]) - 1]) == WORDS[:2]


def test_a_word_with_a_hole_is_lost_and_the_next_is_not() -> None:
    sound = spoken(WORDS)
    with_hole = sound[: APART + 60] + sound[APART + 80 :]
    assert WordReader().read(with_hole) == [WORDS[0], *WORDS[2:]]


def test_silence_and_noise_hold_no_words() -> None:
    noise = random.Random(2).randbytes(200_000)
    assert WordReader().read(noise) == []
    assert WordReader().read(b"\xff" * 8000) == []


def test_the_sound_is_the_same_but_for_its_lowest_bits() -> None:
    sound = random.Random(3).randbytes(8000)
    written = spoken(WORDS, sound)
    assert len(written) == len(sound)
    assert {one ^ other for one, other in zip(sound, written, strict=True)} <= {0, 1}


def test_a_word_that_is_too_long_is_cut_between_letters() -> None:
    long = "அ" * 30
    assert WordReader().read(spoken([long])) == ["அ" * (WORD_MOST_BYTES // 3)]
