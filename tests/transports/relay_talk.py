"""The carrier's side of a relay's socket, by hand: messages one by one, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from socket import SHUT_RDWR
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.transports.live_carrier import LiveCarrier

WAIT_S = 20.0


class Talk:
    """One socket of one call."""

    def __init__(self, socket: ClientConnection, sid: str, token: str) -> None:
        self.socket = socket
        self.sid = sid
        self.token = token
        self.sent: list[dict[str, Any]] = []  # by the server
        self.close_code: int | None = None

    def tell(self, **message: object) -> None:
        """Say something to the server."""
        self.socket.send(json.dumps(message))

    def setup(self, **more: object) -> None:
        """Say which call it is."""
        parameters = {"token": self.token}
        self.tell(
            type="setup", sessionId="VX1", callSid=self.sid, customParameters=parameters, **more
        )

    def next(self) -> dict[str, Any]:
        """The next message. ConnectionClosed when there is none."""
        message = self.socket.recv(WAIT_S)
        assert isinstance(message, str)
        self.sent.append(json.loads(message))
        return self.sent[-1]

    def until(self, kind: str) -> dict[str, Any]:
        """The next message of that type."""
        while True:
            one = self.next()
            if one["type"] == kind:
                return one

    def hear(self) -> str:
        """All that is said up to the end of an answer, not yet played."""
        words = ""
        while True:
            one = self.next()
            if one["type"] == "text":
                words += str(one["token"])
                if one["last"]:
                    return words

    def plays(self, words: str) -> None:
        """Tell that the words were played, from their beginning to the silence after them."""
        self.tell(type="info", name="agentSpeaking", value="on")
        self.played(words)

    def played(self, words: str) -> None:
        """Tell that the words were played, and that the agent fell silent."""
        self.tell(type="info", name="tokensPlayed", value=words)
        self.tell(type="info", name="agentSpeaking", value="off")

    def hears(self) -> str:
        """Hear an answer to its end, as callers do."""
        words = self.hear()
        self.plays(words)
        return words

    def says(self, words: str, *, last: bool = True) -> None:
        """The caller speaks."""
        self.tell(type="prompt", voicePrompt=words, lang="en-IN", last=last)

    def asks(self, words: str) -> str:
        """The caller speaks, and hears the answer to its end."""
        self.says(words)
        return self.hears()

    def interrupts(self, heard: str, after_ms: int = 900) -> None:
        """The caller makes a sound, and the carrier stops the agent."""
        self.tell(type="info", name="clientSpeaking", value="on")
        self.tell(type="info", name="tokensPlayed", value=heard)
        self.tell(
            type="interrupt", utteranceUntilInterrupt=heard, durationUntilInterruptMs=after_ms
        )
        self.tell(type="info", name="agentSpeaking", value="off")

    def presses(self, keys: str) -> None:
        """The caller presses keys."""
        for key in keys:
            self.tell(type="dtmf", digit=key)

    def is_waiting(self, within_s: float = 0) -> bool:
        """The server has sent something that was not read, or does in that time."""
        try:
            self.sent.append(json.loads(self.socket.recv(within_s)))
        except TimeoutError:
            return False
        return True

    def drops(self) -> None:
        """The connection breaks without a word."""
        self.socket.socket.shutdown(SHUT_RDWR)

    def closes(self) -> dict[str, Any]:
        """Wait for `end`, and close as the carrier does; the handoff data."""
        end = self.until("end")
        self.socket.close(1000, "Closing websocket session")
        found: dict[str, Any] = json.loads(end["handoffData"])
        return found

    def is_closed_with(self) -> int:
        """The code that the server closes with; what else comes is read away."""
        try:
            while True:
                self.next()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@contextmanager
def talking(carrier: LiveCarrier, sid: str = "") -> Iterator[Talk]:
    """A call that has come in, with its socket open and said."""
    sid = sid or f"CA{uuid4().hex}"
    token = carrier.rings(sid)
    with again(carrier, sid, token) as talk:
        yield talk


@contextmanager
def again(carrier: LiveCarrier, sid: str, token: str) -> Iterator[Talk]:
    """A socket of a call that is there."""
    with carrier.opens() as socket:
        talk = Talk(socket, sid, token)
        talk.setup()
        yield talk


def ended(carrier: LiveCarrier, sid: str, **form: str) -> Any:
    """The document that follows, as the carrier asks for it."""
    told = {"SessionId": "VX1", "SessionDuration": "9", "SessionStatus": "ended", **form}
    return carrier.post("/relay-ended", sid, **told)


def failed(carrier: LiveCarrier, sid: str, code: str = "64105") -> Any:
    """The same after a socket was lost."""
    return ended(carrier, sid, SessionStatus="failed", ErrorCode=code, ErrorMessage="lost")
