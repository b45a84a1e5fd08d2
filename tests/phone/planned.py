"""A caller for tests who does what they are told, and calls to run with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from phone.caller import Dialling, HangsUp, Heard, Listening, Move, PickUp
from phone.clock import CallClock
from phone.execution import Execution
from phone.leg import Leg
from phone.line import Addresses, Line
from phone.progress import Progress
from phone.webhook import Courier, Limits
from tests.phone.fake_app import App

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOKEN = "12345"


class PlannedCaller:
    """Makes its moves in order and then hangs up."""

    def __init__(
        self,
        moves: Iterable[Move] = (),
        dialled: PickUp = PickUp.ANSWERED,
        picks_up: PickUp = PickUp.ANSWERED,
    ) -> None:
        self.heard: list[Heard] = []
        self.listenings: list[Listening] = []
        self.diallings: list[Dialling] = []
        self._moves = list(moves)
        self._dialled = dialled
        self._picks_up = picks_up

    @property
    def texts(self) -> list[str]:
        return [heard.text for heard in self.heard]

    def picks_up(self, number: str) -> PickUp:
        return self._picks_up

    def hears(self, heard: Heard) -> None:
        self.heard.append(heard)

    def moves(self, listening: Listening) -> Move:
        self.listenings.append(listening)
        return self._moves.pop(0) if self._moves else HangsUp()

    def is_put_through(self, dialling: Dialling) -> PickUp:
        self.diallings.append(dialling)
        return self._dialled


def response(verbs: str) -> str:
    """A document around verbs."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'


def a_line(
    app: App,
    caller: PlannedCaller,
    *,
    voice: str = "/voice",
    fallback: str = "",
    twice: bool = False,
    limits: Limits | None = None,
) -> Line:
    """An inbound call to `app`, not yet run."""
    leg = Leg("AC" + "1" * 32, "+919812345678", "+15005550006", "inbound")
    courier = Courier(CallClock(NOON), TOKEN, twice=twice, limits=limits or Limits())
    progress = Progress(courier, leg, f"{app.url}/status")
    fallback_url = f"{app.url}{fallback}" if fallback else ""
    return Line(
        Execution(leg, courier, caller, progress), Addresses(app.url + voice, fallback=fallback_url)
    )


def run(app: App, caller: PlannedCaller, verbs: str) -> Line:
    """A call whose first document holds `verbs`, from beginning to end."""
    app.views.setdefault("/status", "")
    app.views["/voice"] = response(verbs)
    line = a_line(app, caller)
    line.run_inbound()
    return line
