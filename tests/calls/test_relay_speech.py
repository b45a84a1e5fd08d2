"""What the carrier was given to say, and what of it was heard."""

from __future__ import annotations

import pytest

from calls.relay_speech import RelaySpeech, pieces, seconds_of
from conversation.actions import Part

HELLO = "Hello, this is Acme Freight. What do you charge for route R123?"


def speech(*texts: str, may: bool = True) -> RelaySpeech:
    return RelaySpeech(pieces([(Part(text, "en-IN"), may) for text in texts]))


def test_parts_are_one_text_with_spaces_between() -> None:
    found = pieces([(Part("Hello.", "en-IN"), True), (Part("நன்றி", "ta-IN"), True)])
    assert [(one.text, one.language, one.is_last) for one in found] == [
        ("Hello. ", "en-IN", False),
        ("நன்றி", "ta-IN", True),
    ]


def test_a_run_ends_where_the_next_may_be_cut() -> None:
    parts = [
        (Part("A.", "en-IN"), False),
        (Part("B.", "en-IN"), False),
        (Part("C?", "en-IN"), True),
    ]
    assert [(one.text, one.interruptible, one.is_last) for one in pieces(parts)] == [
        ("A. ", False, False),
        ("B. ", False, True),
        ("C?", True, True),
    ]


def test_empty_parts_are_not_spoken_and_keep_their_number() -> None:
    found = pieces([(Part("  ", "en-IN"), True), (Part("Yes.", "en-IN"), True)])
    assert [(one.text, one.number) for one in found] == [("Yes.", 1)]


def test_nothing_said_is_all_heard() -> None:
    assert speech().is_heard
    assert speech().now is None
    assert seconds_of(speech().planned) == 0.0


def test_clause_by_clause_it_is_heard() -> None:
    words = speech(HELLO)
    assert words.heard == ""
    assert words.played("Hello,")
    assert words.heard == "Hello,"
    assert words.played("this is Acme Freight.")
    assert words.heard == "Hello, this is Acme Freight."
    assert words.played("What do you charge for route R123?")
    assert words.now is None
    assert words.heard == HELLO


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ("this is Ac", "Hello, this is Ac"),  # of the clause that was cut
        ("Hello, this is Acme", "Hello, this is Acme"),  # from the beginning
        ("hello this is ACME freight", "Hello, this is Acme Freight."),  # written otherwise
        ("this is Acme Freightliners", "Hello, this is Acme Freight."),  # ends otherwise
        ("", ""),
    ],
)
def test_an_interruption_tells_how_far_it_was(told: str, heard: str) -> None:
    words = speech(HELLO)
    words.played(told)
    assert words.heard == heard


def test_the_same_clause_told_as_played_and_as_cut_counts_once() -> None:
    words = speech("Yes. Yes. Yes. Yes.")
    words.played("Yes.")
    words.played("Yes.")
    assert words.heard == "Yes."


def test_an_interruption_never_takes_back_what_was_told_as_played() -> None:
    words = speech(HELLO)
    words.played("Hello, this is Acme Freight.")
    words.played("Hello")
    assert words.heard == "Hello, this is Acme Freight."


def test_words_of_another_text_are_not_heard_in_this_one() -> None:
    words = speech(HELLO)
    assert not words.played("One moment please, I am looking")
    assert words.heard == ""
    assert not words.is_told


def test_the_rest_begins_with_the_word_that_was_cut() -> None:
    words = speech("Hello there. ", "What do you charge?")
    words.played("Hello there.")
    words.played("What do you cha")
    assert [one.text for one in words.rest()] == ["charge?"]
    assert words.rest()[0].number == 1


def test_the_rest_after_a_whole_word_begins_with_the_next() -> None:
    words = speech("Hello there.", "What do you charge?")
    words.played("Hello")
    assert "".join(one.text for one in words.rest()).strip() == "there. What do you charge?"


def test_indian_letters_keep_the_signs_that_belong_to_them() -> None:
    words = speech("നിങ്ങളുടെ പേര് എന്താണ്?")
    words.played("നിങ്ങളുടെ പേര്")
    assert words.heard == "നിങ്ങളുടെ പേര്"
    words.played("എന്താണ്?")
    assert words.is_heard


def test_the_part_that_is_being_heard_is_known() -> None:
    words = speech("This call is recorded.", "What do you charge?")
    assert words.now is not None
    assert words.now.number == 0
    words.played("This call is recorded.")
    assert words.now.number == 1


def test_it_takes_longer_to_say_more() -> None:
    assert 5.0 < seconds_of(speech(HELLO).planned) < 8.0
