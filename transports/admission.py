"""Whether a process can take one more live call. Asked when a call rings, and at its socket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calls.load import Load
from settings import Settings


class Refused(StrEnum):
    """Why there is no room for a live call."""

    OFF = "off"  # LIVE_CALLS_MOST is 0
    NO_SOCKETS = "no_sockets"  # this process does not serve any
    DRAINING = "draining"
    FULL = "full"
    LAGGING = "lagging"


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

    def refusal(self) -> Refused | None:
        """Why there is no room; None when there is."""
        if not self.calls_most:
            return Refused.OFF
        if not self.load.is_serving:
            return Refused.NO_SOCKETS
        if self.load.is_draining:
            return Refused.DRAINING
        if self.load.open_calls >= self.calls_most:
            return Refused.FULL
        if self.load.lag_ms >= self.lag_most_ms:
            return Refused.LAGGING
        return None
