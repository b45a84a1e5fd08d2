"""Names for people who were forgotten: the same for the same number, and no way back to it."""

from __future__ import annotations

import hashlib
import hmac

from access.keys import derived

_LENGTH = 16  # hexadecimal digits: two people get the same once in four billion


def pseudonym(secret: bytes, number: str) -> str:
    """What the audit log calls who had this number. Without the secret it cannot be tried out."""
    digest = hmac.new(derived(secret, "forgotten number"), number.encode(), hashlib.sha256)
    return f"person-{digest.hexdigest()[:_LENGTH]}"
