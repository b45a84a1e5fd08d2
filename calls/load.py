"""How busy one process is with live calls: told by its event loop, read by any thread."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping

from agents.schema import Transport

# How often the loop is looked at, and for how long a lag counts.
LOOK_S = 0.1
REMEMBERED_S = 1.0
# How long a call that left its socket may take to come back by webhook: two round trips.
AWAITED_S = 3.0


class Load:
    """Counts the sockets of live calls. Safe for use from many threads; nothing here waits.

    `clock` counts seconds from anywhere.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.is_serving = False  # sockets can be opened in this process
        self.is_draining = False  # it is about to end: calls go on elsewhere
        self._clock = clock
        self._open: Counter[Transport] = Counter()
        self._away: dict[str, float] = {}  # calls that left a socket and are to come back
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._lags_ms: deque[float] = deque(maxlen=round(REMEMBERED_S / LOOK_S))

    @property
    def open_calls(self) -> int:
        """Sockets that are open now, of all transports."""
        with self._lock:
            return self._open.total()

    @property
    def by_transport(self) -> Mapping[Transport, int]:
        """Sockets that are open now."""
        with self._lock:
            return {Transport.RELAY: 0, Transport.STREAM: 0, **self._open}

    @property
    def lag_ms(self) -> float:
        """The longest that the event loop stood still within the last second, or does now."""
        if not self.is_serving:
            return 0.0
        now_ms = (self._clock() - self._looked_at - LOOK_S) * 1000
        return max(0.0, now_ms, max(tuple(self._lags_ms), default=0.0))

    def looks(self) -> None:
        """The loop is there; to be told by it every LOOK_S."""
        now = self._clock()
        self._lags_ms.append(max(0.0, (now - self._looked_at - LOOK_S) * 1000))
        self._looked_at = now

    def begins(self) -> None:
        """The loop begins to look, and sockets can be opened."""
        self._looked_at = self._clock()
        self._lags_ms.clear()
        self.is_serving = True

    def opened(self, transport: Transport) -> None:
        """One more."""
        with self._lock:
            self._open[transport] += 1

    def closed(self, transport: Transport) -> None:
        """One less."""
        with self._lock:
            self._open[transport] -= 1

    def leaves(self, carrier_id: str) -> None:
        """A call has left its socket: the carrier will ask how it goes on."""
        with self._lock:
            now = self._clock()
            self._away = {one: at for one, at in self._away.items() if now - at < AWAITED_S} | {
                carrier_id: now
            }

    def returns(self, carrier_id: str) -> None:
        """The carrier has asked."""
        with self._lock:
            self._away.pop(carrier_id, None)

    @property
    def is_awaiting(self) -> bool:
        """Some call has left its socket a moment ago, and the carrier has not asked yet."""
        now = self._clock()
        with self._lock:
            return any(now - at < AWAITED_S for at in self._away.values())
