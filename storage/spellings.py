"""The ways in which one telephone number is written as E.164, old and new; pure.

Carriers still name some people as numbers were written before their country's plan changed. What
is taken for one number here is so for everybody, after the plans:
- Mexico: mobiles had a 1 after +52 until 3 August 2019, in front of the same ten digits.
- Brazil: mobiles of eight digits got a 9 in front, 2012 to 2016. Those that began with 7 did not
  all, so these are not taken for one number.
- Argentina: mobiles have a 9 after +54, which some carriers leave out. Whether the number without
  it is a landline of somebody else cannot be seen, so these are not taken for one number, either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

_MEXICO = re.compile(r"\+52(1?)([2-9]\d{9})", re.ASCII)
_BRAZIL = re.compile(r"\+55([1-9]{2})(9?)([689]\d{7})", re.ASCII)
# One of two may be the other.
_BRAZIL_UNSURE = re.compile(r"\+55([1-9]{2})(9?)(7\d{7})", re.ASCII)
_ARGENTINA = re.compile(r"\+54(9?)([1-3]\d{9})", re.ASCII)


def one_spelling(number: str) -> str:
    """The number as it is written today; one of any other country as it is."""
    return spellings(number)[0]


def spellings(number: str) -> tuple[str, ...]:
    """Every way to write this number, today's first."""
    if not number.startswith("+5"):
        return (number,)
    if found := _MEXICO.fullmatch(number):
        return f"+52{found[2]}", f"+521{found[2]}"
    if found := _BRAZIL.fullmatch(number):
        return f"+55{found[1]}9{found[3]}", f"+55{found[1]}{found[3]}"
    return (number,)


def barred_with(number: str) -> tuple[str, ...]:
    """The numbers of which each bars this one: its own spellings first, then what may be its own.

    Only for asking whether somebody may be rung: that one too many is left alone does less harm
    than that one is rung who asked for peace.
    """
    own = spellings(number)
    if not number.startswith("+5"):
        return own
    if found := _ARGENTINA.fullmatch(number):
        return (*own, f"+54{'' if found[1] else '9'}{found[2]}")
    if found := _BRAZIL_UNSURE.fullmatch(number):
        return (*own, f"+55{found[1]}{'' if found[2] else '9'}{found[3]}")
    return own


def asked_by(
    numbers: Iterable[str], others: Callable[[str], Sequence[str]] = barred_with
) -> Mapping[str, list[str]]:
    """Each number that may bar one of these (or is one of its `others`), with those of these."""
    asked: dict[str, list[str]] = {}
    for number in numbers:
        for one in others(number):
            asked.setdefault(one, []).append(number)
    return asked
