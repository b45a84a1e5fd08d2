"""How busy one process is with live calls: told by its event loop, read by any thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from agents.schema import Transport


class Load:
    """Counts the sockets of live calls. Safe for use from many threads; nothing here waits."""

    def __init__(self) -> None:
        self.is_serving = False  # sockets can be opened in this process
        self.is_draining = False  # it is about to end: calls go on elsewhere
        self.lag_ms = 0.0  # the longest that the event loop stood still within the last second
        self._open: Counter[Transport] = Counter()
        self._lock = threading.Lock()

    @property
    def open_calls(self) -> int:
        """Sockets that carry a call now, of all transports."""
        return sum(self._open.values())

    @property
    def by_transport(self) -> Mapping[Transport, int]:
        """Sockets that carry a call now."""
        with self._lock:
            return {Transport.RELAY: 0, Transport.STREAM: 0, **self._open}

    def opened(self, transport: Transport) -> None:
        """One more."""
        with self._lock:
            self._open[transport] += 1

    def closed(self, transport: Transport) -> None:
        """One less."""
        with self._lock:
            self._open[transport] -= 1
