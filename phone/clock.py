"""The time of a call. In a simulated one nobody sleeps: talking and waiting are added up."""

from __future__ import annotations

from collections.abc import Callable
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
        return format_datetime(self.now().replace(microsecond=0))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=max(0.0, seconds))

    def play(self, seconds: float) -> None:
        """Let what the caller hears come to its end, which takes about so long."""
        self.advance(seconds)


class LiveClock(CallClock):
    """The time of a call with a real person: it passes by itself, and sounds take theirs.

    `hears_out` waits until the person has heard what is playing.
    """

    def __init__(self, hears_out: Callable[[float], None]) -> None:
        super().__init__()
        self._hears_out = hears_out

    def now(self) -> datetime:
        """The moment, aware, UTC."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """It has passed already, on the way or while the person was waited for."""

    def play(self, seconds: float) -> None:
        """Wait until it has been heard."""
        self._hears_out(seconds)


def speech_s(text: str) -> float:
    """Estimated seconds that `text` takes to say."""
    return PAUSE_S + len(text) / CHARACTERS_A_SECOND
