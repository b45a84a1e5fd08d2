"""What can happen to a line on its way: late and lost frames, a connection that breaks or hangs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

# A burst of late frames begins about so often.
LATE_EVERY_S = 0.4


class Moment(StrEnum):
    """When it breaks, or hangs."""

    CONNECTED = "connected"  # the socket is open, and nothing was sent
    STARTED = "started"  # `start` was sent
    AGENT_SPEAKS = "agent_speaks"  # the first sound of an utterance arrived
    AGENT_SPOKE = "agent_spoke"  # all that arrived was played
    CALLER_SPEAKS = "caller_speaks"  # the first of the caller's words was sent
    CALLER_SPOKE = "caller_spoke"  # all of them were


@dataclass(frozen=True, slots=True)
class Weather:
    """How good the line is. Seconds are of the call, whatever the speed."""

    jitter_s: float = 0.0  # frames of the caller come up to so much late, in order, in bursts
    loss: float = 0.0  # share of the caller's frames that never come
    stall_every_s: float = 0.0  # nothing comes for `stall_s`, then all of it at once; 0: never
    stall_s: float = 0.3
    drops: Moment | None = None  # the connection breaks, without a word
    freezes: Moment | None = None  # it stays open, and nothing goes through any more
    times: int = 1  # the moment must come so often before it happens
    frozen_most_s: float = 10.0  # of the clock: then the carrier takes the connection for lost
    seed: int = 1


FAIR = Weather()


class Passage:
    """How the frames of one line pass through its weather. Seconds are of the call."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._random = Random(weather.seed)
        self._waits: list[str] = []
        self._until_s = 0.0  # nothing passes before
        self._next_stall_s = weather.stall_every_s
        self._next_late_s = self._random.expovariate(1 / LATE_EVERY_S)

    def is_lost(self) -> bool:
        """The next frame never comes."""
        return self._random.random() < self._weather.loss

    def through(self, frames: list[str], at_s: float) -> Iterator[str]:
        """Those that come now, in order, of all that were sent by now."""
        self._waits += frames
        weather = self._weather
        if weather.jitter_s and at_s >= self._next_late_s:
            self._until_s = max(self._until_s, at_s + self._random.uniform(0, weather.jitter_s))
            self._next_late_s = self._until_s + self._random.expovariate(1 / LATE_EVERY_S)
        if weather.stall_every_s and at_s >= self._next_stall_s:
            self._until_s = max(self._until_s, at_s + weather.stall_s)
            self._next_stall_s = at_s + weather.stall_every_s + weather.stall_s
        if at_s < self._until_s:
            return
        yield from self._waits
        self._waits.clear()
