"""Signs what is sent to customers, after Standard Webhooks 1.0 (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret as customers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(secret: str, message_id: str, at: int, body: bytes) -> Mapping[str, str]:
    """The headers that prove who sent `body`. `at`: seconds of now; another one with every try."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    text = b".".join([message_id.encode(), str(at).encode(), body])
    proof = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{proof}",
    }
