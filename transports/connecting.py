"""Connects calls to sockets of ours: the documents for it, and which calls get one."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import quote

from agents.schema import Transport
from calls.answer import KeptAnswer
from calls.moves import Why
from calls.turns import Arrival, Reply, Turns
from conversation.actions import KeepWaiting, Listen, StartRecording
from providers.telephony.base import Connection, RelayEnd
from services import Services
from transports.choose import Choice, choose, socket_address
from transports.live_token import LiveTokens

log = logging.getLogger(__name__)

MEDIA, RELAY = "/media", "/relay"
PATHS = {Transport.STREAM: MEDIA, Transport.RELAY: RELAY}


class Connecting:
    """Knows the calls that are live, or could be. From any thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._live = services.live
        self._telephony = services.telephony
        self._clock = services.clock
        self._tokens = LiveTokens(services.secret, services.clock)

    def start(self, arrival: Arrival) -> tuple[Reply, Transport]:
        """Greet a caller by the transport that can be had now. UnknownAgent."""
        agent = self._services.agents.get(arrival.agent.lower())
        if agent is None or arrival.met is not None:  # no socket is opened for a machine
            choice = Choice(Transport.GATHER)
        else:
            choice = choose(self._services, agent)
        arrival = replace(arrival, transport=str(choice.transport))
        reply = self._turns(choice.transport).start(arrival)
        if choice.why is not None:
            self._moves(reply, choice.why)
        return self._by(choice.transport, reply)

    def back(self, carrier_id: str) -> tuple[Turns, Transport]:
        """Who answers a call that comes back from elsewhere, and by which transport it goes on.

        UnknownCall, UnknownAgent.
        """
        reply = self._services.turns.current(carrier_id)
        live = reply.call.transport != str(Transport.GATHER)
        if not live or self._has_moved(reply.call.call_id):
            return self._services.turns, Transport.GATHER
        transport = choose(self._services, reply.agent).transport
        return self._turns(transport), transport

    def goes_on(self, reply: Reply, transport: Transport) -> tuple[Reply, Transport]:
        """How an answer of `back` reaches the caller: what ends or passes on needs no socket."""
        if transport is Transport.GATHER or not _waits(reply):
            return self._services.turns.current(_carrier_id(reply)), Transport.GATHER
        return self._by(transport, reply)

    def document(self, reply: Reply, transport: Transport, address: str) -> str:
        """A document that connects the call to its socket. `address` is what the carrier called."""
        carrier_id = _carrier_id(reply)
        status = ""
        if transport is Transport.STREAM:
            call_id = quote(reply.call.call_id, safe="")
            status = f"{address}/call-events/stream?call_id={call_id}"
        connection = Connection(
            socket=socket_address(address, PATHS[transport]),
            token=self._tokens.of(carrier_id, transport),
            ended=f"{address}/relay-ended",
            resume=f"{address}/voice-resume",
            status=status,
        )
        if transport is Transport.RELAY:
            return self._telephony.connect_relay(reply.agent, connection)
        return self._telephony.connect_stream(connection)

    def resumed(self, carrier_id: str) -> Reply:
        """The last answer of a call that goes on in turns from here. UnknownCall, UnknownAgent."""
        self._live.returns(carrier_id)
        reply = self._services.turns.current(carrier_id)
        was_live = reply.call.transport != str(Transport.GATHER)
        if was_live and _waits(reply) and not self._has_moved(reply.call.call_id):
            self._moves(reply, Why.SOCKET_LOST)  # and nobody of ours has said why
        return self._recorded_once(reply)

    def relay_failed(self, end: RelayEnd) -> None:
        """The carrier could not do as the document of a relay says, or lost its socket.

        With the first, no call of the agent would work: for a while its calls go in turns.
        """
        extra = {"error_code": end.error_code[:16], "reason": end.reason[:40]}
        log.warning("relay failed", extra=extra)
        if end.is_refused:
            call = self._services.storage.find_call(end.carrier_id)
            if call is not None:
                self._live.refuses_relay(call.agent)

    def _recorded_once(self, reply: Reply) -> Reply:
        """Without the order to record, when the call is being recorded already."""
        if StartRecording() not in reply.actions:
            return reply
        if not self._services.recordings.of_call(reply.call.call_id):
            return reply
        rest = tuple(one for one in reply.actions if one != StartRecording())
        return replace(reply, actions=rest)

    def _by(self, transport: Transport, reply: Reply) -> tuple[Reply, Transport]:
        """The answer and its transport, or by webhook when the kept answer is not for a socket."""
        if transport is Transport.GATHER:
            if reply.call.transport == transport:
                return reply, transport
        elif reply.call.transport == transport:
            if transport is Transport.RELAY or not _is_by_carrier(reply):
                return reply, transport
            self._moves(reply, Why.NO_VOICE)
        return self._services.turns.current(_carrier_id(reply)), Transport.GATHER

    def _has_moved(self, call_id: str) -> bool:
        """Whether it had to leave its socket before."""
        return any(event.kind == "moved" for event in self._services.storage.events(call_id))

    def _turns(self, transport: Transport) -> Turns:
        if transport is Transport.GATHER:
            return self._services.turns
        return self._live.turns(transport)

    def _moves(self, reply: Reply, why: Why) -> None:
        self._services.turns.moved(_carrier_id(reply), self._clock(), why)


def _carrier_id(reply: Reply) -> str:
    assert reply.call.carrier_id is not None  # it has come in
    return reply.call.carrier_id


def _waits(reply: Reply) -> bool:
    """Whether the caller is to say something, now or when the answer is there."""
    return any(isinstance(action, Listen | KeepWaiting) for action in reply.actions)


def _is_by_carrier(reply: Reply) -> bool:
    return KeptAnswer.from_dict(reply.call.answer).is_by_carrier
