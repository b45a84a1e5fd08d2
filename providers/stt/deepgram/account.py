"""What both of Deepgram's recognisers share: address, key, languages and limits.

Sources: https://developers.deepgram.com/docs/models-languages-overview, …/docs/keyterm,
…/docs/stt-troubleshooting-websocket-data-and-net-errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from providers.stt.base import Broken, HearingOrder
from providers.stt.dialect import address, subtag, terms
from settings import Settings

VENDOR = "deepgram"
_HOST = "wss://api.deepgram.com"

# Languages that one connection understands mixed, by nova ("multi") and by Flux ("-multi").
TOGETHER = frozenset({"en", "es", "fr", "de", "hi", "ru", "pt", "ja", "it", "nl"})

# 500 tokens in all; beyond them nova falls silent without an error (changelog of 2026-10-12). Of
# the scripts of India a letter may be a token, and a word always is one.
_TERMS_MOST, _TERM_MOST, _TERMS_TOTAL = 100, 60, 400

# RFC 6455 and the vendor: what was sent is refused, and would be again.
_REFUSED = frozenset({1003, 1007, 1008, 1009})


def headers(settings: Settings) -> Mapping[str, str]:
    """What proves who we are."""
    return {"Authorization": f"Token {settings.deepgram_api_key}"}


def endpoint(settings: Settings, path: str, query: Iterable[tuple[str, str]]) -> str:
    """Where a recogniser is reached."""
    return address(settings.deepgram_base_url or _HOST, path, query)


def keyterms(order: HearingOrder) -> list[str]:
    """The hints that may be sent."""
    return terms(order.hints, _TERMS_MOST, _TERM_MOST, _TERMS_TOTAL)


def spoken(order: HearingOrder) -> list[str]:
    """The languages that are spoken in a call, without regions, the present one first."""
    return list(dict.fromkeys(subtag(one) for one in (order.language, *order.languages)))


def closed(code: int, reason: str) -> Broken:
    """What a close code means."""
    return Broken(f"{code} {reason[:60]}".rstrip(), is_permanent=code in _REFUSED)
