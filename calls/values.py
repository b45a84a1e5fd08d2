"""Collected values as people read them on a page or in a sheet. Pure; any language, no agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Values are those of the field kinds, and whatever another version kept.


def shown_value(value: object) -> str:
    """A value in a line: 600 INR, 14:00–17:00, yes, a, b."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case {"amount": amount, "currency": currency}:
            return f"{shown_value(amount)} {currency}"
        case {"start": start, "end": end}:
            return f"{start}–{end}"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case Mapping():
            return ", ".join(f"{name}: {shown_value(one)}" for name, one in value.items())
        case str():
            return value
        case Sequence():
            return ", ".join(map(shown_value, value))
        case _:
            return str(value)
