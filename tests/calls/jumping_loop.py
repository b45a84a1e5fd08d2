"""An event loop on which nobody waits: with nothing left to do, it is the time of the next timer.

For tests of what takes seconds, without sockets.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Jumps(selectors.DefaultSelector):
    """Adds up how long was to be waited, instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.jumped_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for nothing"
            self.jumped_s += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumps = _Jumps()
        super().__init__(self._jumps)

    def time(self) -> float:
        return self._jumps.jumped_s


def run_at_once(test: Coroutine[Any, Any, None]) -> None:
    """Run a test on such a loop. Its time begins at 0."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(test)
