"""The socket of a live call, whatever travels over it: whose it is, its call, and nonsense."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from calls.moves import Why
from transports.duplex import BROKEN, NONSENSE_MOST, NORMAL, WRONG, Desk, Outbox, netted
from transports.live_socket import LiveSocket
from transports.live_token import BadToken
from transports.socket_call import SocketCall

log = logging.getLogger(__name__)

C = TypeVar("C", bound=SocketCall)
F = TypeVar("F")  # how a call is found


class SocketServing(ABC, Generic[C, F]):
    """One socket. On the event loop."""

    def __init__(self, socket: LiveSocket, desk: Desk) -> None:
        self._socket = socket
        self._desk = desk
        self._out = Outbox(socket)
        self._carrier_id = ""  # of the call that the socket has proved; "": none yet
        self._call: C | None = None
        self._nonsense = 0

    @abstractmethod
    def _made(self, found: F) -> C:
        """The call, as it was found."""

    @property
    def _is_gone(self) -> bool:
        """Nobody is there for a call any more."""
        return self._out.is_over

    def _proves(self, carrier_id: str, token: str) -> bool:
        """Whether the first message that names a call may do so; otherwise the socket ends."""
        if self._carrier_id:
            self._makes_no_sense("a second start")
            return False
        try:
            self._socket.claim(carrier_id, token)
        except BadToken as error:
            log.warning("a socket did not prove its call", extra={"reason": str(error)})
            self._out.close(WRONG)
            return False
        self._carrier_id = carrier_id
        return True

    def _find(self, find: Callable[[], F]) -> None:
        """Look the call up in a thread, and begin."""
        self._desk.in_thread(find, netted(self._breaks, self._begin))

    def _begin(self, finding: Future[F]) -> None:
        if self._is_gone:
            return
        if error := finding.exception():
            log.error("the call of a socket was not found", exc_info=error)
            self._out.close(NORMAL)
            return
        call = self._call = self._made(finding.result())
        self._desk.calls.add(call)
        if self._desk.is_draining:
            call.leave()
        call.begin()

    def _breaks(self) -> None:
        self._leave(Why.BROKEN, BROKEN)

    def _makes_no_sense(self, reason: str) -> None:
        """Bounded: whoever sends nothing but nonsense is not the carrier."""
        self._nonsense += 1
        if self._nonsense == 1:
            log.warning("a message that makes no sense", extra={"reason": reason[:100]})
        if self._nonsense == NONSENSE_MOST:
            log.warning("a socket is closed for its nonsense", extra={"reason": reason[:100]})
            self._leave(Why.NONSENSE, WRONG)

    def _leave(self, why: Why, code: int) -> None:
        if self._call is not None:
            self._call.go_on_in_turns(why, code)
        else:
            self._out.close(code)
