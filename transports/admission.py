"""Whether a process can take one more live call. Asked when a call rings, and at its socket."""

from __future__ import annotations

from dataclasses import dataclass

from calls.load import Load
from calls.moves import Why
from settings import Settings


@dataclass(frozen=True, slots=True)
class Admission:
    """Judges by sockets and by the event loop. From any thread; it costs microseconds."""

    load: Load
    calls_most: int
    lag_most_ms: float

    @classmethod
    def of(cls, settings: Settings, load: Load) -> Admission:
        """The bounds that are set."""
        return cls(load, settings.live_calls_most, settings.live_lag_ms)

    def refusal(self) -> Why | None:
        """Why there is no room; None when there is."""
        if not self.calls_most:
            return Why.OFF
        if not self.load.is_serving:
            return Why.NO_SOCKETS
        if self.load.is_draining:
            return Why.DRAINING
        if self.load.open_calls >= self.calls_most:
            return Why.FULL
        if self.load.lag_ms >= self.lag_most_ms:
            return Why.LAGGING
        return None
