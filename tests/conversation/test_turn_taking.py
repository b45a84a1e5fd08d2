"""When a caller's turn is over, by what was asked."""

from __future__ import annotations

import pytest

from conversation.turn_taking import (
    Cut,
    Expected,
    Finalise,
    Manner,
    MayEnd,
    NoAnswer,
    SpeechStarted,
    TurnEnded,
    TurnEnds,
    TurnResumed,
    TurnTaking,
    Words,
)
from tests.conversation.talk import (
    ADDRESS,
    CHOICE,
    EMAIL,
    MONEY,
    NAME,
    PHONE,
    TIMES,
    YES_NO,
    Happening,
    answers,
    asks,
    ends,
    foretold,
    mumbles,
    played,
    says,
    talk,
    tells,
)

MENU = Expected("en-IN", "English or Tamil?", menu=("en-IN", "ta-IN"))
READ_BACK = Expected("en-IN", "A large pizza. Is that right?", confirming=True)
NO_FIELD = Expected("en-IN", "What shall I change?")
END = TurnEnded()


@pytest.mark.parametrize(
    ("expected", "text", "pause_s"),
    [
        # At once: nothing can follow.
        (YES_NO, "yes", 0),
        (YES_NO, "yes it is", 0),
        (YES_NO, "haan ji", 0),
        (CHOICE, "paneer", 0),
        (CHOICE, "I would like the chicken tikka", 0),
        (PHONE, "98450 12345", 0),
        (PHONE, "+91 98450 12345", 0),
        (EMAIL, "asha dot menon at gmail dot com", 0),
        (TIMES, "from 2 pm to 5 pm", 0),
        (MENU, "Tamil", 0),
        (READ_BACK, "yes, that's right", 0),
        # A no to what was read back is followed by what it should be.
        (READ_BACK, "no", 0.4),
        (READ_BACK, "no,", 0.4),
        (READ_BACK, "no but", 2.0),
        # After a pause: more may follow.
        (YES_NO, "what does it cost", 0.7),
        (CHOICE, "chicken", 0.7),
        (CHOICE, "paneer or chicken", 0.7),
        (MONEY, "five hundred", 0.7),
        (MENU, "the other one", 0.7),
        (READ_BACK, "no, the size is small", 0.7),
        (READ_BACK, "the size is small", 0.7),
        (NO_FIELD, "the address", 0.7),
        # After a longer one: such answers are told in pieces.
        (NAME, "Asha", 1.2),
        (ADDRESS, "12 Temple Road", 1.2),
        (TIMES, "2 to 5", 0.7),
        (PHONE, "I have no telephone at home these days", 1.2),
        (EMAIL, "you can write to my wife instead", 1.2),
        (EMAIL, "asha at example dot co", 1.2),
        # A wish of its own does not wait for the pieces.
        (PHONE, "an operator please", 0.7),
        (EMAIL, "I don't know", 0.7),
        (MONEY, "let me see", 2.0),
        # It ends like a beginning.
        (MONEY, "it is", 2.0),
        (MONEY, "five hundred and", 2.0),
        (YES_NO, "yes but", 2.0),
        (NAME, "my name is", 3.0),
        (PHONE, "my number is", 3.0),
        (MONEY, "maybe,", 2.0),
        # The value needs more.
        (PHONE, "98450", 3.5),
        (PHONE, "98450 double", 3.5),
        (EMAIL, "asha dot", 3.5),
        (EMAIL, "asha", 3.5),
        (EMAIL, "asha at gmail", 3.5),
        (TIMES, "2 pm", 3.5),
    ],
)
def test_a_turn_ends_by_what_was_asked(expected: Expected, text: str, pause_s: float) -> None:
    assert ends(expected, (1, played), (2, says(text))) == [(2 + pause_s, text)]


@pytest.mark.parametrize(
    ("expected", "text", "pause_s"),
    [
        (MONEY, "five hundred", 0),
        (MONEY, "an operator please", 0),
        (MONEY, "it depends on the weather", 0.3),
        (TIMES, "2 to 5", 0),
        (READ_BACK, "no,", 0.4),
        (NAME, "Asha", 0.7),
        (PHONE, "98450", 3.5),
        (MONEY, "it is", 2.0),
    ],
)
def test_an_end_told_by_silence_shortens_the_pause(
    expected: Expected, text: str, pause_s: float
) -> None:
    happenings = ((1, played), (2, says(text)), (2, tells(END)))

    assert ends(expected, *happenings) == [(2 + pause_s, text)]


@pytest.mark.parametrize(
    ("expected", "text", "pause_s"),
    [
        (MONEY, "it depends on the weather", 0),
        (ADDRESS, "12 Temple Road", 0),
        (READ_BACK, "no", 0),
        (PHONE, "98450", 3.5),
        (MONEY, "my charge is", 2.0),
    ],
)
def test_an_end_told_by_what_was_said_is_believed_unless_the_field_knows_better(
    expected: Expected, text: str, pause_s: float
) -> None:
    happenings = ((1, played), (2, says(text)), (2, tells(END)))

    assert ends(expected, *happenings, ends_turns=True) == [(2 + pause_s, text)]


