"""A circuit breaker: after failures in a row a provider is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Breaker:
    """Says whether a provider may be asked. For any number of threads.

    It opens after `failures_most` failures in a row. After `pause_s` one call at a time may try
    again (half-open): its success closes the breaker, its failure starts another pause.
    """

    def __init__(self, failures_most: int, pause_s: float, clock: Callable[[], float]) -> None:
        self._failures_most = failures_most
        self._pause_s = pause_s
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._opened_at = 0.0
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Too many failures in a row, and no success since."""
        return self._failures >= self._failures_most

    @property
    def is_resting(self) -> bool:
        """Whoever asked now would be told no."""
        with self._lock:
            return self.is_open and (self._is_probing or not self._pause_is_over())

    def admits(self) -> bool:
        """Whether to ask now. Who is told yes must call `record` once, whatever happens."""
        with self._lock:
            if not self.is_open:
                return True
            if self._is_probing or self._clock() - self._opened_at < self._pause_s:
                return False
            self._is_probing = True
            return True

    def record(self, worked: bool) -> None:
        """How it went."""
        with self._lock:
            self._is_probing = False
            if worked:
                self._failures = 0
                return
            self._failures += 1
            # Those who were let in before it opened do not prolong the pause.
            if self._failures == self._failures_most or self._pause_is_over():
                self._opened_at = self._clock()

    def _pause_is_over(self) -> bool:
        return self._clock() - self._opened_at >= self._pause_s
