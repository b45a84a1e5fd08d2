"""Sends what comes one after the other as one job: a message costs more than what it is about."""

from __future__ import annotations

import threading
from collections.abc import Callable

# How long the first of them waits for others, and how many go together at most.
WAITS_S = 0.2
MOST = 32


class Together:
    """Texts that are told are the arguments of the next job. Safe for use from many threads.

    Whoever tells does not wait, and does not learn whether anybody was told: use it for what is
    found again by somebody else.
    """

    def __init__(self, send: Callable[..., object], waits_s: float = WAITS_S) -> None:
        self._send = send
        self._waits_s = waits_s
        self._lock = threading.Lock()
        self._told: list[str] = []

    def tell(self, text: str) -> None:
        """Have it sent soon, with others."""
        with self._lock:
            self._told.append(text)
            told = len(self._told)
        if told == 1:
            timer = threading.Timer(self._waits_s, self.flush)
            timer.daemon = True
            timer.start()
        elif told == MOST:
            self.flush()

    def flush(self) -> None:
        """Send what was told until now."""
        with self._lock:
            told, self._told = self._told, []
        if told:
            self._send(*told)