def test_a_recogniser_that_ends_turns_is_waited_for_but_not_for_ever() -> None:
    assert ends(MONEY, (1, played), (2, says("500")), ends_turns=True) == [(4.5, "500")]


def test_more_words_put_the_end_off() -> None:
    happenings = ((1, played), (2, says("98450")), (5.4, says("12345")))

    assert ends(PHONE, *happenings) == [(5.4, "98450 12345")]


def test_the_agents_own_pause_counts() -> None:
    slow = Manner(end_silence_s=2.5)

    assert ends(MONEY, (1, played), (2, says("500")), manner=slow) == [(4.5, "500")]
    assert ends(MONEY, (1, played), (2, says("it is")), manner=slow) == [(4.5, "it is")]


def test_a_turn_is_as_sure_as_its_least_sure_piece() -> None:
    taking = TurnTaking(Manner())
    taking.answer(MONEY, 0)
    taking.played(1)
    taking.hears(Words("five", True, 0.9), 2)
    taking.hears(Words("hundred", True, 0.4), 2.1)
    taking.hears(Words("rupees", True), 2.2)

    assert taking.tick(5) == [TurnEnds("five hundred rupees", 0.4)]


# Words that are not final


def test_an_answer_that_stands_still_is_asked_for_at_once() -> None:
    told = talk(YES_NO, (1, played), (2, mumbles("yes")), (2.3, says("yes")))

    assert told == [(2.25, Finalise()), (2.3, TurnEnds("yes", 0.9))]


def test_words_that_become_final_in_running_speech_are_not_the_end() -> None:
    began = ((1, played), (2, mumbles("500 rupees")), (2.6, says("500 rupees")))

    assert ends(MONEY, *began) == [(3.1, "500 rupees")]
    assert ends(MONEY, *began, (3, mumbles("from 2")), (3.1, says("from 2 to 5 pm")))[0][0] == 3.8


def test_a_caller_who_is_still_loud_has_not_paused_whatever_words_are_known() -> None:
    taking = TurnTaking(Manner())
    taking.answer(MONEY, 0)
    taking.played(1)
    taking.hears(Words("500", True, 0.9), 2)

    taking.sounds(2.6)

    assert TurnEnds("500", 0.9) not in taking.tick(2.8)
    assert taking.due_at == pytest.approx(3.3)
    assert taking.hears(TurnEnded(), 2.9) == [TurnEnds("500", 0.9)]  # who hears it knows better


def test_a_noise_after_the_words_puts_the_end_off_for_a_while_only() -> None:
    taking = TurnTaking(Manner())
    taking.answer(MONEY, 0)
    taking.played(1)
    taking.hears(Words("500", False), 2)

    taking.sounds(9)
    taking.tick(2.3)

    assert taking.due_at == pytest.approx(2 + 1.5 + 0.7)
    assert taking.tick(4.2) == [Finalise()]


def test_words_that_never_become_final_are_taken_as_they_are() -> None:
    told = talk(MONEY, (1, played), (2, mumbles("five")), (2.4, mumbles("five hundred")))

    assert told == [
        (2.25, MayEnd("five", False)),
        (2.65, MayEnd("five hundred", False)),
        (3.1, Finalise()),
        (3.7, TurnEnds("five hundred")),
    ]


def test_what_was_taken_before_it_was_final_is_not_a_second_turn() -> None:
    late = (4.0, says("Five hundred."))
    happenings = ((1, played), (2, mumbles("five hundred")), late, (4.1, answers(MONEY)))

    assert ends(MONEY, *happenings, (5, played)) == [(3.3, "five hundred"), (11, "")]


def test_what_follows_in_the_same_piece_is_the_next_turn() -> None:
    late = (3.5, says("Five hundred, for two of them."))
    happenings = ((1, played), (2, mumbles("five hundred")), late, (4.1, answers(YES_NO)))

    assert ends(MONEY, *happenings) == [(3.3, "five hundred"), (4.2, "for two of them.")]


def test_other_words_right_after_are_a_correction_and_later_ones_are_new() -> None:
    began = ((1, played), (2, mumbles("nine eight")))

    assert ends(MONEY, *began, (3.4, says("98")), (4, answers(MONEY)), (5, played))[1:] == [
        (11, "")
    ]
    assert ends(MONEY, *began, (7, says("No.")), (8, answers(MONEY)))[1:] == [(8, "No.")]


def test_an_end_makes_the_words_final() -> None:
    told = ends(MONEY, (1, played), (2, mumbles("five hundred")), (2.1, tells(END)))

    assert told == [(2.1, "five hundred")]


