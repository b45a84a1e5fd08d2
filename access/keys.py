"""Keys for each purpose, made of the one secret that all processes share."""

from __future__ import annotations

import hashlib
import hmac


def derived(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes that tells nothing about the secret or the key of another purpose."""
    return hmac.new(secret, f"callwright {purpose}".encode(), hashlib.sha256).digest()


def digest(token: str) -> str:
    """What is kept of a random token in its place: nobody gets from one to the other.

    A plain hash does: what it hides has 128 bits of chance at least, unlike a password.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
