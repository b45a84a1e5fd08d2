"""Finds the amounts of an utterance, with the currency where one is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from conversation.reading.tagging import SUBUNITS, Tagged, tag

_COUNTRIES = {
    "us": "USD",
    "american": "USD",
    "canadian": "CAD",
    "australian": "AUD",
    "singapore": "SGD",
    "indian": "INR",
    "uae": "AED",
}


@dataclass(frozen=True, slots=True)
class FoundAmount:
    """An amount in an utterance; every number is one, until something else claims it."""

    value: Decimal
    currency: str | None  # ISO 4217, as the word says it by itself; None: not named
    start: int  # character offsets in the utterance
    end: int
    first: int  # pieces it covers
    after: int


def find_amounts(text: str, language: str, has_small_units: bool) -> tuple[FoundAmount, ...]:
    """Every number in `text` as an amount, in order.

    "One fifty" is 150, except where units are small enough for 1.50 (`has_small_units`).
    """
    return tuple(_amounts(tag(text, language), has_small_units))


def _amounts(tagged: Tagged, has_small_units: bool) -> Iterator[FoundAmount]:
    index = floor = 0
    while index < len(tagged.tags):
        if tagged.tags[index] != "n":
            index += 1
            continue
        found = _amount(tagged, index, floor, has_small_units)
        yield found
        index = floor = found.after


def _amount(tagged: Tagged, at: int, floor: int, has_small_units: bool) -> FoundAmount:
    value, after = tagged.number(at), at + 1
    pair = None if has_small_units else one_fifty(tagged, at)
    if pair is not None:
        value, after = pair, at + 2
    first, currency = _currency_before(tagged, at, floor)
    named, after_currency = _currency_behind(tagged, after)
    if named is not None:
        currency, after = named, after_currency
    if currency is not None:
        hundredths, after = _hundredths(tagged, after, has_small_units)
        value += hundredths
    elif _word(tagged, after) in SUBUNITS:
        value, currency, after = value / 100, SUBUNITS[_word(tagged, after)], after + 1
    start, end = tagged.pieces[first].start, tagged.pieces[after - 1].end
    return FoundAmount(value, currency, start, end, first, after)


def _word(tagged: Tagged, index: int) -> str:
    return tagged.pieces[index].word if index < len(tagged.pieces) else ""


def one_fifty(tagged: Tagged, at: int) -> Decimal | None:
    """The value of hundreds without the word: one fifty, two seventy five; None for others."""
    if tagged.tags[at : at + 2] != "nn" or tagged.written(at) or tagged.written(at + 1):
        return None
    hundreds, rest = tagged.number(at), tagged.number(at + 1)
    if not (10 <= rest <= 99 and hundreds == int(hundreds)):
        return None
    # "Twelve fifty" is 1250; "ten twenty" and "fifteen twenty" may be from ten to twenty.
    if not (1 <= hundreds <= 9 or (10 < hundreds < 20 and rest >= 25)):
        return None
    return hundreds * 100 + rest


def _currency_before(tagged: Tagged, at: int, floor: int) -> tuple[int, str | None]:
    """The first piece of the amount, and the currency before it: ₹500, Rs. 500."""
    for index in (at - 1, at - 2):
        if index >= floor and tagged.tags[index] == "$":
            return index, str(tagged.pieces[index].value)
        if index >= floor and tagged.tags[index] != ".":
            break
    return at, None


def _currency_behind(tagged: Tagged, after: int) -> tuple[str | None, int]:
    """The currency behind an amount and the piece after it: 500 rupees, 5 Canadian dollars."""
    country = _COUNTRIES.get(_word(tagged, after))
    index = after + (country is not None)
    if tagged.tags[index : index + 1] != "$":
        return None, after
    return country or str(tagged.pieces[index].value), index + 1


def _hundredths(tagged: Tagged, after: int, has_small_units: bool) -> tuple[Decimal, int]:
    """The cents behind a currency: 5 dollars and 50 cents, five dollars fifty."""
    index = after + (tagged.tags[after : after + 1] == "&")
    if tagged.tags[index : index + 1] == "n":
        if _word(tagged, index + 1) in SUBUNITS:
            return tagged.number(index) / 100, index + 2
        is_last = tagged.tags[index + 1 : index + 2] in ("", ".", ",")
        if has_small_units and index == after and is_last and 10 <= tagged.number(index) < 100:
            return tagged.number(index) / 100, index + 1
    return Decimal(0), after
