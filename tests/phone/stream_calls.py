"""Calls that are connected to a stream, for tests of it, and callers for them."""

from __future__ import annotations

from collections.abc import Sequence

from phone.caller import HangsUp, Heard, Move
from phone.execution import Execution
from phone.line import Line
from phone.live_call import Ear
from phone.live_habits import Live
from phone.transcript import Who
from phone.weather import Weather
from tests.phone.fake_app import App
from tests.phone.planned import PlannedCaller, a_line, response
from tests.phone.stream_server import Stream

SPEED = 8.0
HELLO = "hello, what do you charge?"


def connected(
    url: str,
    caller: PlannedCaller,
    *,
    after: str = "<Say>back</Say>",
    stream: str = "",
    weather: Weather | None = None,
    speed: float = SPEED,
) -> tuple[Line, App]:
    """A call that is connected to `url`, from beginning to end."""
    document = (
        f'<Connect><Stream url="{url}" {stream}><Parameter name="token" value="t&amp;1"/></Stream>'
        f"</Connect>{after}"
    )
    with App(
        {"/status": "", "/stream": "", "/voice": response(document), "/next": response("")}
    ) as app:
        line = a_line(app, caller)
        line.call.live = Live(speed, weather or Weather())
        line.run_inbound()
    return line, app


def noted(call: Execution, *who: Who) -> list[str]:
    return [one.text for one in call.transcript.entries if one.who in (who or tuple(Who))]


def leaves(stream: Stream) -> None:
    stream.until("start")
    stream.socket.close()


class Interrupter(PlannedCaller):
    """Does something two seconds after the agent began to speak, and hangs up when it ends."""

    def __init__(self, move: Move) -> None:
        super().__init__()
        self.move: Move | None = move

    def overhears(self, words: Sequence[str]) -> None:
        self.heard.append(Heard(" ".join(words), ""))

    def attends(self, ear: Ear, has_finished: bool) -> Move | None:
        if self.move is not None and ear.speaks and ear.spoke_s >= 2:
            move, self.move = self.move, None
            return move
        return HangsUp() if has_finished else None


LONG = "the route is the one from the harbour to the market by the old road along the river"
