"""The carrier's end of a ConversationRelay: one session on an event loop, over as many sockets as
it takes.

Documented: a lost socket is opened again with `applicationReconnect`, and at most 500 events are
kept meanwhile and told in the new one. General knowledge: how often and when it is tried, that a
close with 1000 or 1008 is no loss, and that the new socket begins with the same `setup`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import picows
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from phone.caller import Move, Presses, Speaks
from phone.media_stream import CLOSE_S, OPEN_S, StreamFault
from phone.relay_session import RelaySession
from phone.weather import FAIR, Moment, Weather

KEPT_MOST = 500
TRIES_S = (0.2, 1.0, 2.0)  # of the clock, before each attempt to open a lost socket again
# A close with these is meant; the session is over.
_MEANT = frozenset({1000, 1007, 1008})


@dataclass(frozen=True, slots=True)
class RelayOrder:
    """Where the socket is."""

    url: str  # ws:// or wss://, where it really listens
    headers: Mapping[str, str] = field(default_factory=dict)  # of the handshake: signature, proxy


class RelayLine:
    """One session. `open` it, `act`, until `is_over`; `stop` hangs up. From one event loop."""

    def __init__(self, order: RelayOrder, session: RelaySession, weather: Weather = FAIR) -> None:
        self.order = order
        self.session = session
        self.weather = weather
        self.fault: StreamFault | None = None  # why it ended, when it should not have
        self.closed_with: int | None = None  # the server's last code; None: open, or no close
        self.sockets = 0  # that were opened
        self.is_over = False
        self.is_frozen = False
        self.on_end: Callable[[], None] | None = None
        self.on_message: Callable[[str, float], None] | None = None  # of the app, as it comes
        self.on_tell: Callable[[str, float], None] | None = None  # to the app, as it goes
        self._transport: WSTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._parts = b""
        self._moments = 0
        self._loop: asyncio.AbstractEventLoop
        self._opens: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and say `setup`. StreamFault when refused."""
        self._loop = asyncio.get_running_loop()
        try:
            await self._connect("RINGING")
        except StreamFault as fault:
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

    def stop(self) -> None:
        """The caller hangs up, and the carrier closes. Safe to call twice."""
        if self.is_over:
            return
        if self._transport is not None:
            if self.is_frozen:
                self._transport.underlying_transport.abort()
            else:
                self._transport.send_close(WSCloseCode.OK, b"Closing websocket session")
                self._transport.disconnect()
        self._end(None)

    async def wait_closed(self) -> None:
        """Return when the socket is closed, or should have been long ago."""
        if self._transport is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._transport.wait_disconnected()

    def drop(self) -> None:
        """The connection breaks without a word."""
        if self._transport is not None:
            self._transport.underlying_transport.abort()

    def freeze(self) -> None:
        """Nothing goes through any more, and the connection stays open for a while."""
        if self._transport is not None and not self.is_frozen:
            self.is_frozen = True
            self._transport.underlying_transport.pause_reading()
            self._loop.call_later(self.weather.frozen_most_s, self.drop)

    # The socket's side

    def connected(self, transport: WSTransport) -> None:
        """The socket is open."""
        self._transport = transport

    def received(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame of the server."""
        if self.is_over or transport is not self._transport:
            return
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.CONTINUATION | WSMsgType.BINARY:
                self._parts += frame.get_payload_as_bytes()
                if frame.fin:
                    message, self._parts = self._parts, b""
                    self._takes(message.decode("utf-8", "replace"))
            case WSMsgType.CLOSE:
                self.closed_with = int(frame.get_close_code().value or 1005)
                transport.send_close(WSCloseCode.OK)
                transport.disconnect()

    def gone(self, transport: WSTransport) -> None:
        """That socket is closed, by whomever."""
        if self.is_over or transport is not self._transport:
            return
        self._transport, self._parts, self.is_frozen = None, b"", False
        meant = self.closed_with in _MEANT
        if meant or not self.session.manners.reconnects:
            self._end(StreamFault(64105, f"the server closed ({self.closed_with or 'no close'})"))
        else:
            self._opens = self._loop.create_task(self._open_again())

    def _takes(self, message: str) -> None:
        at = self._loop.time()
        spoke = self.session.words.is_speaking
        self.session.takes(message, at)
        if self.on_message is not None:
            self.on_message(message, at)
        if not spoke and self.session.words.playing is not None:
            self._came(Moment.AGENT_SPEAKS)
        self._go_on()
        code = self.session.closes_with
        if code is None or self._transport is None:
            return
        self._transport.send_close(WSCloseCode(code))
        self._transport.disconnect()
        fault = None if self.session.has_ended else StreamFault(64105, "too many bad messages")
        self._end(fault)

    async def _connect(self, status: str) -> None:
        try:
            async with asyncio.timeout(OPEN_S):
                await picows.ws_connect(
                    lambda: _Peer(self),
                    self.order.url,
                    extra_headers=dict(self.order.headers),
                    max_redirects=0,
                    websocket_handshake_timeout=OPEN_S,
                )
        except (TimeoutError, OSError, picows.WSError) as error:
            raise StreamFault(64102, str(error) or "nobody answers") from error
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
                await self._connect("IN_PROGRESS")
            except StreamFault:
                continue
            return
        self._end(StreamFault(64105, "the socket was lost, and could not be opened again"))

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
        if self._transport is None or self.is_over or self.is_frozen:
            return
        if self.on_tell is not None:
            self.on_tell(message, self._loop.time())
        with contextlib.suppress(ConnectionError):  # `gone` follows
            self._transport.send(WSMsgType.TEXT, message.encode())

    def _came(self, moment: Moment) -> None:
        if moment not in (self.weather.drops, self.weather.freezes):
            return
        self._moments += 1
        if self._moments == self.weather.times:
            if moment is self.weather.drops:
                self.drop()
            else:
                self.freeze()

    def _end(self, fault: StreamFault | None) -> None:
        if self.is_over:
            return
        self.is_over = True
        self.fault = fault
        if self._timer is not None:
            self._timer.cancel()
        if self.on_end is not None:
            self.on_end()


class _Peer(WSListener):
    """A socket of a line."""

    def __init__(self, line: RelayLine) -> None:
        self._line = line

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._line.connected(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._line.received(transport, frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._line.gone(transport)
