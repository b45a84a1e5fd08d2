"""The socket of a call that the carrier hears and speaks: its messages in, and its end.

The carrier opens a lost socket again (`applicationReconnect`) and tells there what could not be
told meanwhile: the new one goes on from what is kept, once that is all there.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future

from providers.telephony.base import (
    RelayInterrupted,
    RelayKey,
    RelayMessage,
    RelayProblem,
    RelayProgress,
    RelayPrompt,
    RelayStarted,
)
from transports.duplex import NORMAL, Desk, guarded
from transports.live_socket import LiveSocket
from transports.relay_call import RelayCall
from transports.relay_found import Found, found
from transports.socket_serving import SocketServing

log = logging.getLogger(__name__)

# Messages that are kept while the call is looked up: what the carrier keeps of a lost socket.
EARLY_MOST = 500
# How long what is still done for a lost socket is waited for before its call goes on.
LOST_MOST_S = 10.0


async def serve(socket: LiveSocket, desk: Desk) -> None:
    """Lead the call of a socket that was let in, until either side has done with it.

    The first message names the call and proves it (`LiveSocket.claim`). Never raises.
    """
    await guarded(socket, _Relay(socket, desk).run())


class _Relay(SocketServing[RelayCall, Found]):
    def __init__(self, socket: LiveSocket, desk: Desk) -> None:
        super().__init__(socket, desk)
        self._read = desk.services.telephony.relay.read
        self._session_id = ""
        self._early: list[RelayMessage] = []

    async def run(self) -> None:
        """Read until the socket is gone; then bring what was begun to an end."""
        receive, read = self._socket.receive, self._read
        try:
            while (message := await receive()) is not None:
                try:
                    told = read(message)
                except ValueError as error:
                    self._makes_no_sense(str(error))
                    continue
                if told is not None:
                    self._take(told)
        finally:
            if self._call is not None:
                self._loses(self._call)
            self._out.close(NORMAL)
            await self._out.wait()

    def _take(self, told: RelayMessage) -> None:
        if isinstance(told, RelayStarted):
            self._start(told)
        elif not self._carrier_id:
            self._makes_no_sense("a message before its time")
        elif self._call is not None:
            _tell(self._call, told)
        elif len(self._early) < EARLY_MOST:
            self._early.append(told)

    def _start(self, started: RelayStarted) -> None:
        if not self._proves(started.carrier_id, started.token):
            return
        self._session_id = started.session_id
        turns, carrier_id = self._desk.turns, started.carrier_id
        before = self._desk.lost.get(carrier_id)

        def find() -> Found:
            if before is not None:
                before.exception(LOST_MOST_S)
            return found(turns.current(carrier_id))

        self._find(find)

    def _made(self, found: Found) -> RelayCall:
        return RelayCall(self._desk, self._out, self._session_id, found)

    def _begin(self, finding: Future[Found]) -> None:
        super()._begin(finding)
        if self._call is not None:
            for told in self._early:
                _tell(self._call, told)
        self._early.clear()

    def _loses(self, call: RelayCall) -> None:
        self._desk.calls.discard(call)
        carrier_id, lost = self._carrier_id, self._desk.lost

        def kept(done: Future[None]) -> None:
            if lost.get(carrier_id) is done:
                del lost[carrier_id]
            if error := done.exception():
                log.error("the last words of a lost socket were not kept", exc_info=error)

        keeping = call.lost(self._socket.closed_with == NORMAL, kept)
        if keeping is not None:
            lost[carrier_id] = keeping


def _tell(call: RelayCall, told: RelayMessage) -> None:
    if call.is_over:
        return
    match told:
        case RelayPrompt():
            call.prompt(told)
        case RelayProgress():
            call.progress(told)
        case RelayInterrupted():
            call.interrupted(told)
        case RelayKey(digit):
            call.press(digit)
        case RelayProblem(description):
            call.problem(description)
        case _:
            pass
