"""The token that a call document gives to the socket: it proves which call the socket is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agents.schema import Transport


class BadToken(ValueError):
    """Not a token of ours for that call and door, or not now; the message says why."""


@dataclass(frozen=True, slots=True)
class LiveTokens:
    """Makes and checks tokens. Nothing is kept: every process with the same secret knows them."""

    secret: bytes
    clock: Callable[[], datetime]

    def of(self, carrier_id: str, transport: Transport) -> str:
        """A token for a call's socket, good for a minute from now. At most 100 characters."""
        raise NotImplementedError

    def check(self, token: str, carrier_id: str, transport: Transport) -> None:
        """BadToken unless `of` made it, for this very call and door, within the last minute."""
        raise NotImplementedError
