"""The token that a call document gives to the socket: it proves which call the socket is for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from access.keys import derived
from agents.schema import Transport

# The carrier opens the socket as soon as it has the document.
LASTS_S = 60.0
# Bytes of the signature: nobody guesses 128 bits.
_SIGNATURE_BYTES = 16

_TOKEN = re.compile(r"(\d{1,16})\.([A-Za-z0-9_-]{22})", re.ASCII)


class BadToken(ValueError):
    """Not a token of ours for that call and door, or not now; the message says why."""


class OldToken(BadToken):
    """A token of ours for that call and door whose minute is over."""


@dataclass(frozen=True, slots=True)
class LiveTokens:
    """Makes and checks tokens. Nothing is kept: every process with the same secret knows them."""

    secret: bytes = field(repr=False)
    clock: Callable[[], datetime]

    def of(self, carrier_id: str, transport: Transport) -> str:
        """A token for a call's socket, good for a minute from now. At most 40 characters."""
        made_at = str(int(self.clock().timestamp() * 1000))
        return f"{made_at}.{self._signature(carrier_id, transport, made_at)}"

    def check(self, token: str, carrier_id: str, transport: Transport) -> None:
        """BadToken unless `of` made it for this very call and door; OldToken after a minute."""
        if not token:
            raise BadToken("no token")
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            raise BadToken("not a token of ours")
        made_at, signature = parts[1], parts[2]
        right = self._signature(carrier_id, transport, made_at)
        if not hmac.compare_digest(signature, right):
            raise BadToken("forged, or of another call or door")
        # Clocks of two machines may differ either way.
        if abs(self.clock().timestamp() - int(made_at) / 1000) > LASTS_S:
            raise OldToken("too old")

    def _signature(self, carrier_id: str, transport: Transport, made_at: str) -> str:
        key = derived(self.secret, "live socket")
        told = f"{transport}\n{made_at}\n{carrier_id}".encode("utf-8", "replace")
        digest = hmac.new(key, told, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
