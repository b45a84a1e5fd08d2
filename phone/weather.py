"""What can happen to a line on its way: late and lost frames, a connection that breaks or hangs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """When it breaks, or hangs."""

    CONNECTED = "connected"  # the socket is open, and nothing was sent
    STARTED = "started"  # `start` was sent
    AGENT_SPEAKS = "agent_speaks"  # the first sound of an utterance arrived
    AGENT_SPOKE = "agent_spoke"  # it was played
    CALLER_SPEAKS = "caller_speaks"  # half of the caller's words were sent
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
    seed: int = 1


FAIR = Weather()
