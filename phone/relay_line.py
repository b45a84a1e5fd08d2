"""The carrier's end of a ConversationRelay: one session on an event loop, over as many sockets as
it takes.

Documented: a lost socket is opened again with `applicationReconnect`, and at most 500 events are
kept meanwhile and told in the new one. General knowledge: how often and when it is tried, that a
close with 1000 or 1008 is no loss, and that the new socket begins with the same `setup`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import picows
from picows import WSCloseCode

from phone.caller import Move, Presses, Speaks
from phone.faults import SocketFault
from phone.relay_session import RelaySession
from phone.socket_line import SocketLine
from phone.weather import FAIR, Moment, Weather
from phone.webhook import Handshake

KEPT_MOST = 500
TRIES_S = (0.2, 1.0, 2.0)  # of the clock, before each attempt to open a lost socket again
# A close with these is meant; the session is over.
_MEANT = frozenset({1000, 1007, 1008})


class RelayLine(SocketLine):
    """One session. Once it is open, `act`."""

    goodbye = b"Closing websocket session"

    def __init__(
        self, handshake: Handshake, session: RelaySession, weather: Weather = FAIR
    ) -> None:
        super().__init__(handshake, weather)
        self.session = session
        self.sockets = 0  # that were opened
        self.on_message: Callable[[str, float], None] | None = None  # of the app, as it comes
        self.on_tell: Callable[[str, float], None] | None = None  # to the app, as it goes
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._opens: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and say `setup`. SocketFault when refused."""
        try:
            await self._begin("RINGING")
        except SocketFault as fault:
            self._end(fault)
            raise

    def act(self, move: Move) -> None:
        """The caller begins to do something."""
        if not self.is_over:
            self.session.act(move, self._loop.time())
            if isinstance(move, Speaks | Presses):
                self._came(Moment.CALLER_SPEAKS)
            self._go_on()

    def send(self, message: str) -> None:
        """Say something to the app that no carrier would."""
        self._send(message)

    def _lost(self) -> None:
        self._transport, self._parts, self.is_frozen = None, b"", False
        meant = self.closed_with in _MEANT
        if meant or not self.session.manners.reconnects:
            self._end(SocketFault(64105, f"the server closed ({self.closed_with or 'no close'})"))
        else:
            self._opens = self._loop.create_task(self._open_again())

    def _takes(self, message: bytes) -> None:
        at, text = self._loop.time(), message.decode("utf-8", "replace")
        spoke = self.session.words.is_speaking
        self.session.takes(text, at)
        if self.on_message is not None:
            self.on_message(text, at)
        if not spoke and self.session.words.playing is not None:
            self._came(Moment.AGENT_SPEAKS)
        self._go_on()
        code = self.session.closes_with
        if code is None or self._transport is None:
            return
        self._close(WSCloseCode(code))
        fault = None if self.session.has_ended else SocketFault(64105, "too many bad messages")
        self._end(fault)

    async def _begin(self, status: str) -> None:
        """Open a socket, and say `setup` and what was kept. SocketFault when refused."""
        try:
            await self._connect()
        except (TimeoutError, OSError, picows.WSError) as error:
            raise SocketFault(64102, str(error) or "nobody answers") from error
        self.sockets += 1
        self.closed_with = None
        self._came(Moment.CONNECTED)
        if self._transport is None:
            return
        # What was kept while there was no socket comes after the setup.
        kept, self.session.out = self.session.out[-KEPT_MOST:], []
        self.session.setup(status, self._loop.time())
        self.session.out += kept
        self._go_on()
        self._came(Moment.STARTED)

    async def _open_again(self) -> None:
        for wait_s in TRIES_S:
            await asyncio.sleep(wait_s)
            if self.is_over:
                return
            try:
                await self._begin("IN_PROGRESS")
            except SocketFault:
                continue
            return
        self._end(SocketFault(64105, "the socket was lost, and could not be opened again"))

    # Time

    def _go_on(self) -> None:
        """Send what there is to say, and be woken for what comes next."""
        session = self.session
        if self._transport is not None:
            waiting, session.out = session.out, []
            for message in waiting:
                self._send(message)
        due_at = session.due_at
        if due_at is None or self.is_over:
            return
        if self._timer is not None:
            if self._rings_at <= due_at:
                return
            self._timer.cancel()
        self._rings_at = due_at
        self._timer = self._loop.call_at(due_at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self.is_over:
            return
        was, acted = self.session.words.is_speaking, self.session.is_acting(self._loop.time())
        self.session.pass_time(self._loop.time())
        self._go_on()
        if was and not self.session.words.is_speaking:
            self._came(Moment.AGENT_SPOKE)
        if acted and not self.session.is_acting(self._loop.time()):
            self._came(Moment.CALLER_SPOKE)

    def _send(self, message: str) -> None:
        if self.on_tell is not None and self._way_out is not None:
            self.on_tell(message, self._loop.time())
        super()._send(message)

    def _end(self, fault: SocketFault | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super()._end(fault)
