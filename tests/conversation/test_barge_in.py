"""Who may stop the agent, when it goes on, and what becomes of words it did not listen to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation.turn_taking import Manner, TurnEnded
from tests.conversation.talk import (
    CHOICE,
    MONEY,
    PHONE,
    YES_NO,
    Happening,
    answers,
    ends,
    mumbles,
    played,
    plays,
    presses,
    says,
    stops,
    talk,
    tells,
)

PATIENT = Manner(interruption_words=3)
SHORT = Manner(false_stop_s=0.5)
GREETS = replace(MONEY, protected=True)
HELLO = "Welcome to the rate line. I am the assistant."


@pytest.mark.parametrize(
    "text",
    "mhm|okay|right|okay okay|yes|haan|ji|theek hai|acha|hello|thank you|I see|ठीक है|सही है|சரி|"
    "ஆமாம்|aam|sari|ശരി|അതെ".split("|"),
)
def test_who_only_listens_does_not_stop_the_agent(text: str) -> None:
    assert stops(MONEY, (1, mumbles(text)), (1.2, says(text)), (3, played)) == []
    assert ends(MONEY, (1, mumbles(text)), (1.2, says(text)), (3, played)) == [(9, "")]


@pytest.mark.parametrize("text", ["no", "five", "wait", "stop", "okay but", "नहीं", "இல்ல"])
def test_words_stop_the_agent_at_once(text: str) -> None:
    assert stops(MONEY, (1, mumbles(text)), (1.2, says(text)), (2, says("please"))) == [(1, "cut")]


def test_a_sound_without_words_does_not() -> None:
    assert stops(MONEY, (1, tells(TurnEnded())), (3, played)) == []


def test_an_agent_may_want_more_words_but_none_to_be_told_no() -> None:
    assert stops(MONEY, (1, mumbles("maybe five")), manner=PATIENT) == []
    assert stops(MONEY, (1, mumbles("maybe five hundred")), manner=PATIENT) == [(1, "cut")]
    assert stops(MONEY, (1, says("no")), manner=PATIENT) == [(1, "cut")]


def test_what_was_too_little_to_stop_the_agent_is_an_answer_when_it_is_done() -> None:
    assert ends(CHOICE, (1, says("paneer")), (2, played), manner=PATIENT) == [(2, "paneer")]


def test_okay_answers_the_question_that_was_put_already() -> None:
    happenings = ((1, says("okay", heard="Fine. Shall it be")),)

    assert talk(YES_NO, *happenings)[0][0] == 1
    assert ends(YES_NO, *happenings) == [(1, "okay")]


@pytest.mark.parametrize("heard", [None, "", "Fine.", "Fine. Shall"])
def test_okay_answers_nothing_before_the_question(heard: str | None) -> None:
    assert ends(YES_NO, (1, says("okay", heard)), (3, played)) == [(9, "")]


def test_okay_to_the_last_words_of_the_question_answers_it() -> None:
    # What was heard is known by marks, which come late.
    assert ends(YES_NO, (1, says("okay", heard="Fine.")), (1.5, played)) == [(1.5, "okay")]
    assert ends(MONEY, (1, says("okay", heard="Fine.")), (1.5, played)) == [(7.5, "")]


def test_okay_that_is_understood_after_the_question_answers_it() -> None:
    assert ends(YES_NO, (1, mumbles("okay")), (1.1, played), (1.3, says("okay"))) == [(1.3, "okay")]
    assert ends(MONEY, (1, mumbles("okay")), (1.1, played), (1.3, says("okay"))) == [(7.1, "")]


def test_a_telephone_that_hears_the_agent_does_not_stop_it() -> None:
    heard = "Welcome. What do you charge for this route?"
    happenings = (
        (1, mumbles("what do you charge for", heard)),
        (2, says("do you charge for", heard)),
    )

    assert talk(MONEY, *happenings, (3, played)) == talk(MONEY, (3, played))


# A stop that was none


def test_a_cough_that_was_taken_for_a_word_is_forgiven() -> None:
    assert stops(MONEY, (1, mumbles("the")), (1.2, mumbles(""))) == [(1, "cut"), (2.5, "resume")]


def test_the_agent_decides_how_long_that_takes() -> None:
    assert stops(MONEY, (1, mumbles("the")), (1.2, mumbles("")), manner=SHORT) == [
        (1, "cut"),
        (1.5, "resume"),
    ]


def test_a_word_that_turns_out_to_be_mhm_is_forgiven_sooner() -> None:
    happenings = ((1, mumbles("what")), (1.2, says("mhm")))

    assert stops(MONEY, *happenings) == [(1, "cut"), (1.8, "resume")]
    assert ends(MONEY, *happenings, (3, played)) == [(9, "")]


def test_mhm_that_is_not_final_yet_is_waited_for() -> None:
    happenings = ((1, mumbles("what")), (1.4, mumbles("mhm")))

    assert stops(MONEY, *happenings, manner=SHORT) == [(1, "cut"), (1.65, "resume")]


def test_a_word_the_recogniser_does_not_stand_by_is_forgiven() -> None:
    assert stops(MONEY, (1, mumbles("the"))) == [(1, "cut"), (2.35, "resume")]


def test_words_that_follow_the_stop_are_the_turn() -> None:
    happenings = ((1, mumbles("five")), (1.4, says("five hundred")), (1.5, tells(TurnEnded())))

    assert ends(MONEY, *happenings) == [(1.5, "five hundred")]


def test_okay_may_begin_a_turn() -> None:
    happenings = ((1, mumbles("what")), (1.2, says("okay")), (1.7, says("but I want six hundred")))

    assert stops(MONEY, *happenings) == [(1, "cut")]
    assert ends(MONEY, *happenings) == [(2.4, "okay but I want six hundred")]


def test_a_second_stop_after_going_on() -> None:
    happenings = ((1, mumbles("the")), (1.2, mumbles("")), (4, mumbles("five hundred")))

    assert stops(MONEY, *happenings) == [(1, "cut"), (2.5, "resume"), (4, "cut")]


def test_the_carrier_may_have_stopped_it() -> None:
    cut: Happening = lambda taking, at: taking.was_cut(at)  # noqa: E731

    assert ends(MONEY, (1, cut), (1.2, says("500"))) == [(1.9, "500")]
    assert stops(MONEY, (1, cut)) == [(2.5, "resume")]
    assert ends(MONEY, (1, played), (2, cut)) == [(7, "")]


# What may not be cut short


def test_an_announcement_is_heard_to_its_end() -> None:
    happenings = ((0, plays(False)), (1, says("five hundred")), (3, plays(True)), (5, played))

    assert stops(MONEY, *happenings) == []
    assert ends(MONEY, *happenings) == [(5, "five hundred")]


def test_who_goes_on_talking_after_it_is_listened_to() -> None:
    happenings = (
        (0, plays(False)),
        (1, mumbles("I want")),
        (3, plays(True)),
        (4, mumbles("I want to")),
    )

    assert stops(MONEY, *happenings) == [(4, "cut")]


def test_the_parts_of_an_answer_do_not_divide_what_is_said_over_them() -> None:
    happenings = ((1, mumbles("maybe five")), (2, plays(True)), (3, mumbles("maybe five hundred")))

    assert stops(MONEY, *happenings, manner=PATIENT) == [(3, "cut")]


def test_mhm_over_an_announcement_answers_nothing() -> None:
    happenings = ((0, plays(False)), (1, says("okay")), (5, played))

    assert ends(YES_NO, *happenings) == [(11, "")]


def test_keys_over_an_announcement_count_after_it() -> None:
    happenings = ((0, plays(False)), (1, presses("1")))

    assert stops(YES_NO, *happenings, (5, plays(True))) == [(5, "cut")]
    assert ends(YES_NO, *happenings, (5, plays(True))) == [(5, "1")]
    assert ends(YES_NO, *happenings, (5, played)) == [(5, "1")]


def test_a_protected_greeting_gives_way_when_the_question_begins() -> None:
    greeted = (1, says("hello I need a truck", heard="Welcome to the"))
    asked = (3, says("five hundred", heard=f"{HELLO} What do"))

    assert stops(GREETS, greeted) == []
    assert stops(GREETS, greeted, asked) == [(3, "cut")]
    assert ends(GREETS, greeted, (4, played)) == [(4, "hello I need a truck")]


# While the turn is being answered


def test_an_answer_waits_for_a_caller_who_goes_on() -> None:
    happenings = (
        (1, played),
        (2, says("98450")),
        (5.6, mumbles("12")),
        (5.8, answers(MONEY)),
        (6.2, says("12345")),
    )
    assert stops(PHONE, *happenings) == [(5.8, "cut")]
    assert ends(PHONE, *happenings) == [(5.5, "98450"), (9.7, "12345")]


def test_what_was_said_meanwhile_is_the_next_turn_at_once() -> None:
    happenings = ((1, played), (2, says("yes")), (2.5, says("five hundred")), (4, answers(MONEY)))

    assert ends(YES_NO, *happenings) == [(2, "yes"), (4, "five hundred")]


def test_mhm_meanwhile_is_nothing() -> None:
    happenings = (
        (1, played),
        (2, says("yes")),
        (2.5, says("okay")),
        (4, answers(MONEY)),
        (5, played),
    )

    assert talk(YES_NO, *happenings) == talk(YES_NO, (1, played), (2, says("yes")), *happenings[3:])


def test_an_answer_that_was_held_back_for_nothing_is_spoken() -> None:
    happenings = (
        (1, played),
        (2, says("yes")),
        (2.5, mumbles("the")),
        (3, answers(MONEY)),
        (3.1, mumbles("")),
        (6, played),
    )
    assert stops(YES_NO, *happenings) == [(3, "cut"), (4.5, "resume")]
    assert ends(YES_NO, *happenings) == [(2, "yes"), (12, "")]


def test_mhm_that_is_not_final_when_the_answer_begins_does_not_stop_it() -> None:
    happenings = ((1, played), (2, says("yes")), (2.9, mumbles("okay")), (3, answers(MONEY)))

    assert stops(YES_NO, *happenings, (3.2, says("okay"))) == []
    assert stops(YES_NO, *happenings, (3.2, says("okay wait"))) == [(3.2, "cut")]


# Keys


def test_a_key_cuts_in_and_is_the_turn() -> None:
    assert stops(YES_NO, (1, presses("1"))) == [(1, "cut")]
    assert ends(YES_NO, (1, presses("1"))) == [(1, "1")]


def test_keys_end_with_the_hash_key() -> None:
    keys = [(2 + place / 2, presses(key)) for place, key in enumerate("9845012345#")]

    assert ends(PHONE, (1, played), *keys) == [(7, "9845012345#")]


def test_keys_end_with_a_pause() -> None:
    assert ends(PHONE, (1, played), (2, presses("5")), (5, presses("0"))) == [(9, "50")]
    assert ends(PHONE, (1, presses("5")), (2, presses("0"))) == [(6, "50")]


def test_keys_without_end_are_taken_as_far_as_they_are() -> None:
    keys = [(2 + place / 10, presses("7")) for place in range(40)]

    assert ends(PHONE, (1, played), *keys)[0][1] == "7" * 32


@pytest.mark.parametrize("key", ["A", "", "12", "#", "१"])
def test_what_is_no_key_or_ends_nothing_is_not_one(key: str) -> None:
    assert ends(PHONE, (1, played), (2, presses(key))) == [(7, "")]


def test_who_types_does_not_say_it() -> None:
    happenings = ((1, played), (2, says("it is")), (2.5, presses("5")), (3, presses("#")))

    assert ends(PHONE, *happenings, (4, answers(MONEY)), (5, played)) == [(3, "5#"), (11, "")]


def test_a_key_too_many_answers_nothing_that_follows() -> None:
    happenings = ((1, presses("1")), (1.3, presses("2")), (1.5, answers(YES_NO)), (2, played))

    assert ends(YES_NO, *happenings) == [(1, "1"), (8, "")]


def test_a_key_right_after_a_short_question_answers_it() -> None:
    happenings = ((1, presses("1")), (1.1, answers(YES_NO)), (1.3, played), (1.4, presses("2")))

    assert ends(YES_NO, *happenings) == [(1, "1"), (1.4, "2")]


def test_who_knows_the_questions_may_type_ahead() -> None:
    happenings = ((1, presses("1")), (2.5, presses("2")), (3, answers(YES_NO)))

    assert ends(YES_NO, *happenings) == [(1, "1"), (3, "2")]


def test_keys_in_the_goodbye_are_not_awaited() -> None:
    assert talk(None, (1, presses("1"))) == []
