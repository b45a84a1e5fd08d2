"""Signs webhooks as the carrier does (twilio.com/docs/usage/security)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

HEADER = "X-Twilio-Signature"


def sign(token: str, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
    """The signature of a request to `url` (no fragment) with the body parameters `form`.

    HMAC-SHA1 over the address and every distinct name and value, sorted, with nothing between.
    """
    told = url + "".join(name + value for name, value in sorted(set(form)))
    digest = hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
