"""A clock that can be moved on: for the demo, where hours pass in which nothing happens."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class SkippingClock:
    """The time of this machine, moved to `begins_at` and on from there. For many threads."""

    def __init__(self, begins_at: datetime) -> None:
        self._lock = threading.Lock()
        self._ahead = begins_at - datetime.now(UTC)

    def __call__(self) -> datetime:
        """The moment, aware, UTC."""
        with self._lock:
            return datetime.now(UTC) + self._ahead

    def skip_to(self, at: datetime) -> timedelta:
        """Let it be `at`, unless it is later already; how much time was skipped."""
        with self._lock:
            skipped = max(at - datetime.now(UTC) - self._ahead, timedelta())
            self._ahead += skipped
            return skipped
