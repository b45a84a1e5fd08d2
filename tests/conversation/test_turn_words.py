"""What small words tell of a turn, in four languages."""

from __future__ import annotations

import pytest

from conversation.turn_taking_words import (
    Open,
    echoes,
    left_open,
    only_hesitates,
    only_listens,
    share_put,
    stops,
    tells_nothing,
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("it is", "en-IN"),
        ("from 2 to", "en-IN"),
        ("my number is", "en-IN"),
        ("I would like", "en-IN"),
        ("Well,", "en-IN"),
        ("five hundred um", "en-IN"),
        ("five hundred you know", "en-IN"),
        ("मेरा नंबर है", "hi-IN"),
        ("mera number", "hi-IN"),
        ("2 से", "hi-IN"),
        ("என் நம்பர்", "ta-IN"),
        ("2 முதல்", "ta-IN"),
        ("എന്റെ നമ്പർ", "ml-IN"),
        ("my number is", "ml-IN"),
    ],
)
def test_a_beginning_is_left_open(text: str, language: str) -> None:
    assert left_open(text, language) is Open.LED_UP


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("a large one and", "en-IN"),
        ("yes but", "hi-IN"),
        ("98450 double", "en-IN"),
        ("asha dot", "fr-FR"),
        ("पाँच सौ और", "hi-IN"),
        ("ஐந்நூறு அல்லது", "ta-IN"),
        ("വലുത് അല്ലെങ്കിൽ", "ml-IN"),
    ],
)
def test_a_word_that_joins_leaves_it_open_whatever_stood_before(text: str, language: str) -> None:
    assert left_open(text, language) is Open.JOINED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "five hundred",
        "go on",
        "hold on",
        "who is this for?",
        "I like it",
        "count me in",
        "5 pm.",
    ],
)
def test_what_may_be_over_is_not_left_open(text: str) -> None:
    assert left_open(text, "en-IN") is None


def test_words_of_one_language_do_not_leave_another_open() -> None:
    assert left_open("haan ya", "en-IN") is None


def test_listening_hesitating_and_stopping() -> None:
    assert only_listens("Okay, right.")
    assert not only_listens("okay but")
    assert not only_listens("")
    assert only_hesitates("um, well, you know")
    assert not only_hesitates("um five")
    assert not only_hesitates("")
    assert tells_nothing("")
    assert tells_nothing("uh")
    assert not tells_nothing("five")
    assert stops("no, five hundred")
    assert stops("हाँ नहीं") is False
    assert not stops("five hundred no")
    assert not stops("")


@pytest.mark.parametrize(
    ("heard", "share"),
    [
        ("", 0.0),
        ("Fine.", 0.0),
        ("Fine. Shall it", 0.5),
        ("Fine. Shall it be wrapped?", 1.0),
        ("Shall it be wrapped? Press 1 for yes", 1.0),
    ],
)
def test_how_much_of_a_question_was_put(heard: str, share: float) -> None:
    assert share_put("Shall it be wrapped?", heard) == share


def test_where_nothing_is_asked_anything_heard_is_all_of_it() -> None:
    assert share_put("", "Fine.") == 1.0
    assert share_put("", "") == 0.0


def test_an_echo_is_four_words_of_the_agent_or_more() -> None:
    assert echoes("do you charge for", "What do you charge for this route?")
    assert not echoes("charge for this", "What do you charge for this route?")
    assert not echoes("I charge for this", "What do you charge for this route?")
