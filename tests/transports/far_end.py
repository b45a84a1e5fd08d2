"""The far end of a call over a socket, without a server between: in memory, on one event loop.

It plays what it is sent without taking any time, so that a test waits for what happens and not for
sound; time that has to pass is skipped (`SkippingLoop`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from phone.media_frames import Clear, Frames, Mark, Media, read_order
from phone.word_track import WordReader
from transports.live_socket import SocketGone
from transports.live_token import BadToken

GOOD = "the token of this call"


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time can be moved on."""

    skipped_s = 0.0

    def time(self) -> float:
        """Seconds, with those that were skipped."""
        return super().time() + self.skipped_s


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test on such a loop."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(test)


def skip(seconds: float) -> None:
    """Let so much time be over."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SkippingLoop)
    loop.skipped_s += seconds


@dataclass
class FarEnd:
    """A carrier with one call, and the socket that it opened (`LiveSocket`)."""

    frames: Frames
    plays: bool = True  # what it is sent, at once; False: when it is told to
    takes_most: int = 1_000_000  # messages that it reads
    audio: bytearray = field(default_factory=bytearray)  # that was played
    waiting: list[bytes | str] = field(default_factory=list)  # to be played; a text is a mark
    clears: int = 0
    codes: list[int] = field(default_factory=list)  # the socket was closed with
    claimed: list[tuple[str, str]] = field(default_factory=list)
    _inbox: asyncio.Queue[str | bytes | None] = field(default_factory=asyncio.Queue)
    _is_gone: bool = False

    # As a test has it

    def says(self, *messages: str | bytes) -> None:
        """Send messages, whatever they are."""
        for message in messages:
            self._inbox.put_nowait(message)

    def starts(self, token: str = GOOD) -> None:
        """The messages of a stream that begins."""
        self.says('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        self.says(self.frames.start({"token": token}))

    def drops(self) -> None:
        """Be gone, without a word."""
        self._is_gone = True
        self._inbox.put_nowait(None)

    def hears(self, marks: int = 1_000_000) -> None:
        """Play what waits up to so many marks."""
        while self.waiting and marks:
            piece = self.waiting.pop(0)
            if isinstance(piece, str):
                marks -= 1
                self.says(self.frames.mark(piece))
            else:
                self.audio += piece

    @property
    def heard(self) -> str:
        """The words of what was played."""
        return " ".join(WordReader().read(bytes(self.audio)))

    @property
    def code(self) -> int | None:
        """The socket was closed with; None while it is open."""
        return self.codes[0] if self.codes else None

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; fails after ten seconds, not counting those skipped."""
        limit = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < limit, f"it did not come about; heard: {self.heard}"
            await asyncio.sleep(0.002)

    async def until_time_brings(self, holds: Callable[[], object]) -> None:
        """The same, and time flies."""
        limit = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < limit, f"it did not come about; heard: {self.heard}"
            skip(0.1)
            await asyncio.sleep(0.002)

    async def until_heard(self, words: str) -> None:
        """Wait until the words were played."""
        await self.until(lambda: words in self.heard)

    # As the server has it

    is_moving = False
    closed_with: int | None = None

    def on_move(self, tell: Callable[[], None]) -> None:
        """See `LiveSocket`."""

    def claim(self, carrier_id: str, token: str) -> None:
        """See `LiveSocket`."""
        self.claimed.append((carrier_id, token))
        if token != GOOD:
            raise BadToken("it is not ours")

    async def receive(self) -> str | bytes | None:
        """See `LiveSocket`."""
        return await self._inbox.get()

    async def send(self, text: str) -> None:
        """See `LiveSocket`."""
        if self._is_gone or self.code is not None:
            raise SocketGone("it is gone")
        while not self.takes_most and not self._is_gone:
            await asyncio.sleep(0.002)
        self.takes_most -= 1
        match read_order(text, self.frames.stream_sid):
            case Media(audio):
                self.waiting.append(audio)
            case Mark(name):
                self.waiting.append(name)
            case Clear():
                self.clears += 1
                marks = [one for one in self.waiting if isinstance(one, str)]
                self.waiting.clear()
                self.says(*(self.frames.mark(name) for name in marks))
        if self.plays:
            self.hears()

    async def close(self, code: int = 1000) -> None:
        """See `LiveSocket`."""
        if self.code is None and not self._is_gone:
            self.codes.append(code)
            self._inbox.put_nowait(None)
