"""What a relay measures of a call: how soon it answers, and the seconds that the carrier charges.

The carrier takes one price for a minute of hearing and speaking together (docs/costs.md).
"""

from __future__ import annotations

import time

from calls.session import Measures

# Under which its price stands in the file of prices, beside the carrier's name.
MODEL = "relay"


class RelayMeasures:
    """Those of one call. On the loop."""

    __slots__ = ("_charged_from", "_provider", "_taken_at", "_timings_ms")

    def __init__(self, provider: str) -> None:
        """`provider`: the carrier."""
        self._provider = provider
        self._charged_from = time.perf_counter()
        self._taken_at: float | None = None  # the turn that is being answered
        self._timings_ms: dict[str, float] = {}

    def turn_taken(self) -> Measures:
        """A turn of the caller is there; what was measured since the one before."""
        measures = self.so_far()
        self._taken_at = time.perf_counter()
        return measures

    def words_sent(self) -> None:
        """The answer, or a filler, is on its way."""
        self._note("first_words")

    def sound_heard(self) -> None:
        """The carrier speaks it."""
        self._note("first_audio")
        self._taken_at = None

    def so_far(self) -> Measures:
        """What was measured and not told yet."""
        now = time.perf_counter()
        seconds = round(now - self._charged_from, 3)
        self._charged_from = now
        timings_ms, self._timings_ms = self._timings_ms, {}
        usage = {"stt_provider": self._provider, "stt_model": MODEL, "stt_seconds": seconds}
        return Measures(timings_ms, dict(usage))

    def _note(self, name: str) -> None:
        if self._taken_at is not None and name not in self._timings_ms:
            elapsed_ms = (time.perf_counter() - self._taken_at) * 1000
            self._timings_ms[name] = round(elapsed_ms, 3)
