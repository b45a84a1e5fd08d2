"""What befalls orders on their way: the carrier is overloaded, breaks, is slow, or answers into the
void after it has taken the call."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from flask import request

from phone.faults import Refused

# twilio.com/docs/api/errors/20429; 20500 is general knowledge.
OVERLOADED, BROKEN = 20429, 20500


@dataclass(frozen=True, slots=True)
class Mishap:
    """What one order meets."""

    status: int = 0  # HTTP status in place of 201; 0: none
    code: int = 0  # the carrier's
    takes: bool = False  # the call is placed all the same
    loses: bool = False  # the connection ends without an answer
    slow_s: float = 0.0  # before anything else

    def before(self, closing: threading.Event) -> None:
        """Before the order is read. Refused when it is not taken."""
        if self.slow_s:
            closing.wait(self.slow_s)
        if not self.takes:
            self._spoil()

    def after(self) -> None:
        """The call was placed. Refused when nobody is told so."""
        if self.takes:
            self._spoil()

    def _spoil(self) -> None:
        if self.loses:
            line: socket.socket = request.environ["werkzeug.socket"]
            line.shutdown(socket.SHUT_RDWR)
        if self.loses or self.status:
            status = self.status or 500
            raise Refused(status, self.code or BROKEN, "The carrier is not well.")


TOO_MANY = Mishap(429, OVERLOADED)
BREAKS = Mishap(500, BROKEN)
TAKES_AND_BREAKS = Mishap(503, BROKEN, takes=True)
TAKES_AND_LOSES = Mishap(takes=True, loses=True)
LOSES = Mishap(loses=True)


class Mishaps:
    """What the next orders meet, one each, in turn. For any number of threads."""

    def __init__(self) -> None:
        self._next: deque[Mishap] = deque()

    def add(self, mishaps: Iterable[Mishap]) -> None:
        """Have the next orders meet these."""
        self._next.extend(mishaps)

    def clear(self) -> None:
        """All is well from now on."""
        self._next.clear()

    def next(self) -> Mishap:
        """What this order meets; mostly nothing."""
        try:
            return self._next.popleft()
        except IndexError:
            return Mishap()