def test_an_eager_end_is_read_ahead_and_may_be_taken_back() -> None:
    happenings = (
        (1, played),
        (2, mumbles("five hundred")),
        (2.1, tells(TurnEnded(is_eager=True))),
        (2.2, tells(TurnEnded(is_eager=True))),
        (2.3, tells(TurnResumed())),
        (2.4, mumbles("five hundred and fifty")),
        (2.8, says("five hundred and fifty")),
        (2.8, tells(END)),
    )
    assert foretold(MONEY, *happenings, ends_turns=True) == [
        MayEnd("five hundred", True),
        MayEnd("five hundred and fifty", False),
    ]
    assert ends(MONEY, *happenings, ends_turns=True) == [(2.8, "five hundred and fifty")]


def test_nothing_is_read_ahead_of_a_beginning() -> None:
    assert foretold(PHONE, (1, played), (2, says("98450")), (6, says("it is"))) == []
    assert foretold(YES_NO, (1, tells(TurnEnded(is_eager=True)))) == []


def test_an_end_of_no_words_is_no_turn() -> None:
    assert ends(YES_NO, (1, played), (2, tells(END)), (2.1, says("  ")), until=5) == []


def test_a_turn_that_goes_on_and_on_is_taken_as_far_as_it_is() -> None:
    chatter = [(2 + number, mumbles(f"and so {number}")) for number in range(90)]
    turns = ends(ADDRESS, (1, played), *chatter, until=92)

    assert turns[0] == (62, "and so 60")


def test_a_turn_that_is_too_long_is_taken_at_once() -> None:
    assert ends(ADDRESS, (1, played), (2, says("word " * 900)))[0][0] == 2
    assert len(ends(ADDRESS, (1, played), (2, says("x" * 9000)), (2, says("y")))[0][1]) == 1999


# Silence


def test_silence_counts_from_the_end_of_playback() -> None:
    assert ends(MONEY, (10, played)) == [(16, "")]
    assert ends(asks(None, timeout_s=20.0), (10, played)) == [(30, "")]


@pytest.mark.parametrize(
    ("sounds", "at"),
    [((7,), 8.5), ((8, 12), 9.5), ((8, 9.4, 10.8, 11.9), 12), ((3,), 8), ((1,), 8)],
)
def test_a_sound_puts_the_silence_off_for_a_while(sounds: tuple[float, ...], at: float) -> None:
    happenings = [(when, tells(SpeechStarted())) for when in sounds]
    happenings.append((2, played))

    assert ends(MONEY, *sorted(happenings, key=lambda one: one[0])) == [(at, "")]


def test_um_is_no_answer() -> None:
    assert talk(MONEY, (1, played), (2, says("um")), (3, says("well"))) == [(11, NoAnswer())]
    assert ends(MONEY, (1, played), (2, says("um")), (3, says("500"))) == [(3.7, "um 500")]


def test_a_lost_recogniser_is_not_a_silent_caller() -> None:
    away: Happening = lambda taking, at: taking.away(at)  # noqa: E731
    back: Happening = lambda taking, at: taking.back(at)  # noqa: E731

    assert ends(MONEY, (1, played), (2, away)) == []
    assert ends(MONEY, (1, played), (2, away), (20, back)) == [(26, "")]
    assert ends(MONEY, (1, played), (2, mumbles("500")), (2.1, away)) == [(2.7, "500")]


# While the turn is answered


def test_nothing_ends_twice() -> None:
    assert ends(YES_NO, (1, played), (2, says("yes")), (3, says("no"))) == [(2, "yes")]


def test_waiting_ends_nothing() -> None:
    waits: Happening = lambda taking, at: taking.waits(at)  # noqa: E731

    assert ends(YES_NO, (1, played), (2, waits), (3, says("yes"))) == []


def test_words_in_no_turn_are_known() -> None:
    taking = TurnTaking(Manner())
    taking.hears(Words("five hundred", True), 1)
    assert taking.unanswered == "five hundred"

    assert taking.answer(MONEY, 2) == [Cut(), TurnEnds("five hundred")]
    assert taking.unanswered == ""

    taking.hears(Words("okay", True), 10)
    assert taking.unanswered == ""


def test_a_clock_that_is_set_back_changes_nothing() -> None:
    taking = TurnTaking(Manner())
    taking.answer(YES_NO, 100)
    taking.played(50)

    assert taking.due_at == 106
    assert taking.tick(-1) == []


def test_final_words_in_running_speech_are_not_the_end_even_where_nothing_need_follow() -> None:
    taking = TurnTaking(Manner())
    taking.answer(CHOICE, 0)
    taking.played(1)
    taking.sounds(1.95)

    assert taking.hears(Words("paneer", True, 0.9), 2) == [MayEnd("paneer", True)]
    taking.sounds(2.4)
    assert taking.hears(Words("please", True, 0.9), 2.5) == [MayEnd("paneer please", True)]
    assert taking.tick(2.65) == [TurnEnds("paneer please", 0.9)]
