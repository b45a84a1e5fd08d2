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
from transports.duplex import NORMAL, Desk, guarded, netted
from transports.live_answer import Answer, answer_of
from transports.live_socket import AsgiSocket, LiveSocket
from transports.socket_serving import SocketServing
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


class _Stream(SocketServing[StreamCall, Answer]):
    def __init__(self, socket: LiveSocket, desk: Desk) -> None:
        super().__init__(socket, desk)
        self._read = desk.services.telephony.stream.read
        self._stream_id = ""
        self._early: list[bytes] = []
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

    def _take(self, told: StreamMessage) -> None:
        call = self._call
        match told:
            case StreamStarted():
                self._start(told)
            case StreamAudio(audio) if self._carrier_id and len(self._early) < EARLY_MOST:
                self._early.append(audio)
            case StreamMark(name) if call is not None:
                call.marked(name)
            case StreamKey(digit) if call is not None:
                call.press(digit)
            case StreamStopped() if self._carrier_id:
                self._has_stopped = True
                self._over.set()
            case _:
                self._makes_no_sense("a message before its time")

    def _start(self, started: StreamStarted) -> None:
        if not self._proves(started.carrier_id, started.token):
            return
        if (started.encoding, started.rate_hz) != (ENCODING, RATE_HZ):
            given = f"{started.encoding} {started.rate_hz}"[:60]
            log.error("sound in a form that is not understood", extra={"encoding": given})
            self._out.close(NORMAL)
            return
        self._stream_id = started.stream_id
        turns, carrier_id = self._desk.turns, started.carrier_id
        self._find(lambda: answer_of(turns.current(carrier_id)))

    @property
    def _is_gone(self) -> bool:
        return super()._is_gone or self._over.is_set()

    def _made(self, found: Answer) -> StreamCall:
        return StreamCall(self._desk, self._out, self._stream_id, found)

    def _begin(self, finding: Future[Answer]) -> None:
        super()._begin(finding)
        if self._call is not None:
            for audio in self._early:
                self._call.hear(audio)
        self._early.clear()
