"""The ledger of an answer: only what is known to have been played was heard."""

from __future__ import annotations

import pytest

from calls.playback import BYTES_A_MS, Playback, Played, taken_up, words_within

SECOND = 1000 * BYTES_A_MS
LOUD, QUIET = b"\x80", b"\xff"


def sent_whole(*seconds: float) -> Playback:
    """An answer of parts so long, sent as a whole, with the marks p0, p1, ..."""
    ledger = Playback(
        [f"one{number} two{number} three{number} four{number}" for number in range(len(seconds))]
    )
    for part, length in enumerate(seconds):
        size = int(length * SECOND)
        ledger.sent(part, size // 2, f"p{part}-half")
        ledger.sent(part, size, f"p{part}")
        ledger.ends(part, size)
    return ledger


def test_nothing_was_heard_before_a_mark_comes_back() -> None:
    ledger = sent_whole(1, 1)

    assert ledger.heard_text == ""
    assert ledger.ahead_ms == 2000
    assert ledger.played == Played(planned_ms=2000, sent_ms=2000, heard_ms=0)
    assert not ledger.is_heard


def test_a_mark_proves_what_lies_before_it() -> None:
    ledger = sent_whole(1, 1)

    assert ledger.marked("p0")

    assert ledger.heard_text == "one0 two0 three0 four0"
    assert (ledger.playing, ledger.ahead_ms) == (1, 1000)


def test_of_a_part_as_many_words_were_heard_as_of_its_sound() -> None:
    ledger = sent_whole(1, 1)

    ledger.marked("p1-half")

    assert ledger.heard_text == "one0 two0 three0 four0 one1 two1"


def test_the_last_mark_says_that_all_was_heard() -> None:
    ledger = sent_whole(1, 1)

    ledger.marked("p1")

    assert ledger.is_heard
    assert ledger.heard_text == "one0 two0 three0 four0 one1 two1 three1 four1"
    assert ledger.playing == 2


def test_marks_that_come_back_after_a_clear_prove_nothing() -> None:
    ledger = sent_whole(1, 1)
    ledger.marked("p0-half")

    ledger.cleared()

    assert not ledger.marked("p0")
    assert not ledger.marked("p1")
    assert ledger.heard_text == "one0 two0"


@pytest.mark.parametrize("name", ["never", "", "p0"])
def test_a_mark_that_was_never_sent_or_comes_twice_is_nothing(name: str) -> None:
    ledger = sent_whole(1, 1)
    ledger.marked("p0")

    assert not ledger.marked(name)
    assert ledger.heard == (0, SECOND)


def test_without_marks_what_was_sent_is_taken_for_heard_when_its_time_is_over() -> None:
    ledger = sent_whole(1)

    ledger.assumed()

    assert ledger.is_heard
    assert not ledger.marked("p0")


def test_what_is_sent_again_was_not_heard() -> None:
    ledger = sent_whole(1, 1)
    ledger.marked("p1-half")
    ledger.cleared()

    ledger.rewound(1, 0)

    assert ledger.played == Played(planned_ms=2000, sent_ms=1000, heard_ms=1000)
    ledger.sent(1, SECOND, "again")
    assert ledger.marked("again")
    assert ledger.is_heard


def test_the_length_of_what_is_not_made_yet_is_estimated() -> None:
    ledger = Playback(["x" * 100])

    assert ledger.played.planned_ms == 6600

    ledger.sent(0, 9 * SECOND, "m")
    assert ledger.played.planned_ms == 9000


def test_a_part_without_sound_is_over_at_once() -> None:
    ledger = Playback(["", "word"])
    ledger.ends(0, 0)
    ledger.sent(1, SECOND, "m")
    ledger.ends(1, SECOND)

    assert ledger.playing == 1
    ledger.marked("m")
    assert ledger.heard_text == "word"


def test_an_answer_of_nothing_was_heard() -> None:
    assert Playback([]).is_heard


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, ""),
        (0.3, ""),  # within the first word
        (0.4, "please"),
        (0.6, "please"),
        (0.75, "please wait"),
        (0.95, "please wait"),
        (1.0, "please wait now"),
    ],
)
def test_words_are_heard_whole_or_not_at_all(share: float, words: str) -> None:
    assert words_within("please wait now", share) == words


def test_a_sentence_is_taken_up_in_the_pause_before_the_cut() -> None:
    sound = LOUD * SECOND + QUIET * 400 + LOUD * SECOND

    at = taken_up(sound, SECOND + 400 + 300 * BYTES_A_MS)

    assert SECOND <= at <= SECOND + 400


def test_a_sentence_that_had_hardly_begun_begins_anew() -> None:
    assert taken_up(LOUD * SECOND, 500 * BYTES_A_MS) == 0


def test_a_sentence_without_pauses_is_taken_up_close_before_the_cut() -> None:
    at = taken_up(LOUD * 3 * SECOND, 2 * SECOND)

    assert at == 2 * SECOND - 100 * BYTES_A_MS
