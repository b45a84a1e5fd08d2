"""<Connect><ConversationRelay>: a call that the carrier hears and speaks for, from the document to
what follows it.

Documented: that the action is told SessionId, SessionStatus, SessionDuration and HandoffData. Seen
on the wire by others (2026-08): `completed` when the caller hung up, `ended` after the app's `end`,
`failed` with ErrorCode and ErrorMessage when the socket was lost (64105).
"""

from __future__ import annotations

import time

from phone.caller import MakesNoise, Presses, Speaks
from phone.execution import CallerHungUp, Execution, GoTo, Next
from phone.faults import TITLES, SocketFault, WebhookFault
from phone.line_thread import LineThread
from phone.live_call import Ear, converse
from phone.relay_attributes import refusal
from phone.relay_line import RelayLine
from phone.relay_session import Manners, Party, RelaySession
from phone.transcript import Who
from phone.twiml import Node


def connect_relay(call: Execution, verb: Node, noun: Node) -> Next:
    """Hold the conversation at the socket of `noun`; then go to the action of `verb`.

    The next verb when it has none.
    """
    session = RelaySession(_party(call, noun), Manners.of(noun), call.live.speed)
    handshake = call.courier.handshake(noun.get("url"), "Jetty/11.0.24")
    thread = RelayThread(RelayLine(handshake, session, call.live.weather), call.live)
    fault: SocketFault | None = None
    began_at = time.monotonic()
    try:
        wrong = refusal(noun)
        if wrong:
            raise SocketFault(64101, wrong)
        thread.open()
        call.note(Who.EVENT, f"connects <ConversationRelay> {noun.get('url')}")
        converse(call, thread)
    except SocketFault as refused:
        fault = refused
    except CallerHungUp:
        thread.close()
        _tell(call, verb, _form(session, "completed", began_at))
        raise
    finally:
        thread.close()
        for detail in session.faults:
            call.note(Who.FAULT, f"64107 {TITLES[64107]}: {detail}")
    fault = fault or thread.fault
    if fault is None:
        return _follow(call, verb, _form(session, "ended", began_at))
    call.note(Who.FAULT, f"{fault.code} {TITLES[fault.code]}: {fault}")
    failed = {"ErrorCode": str(fault.code), "ErrorMessage": TITLES[fault.code]}
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


class RelayThread(LineThread[RelayLine]):
    """A session, and what its caller says and hears."""

    @property
    def is_acting(self) -> bool:
        """The caller still speaks or presses."""
        return self._acts > 0 or self._line.session.is_acting(self._loop.time())

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

    def _begin(self, move: Speaks | MakesNoise | Presses) -> None:
        self._line.act(move)
        self._acts -= 1
