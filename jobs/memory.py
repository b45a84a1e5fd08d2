"""A broker inside this process, for the embedded worker: kombu's own, that wakes who waits.

Kombu's looks once a second whether there is something to do. Nothing here outlives the process:
whatever matters is found in the store again.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty
from threading import Condition
from typing import Any, cast

from kombu.transport import TRANSPORT_ALIASES, memory

SCHEME = "inside"
# How long one waits for a message before looking whether there is something else to do.
LOOK_S = 1.0

_arrived = Condition()
_count = 0


def wake() -> None:
    """Have whoever waits look again: for a message, or whether it is to stop."""
    global _count
    with _arrived:
        _count += 1
        _arrived.notify_all()


def forget(queue: str) -> None:
    """Let go of a queue and of what is in it."""
    memory.Channel.queues.pop(queue, None)


class Channel(memory.Channel):
    """As kombu's."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)
        wake()

    def basic_ack(self, delivery_tag: Any, multiple: bool = False) -> None:
        """One fewer is being done, so another may be taken."""
        super().basic_ack(delivery_tag, multiple)
        wake()


class Transport(memory.Transport):
    """As kombu's; a message is taken at once."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Hand over the next message. TimeoutError when there is none, or `wake` was called."""
        seen = _count
        get: Callable[..., Any] = cast(Any, self.cycle).get
        try:
            get(self._deliver)
        except Empty:
            with _arrived:
                _arrived.wait_for(lambda: _count != seen, LOOK_S if timeout is None else timeout)
            try:
                get(self._deliver)
            except Empty:
                raise TimeoutError from None


TRANSPORT_ALIASES[SCHEME] = "jobs.memory:Transport"
