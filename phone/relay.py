"""<Connect><ConversationRelay>: a call that the carrier hears and speaks for, from the document to
what follows it.

Documented: that the action is told SessionId, SessionStatus, SessionDuration and HandoffData. Seen
on the wire by others (2026-08): `completed` when the caller hung up, `ended` after the app's `end`,
`failed` with ErrorCode and ErrorMessage when the socket was lost (64105).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from urllib.parse import urlsplit

from phone.caller import MakesNoise, Move, Presses, Speaks
from phone.execution import CallerHungUp, Execution, GoTo, Next
from phone.faults import TITLES, WebhookFault
from phone.live_call import Ear, converse
from phone.live_habits import Live
from phone.media_stream import StreamFault
from phone.relay_attributes import refusal
from phone.relay_line import RelayLine, RelayOrder
from phone.relay_session import Manners, Party, RelaySession
from phone.signature import HEADER, sign
from phone.transcript import Who
from phone.twiml import Node


def connect_relay(call: Execution, verb: Node, noun: Node) -> Next:
    """Hold the conversation at the socket of `noun`; then go to the action of `verb`.

    The next verb when it has none.
    """
    session = RelaySession(_party(call, noun), Manners.of(noun), call.live.speed)
    thread = RelayThread(RelayLine(_order(call, noun), session, call.live.weather), call.live)
    began_at = time.monotonic()
    try:
        wrong = refusal(noun)
        if wrong:
            raise StreamFault(64101, wrong)
        thread.open()
        call.note(Who.EVENT, f"connects <ConversationRelay> {noun.get('url')}")
        converse(call, thread)
    except StreamFault as fault:
        thread.fault = fault
    except CallerHungUp:
        thread.close()
        _tell(call, verb, _form(session, "completed", began_at))
        raise
    finally:
        thread.close()
        for detail in session.faults:
            call.note(Who.FAULT, f"64107 {TITLES[64107]}: {detail}")
    if thread.fault is None:
        return _follow(call, verb, _form(session, "ended", began_at))
    code = thread.fault.code
    call.note(Who.FAULT, f"{code} {TITLES[code]}: {thread.fault}")
    failed = {"ErrorCode": str(code), "ErrorMessage": TITLES[code]}
    return _follow(call, verb, _form(session, "failed", began_at) | failed)


def _follow(call: Execution, verb: Node, form: dict[str, str]) -> Next:
    call.note(Who.EVENT, f"the session is {form['SessionStatus']} {form.get('HandoffData', '')}")
    return call.follow(verb, form)


def _tell(call: Execution, verb: Node, form: dict[str, str]) -> None:
    """Ask the action although the call is over: nothing of the answer is done."""
    goes_to = call.follow(verb, form)
    if isinstance(goes_to, GoTo):
        told = call.leg.form() | dict(goes_to.form) | {"CallStatus": "completed"}
        try:
            call.courier.send(goes_to.url, told, goes_to.method)
        except WebhookFault as fault:
            call.note(Who.FAULT, f"{fault} ({fault.url})")


def _form(session: RelaySession, status: str, began_at: float) -> dict[str, str]:
    seconds = (time.monotonic() - began_at) * session.speed
    form = {
        "SessionId": session.session_id,
        "SessionStatus": status,
        "SessionDuration": str(round(seconds)),
    }
    if session.handoff is not None:
        form["HandoffData"] = session.handoff
    return form


def _party(call: Execution, noun: Node) -> Party:
    leg = call.leg
    parameters = {
        one.get("name"): one.get("value") for one in noun.children if one.name == "Parameter"
    }
    direction = "inbound" if leg.direction == "inbound" else "outbound"
    return Party(leg.account, leg.sid, leg.from_number, leg.to_number, direction, parameters)


def _order(call: Execution, noun: Node) -> RelayOrder:
    url, courier = noun.get("url"), call.courier
    headers = {"User-Agent": "Jetty/11.0.24"}
    if courier.token:
        headers[HEADER] = sign(courier.token, url)
    listens = courier.way.to_socket(url)
    if listens != url:  # the last proxy before the app tells it how it was asked
        headers["X-Forwarded-Proto"] = "https" if url.startswith("wss:") else "http"
        headers["X-Forwarded-Host"] = urlsplit(url).netloc
    return RelayOrder(listens, headers)


class RelayThread:
    """A session on an event loop of its own, in the hands of the call's thread."""

    def __init__(self, line: RelayLine, live: Live) -> None:
        self._line = line
        self._live = live
        self.fault: StreamFault | None = None
        self._opened = threading.Event()
        self._is_beginning = 0  # moves that the loop has not begun yet
        self._loop: asyncio.AbstractEventLoop
        self._ended: asyncio.Event
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    @property
    def is_acting(self) -> bool:
        """The caller still speaks or presses."""
        return self._is_beginning > 0 or self._line.session.is_acting(self._loop.time())

    def open(self) -> None:
        """Connect. StreamFault when that cannot be."""
        self._thread.start()
        self._opened.wait()
        if self._line.fault is not None:
            self._thread.join()
            raise self._line.fault

    def look(self) -> Ear:
        """What there is to hear."""
        is_over = self._line.is_over  # first: what was heard by then is all
        session = self._line.session
        heard = session.heard
        words = tuple(heard.popleft().text for _ in range(len(heard)))
        said, now, speed = session.words, self._loop.time(), self._live.speed
        quiet_s = max(now - said.quiet_from, 0.0)
        speaks = said.is_speaking or said.playing is not None
        spoke_s = max(now - said.spoke_from, 0.0) * speed if said.is_speaking else 0.0
        return Ear(words, speaks, spoke_s, quiet_s * speed, quiet_s, is_over)

    def act(self, move: Move) -> None:
        """Begin to speak, make a noise, press keys."""
        if isinstance(move, Speaks | MakesNoise | Presses) and not self._line.is_over:
            self._is_beginning += 1
            self._loop.call_soon_threadsafe(self._begin, move)

    def close(self) -> None:
        """The caller's side is done with it; returns when the socket is closed."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(self._line.stop)
            self._thread.join()
        self.fault = self.fault or self._line.fault

    def _run(self) -> None:
        try:
            asyncio.run(self._live_on())
        finally:
            self._opened.set()

    async def _live_on(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._line.on_end = self._ended.set
        try:
            await self._line.open()
        except StreamFault:
            return
        self._opened.set()
        await self._ended.wait()
        await self._line.wait_closed()

    def _begin(self, move: Move) -> None:
        self._line.act(move)
        self._is_beginning -= 1
