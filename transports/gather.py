"""The carrier's webhooks of a call that goes in turns: its request in, a call document out."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request

from agents.schema import Transport
from calls.answering import LEAVE, Heard
from calls.turns import Arrival, Reply, UnknownAgent, UnknownCall
from conversation.events import Digits, Event, HandoverAnswered, Silence, Utterance
from providers.telephony.base import CallerTurn, Links, NoticeKind, Webhook
from services import Services
from transports.connecting import Connecting
from transports.described import Body, Operation, Tag, Text, described
from transports.guard import carrier_blueprint
from transports.webform import FORM

log = logging.getLogger(__name__)

NAME = "gather"
# A caller whose call is not known to us has told us no language.
LANGUAGE = "en-IN"
NO_AGENT = "Sorry, nobody can take this call. Please check the number and call again. Goodbye."
NO_CALL = "Sorry, this call was lost. Please call again. Goodbye."
FAULT = "Sorry, one moment please."
GIVE_UP = "Sorry, we have a problem here and cannot go on. Please call again later. Goodbye."
# Faults in a row after which the caller is told and let go.
FAULTS_MOST = 3

# A call that cannot go on: it is not kept, or the file of its agent went away meanwhile.
LOST = (UnknownCall, UnknownAgent)

_TURN = re.compile(r"\d{1,6}", re.ASCII)


DOCUMENT: Mapping[int, object] = {200: Text(("text/xml",))}


def _webhook(summary: str, about: str = "", answers: Mapping[int, object] = DOCUMENT) -> Operation:
    return Operation(
        summary, Tag.CARRIER, answers, about=about, body=Body(Mapping[str, str], (FORM,))
    )


class Gather:
    """Answers the webhooks. The addresses it gives out are relative: the carrier knows our host."""

    def __init__(self, services: Services) -> None:
        self._telephony = services.telephony
        self._turns = services.turns
        self._connecting = Connecting(services)
        self._progress = services.progress
        self._answering = services.answering
        self._clock = services.clock
        self._speculation = services.speculation
        self._prefix = urlsplit(services.address.configured).path

    @described(
        _webhook(
            "A call has come in, or one that was ordered was picked up",
            "The address names the agent: /voice?agent_type=LOGISTICS.",
        )
    )
    def voice(self) -> Response:
        """A call has come in, or one that we ordered was picked up."""
        try:
            return self._start(self._caller_turn())
        except ValueError as error:
            return self._lost(error)

    @described(_webhook("What the caller did in a turn"))
    def process_response(self) -> Response:
        """What the caller did in the turn named in the address."""
        try:
            turn = self._caller_turn()
        except ValueError as error:
            return self._lost(error)
        event = self._event(turn)
        try:
            reply = self._turns.take(turn.carrier_id, _turn_number(), turn.delivery, event)
        except LOST as error:
            return self._lost(error)
        return self._answer(reply)

    @described(_webhook("The last answer could not be used"))
    def voice_fallback(self) -> Response:
        """The carrier could not use our last answer: the same again, from what is kept."""
        webhook: Webhook = g.webhook
        codes = webhook.form.get("ErrorCode") or [""]
        log.warning("carrier fell back", extra={"error_code": codes[0][:16]})
        try:
            turn = self._caller_turn()
            try:
                return self._answer(self._connecting.resumed(turn.carrier_id))
            except UnknownCall:
                return self._start(turn)
        except (UnknownAgent, ValueError) as error:
            return self._lost(error)

    @described(_webhook("The call goes on here"))
    def voice_resume(self) -> Response:
        """The call goes on here, after another transport or a fault: the last answer again."""
        try:
            reply = self._connecting.resumed(self._caller_turn().carrier_id)
        except (*LOST, ValueError) as error:
            return self._lost(error)
        return self._answer(reply, _faults())

    @described(_webhook("The carrier has done with the socket where it heard and spoke"))
    def relay_ended(self) -> Response:
        """The carrier has done with the socket where it heard and spoke: what is left to do."""
        try:
            end = self._telephony.read_relay_end(g.webhook)
            if end.is_failed:
                self._connecting.relay_failed(end)
            reply = self._connecting.resumed(end.carrier_id)
        except (*LOST, ValueError) as error:
            return self._lost(error)
        return self._answer(reply)

    @described(_webhook("How reaching the operator ended"))
    def handover_result(self) -> Response:
        """How reaching the operator ended."""
        number = _turn_number()
        try:
            turn = self._caller_turn()
            result, notice = self._telephony.read_handover(g.webhook)
            event = HandoverAnswered(result, self._clock())
            turns, transport = self._connecting.back(turn.carrier_id)
            reply = turns.take(turn.carrier_id, number, turn.delivery, event)
            if transport is not Transport.GATHER:
                reply, transport = self._connecting.goes_on(reply, transport)
        except (*LOST, ValueError) as error:
            return self._lost(error)
        # One notice a handover, however often the carrier tells us.
        self._progress.report(replace(notice, key=f"handover:{number}"), reply.call.call_id)
        return self._spoken(reply, transport)

    @described(_webhook("A filler has been played"))
    def keep_waiting(self) -> Response:
        """The filler has been played: the answer that was not ready, or another filler."""
        try:
            turn = self._caller_turn()
            reply = self._turns.keep_waiting(turn.carrier_id, turn.delivery)
        except (*LOST, ValueError) as error:
            return self._lost(error)
        return self._answer(reply)

    @described(_webhook("Words of an utterance that is not finished", answers={204: None}))
    def partial(self) -> Response:
        """Words of an utterance that is not finished; the answer is ignored."""
        number = _turn_number()
        if self._speculation is not None and number is not None:
            try:
                self._speculation.hear(self._telephony.read_partial(g.webhook), number)
            except ValueError as error:
                log.warning("part of an utterance refused", extra={"reason": str(error)[:200]})
        return Response(status=204)

    def fault(self) -> Response:
        """What the caller hears when we failed: a moment, then the last question again."""
        faults = _faults() + 1
        if faults > FAULTS_MOST:
            return self._document(self._telephony.apology(GIVE_UP, LANGUAGE))
        resume = f"{self._prefix}/voice-resume?fault={faults}"
        return self._document(self._telephony.detour(FAULT, LANGUAGE, resume))

    @described(_webhook("What is left on an answering machine is said here"))
    def voice_message(self) -> Response:
        """A machine has answered a call that went on: the call's last answer, from its start."""
        try:
            reply = self._connecting.resumed(self._caller_turn().carrier_id)
        except (*LOST, ValueError) as error:
            return self._lost(error)
        return self._answer(reply)

    def _start(self, turn: CallerTurn) -> Response:
        heard, leaves_message = None, request.args.get("machine") == LEAVE
        if turn.verdict is not None:
            notice = self._telephony.read_notice(NoticeKind.AMD, g.webhook)
            heard = Heard(turn.verdict, notice, leaves_message)
        arrival = Arrival(
            agent=request.args.get("agent_type", ""),
            carrier_id=turn.carrier_id,
            caller_number=turn.caller_number,
            line_number=turn.line_number,
            direction=turn.direction,
            delivery=turn.delivery,
            call_id=request.args.get("call_id"),
            met=None if heard is None else self._answering.at_start(heard),
            leaves_message=leaves_message and turn.verdict is None,
        )
        try:
            reply, transport = self._connecting.start(arrival)
            if heard is not None:
                self._answering.note_start(heard, reply.call)
            return self._spoken(reply, transport)
        except UnknownAgent as error:
            log.warning("no such agent", extra={"agent": error.wanted[:40]})
            return self._document(self._telephony.apology(NO_AGENT, LANGUAGE))

    def _caller_turn(self) -> CallerTurn:
        return self._telephony.read_turn(g.webhook)

    def _event(self, turn: CallerTurn) -> Event:
        now = self._clock()
        if request.args.get("empty"):
            return Silence(now)
        if turn.digits:
            return Digits(turn.digits, now)
        if turn.speech:
            return Utterance(turn.speech, now, turn.confidence)
        return Silence(now)

    def _spoken(self, reply: Reply, transport: Transport) -> Response:
        """An answer by the transport that speaks it."""
        if transport is Transport.GATHER:
            return self._answer(reply)
        return self._document(self._connecting.document(reply, transport, g.address))

    def _answer(self, reply: Reply, faults: int = 0) -> Response:
        # Faults are counted on until a turn succeeds, or a question that fails in the same way
        # every time would be put for ever.
        suffix = f"&fault={faults}" if faults else ""
        links = Links(
            turn=f"{self._prefix}/process-response?turn={reply.turn}{suffix}",
            resume=f"{self._prefix}/voice-resume",
            handover=f"{self._prefix}/handover-result?turn={reply.turn}{suffix}",
            keep_waiting=f"{self._prefix}/keep-waiting?turn={reply.turn - 1}",
            partial=f"{self._prefix}/partial?turn={reply.turn}" if self._speculation else "",
            clips=f"{g.address}/audio/",
            recording=f"{g.address}/call-events/recording?call_id={reply.call.call_id}",
        )
        return self._document(self._telephony.document(reply.agent, reply.actions, links))

    def _lost(self, error: Exception) -> Response:
        log.warning("webhook of a call that is not known", extra={"reason": str(error)[:200]})
        return self._document(self._telephony.apology(NO_CALL, LANGUAGE))

    def _document(self, document: str) -> Response:
        return Response(document, content_type=self._telephony.document_type)


def gather_blueprint(services: Services, gather: Gather) -> Blueprint:
    """The routes of `gather`, behind the carrier's signature."""
    blueprint = carrier_blueprint(NAME, services)
    for path, view in (
        ("/voice", gather.voice),
        ("/process-response", gather.process_response),
        ("/keep-waiting", gather.keep_waiting),
        ("/partial", gather.partial),
        ("/voice-fallback", gather.voice_fallback),
        ("/voice-resume", gather.voice_resume),
        ("/relay-ended", gather.relay_ended),
        ("/voice-message", gather.voice_message),
        ("/handover-result", gather.handover_result),
    ):
        blueprint.add_url_rule(path, path.strip("/"), view, methods=["POST"])
    return blueprint


def _turn_number() -> int | None:
    raw = request.args.get("turn", "")
    return int(raw) if _TURN.fullmatch(raw) else None


def _faults() -> int:
    raw = request.args.get("fault", "")
    return int(raw) if _TURN.fullmatch(raw) else 0
