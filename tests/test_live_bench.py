"""The far end of the live benchmarks counts what a caller hears, and its notes are read back."""

from __future__ import annotations

import base64

from benchmarks.live_far_end import FarEnd
from benchmarks.live_sound import Note, read_note, utterance
from phone.word_track import WordReader


def test_sound_that_comes_while_there_is_some_to_play_is_not_late() -> None:
    far_end = FarEnd()
    far_end.hears(0.2, now=10.0)
    far_end.hears(0.2, now=10.19)
    assert far_end.late_s == [0.0, 0.0]


def test_sound_that_comes_to_an_empty_buffer_within_an_answer_is_late() -> None:
    far_end = FarEnd()
    far_end.hears(0.2, now=10.0)
    far_end.hears(0.2, now=10.5)
    assert [round(one, 3) for one in far_end.late_s] == [0.0, 0.3]


def test_the_first_sound_of_the_next_answer_is_not_late() -> None:
    far_end = FarEnd()
    far_end.hears(0.2, now=10.0)
    far_end.answer_ends()
    far_end.hears(0.2, now=12.0)
    assert far_end.late_s == [0.0, 0.0]


def test_marks_return_when_what_came_before_them_was_played() -> None:
    far_end = FarEnd()
    far_end.hears(0.2, now=10.0)
    far_end.asked("a", now=10.0)
    far_end.hears(0.2, now=10.0)
    far_end.asked("b", now=10.0)
    assert far_end.played(10.1) == []
    assert far_end.played(10.25) == ["a"]
    assert not far_end.is_quiet(10.39, for_s=0.0)
    assert far_end.played(10.41) == ["b"]
    assert far_end.is_quiet(10.9, for_s=0.4)


def test_what_is_cleared_returns_its_marks_at_once_and_is_not_played() -> None:
    far_end = FarEnd()
    far_end.hears(2.0, now=10.0)
    far_end.asked("a", now=10.0)
    assert far_end.clears(now=10.5) == ["a"]
    assert far_end.plays_until == 10.5
    assert far_end.played(13.0) == []


def test_a_note_is_read_at_the_end_of_an_utterance_and_at_its_begin_when_asked() -> None:
    note = Note(caller=417, turn=3, text="1234 rupees", is_final=True)
    frames = [base64.b64decode(frame) for frame in utterance(note, 0.8, tells_begin=True)]
    reader, told = WordReader(), []
    for number, frame in enumerate(frames):
        told += [(number, read_note(word)) for word in reader.read(frame)]
    assert {len(frame) for frame in frames} == {160}
    assert told == [(1, Note(417, 3, "1234 rupees", False)), (len(frames) - 1, note)]
    assert read_note("rupees") is None
