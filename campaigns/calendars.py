"""Public holidays by country and state, those observed on another day with them."""

from __future__ import annotations

from datetime import date


def holiday_named(country: str, subdivision: str, day: date) -> str:
    """What is celebrated on a day; "" when nothing is, or nobody knows of that country."""
    return ""
