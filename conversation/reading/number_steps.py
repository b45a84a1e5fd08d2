"""The steps number words are made of, and how spellings are multiplied. No words themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

# A word of a number is one step or, when it is a compound ("ஐநூறு", five hundred), several.
SMALL = "small"  # below 100: opens a group or completes "twenty", "two hundred"
HUNDRED = "hundred"
MULTIPLIER = "multiplier"  # thousand and above: closes a group
COUNT = "count"  # a couple, two dozen
ORDINAL = "ordinal"  # completes a number and makes it a rank
ADD = "add"  # a fraction behind the number: மூணே கால்
BEFORE = "before"  # a fraction that waits for the number: साढ़े तीन

Step = tuple[str, int | Decimal]
Words = dict[str, tuple[Step, ...]]

HALF = Decimal("0.5")
QUARTER = Decimal("0.25")
THREE_QUARTERS = Decimal("0.75")


def small(table: Iterable[tuple[int, str]]) -> Words:
    """Words for numbers below 100 from lines of (value, "spelling spelling")."""
    return {word: ((SMALL, value),) for value, words in table for word in words.split()}


def roman_key(word: str) -> str:
    """A romanised word without what its writers differ in: long vowels, doubles, dh and th."""
    word = word.replace("ee", "i").replace("oo", "u").replace("chh", "ch").replace("zh", "l")
    folded: list[str] = []
    for letter in word.replace("dh", "th").replace("z", "j").replace("w", "v"):
        if not folded or folded[-1] != letter:
            folded.append(letter)
    return "".join(folded)


def roman(words: Mapping[str, tuple[Step, ...]]) -> Words:
    """`words` under their `roman_key`."""
    return {roman_key(word): steps for word, steps in words.items()}


def joined(
    stems: Mapping[str, int], units: Mapping[str, int], signs: Mapping[str, str], glide: str
) -> Words:
    """Tens and units that are written as one word in Tamil and Malayalam.

    A stem ends in a bare consonant. `signs` gives the vowel sign of a unit's first vowel; other
    units follow "i" or "u". `glide` is what joins "i" and a vowel.
    """
    words: Words = {}
    i_sign, u_sign = signs["i"], signs["u"]
    for stem, tens in stems.items():
        words[stem + i_sign] = words[stem + u_sign] = ((SMALL, tens),)
        for unit, value in units.items():
            steps = ((SMALL, tens + value),)
            if unit[0] in signs:
                rest = signs[unit[0]] + unit[1:]
                words[stem + rest] = words[stem + i_sign + glide + rest] = steps
            words[stem + i_sign + unit] = words[stem + u_sign + unit] = steps
    return words
