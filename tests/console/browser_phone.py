"""The page of the browser phone, as a program: opens the socket, reads events, acts like a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

PATIENCE_S = 20.0
# What README's transcript says after the language menu.
ANSWERS = ("English please", "500 rupees, 2 pm to 5 pm", "no, it's 600", "yes")

Event = Mapping[str, Any]


class BrowserPhone:
    """One page. Use with `with`."""

    def __init__(self, port: int, origin: str = "", headers: Mapping[str, str] | None = None):
        self.port = port
        self.events: list[Event] = []
        self.sound = b""  # of a live agent, as it came
        self._opening = connect(
            f"ws://127.0.0.1:{port}/console/phone/socket",
            origin=Origin(origin or f"http://127.0.0.1:{port}"),
            additional_headers=headers or {},
            proxy=None,
        )

    def __enter__(self) -> BrowserPhone:
        self._socket = self._opening.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, **message: object) -> None:
        """Send what a page sends."""
        self._socket.send(json.dumps(message))

    def send_raw(self, frame: str | bytes) -> None:
        """Send what no page of ours sends."""
        self._socket.send(frame)

    def ring(self, agent: str = "logistics", number: str = "+919812345678", **more: object) -> None:
        """Begin a call."""
        self.send(type="ring", agent=agent, number=number, **more)

    def next(self) -> Event:
        """The next event."""
        while isinstance(frame := self._socket.recv(PATIENCE_S), bytes):
            self.sound += frame
        event: Event = json.loads(frame)
        self.events.append(event)
        return event

    def until(self, kind: str) -> Event:
        """Read on to the next event of that type."""
        while (event := self.next())["type"] != kind:
            if event["type"] == "heard":  # the page plays at once
                self.send(type="played", sound=event["sound"])
        return event

    def say(self, text: str, **more: object) -> None:
        """Wait until the agent listens, and answer."""
        listening = self.until("listening")["listening"]
        self.send(type="says", listening=listening, text=text, after_s=None, **more)

    def all(self, kind: str) -> list[Event]:
        """The events of a type that have come so far."""
        return [event for event in self.events if event["type"] == kind]

    def close(self) -> None:
        """Close the window."""
        self._socket.close()

    def closed(self) -> tuple[int, str]:
        """Code and reason with which the server closes; what comes before is read."""
        try:
            while True:
                self.next()
        except ConnectionClosed as closed:
            frame = closed.rcvd
            return (frame.code, frame.reason) if frame else (1006, "")
