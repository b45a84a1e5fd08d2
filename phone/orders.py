"""Reads and checks what a REST request wants of a call, with the carrier's error numbers.

Sources: twilio.com/docs/voice/api/call-resource, …/api/errors/21200, 21201, 21205, 21211. The
numbers 21212, 21213 and 21220 are general knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from phone.faults import Refused, TwimlFault
from phone.line import Addresses
from phone.twiml import Node, read_text

TWIML_MOST_CHARACTERS = 4000
RING_S, RING_MOST_S = 60, 600
EVENTS = ("initiated", "ringing", "answered", "completed")

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be placed, checked."""

    to: str
    from_: str
    addresses: Addresses
    inline: tuple[Node, ...] | None
    status_url: str
    status_events: tuple[str, ...]
    status_method: str
    ring_s: int
    options: Mapping[str, str]  # everything else, as it came: recorded, not executed


def read_order(form: Form) -> Order:
    """The order in a form. Refused with the carrier's number when it would not be taken."""
    to, from_ = _one(form, "To"), _one(form, "From")
    if not to:
        raise Refused(400, 21201, "No 'To' number is specified")
    if not _is_party(to):
        raise Refused(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if not from_:
        raise Refused(400, 21213, "'From' phone number is required")
    if not _is_party(from_):
        raise Refused(400, 21212, f"The 'From' number {from_} is not a valid phone number.")
    url = read_address(form, "Url")
    inline = None if url else _inline(form)
    if not url and inline is None:
        raise Refused(400, 21205, "Url parameter is required.")
    addresses = Addresses(
        url,
        read_method(form, "Method"),
        read_address(form, "FallbackUrl"),
        read_method(form, "FallbackMethod"),
    )
    return Order(
        to=to,
        from_=from_,
        addresses=addresses,
        inline=inline,
        status_url=read_address(form, "StatusCallback"),
        status_events=_events(form),
        status_method=read_method(form, "StatusCallbackMethod"),
        ring_s=_ring_s(form),
        options={name: " ".join(values) for name, values in form.items() if name not in _READ},
    )


def read_redirection(form: Form) -> Addresses | tuple[Node, ...] | None:
    """Where an update sends a live call: addresses, a document, or nowhere."""
    url = read_address(form, "Url")
    if not url:
        return _inline(form)
    return Addresses(
        url,
        read_method(form, "Method"),
        read_address(form, "FallbackUrl"),
        read_method(form, "FallbackMethod"),
    )


_READ = frozenset(
    "To From Url Twiml Method FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod "
    "StatusCallbackEvent Timeout".split()
)


def _one(form: Form, name: str) -> str:
    values = form.get(name) or [""]
    return values[-1].strip()


def _is_party(number: str) -> bool:
    return re.fullmatch(r"\+[1-9]\d{6,14}|sips?:[^\s@]+@\S+|client:\S+", number) is not None


def read_address(form: Form, name: str) -> str:
    """An address of a form; "" when there is none. Refused when it is none of the web's."""
    url = _one(form, name)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        code = 21205 if name == "Url" else 21200
        raise Refused(400, code, f"{name} is not a valid URL: {url}")
    return url


def read_method(form: Form, name: str) -> str:
    """GET or POST, which is usual. Refused for another."""
    method = _one(form, name).upper() or "POST"
    if method not in ("GET", "POST"):
        raise Refused(400, 21200, f"{name} must be GET or POST")
    return method


def _events(form: Form) -> tuple[str, ...]:
    events = tuple(word for value in form.get("StatusCallbackEvent", ()) for word in value.split())
    unknown = [event for event in events if event not in EVENTS]
    if unknown:
        raise Refused(400, 21200, f"StatusCallbackEvent {unknown[0]} is not one of {EVENTS}")
    return events or ("completed",)


def _ring_s(form: Form) -> int:
    raw = _one(form, "Timeout")
    if not raw:
        return RING_S
    if not re.fullmatch(r"\d{1,4}", raw) or not 0 < int(raw) <= RING_MOST_S:
        raise Refused(400, 21200, f"Timeout must be a number of seconds from 1 to {RING_MOST_S}")
    return int(raw)


def _inline(form: Form) -> tuple[Node, ...] | None:
    document = _one(form, "Twiml")
    if not document:
        return None
    if len(document) > TWIML_MOST_CHARACTERS:
        raise Refused(400, 21200, f"Twiml has more than {TWIML_MOST_CHARACTERS} characters")
    try:
        return read_text(document)
    except TwimlFault as fault:
        raise Refused(400, 21200, str(fault)) from fault
