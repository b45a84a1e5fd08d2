"""A live line on an event loop of its own, in the hands of the call's thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from phone.caller import MakesNoise, Move, Presses, Speaks
from phone.faults import SocketFault
from phone.live_call import Ear
from phone.live_habits import Live
from phone.socket_line import SocketLine

L = TypeVar("L", bound=SocketLine)


class LineThread(ABC, Generic[L]):
    """`open` it, `look` and `act` as often as needed, `close` it: a `live_call.LiveLine`."""

    def __init__(self, line: L, live: Live) -> None:
        self._line = line
        self._live = live
        self._opened = threading.Event()
        self._acts = 0  # moves that were begun and are not over
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)

    @property
    def fault(self) -> SocketFault | None:
        """Why it ended, when it should not have."""
        return self._line.fault

    @property
    @abstractmethod
    def is_acting(self) -> bool:
        """The caller still speaks or presses."""

    def open(self) -> None:
        """Connect. SocketFault when that cannot be."""
        self._thread.start()
        self._opened.wait()
        if self._line.fault is not None:
            self._thread.join()
            raise self._line.fault

    @abstractmethod
    def look(self) -> Ear:
        """What there is to hear."""

    def act(self, move: Move) -> None:
        """Begin to speak, make a noise, press keys."""
        if isinstance(move, Speaks | MakesNoise | Presses) and not self._line.is_over:
            self._acts += 1
            self._loop.call_soon_threadsafe(self._begin, move)

    def close(self) -> None:
        """The caller's side is done with it; returns when the socket is closed."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(self._line.stop)
            self._thread.join()

    @abstractmethod
    def _begin(self, move: Speaks | MakesNoise | Presses) -> None:
        """Do what `act` was told, on the loop, and count it as over."""

    def _run(self) -> None:
        try:
            asyncio.run(self._live_on())
        finally:
            self._opened.set()

    async def _live_on(self) -> None:
        self._loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._line.on_end = ended.set
        with contextlib.suppress(SocketFault):  # `open` raises it
            await self._line.open()
            self._go_live()
            await ended.wait()
            await self._line.wait_closed()

    def _go_live(self) -> None:
        """The line is open: on the loop, before anything is heard."""
        self._opened.set()
