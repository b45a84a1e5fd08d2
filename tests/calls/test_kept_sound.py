"""How much of a caller's sound is kept, and until when."""

from __future__ import annotations

from calls.kept_sound import KEPT_MOST, QUIET_MOST, TAIL, KeptSound
from tests.calls.listeners import loud, quiet


def kept(*pieces: bytes) -> KeptSound:
    sound = KeptSound()
    for piece in pieces:
        sound.add(piece)
    return sound


def test_everything_is_kept_until_it_is_understood() -> None:
    sound = kept(loud(0.1), loud(0.1), quiet(0.1))
    sound.reach(1600)

    assert sound.restart() == quiet(0.1)


def test_a_piece_of_which_only_a_part_is_understood_is_kept() -> None:
    sound = kept(loud(0.1), loud(0.1))
    sound.reach(1000)

    assert sound.restart() == loud(0.1)


def test_positions_begin_anew_with_a_connection() -> None:
    sound = kept(loud(0.1), loud(0.1))
    sound.reach(800)
    sound.restart()
    sound.add(quiet(0.1))
    sound.reach(800)

    assert sound.restart() == quiet(0.1)


def test_little_silence_is_kept_and_much_speech_and_never_more() -> None:
    silence = kept(*[quiet(0.08)] * 1000)
    speech = kept(*[loud(0.08)] * 1000)

    assert len(silence.restart()) <= QUIET_MOST
    assert KEPT_MOST - 640 < len(speech.restart()) <= KEPT_MOST


def test_it_is_whole_until_something_loud_is_thrown_away() -> None:
    silence = kept(*[quiet(0.08)] * 1000)
    speech = kept(*[loud(0.08)] * 1000)

    assert (silence.is_whole, speech.is_whole) == (True, False)
    speech.pardon()
    assert speech.is_whole


def test_words_make_it_whole_again() -> None:
    sound = kept(*[loud(0.08)] * 1000)
    sound.reach(0)

    assert sound.is_whole


def test_where_the_words_end_is_not_known_a_moment_is_kept() -> None:
    sound = kept(*[loud(0.08)] * 20)
    sound.reach_end()

    assert TAIL <= len(sound.restart()) <= TAIL + 640


def test_what_is_forgotten_is_gone() -> None:
    sound = kept(loud(0.08))
    sound.forget()

    assert sound.restart() == b""
