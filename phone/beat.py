"""One timer for many lines of an event loop: each is ticked once every 20 ms."""

from __future__ import annotations

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary

TICK_S = 0.02
PHASES = 4  # so that hundreds of lines do not all speak at the same instant


class Ticked(Protocol):
    """What wants to know that time has passed."""

    def tick(self, at: float) -> None:
        """It is `at` on the loop's clock."""


class Beat:
    """Ticks whoever joined. Only from its loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lines: dict[Ticked, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._lines)

    def join(self, line: Ticked) -> None:
        """Tick it from now on."""
        self._lines[line] = None
        if self._timer is None:
            self._timer = self._loop.call_later(TICK_S, self._tick, self._loop.time() + TICK_S)

    def leave(self, line: Ticked) -> None:
        """Tick it no more. Safe to call twice."""
        self._lines.pop(line, None)

    def _tick(self, due: float) -> None:
        at = self._loop.time()
        for line in tuple(self._lines):
            line.tick(at)
        if not self._lines:
            self._timer = None
            return
        # A loop that was held up does not tick for what it missed.
        due = max(due + TICK_S, at + TICK_S / 4)
        self._timer = self._loop.call_at(due, self._tick, due)


_BEATS: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Beat, ...]] = WeakKeyDictionary()


def beat() -> Beat:
    """The beat of the running loop that has the fewest lines."""
    loop = asyncio.get_running_loop()
    if loop not in _BEATS:
        _BEATS[loop] = tuple(Beat(loop) for _ in range(PHASES))
    return min(_BEATS[loop], key=len)
