import pytest

from conversation.reading.positions import position
from conversation.reading.spelling import DigitRun, digit_runs, letters_at
from conversation.reading.words import split


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("nine eight four five double zero triple five one two", "98450055512"),
        ("nine eight four five oh one two three four five", "9845012345"),
        ("98450-12345", "9845012345"),
        ("+91 98450 12345", "+919845012345"),
        ("plus nine one nine eight four five", "+919845"),
        ("9845 and then 012345", "9845012345"),
        ("one eight hundred five five five", "1800555"),
        ("ninety eight forty five twelve", "984512"),
        ("twenty oh five", "2005"),
        ("९८४५०", "98450"),
        ("௯௮௪௫", "9845"),
        ("एक दो तीन शून्य", "1230"),
        ("nau aath do ek", "9821"),
        ("ஒன்பது எட்டு ரெண்டு பூஜ்யம்", "9820"),
        ("onbathu ettu rendu", "982"),
        ("ഒമ്പത് എട്ട് രണ്ട് പൂജ്യം", "9820"),
        ("ombathu ettu randu", "982"),
        ("डबल पाँच", "55"),
    ],
)
def test_spoken_digits_become_figures(said: str, digits: str) -> None:
    assert [run.digits for run in digit_runs(said)] == [digits]


def test_digits_apart_are_two_runs_with_their_places() -> None:
    assert digit_runs("two pizzas for 4") == [DigitRun("2", 0, 3), DigitRun("4", 15, 16)]


@pytest.mark.parametrize("said", ["", "double trouble", "double", "double double", "oh", "do it"])
def test_words_that_are_no_digits_are_none(said: str) -> None:
    assert digit_runs(said) == []


def test_a_multiple_of_more_than_one_digit_is_not_repeated() -> None:
    assert [run.digits for run in digit_runs("double twelve")] == ["12"]


def test_three_small_words_end_a_run() -> None:
    assert [run.digits for run in digit_runs("one and then um two")] == ["1", "2"]


@pytest.mark.parametrize(
    ("said", "text", "words"),
    [
        *(("J", "j", 1), ("double l", "ll", 2), ("capital J", "j", 2)),
        *(("j as in juliet", "j", 4), ("d for dog", "d", 3), ("j juliet", "j", 2)),
        *(("j for dog", "j", 1), ("j as", "j", 1), ("triple w as in whisky", "www", 5)),
    ],
)
def test_letters_are_read_with_what_explains_them(said: str, text: str, words: int) -> None:
    spelt = letters_at(split(said), 0)

    assert spelt is not None
    assert (spelt.text, spelt.words) == (text, words)


@pytest.mark.parametrize("said", ["john", "double", "double john", "capital gains", "5", "अ"])
def test_words_are_no_letters(said: str) -> None:
    assert letters_at(split(said), 0) is None


@pytest.mark.parametrize(
    ("said", "place"),
    [
        *(("the first one", 0), ("second", 1), ("2nd", 1), ("option 3", 2), ("number two", 1)),
        *(("the last one please", 2), ("पहला वाला", 0), ("doosra wala", 1), ("ரெண்டாவது", 1)),
        *(("moonavathu venum", 2), ("ആദ്യത്തെ", 0), ("randamathe mathi", 1), ("கடைசி", 2)),
    ],
)
def test_places_are_read_in_four_languages(said: str, place: int) -> None:
    assert position(split(said), 3) == place


@pytest.mark.parametrize(
    "said",
    [
        "first of march",
        "the fourth one",
        "first and second",
        "two",
        "option",
        "option x",
        "",
        "the",
        "option 0",
        "option 1234",
    ],
)
def test_what_is_no_place_among_three_is_none(said: str) -> None:
    assert position(split(said), 3) is None
