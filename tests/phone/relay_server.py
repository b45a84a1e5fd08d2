"""A relay server that is none of ours: `websockets`, and messages written by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from phone.line import Line
from phone.live_habits import Live
from phone.weather import Weather
from tests.phone.fake_app import App
from tests.phone.planned import PlannedCaller, a_line, response

SPEED = 8.0
EVENTS = 'events="speaker-events tokens-played" dtmfDetection="true"'


class Session:
    """One socket as its server sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, Any]] = []

    def messages(self) -> Iterator[dict[str, Any]]:
        """What comes, until the socket is closed."""
        try:
            for text in self.socket:
                assert isinstance(text, str)
                self.got.append(json.loads(text))
                yield self.got[-1]
        except ConnectionClosed:
            return

    def until(self, kind: str, **fields: object) -> dict[str, Any]:
        """The next message of that type with those fields."""
        for one in self.messages():
            if one["type"] == kind and fields.items() <= one.items():
                return one
        raise AssertionError(f"no {kind} {fields} in {self.got}")

    def silent(self) -> None:
        """Until the agent has fallen silent."""
        self.until("info", name="agentSpeaking", value="off")

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.got if one["type"] == kind]

    def send(self, **message: object) -> None:
        self.socket.send(json.dumps(message))

    def say(self, *tokens: str, **fields: object) -> None:
        """Speak: every token a message, the last one `last`."""
        for number, token in enumerate(tokens, 1):
            self.send(type="text", token=token, last=number == len(tokens), **fields)


class RelayServer:
    """Runs `talk` for each socket. A context manager."""

    def __init__(self, talk: Callable[[Session], None]) -> None:
        self.sessions: list[Session] = []
        self.headers: list[dict[str, str]] = []
        self._talk = talk
        self._server: Server = serve(self._serve, "127.0.0.1", 0, compression=None)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/relay"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> RelayServer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def _serve(self, socket: ServerConnection) -> None:
        session = Session(socket)
        self.sessions.append(session)
        assert socket.request is not None
        self.headers.append(dict(socket.request.headers.raw_items()))
        self._talk(session)
        for _ in session.messages():  # whatever comes until the end
            continue


def related(
    url: str,
    caller: PlannedCaller,
    noun: str = EVENTS,
    *,
    children: str = "",
    weather: Weather | None = None,
) -> tuple[Line, App]:
    """A call that is connected to the relay at `url`, from beginning to end."""
    document = (
        f'<Connect action="/ended"><ConversationRelay url="{url}" {noun}>'
        f'{children}<Parameter name="token" value="t&amp;1"/></ConversationRelay></Connect>'
    )
    pages = {"/status": "", "/voice": response(document), "/ended": response("<Say>back</Say>")}
    with App(pages) as app:
        line = a_line(app, caller)
        line.call.live = Live(SPEED, weather or Weather())
        line.run_inbound()
    return line, app


def ended(app: App) -> Mapping[str, str]:
    """What the action was told."""
    return next(one.form for one in app.got if one.path == "/ended")
