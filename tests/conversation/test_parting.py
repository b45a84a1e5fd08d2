"""The end of a live call: when the line may go down, and what is still heard."""

from __future__ import annotations

from conversation.turn_taking import (
    Leave,
    Manner,
    SpeechStarted,
    TurnEnds,
    TurnTaking,
    Words,
)
from tests.conversation.talk import mumbles, played, presses, says, talk, tells

WISH = "please never call me again"


def test_the_line_goes_down_as_soon_as_the_last_word_was_said() -> None:
    assert talk(None, (2, played)) == [(2, Leave())]


def test_what_is_said_over_the_goodbye_needs_no_answer() -> None:
    assert talk(None, (1, says("but wait")), (2, played), (3, says("hello?"))) == [(2, Leave())]


def test_who_wants_no_more_calls_is_heard_over_the_goodbye() -> None:
    assert talk(None, (1, says(WISH)), (2, played)) == [(2, TurnEnds(WISH, 0.9))]


def test_it_is_heard_out_when_the_goodbye_ends_first() -> None:
    goes_on = (1.9, mumbles("please never")), (2, played), (2.4, mumbles("please never call"))

    assert talk(None, *goes_on, (2.8, says(WISH))) == [(2.8, TurnEnds(WISH, 0.9))]


def test_a_sound_without_words_is_waited_for_a_moment() -> None:
    assert talk(None, (1.9, tells(SpeechStarted())), (2, played)) == [(2.5, Leave())]
    begins = (1.9, tells(SpeechStarted())), (2, played), (2.3, mumbles("never call"))
    assert talk(None, *begins, (2.6, says(WISH))) == [(2.6, TurnEnds(WISH, 0.9))]


def test_nobody_is_waited_for_who_talks_on_and_on() -> None:
    words = "well thank you then and give my love to everybody there".split()
    talks = [(1.5 + 0.3 * n, mumbles(" ".join(words[: n + 1]))) for n in range(len(words))]

    assert talk(None, (1, says("bye")), *talks[:2], (2, played), *talks[2:]) == [(3.5, Leave())]


def test_words_over_a_goodbye_are_for_nobody_but_a_wish_to_be_left_alone() -> None:
    taking = TurnTaking(Manner())
    taking.answer(None, 1)
    taking.hears(Words("thank you very much indeed", True), 2)
    assert taking.unanswered == ""

    taking.hears(Words("never call me again", True), 3)
    assert taking.unanswered == "thank you very much indeed never call me again"
    taking.played(4)
    assert taking.unanswered == ""


def test_a_key_in_a_pause_after_the_last_word_changes_nothing() -> None:
    begins = (1.9, tells(SpeechStarted())), (2, played), (2.1, presses("0"))
    assert talk(None, *begins) == [(2.5, Leave())]
