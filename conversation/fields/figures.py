"""Numbers between JSON, decimals and canonical values. Finding them in speech is in `reading`."""

from __future__ import annotations

import re
from decimal import Decimal

from conversation.reading.numbers import find_numbers

# Beyond it a float is no longer exact and nobody means it on the phone.
_MOST = Decimal(10**15)
_FIGURES = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def plain(value: Decimal) -> int | float:
    """`value` as it is stored: an int when it is whole."""
    return int(value) if value == int(value) else float(value)


def decimal_of(value: object, language: str) -> Decimal | None:
    """The number that `value`, from a reader or a model's JSON, is; None when it is none."""
    number: Decimal | None = None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    elif isinstance(value, str):
        text = value.strip().replace(",", "")
        if _FIGURES.fullmatch(text):
            number = Decimal(text)
        else:
            found = find_numbers(value, language) if len(value) <= 200 else ()
            number = found[0].value if len(found) == 1 else None
    if number is None or not number.is_finite() or abs(number) > _MOST:
        return None
    return number
