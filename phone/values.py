"""What the attributes of a call document may hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

SCHEMA = 12200

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an attribute may hold, in words for the message, and the number for a wrong value."""

    check: Check
    wanted: str
    code: int = SCHEMA


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("", "http", "https") and not re.search(r"\s", value.strip())


def whole(least: int, most: int | None = None, code: int = SCHEMA) -> Rule:
    """A whole number between both, inclusive; no upper bound when `most` is None."""

    def check(value: str) -> bool:
        if not re.fullmatch(r"\d{1,9}", value):
            return False
        return int(value) >= least and (most is None or int(value) <= most)

    upper = "" if most is None else f" to {most}"
    return Rule(check, f"a whole number from {least}{upper}", code)


def one_of(*values: str, code: int = SCHEMA) -> Rule:
    """Exactly one of the values."""
    return Rule(lambda value: value in values, "one of " + ", ".join(values), code)


def some_of(*values: str, code: int = SCHEMA) -> Rule:
    """One or more of the values, parted by spaces."""

    def check(value: str) -> bool:
        return bool(value.split()) and set(value.split()) <= set(values)

    return Rule(check, "some of " + " ".join(values), code)


def http_method(code: int = SCHEMA) -> Rule:
    """GET or POST, in any case."""
    return Rule(lambda value: value.upper() in ("GET", "POST"), "GET or POST", code)


def keys(code: int) -> Rule:
    """Keys of a phone; none at all is allowed."""
    return Rule(lambda v: re.fullmatch(r"[0-9*#]*", v) is not None, "keys 0-9, * and #", code)


def attributes(names: str, rule: Rule) -> dict[str, Rule]:
    """One rule for several attributes; `names` are parted by spaces."""
    return dict.fromkeys(names.split(), rule)


TEXT = Rule(lambda value: True, "any text")
URL = Rule(_is_url, "an http or https address, absolute or relative")
# Without TLS only on this machine, where a server has no certificate.
WSS = Rule(
    lambda value: re.match(r"wss://|ws://(127\.0\.0\.1|localhost|\[::1\])[:/]", value) is not None,
    "an address that begins with wss://",
)
BOOL = one_of("true", "false")
METHOD = http_method()
LANGUAGE = Rule(
    lambda value: re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*|multi", value) is not None,
    "a BCP-47 language",
)
PLAY_DIGITS = Rule(lambda v: re.fullmatch(r"[0-9*#wW]+", v) is not None, "keys and w for a pause")
SIGNED = Rule(lambda value: re.fullmatch(r"-?\d{1,6}", value) is not None, "a whole number")
SPEECH_TIMEOUT = Rule(
    lambda value: value == "auto" or re.fullmatch(r"[1-9]\d{0,4}", value) is not None,
    "auto or a positive whole number of seconds",
    13327,
)
