"""Whether a request comes from a program on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Request

# Headers that only a proxy or a tunnel adds: whoever they speak for is not on this machine.
_FORWARDING = (
    "HTTP_X_FORWARDED_",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
    "HTTP_CF_",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_X_CLIENT_IP",
)


def is_from_here(asked: Request) -> bool:
    """Whether a program on this machine asks, under one of its local names."""
    return not why_not_from_here(asked)


def why_not_from_here(asked: Request) -> str:
    """Why a request may come from elsewhere; "" when it comes from this machine.

    The peer alone proves nothing: a tunnel ends on this machine, and a web page opened on it can
    post here too, under its own name (Origin) or under one made to point here (Host).
    """
    if not is_loopback(asked.remote_addr or ""):
        return "the sender is not on it"
    if any(name.startswith(_FORWARDING) for name in asked.environ):
        return "this one was forwarded"
    if not is_loopback(_host(f"//{asked.headers.get('Host', '')}")):
        return "this one was sent to another name"
    origin = asked.headers.get("Origin")
    # Only our own pages: another server of this machine may show what strangers wrote.
    if origin is not None and origin.partition("://")[2] != asked.headers.get("Host"):
        return "this one was sent by another's web page"
    return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host, a name or an address, is this machine itself."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
