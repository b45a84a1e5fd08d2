"""Who hears the callers of this process: which recognisers, and who of them listens to whom.

What is made of the words is decided elsewhere (`conversation/turn_taking.py`). On the event loop.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence

from agents.schema import Agent
from calls.ears import Ears
from calls.heard import Away, Back, Gone, Heard, HearingUse, TellHeard
from providers.breaker import Breaker
from providers.stt import open_recognisers
from providers.stt.base import Broken, HearingOrder, Recogniser
from settings import Settings

log = logging.getLogger(__name__)

__all__ = [
    "Away",
    "Back",
    "Ears",
    "Gone",
    "Heard",
    "Hearing",
    "HearingUse",
    "TellHeard",
    "billed",
    "open_hearing",
]

# A vendor that failed this often in a row is left alone for the pause: calls begin with the other
# one, or in turns. Fewer than for models, as each failure keeps a caller waiting for seconds.
FAILURES_MOST = 2
PAUSE_S = 15.0

# Told of a recogniser, by its name, that failed, and how.
Failed = Callable[[str, Broken], None]


def ignored(name: str, broken: Broken) -> None:
    """Nobody wants to know."""


class Listener:
    """A recogniser and what is known of how it does. See `Post`."""

    def __init__(self, recogniser: Recogniser, clock: Callable[[], float], failed: Failed) -> None:
        self.recogniser = recogniser
        self._breaker = Breaker(FAILURES_MOST, PAUSE_S, clock)
        self._failed = failed

    @property
    def is_resting(self) -> bool:
        """It failed, and it is not time to ask it again."""
        return self._breaker.is_resting

    def admits(self) -> bool:
        """See `Post`."""
        return self._breaker.admits()

    def worked(self) -> None:
        """See `Post`."""
        self._breaker.record(worked=True)

    def failed(self) -> None:
        """See `Post`."""
        self._breaker.record(worked=False)

    def note(self, broken: Broken) -> None:
        """See `Post`."""
        name = self.recogniser.name
        self._failed(name, broken)
        level = logging.ERROR if broken.is_permanent else logging.WARNING
        told = {
            "provider": name,
            "code": broken.reason,
            "breaker_is_open": self._breaker.is_open,
        }
        log.log(level, "a recogniser failed", extra=told)


class Hearing:
    """The recognisers of this process, the best first."""

    def __init__(
        self,
        recognisers: Iterable[Recogniser],
        failed: Failed = ignored,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listeners = [Listener(one, clock, failed) for one in recognisers]

    def for_agent(self, agent: Agent) -> Recogniser | None:
        """Who would listen to a call of this agent that begins now. From any thread.

        None when a language of the agent is understood by nobody who answers at present.
        """
        wanted = agent.live.recogniser
        first: Recogniser | None = None
        for language in agent.languages:
            order = HearingOrder(
                language,
                tuple(agent.languages),
                model=(wanted.model or "") if wanted else "",
                vendor=wanted.name if wanted else "",
            )
            awake = (one for one in self._serving(order) if not one.is_resting)
            listener = next(awake, None)
            if listener is None:
                return None
            first = first or listener.recogniser
        return first

    def open(self, order: HearingOrder, tell: TellHeard) -> Ears:
        """Ears for one call; at once, the connection is made meanwhile.

        `tell` is called on the loop, in order, and must not block or raise; not from within `open`.
        """
        return Ears(self._serving, order, tell)

    def _serving(self, order: HearingOrder) -> Sequence[Listener]:
        known = [one for one in self._listeners if one.recogniser.serves(order)]
        return sorted(known, key=lambda one: one.recogniser.vendor != order.vendor)


def billed(uses: Sequence[HearingUse]) -> dict[str, object]:
    """What was sent, in the words of `Prices`: a turn has one recogniser, the last that heard."""
    if not uses:
        return {}
    last = uses[-1]
    return {
        "stt_provider": last.provider,
        "stt_model": last.model,
        "stt_seconds": round(sum(one.seconds for one in uses), 3),
    }


def open_hearing(settings: Settings, failed: Failed = ignored) -> Hearing:
    """Whoever has a key; nobody when there is none."""
    return Hearing(open_recognisers(settings), failed)
