"""A caller in a live conversation: when the agent has finished, when they speak, what they heard.

The caller is the same as in calls by documents (`caller.py`); the line is a Media Stream or the
carrier's own relay. Not here: either of the two lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from phone.caller import Caller, Move
from phone.execution import Execution

# The agent has finished when nothing was heard for so long, in time of the call and of the clock:
# at eight times the speed a server that is busy for 100 ms has not fallen silent.
QUIET_S = 0.6
QUIET_LEAST_S = 0.15


@dataclass(frozen=True, slots=True)
class Ear:
    """What the line knows at a moment."""

    words: Sequence[str]  # that were heard since the last look
    speaks: bool  # sound of the agent is heard, or waits to be
    spoke_s: float  # seconds of the call since the agent began its last utterance
    quiet_s: float  # since it was last heard; seconds of the call
    quiet_real_s: float  # the same by the clock
    is_over: bool


class LiveLine(Protocol):
    """A line in the hands of the call's thread; nothing blocks."""

    def look(self) -> Ear:
        """What there is to hear."""

    def act(self, move: Move) -> None:
        """Begin to speak, make a noise, press keys; or hang up."""

    @property
    def is_acting(self) -> bool:
        """The caller still speaks or presses."""


class Overlapping(Protocol):
    """What a caller may have beside `Caller`, for live calls."""

    def interrupts(self, heard: str, spoke_s: float) -> Move | None:
        """Asked while the agent speaks: what the caller does now, if anything. `heard`: its words
        so far; `spoke_s`: seconds since it began."""

    def expects_more(self, heard: str) -> bool:
        """What was heard is not all that the caller waits for: they wait on, for a while."""


def converse(call: Execution, caller: Caller, line: LiveLine) -> None:
    """Let the caller talk over the line until it is over. CallerHungUp, Interrupted."""
    raise NotImplementedError
