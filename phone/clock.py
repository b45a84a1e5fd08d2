"""The time of a simulated call: nobody sleeps, talking and waiting are added up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

# Usual telephone speech of a synthetic voice, in characters a second, and what a sentence costs
# beside it. An estimate of our own: nothing is decided by it but the length of calls.
CHARACTERS_A_SECOND = 14.0
PAUSE_S = 0.3


class CallClock:
    """Time in one call; starts now and moves when it is told to."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)

    def now(self) -> datetime:
        """The moment in the call, aware, UTC."""
        return self._now

    def stamp(self) -> str:
        """The moment as the carrier writes it in callbacks (RFC 2822)."""
        return format_datetime(self._now.replace(microsecond=0))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=max(0.0, seconds))


def speech_s(text: str) -> float:
    """Estimated seconds that `text` takes to say."""
    return PAUSE_S + len(text) / CHARACTERS_A_SECOND
