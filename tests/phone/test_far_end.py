"""The caller's ear: what is heard when, which marks that reaches, where the sound had holes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phone.far_end import FarEnd, Played

SECOND = b"\x01" * 8000


def test_sound_is_heard_as_time_passes_and_no_sooner() -> None:
    far = FarEnd()
    far.take(SECOND, 10.0)
    assert far.play(10.0) == Played()
    assert len(far.play(10.25).audio) == 2000
    assert len(far.play(12.0).audio) == 6000
    assert far.play(13.0) == Played()
    assert far.heard_bytes == 8000


def test_a_faster_line_plays_faster() -> None:
    far = FarEnd(8.0)
    far.take(SECOND, 0.0)
    assert len(far.play(0.0625).audio) == 4000
    assert far.dry_at == pytest.approx(0.125)


def test_a_mark_is_reached_when_all_before_it_was_heard() -> None:
    far = FarEnd()
    far.take(SECOND, 0.0)
    far.mark("one")
    far.take(SECOND, 0.1)
    far.mark("two")
    assert far.play(0.99).marks == ()
    assert far.play(1.0).marks == ("one",)
    assert far.play(5.0).marks == ("two",)


def test_a_mark_with_nothing_to_play_is_reached_at_once() -> None:
    far = FarEnd()
    far.mark("now")
    assert far.play(3.0) == Played(b"", ("now",))


def test_clear_forgets_what_waits_and_tells_its_marks() -> None:
    far = FarEnd()
    far.take(SECOND, 0.0)
    far.mark("one")
    far.take(SECOND, 0.0)
    far.mark("two")
    far.play(0.5)
    assert far.clear(0.5) == ("one", "two")
    assert far.play(9.0) == Played()
    assert (far.heard_bytes, far.cleared_bytes) == (4000, 12000)


def test_a_hole_in_what_is_said_is_kept_with_its_length() -> None:
    far = FarEnd()
    far.take(SECOND, 0.0)
    far.play(1.5)
    far.take(SECOND, 1.5)
    (gap,) = far.gaps
    assert [gap.at, gap.length_s] == pytest.approx([1.0, 0.5])


def test_sound_that_comes_in_time_leaves_no_hole() -> None:
    far = FarEnd()
    for number in range(20):
        at = number * 0.9
        far.play(at)
        far.take(SECOND, at)
    assert far.gaps == []


def test_between_two_utterances_and_after_a_clear_there_is_no_hole() -> None:
    far = FarEnd()
    far.take(SECOND, 0.0)
    far.play(1.2)
    far.turn()
    far.take(SECOND, 1.5)
    far.clear(1.6)
    far.take(SECOND, 1.8)
    far.play(9.0)
    far.take(SECOND, 9.0)
    assert far.gaps == []


def test_the_first_sound_after_a_turn_is_timed() -> None:
    far = FarEnd()
    far.take(SECOND, 1.0)
    far.take(SECOND, 1.1)
    assert far.first_audio_at == 1.0
    far.turn()
    far.take(SECOND, 4.0)
    assert far.first_audio_at == pytest.approx(4.0)


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "mark", "play", "clear"]), st.integers(0, 4000)), max_size=40
)


@given(STEPS, st.sampled_from([1.0, 8.0]))
def test_every_byte_is_heard_or_cleared_once_and_every_mark_told_once(
    steps: list[tuple[str, int]], speed: float
) -> None:
    far = FarEnd(speed)
    at, sent, heard = 0.0, b"", b""
    marks: list[str] = []
    told: list[str] = []
    for number, (step, size) in enumerate(steps):
        at += size / 8000
        played = far.play(at)
        heard += played.audio
        told += played.marks
        match step:
            case "take":
                piece = bytes((number % 256,)) * size
                far.take(piece, at)
                sent += piece
            case "mark":
                far.mark(str(number))
                marks.append(str(number))
            case "clear":
                told += far.clear(at)
    rest = far.play(at + 1000.0)
    heard, told = heard + rest.audio, told + list(rest.marks)
    assert told == marks
    assert len(heard) == far.heard_bytes == len(sent) - far.cleared_bytes
    if not far.cleared_bytes:
        assert heard == sent
