"""Signs what is sent to customers, after Standard Webhooks 1.0 (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret as customers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(secrets: Sequence[str], message_id: str, at: int, body: bytes) -> Mapping[str, str]:
    """The headers that prove who sent `body`. `at`: seconds of now; another one with every try.

    Of several secrets each signs: whoever knows one of them finds its signature.
    """
    text = b".".join([message_id.encode(), str(at).encode(), body])
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{_proof(one, text)}" for one in secrets),
    }


def _proof(secret: str, text: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
