"""One telephone number, written in the ways of before and after its country's plan changed."""

from __future__ import annotations

import pytest

from storage.spellings import asked_by, barred_with, one_spelling, spellings

TODAY = {
    "+5215512345678": "+525512345678",  # Mexico, with the old 1
    "+551187654321": "+5511987654321",  # São Paulo, before it got a 9
    "+558366543210": "+5583966543210",
}
# Numbers of people of their own, whatever they look like.
THEIR_OWN = [
    "+525512345678",
    "+521551234567",  # one digit short
    "+52155123456789",
    "+5211234567890",  # no area begins with 1
    "+551137654321",  # a landline
    "+551177654321",  # a trunk radio's: some of them are still given out
    "+541143211234",  # a landline, perhaps
    "+5491143211234",
    "+52",
    "+919876543210",
    "+12025550123",
    "5215512345678",
    "+521５５12345678",
    "",
]


@pytest.mark.parametrize(("old", "new"), TODAY.items())
def test_a_number_of_before_is_that_of_today(old: str, new: str) -> None:
    assert one_spelling(old) == one_spelling(new) == new
    assert spellings(old) == spellings(new) == (new, old)
    assert barred_with(new) == (new, old)


@pytest.mark.parametrize("number", THEIR_OWN)
def test_no_number_is_taken_for_that_of_somebody_else(number: str) -> None:
    assert one_spelling(number) == number


@pytest.mark.parametrize(
    ("one", "other"),
    [("+541143211234", "+5491143211234"), ("+551177654321", "+5511977654321")],
)
def test_numbers_that_may_be_one_bar_each_other(one: str, other: str) -> None:
    assert barred_with(one) == (one, other)
    assert barred_with(other) == (other, one)
    assert spellings(one) == (one,)


def test_an_entry_tells_every_number_that_it_bars() -> None:
    asked = asked_by(["+525512345678", "+5215512345678", "+911"])

    assert asked["+5215512345678"] == ["+525512345678", "+5215512345678"]
    assert asked["+911"] == ["+911"]
