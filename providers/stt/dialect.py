"""What is particular to a vendor in one connection: its words on the wire, both ways. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from providers.stt.base import HearingEvent, HearingOrder

Message = Mapping[str, Any]


class Dialect(Protocol):
    """How one connection is spoken on. Knows no socket and no clock."""

    is_ready: bool  # the vendor listens, as far as it says so
    sends_text: bool  # sound goes out in text frames, not in binary ones

    def read(self, message: Message) -> Iterable[HearingEvent]:
        """What a message means. May raise TypeError, ValueError, LookupError, AttributeError on
        one that is not as the vendor writes them."""

    def sound(self, audio: bytes) -> bytes:
        """The payload that lets it hear more."""

    def finalise(self) -> bytes:
        """The text that has it say what it has understood."""

    def keep_alive(self) -> bytes | None:
        """The text that keeps the connection without sound; None when there is none."""

    def change(self, order: HearingOrder) -> bytes | None:
        """The text that changes what is listened for; None when that takes another connection."""

    def goodbye(self) -> bytes | None:
        """The text that ends it."""

    def closed(self, code: int, reason: str) -> HearingEvent:
        """What it means that the vendor closes."""


def subtag(language: str) -> str:
    """The language without its region: "hi" of "hi-IN"."""
    return language.partition("-")[0].lower()


def terms(hints: Iterable[str], most: int, term_most: int, total_most: int) -> list[str]:
    """Of the hints those that fit a vendor's limits, in characters; each of them once."""
    kept: dict[str, None] = {}
    left = total_most
    for hint in hints:
        term = " ".join(hint.split())
        if not term or len(term) > term_most or term in kept:
            continue
        left -= len(term)
        if left < 0 or len(kept) >= most:
            break
        kept[term] = None
    return list(kept)


def address(base: str, path: str, query: Iterable[tuple[str, str]]) -> str:
    """Where a socket is opened; `base` may be written as of the web."""
    scheme, _, rest = base.rstrip("/").partition("://")
    sockets = {"http": "ws", "https": "wss"}.get(scheme, scheme)
    return f"{sockets}://{rest}{path}?{urlencode(list(query))}"
