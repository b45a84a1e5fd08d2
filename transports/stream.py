"""The socket that carries the sound of a call: its messages in, whatever they are, and its end."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future

from providers.telephony.base import (
    StreamAudio,
    StreamKey,
    StreamMark,
    StreamMessage,
    StreamStarted,
    StreamStopped,
)
from transports.duplex import (
    BROKEN,
    NONSENSE_MOST,
    NORMAL,
    WRONG,
    Desk,
    Outbox,
    guarded,
    netted,
)
from transports.live_socket import AsgiSocket, LiveSocket
from transports.live_token import BadToken
from transports.stream_answer import Answer, answer_of
from transports.stream_call import StreamCall

log = logging.getLogger(__name__)

# The one kind of sound that is understood here (ITU-T G.711), with the name the carrier gives it.
ENCODING, RATE_HZ = "audio/x-mulaw", 8000
# Pieces of sound that are kept while the call is looked up.
EARLY_MOST = 100


async def serve(socket: LiveSocket, desk: Desk) -> None:
    """Lead the call of a socket that was let in, until either side has done with it.

    The first message names the call and proves it (`LiveSocket.claim`). Never raises.
    """
    await guarded(socket, _Stream(socket, desk).run())


class _Stream:
    """One socket."""

    def __init__(self, socket: LiveSocket, desk: Desk) -> None:
        self._socket = socket
        self._desk = desk
        self._out = Outbox(socket)
        self._read = desk.services.telephony.stream.read
        self._started: StreamStarted | None = None
        self._call: StreamCall | None = None
        self._early: list[bytes] = []
        self._nonsense = 0
        self._has_stopped = False
        self._over = asyncio.Event()  # the socket is gone, or has nothing more to tell

    async def run(self) -> None:
        """Read until the socket is gone; then bring the call to an end."""
        socket = self._socket
        hear = netted(self._breaks, self._hear)
        try:
            if isinstance(socket, AsgiSocket) and socket.tell(hear):
                await self._until_over()
            else:
                while not self._over.is_set() and (message := await socket.receive()) is not None:
                    hear(message)
        finally:
            call = self._call
            if call is not None:
                try:
                    await call.lost(self._has_stopped)
                finally:
                    call.stop()
                    self._desk.calls.discard(call)
            self._out.close(NORMAL)
            await self._out.wait()

    async def _until_over(self) -> None:
        """Until the carrier says that the stream is over, or its socket is."""
        end = asyncio.ensure_future(self._socket.receive())
        end.add_done_callback(lambda _: self._over.set())
        await self._over.wait()
        end.cancel()

    def _hear(self, message: str | bytes) -> None:
        try:
            told = self._read(message)
        except ValueError as error:
            self._makes_no_sense(str(error))
            return
        call = self._call
        if type(told) is StreamAudio and call is not None:
            call.hear(told.audio)
        elif told is not None:
            self._take(told)

    def _breaks(self) -> None:
        if self._call is not None:
            self._call.go_on_in_turns("broken", BROKEN)
        else:
            self._out.close(BROKEN)

    def _take(self, told: StreamMessage) -> None:
        call = self._call
        match told:
            case StreamStarted():
                self._start(told)
            case StreamAudio(audio) if self._started is not None and len(self._early) < EARLY_MOST:
                self._early.append(audio)
            case StreamMark(name) if call is not None:
                call.marked(name)
            case StreamKey(digit) if call is not None:
                call.press(digit)
            case StreamStopped() if self._started is not None:
                self._has_stopped = True
                self._over.set()
            case _:
                self._makes_no_sense("a message before its time")

    def _start(self, started: StreamStarted) -> None:
        if self._started is not None:
            self._makes_no_sense("a second start")
            return
        try:
            self._socket.claim(started.carrier_id, started.token)
        except BadToken as error:
            log.warning("a socket did not prove its call", extra={"reason": str(error)})
            self._out.close(WRONG)
            return
        self._started = started
        if (started.encoding, started.rate_hz) != (ENCODING, RATE_HZ):
            given = f"{started.encoding} {started.rate_hz}"[:60]
            log.error("sound in a form that is not understood", extra={"encoding": given})
            self._out.close(NORMAL)
            return
        turns, carrier_id = self._desk.turns, started.carrier_id
        begin = netted(self._breaks, self._begin)
        self._desk.in_thread(lambda: answer_of(turns.current(carrier_id)), begin)

    def _begin(self, found: Future[Answer]) -> None:
        if self._out.is_over or self._over.is_set() or self._started is None:
            return
        if error := found.exception():
            log.error("the call of a socket was not found", exc_info=error)
            self._out.close(NORMAL)
            return
        call = StreamCall(self._desk, self._out, self._started.stream_id, found.result())
        self._call = call
        self._desk.calls.add(call)
        if self._desk.is_draining:
            call.leave()
        call.begin()
        for audio in self._early:
            call.hear(audio)
        self._early.clear()

    def _makes_no_sense(self, reason: str) -> None:
        """Bounded: whoever sends nothing but nonsense is not the carrier."""
        self._nonsense += 1
        if self._nonsense == 1:
            log.warning("a message that makes no sense", extra={"reason": reason[:100]})
        if self._nonsense == NONSENSE_MOST:
            log.warning("a socket is closed for its nonsense", extra={"reason": reason[:100]})
            if self._call is not None:
                self._call.go_on_in_turns("nonsense", WRONG)
            else:
                self._out.close(WRONG)
