"""Signed links to recordings, which open one recording for a while to whoever has them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from access.keys import derived

_DIGITS_MOST = 12


class ForgedLink(ValueError):
    """A link that is none of ours, or was changed."""


class ExpiredLink(ValueError):
    """A link of ours that opens nothing any more."""


@dataclass(frozen=True, slots=True)
class RecordingLinks:
    """Makes and checks links. Nothing is kept: every process with the same secret knows them."""

    secret: bytes
    lasts: timedelta
    clock: Callable[[], datetime]

    def path_to(self, recording_id: str) -> str:
        """The path and query that open a recording from now on."""
        expires = str(int((self.clock() + self.lasts).timestamp()))
        query = urlencode({"expires": expires, "signature": self._signature(recording_id, expires)})
        return f"/recordings/{recording_id}?{query}"

    def check(self, recording_id: str, expires: str, signature: str) -> None:
        """ForgedLink or ExpiredLink unless `path_to` made this link a short while ago."""
        right = self._signature(recording_id, expires).encode()
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), right):
            raise ForgedLink
        # Only what we wrote comes so far.
        if datetime.fromtimestamp(int(expires[:_DIGITS_MOST]), UTC) <= self.clock():
            raise ExpiredLink

    def _signature(self, recording_id: str, expires: str) -> str:
        key = derived(self.secret, "recording link")
        told = f"{recording_id}\n{expires}".encode("utf-8", "replace")
        return hmac.new(key, told, hashlib.sha256).hexdigest()
