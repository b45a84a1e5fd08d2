"""A relay server that is none of ours, and calls that are connected to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from phone.line import Line
from phone.live_habits import Live
from phone.weather import Weather
from tests.phone.fake_app import App
from tests.phone.planned import PlannedCaller, a_line, response
from tests.phone.socket_server import Connection, SocketServer

SPEED = 8.0
EVENTS = 'events="speaker-events tokens-played" dtmfDetection="true"'


class Session(Connection):
    """One socket as its server sees it."""

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


class RelayServer(SocketServer[Session]):
    """Runs `talk` for each session."""

    path, connection = "/relay", Session


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
