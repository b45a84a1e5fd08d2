"""The carrier's end of a Media Stream: one socket, the caller's sound out, the agent's sound in.

Everything happens on the event loop that opened it. For many lines in one process, on one loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from phone.far_end import FarEnd
from phone.weather import FAIR, Weather


@dataclass(frozen=True, slots=True)
class StreamOrder:
    """What is to be connected."""

    url: str  # ws:// or wss://, where it really listens
    account: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # of the handshake: signature, proxy


class StreamFault(Exception):
    """The stream could not be opened, or broke. `code` is the carrier's number for it."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(slots=True)
class Told:
    """Who is told of what comes through the line, on the loop, at once."""

    on_audio: Callable[[bytes], None] | None = None  # the agent's sound, as it is heard
    on_words: Callable[[str], None] | None = None  # each word, when it was heard
    on_clear: Callable[[], None] | None = None  # what was not heard yet is gone
    on_warning: Callable[[int, str], None] | None = None  # what the carrier would warn of
    on_end: Callable[[], None] | None = None  # the stream is over, whoever ended it


class StreamLine:
    """One stream. `open` it, `feed` it, until `is_over`; `stop` hangs up."""

    def __init__(
        self,
        order: StreamOrder,
        told: Told | None = None,
        speed: float = 1.0,
        weather: Weather = FAIR,
    ) -> None:
        self.order = order
        self.told = told or Told()
        self.speed = speed
        self.weather = weather
        self.far = FarEnd(speed)
        self.fault: StreamFault | None = None  # why it ended, when it should not have
        self.closed_with: int | None = None  # the server's code; None: open, or no close at all
        self.is_over = False

    async def open(self) -> None:
        """Connect, say `connected` and `start`, and begin to send. StreamFault when refused."""
        raise NotImplementedError

    def feed(self, audio: bytes) -> None:
        """The caller makes a sound (μ-law, any length) after what was fed and not sent yet;
        between two there is silence."""
        raise NotImplementedError

    def hush(self) -> None:
        """The caller breaks off: nothing more of what was fed is sent."""
        raise NotImplementedError

    def press(self, digit: str) -> None:
        """The caller presses a key."""
        raise NotImplementedError

    def stop(self) -> None:
        """The caller hangs up: `stop`, and the end of the socket. Safe to call twice."""
        raise NotImplementedError

    def drop(self) -> None:
        """The connection breaks without a word."""
        raise NotImplementedError

    def freeze(self) -> None:
        """Nothing goes through any more, and the connection stays open."""
        raise NotImplementedError
