"""The end of a live call: when the line may go down, and what is still heard."""

from __future__ import annotations

from conversation.turn_taking import (
    Finalise,
    Leave,
    Manner,
    SpeechStarted,
    TurnEnds,
    TurnTaking,
    Words,
)
from tests.conversation.talk import answers, mumbles, played, presses, says, talk, tells

WISH = "please never call me again"


def test_the_line_goes_down_as_soon_as_the_last_word_was_said() -> None:
    assert talk(None, (2, played)) == [(2, Leave())]


def test_what_is_said_over_the_goodbye_needs_no_answer() -> None:
    assert talk(None, (1, says("but wait")), (2, played), (3, says("hello?"))) == [(2, Leave())]


def test_who_wants_no_more_calls_is_heard_over_the_goodbye() -> None:
    assert talk(None, (1, says(WISH)), (2, played)) == [(2, TurnEnds(WISH, 0.9))]


def test_it_is_heard_out_when_the_goodbye_ends_first() -> None:
    goes_on = (1.9, mumbles("please never")), (2, played), (2.4, mumbles("please never call"))

    assert talk(None, *goes_on, (2.8, says(WISH))) == [(3.4, TurnEnds(WISH, 0.9))]


def test_what_sounds_like_a_wish_is_heard_to_its_end() -> None:
    begins = (1.9, mumbles("please don't call me")), (2, played)
    ends = "please don't call me when the driver is here"
    more = (2.4, mumbles("please don't call me when")), (3, says(ends))

    assert talk(None, *begins, *more) == [(3, Leave())]
    pieces = (1.9, says("please don't call me")), (2, played), (2.3, says("when he is here"))
    assert talk(None, *pieces) == [(2.3, Leave())]


def test_a_wish_that_never_becomes_final_is_one() -> None:
    asked = talk(None, (1.9, mumbles(WISH)), (2, played))
    assert asked == [(2.5, Finalise()), (3.1, TurnEnds(WISH))]

    goes_on = [(2 + 0.4 * n, mumbles(f"{WISH} and" + " again" * n)) for n in range(1, 20)]
    words = goes_on[11][0], f"{WISH} and" + " again" * 12
    told = talk(None, (1.9, mumbles(WISH)), (2, played), *goes_on)
    assert told == [(7, TurnEnds(words[1]))]


def test_the_last_words_heard_back_from_a_loudspeaker_are_no_wish() -> None:
    closing = "Goodbye. To stop these calls, press nine."
    ends = (2, answers(None, closing)), (4, says("to stop these calls press 9")), (4.2, played)
    assert talk(None, *ends) == [(4.2, Leave())]

    taking = TurnTaking(Manner())
    taking.answer(None, 1, closing)
    taking.hears(Words("stop these calls press nine", True), 2)
    assert taking.unanswered == ""
    taking.hears(Words("yes stop calling me", True), 3)
    assert taking.unanswered == "yes stop calling me"
    assert taking.played(4) == [TurnEnds("yes stop calling me")]


def test_who_gives_the_goodbye_back_is_heard_to_say_more() -> None:
    words = "thank you goodbye and never call me again"
    ends = (2, answers(None, "Thank you. Goodbye.")), (4, says(words)), (5, played)
    assert talk(None, *ends) == [(5, TurnEnds(words, 0.9))]


def test_who_says_a_few_of_the_same_words_means_them() -> None:
    closing = "To stop these calls, press nine."
    ends = (2, answers(None, closing)), (4, says("stop these calls")), (5, played)
    assert talk(None, *ends) == [(5, TurnEnds("stop these calls", 0.9))]


def test_a_sound_without_words_is_waited_for_a_moment() -> None:
    assert talk(None, (1.9, tells(SpeechStarted())), (2, played)) == [(2.5, Leave())]
    begins = (1.9, tells(SpeechStarted())), (2, played), (2.3, mumbles("never call"))
    assert talk(None, *begins, (2.6, says(WISH))) == [(3.2, TurnEnds(WISH, 0.9))]


def test_nobody_is_waited_for_who_talks_on_and_on() -> None:
    words = "well thank you then and give my love to everybody there".split()
    talks = [(1.5 + 0.3 * n, mumbles(" ".join(words[: n + 1]))) for n in range(len(words))]

    assert talk(None, (1, says("bye")), *talks[:2], (2, played), *talks[2:]) == [(4.5, Leave())]


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
