"""Waits for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], object], limit_s: float = 10.0) -> None:
    """Return as soon as it holds; fails when that takes too long."""
    until = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.01)
