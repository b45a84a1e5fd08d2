"""How a setting's text is read: what each kind takes, and what to write when it is refused.

A reader raises ValueError with the words that the message about the variable goes on with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from phonenumbers import SUPPORTED_REGIONS


def text(raw: str) -> str:
    """Anything."""
    return raw


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two."""

    def read(raw: str) -> int:
        try:
            value = int(raw)
        except ValueError:
            raise ValueError("write a whole number") from None
        if not least <= value <= most:
            raise ValueError(f"write a number from {least} to {most}")
        return value

    return read


def flag(raw: str) -> bool:
    """1 or 0."""
    value = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
        raw.lower()
    )
    if value is None:
        raise ValueError("write 1 or 0")
    return value


def address(*schemes: str) -> Callable[[str], str]:
    """An address of one of the schemes, without a query."""

    def read(raw: str) -> str:
        parts = _split(raw, schemes)
        if parts.port == 0:  # no number: ValueError
            raise ValueError("write an address with a port that exists")
        if parts.query:
            raise ValueError("leave out everything after ? or #")
        return raw.rstrip("/")

    return read


def address_with_options(*schemes: str) -> Callable[[str], str]:
    """The same; it may have a query."""

    def read(raw: str) -> str:
        _split(raw, schemes)
        return raw

    return read


def _split(raw: str, schemes: tuple[str, ...]) -> SplitResult:
    try:
        parts = urlsplit(raw)
    except ValueError:  # brackets that do not match
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in schemes or not parts.netloc:
        raise ValueError(f"write an address such as {schemes[0]}://host.example")
    if any(letter.isspace() for letter in raw):
        raise ValueError("write an address without spaces")
    if parts.fragment:
        raise ValueError("leave out everything after ? or #")
    return parts


def one_of(*words: str) -> Callable[[str], str]:
    """One of the words, in any case."""

    def read(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError("write one of: " + ", ".join(words))
        return raw.lower()

    return read


def beginning(*words: str) -> Callable[[str], str]:
    """A text that begins with one of the words."""

    def read(raw: str) -> str:
        if not raw.startswith(words):
            raise ValueError("write a name that begins with " + " or ".join(words))
        return raw

    return read


def countries(raw: str) -> tuple[str, ...]:
    """ISO 3166 codes with commas."""
    codes = tuple(part.strip().upper() for part in raw.split(",") if part.strip())
    if not codes or not SUPPORTED_REGIONS.issuperset(codes):
        raise ValueError("write two-letter country codes with commas, such as IN,US,GB")
    return codes


def keys(raw: str) -> Mapping[str, str]:
    """key_id=secret, with commas between several."""
    pairs = [part.partition("=") for part in raw.split(",") if part.strip()]
    if any(not name.strip() or not secret.strip() for name, _, secret in pairs):
        raise ValueError("write key_id=secret, with commas between several")
    return {name.strip(): secret.strip() for name, _, secret in pairs}
