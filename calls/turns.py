"""Takes the turns of calls: finds the call, makes sure that every turn counts once, answers.

Not here: what is said (`conversation/`) and how it gets onto the wire (`transports/`).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agents.schema import Agent, Transport
from calls.moves import Why
from calls.roster import agent_of
from calls.session import (
    ALL_PLAYED,
    NOTHING_MEASURED,
    CallSession,
    Measures,
    Parts,
    Patience,
    Played,
)
from calls.speech import Speech
from conversation.actions import Action
from conversation.events import CallEnded, CallStarted, Direction, Event, MachineAnswered
from conversation.state import Outcome, new_state
from logs import bind_call
from providers.telephony.base import PartialTurn
from storage.base import DuplicateCall, StaleCall
from storage.records import CallEvent, CallRecord

log = logging.getLogger(__name__)

# Times a turn is taken anew because another process was faster, before something is wrong.
TRIES_MOST = 10

# Carrier's last words on a call that never came to talk.
_NEVER_CONNECTED = frozenset({"failed", "busy", "no-answer", "canceled"})


class UnknownCall(Exception):
    """No call is kept under that id."""


class UnknownAgent(Exception):
    """No agent has that name; `names` are those there are."""

    def __init__(self, wanted: str, names: tuple[str, ...]) -> None:
        super().__init__(f"There is no agent {wanted!r}; there are: {', '.join(names)}")
        self.wanted = wanted
        self.names = names


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that has just been connected."""

    agent: str  # any case
    carrier_id: str
    caller_number: str  # the person
    line_number: str  # ours
    direction: str  # inbound | outbound
    delivery: str = ""  # the same for every repetition of one webhook delivery
    call_id: str | None = None  # of an outbound call that was ordered here
    transport: str = "gather"  # the door that was chosen: gather | relay | stream
    met: MachineAnswered | None = None  # nobody is there to be greeted
    leaves_message: bool = False  # on a machine, when the carrier hears that one records

    def __post_init__(self) -> None:
        Transport(self.transport)  # ValueError for what is none


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be done in a call now, and what the next turn will be called."""

    call: CallRecord
    agent: Agent
    actions: tuple[Action, ...]
    turn: int  # the number that the caller's next turn will have


class Turns:
    """Every turn of every call. Safe for use from many threads and processes on one store."""

    def __init__(
        self,
        parts: Parts,
        agents: Mapping[str, Agent],
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._parts = parts
        self._storage = parts.storage
        self._agents = agents
        self._clock = parts.clock
        self._new_id = new_id

    def for_door(self, speech: Speech, patience: Patience, door: str = "stream") -> Turns:
        """The same calls through another door: another voice, another patience."""
        parts = replace(self._parts, speech=speech, patience=patience, door=door)
        return Turns(parts, self._agents, self._new_id)

    def start(self, arrival: Arrival) -> Reply:
        """Greet a caller. A call that was greeted before gets its last answer again.

        UnknownAgent when the agent is not there; nothing is kept then.
        """
        for _ in range(TRIES_MOST):
            call = self._arrived(arrival) or self._created(arrival)
            if call is None:
                continue  # another process keeps it in this very moment
            session = self._session(call)
            if call.answer:
                return _again(session)
            direction, variables = Direction(call.direction), session.state.variables
            started = CallStarted(self._clock(), direction, variables, arrival.leaves_message)
            event = arrival.met or started
            try:
                return self._answered(session, event, arrival.delivery)
            except StaleCall:
                continue
        raise StaleCall("a call that has just come in is being changed too fast to be greeted")

    def take(
        self,
        carrier_id: str,
        turn: int | None,
        delivery: str,
        event: Event,
        heard: str | None = None,
        measures: Measures = NOTHING_MEASURED,
    ) -> Reply:
        """Answer what the caller did in turn number `turn`.

        `heard` is what of the last answer had been played when the caller cut in; None: all of it.
        `measures`: how long that answer took to be heard, and what this turn has used up so far.
        A repeated delivery, and a turn that was answered before, get the last answer again and
        change nothing, on any process. So does a turn that cannot come yet. None as number stands
        for the turn that is due. UnknownCall when the call is not kept.
        """
        arrived_at, played = self._clock(), Played(heard, measures)
        session = self._remembered(carrier_id, turn)
        for _ in range(TRIES_MOST):
            session = session or self._session(self._known(carrier_id))
            due = session.state.turn + 1
            repeated = bool(delivery) and delivery == session.answer.delivery
            if repeated or (turn is not None and turn != due):
                return _again(session)
            try:
                return self._answered(session, event, delivery, arrived_at, played)
            except StaleCall:
                # Whoever was faster may have answered this very turn: look again, and from now
                # on only the turn that was due counts, even when the caller gave no number.
                turn = due if turn is None else turn
                session = None
        raise StaleCall(f"call {carrier_id} is being changed too fast to take a turn")

    def keep_waiting(self, carrier_id: str, delivery: str) -> Reply:
        """The answer that was not ready when the caller's turn came; the last one when there is.

        UnknownCall when the call is not kept.
        """
        arrived_at = self._clock()
        for _ in range(TRIES_MOST):
            session = self._session(self._known(carrier_id))
            if delivery and delivery == session.answer.delivery:
                return _again(session)
            try:
                with bind_call(session.call.call_id):
                    actions = session.keep_waiting(delivery, arrived_at)
            except StaleCall:
                continue
            return Reply(session.call, session.agent, actions, session.state.turn + 1)
        raise StaleCall(f"call {carrier_id} is being changed too fast to be answered")

    def current(self, carrier_id: str) -> Reply:
        """The last answer of a call by this door's voice, whichever spoke it. Nothing is saved.

        UnknownCall when the call is not kept.
        """
        return _again(self._session(self._known(carrier_id)))

    def spoken(self, carrier_id: str, measures: Measures = NOTHING_MEASURED) -> None:
        """All of the last answer was heard: from now on only what follows it is left.

        UnknownCall when the call is not kept.
        """
        played = Played(None, measures)
        self._changed(carrier_id, lambda session: session.spoken(played))

    def moved(
        self,
        carrier_id: str,
        at: datetime,
        why: Why,
        heard: str | None = None,
        measures: Measures = NOTHING_MEASURED,
    ) -> None:
        """A call that is live, or was to be, is led by webhook from here on.

        A call moves once: the first reason is kept, as an event, and counted. `heard` and
        `measures` as in `take`, should the caller not be there for it any more. UnknownCall when
        it is not kept.
        """
        played = Played(heard, measures)
        session = self._changed(carrier_id, lambda session: session.tell(played))
        call = session.call
        is_new = call.transport == Transport.GATHER  # and was never live
        wanted = str(session.agent.transport) if is_new else call.transport
        told = {"from": wanted, "to": str(Transport.GATHER), "reason": str(why)}
        if self._storage.add_event(CallEvent(call.call_id, "moved", "moved", at, data=told)):
            self._parts.books.call_moved(wanted, why)
            self._parts.hub.publish(call.call_id, "moved", to=told["to"], reason=told["reason"])
            extra = {"call_id": call.call_id, "transport": wanted, "reason": told["reason"]}
            log.warning("a live call goes in turns", extra=extra)

    def told(self, carrier_id: str, heard: str | None, measures: Measures) -> None:
        """How the last answer came across, where no turn may follow that tells it.

        `heard` and `measures` as in `take`. UnknownCall when the call is not kept.
        """
        played = Played(heard, measures)
        self._changed(carrier_id, lambda session: session.tell(played))

    def hear(self, partial: PartialTurn, turn: int) -> None:
        """What is understood so far of what the caller says in turn number `turn`.

        Returns at once; for any thread.
        """
        if self._parts.speculation is not None:
            self._parts.speculation.hear(partial, turn, self._parts.speech)

    def end(
        self,
        carrier_id: str,
        at: datetime,
        reason: str,
        heard: str | None = None,
        measures: Measures = NOTHING_MEASURED,
    ) -> None:
        """The line is down; `reason` is the carrier's last word. UnknownCall when not kept.

        `heard` and `measures` as in `take`; they also count for a call that is over.
        """
        played = Played(heard, measures)
        word = "failed" if reason in _NEVER_CONNECTED else "hangup"

        def end(session: CallSession) -> None:
            if session.state.outcome is None:
                session.handle(CallEnded(at, word), played=played)
            else:
                # What was heard of an answer before a machine's was told by nobody else since.
                met = session.state.outcome is Outcome.MACHINE
                session.tell(Played(None, measures) if met else played)
                session.forget()

        self._changed(carrier_id, end, "ended")

    def _changed(
        self, carrier_id: str, change: Callable[[CallSession], None], what: str = "changed"
    ) -> CallSession:
        """Make a change that is no turn, on whatever the call is by then."""
        for _ in range(TRIES_MOST):
            session = self._session(self._known(carrier_id))
            try:
                with bind_call(session.call.call_id):
                    change(session)
            except StaleCall:
                continue
            return session
        raise StaleCall(f"call {carrier_id} is being changed too fast to be {what}")

    def _answered(
        self,
        session: CallSession,
        event: Event,
        delivery: str,
        arrived_at: datetime | None = None,
        played: Played = ALL_PLAYED,
    ) -> Reply:
        with bind_call(session.call.call_id):
            actions = session.handle(event, delivery, arrived_at, played)
        return Reply(session.call, session.agent, actions, session.state.turn + 1)

    def _known(self, carrier_id: str) -> CallRecord:
        call = self._storage.find_call(carrier_id)
        if call is None:
            raise UnknownCall(f"no call {carrier_id} is kept")
        return call

    def _remembered(self, carrier_id: str, turn: int | None) -> CallSession | None:
        """The call as this process saved it last, when the turn is the one that is due in it.

        That spares a look into the store. Should another process have gone on with the call, the
        save tells, and the turn is taken anew.
        """
        call = self._parts.last_saved.of(carrier_id)
        if call is None or turn is None or call.state["turn"] != turn - 1:
            return None
        return self._session(call)

    def _session(self, call: CallRecord) -> CallSession:
        agent = agent_of(self._agents, call)
        if agent is None:  # its file went away during the call
            raise UnknownAgent(call.agent, tuple(sorted(self._agents)))
        return CallSession(self._parts, agent, call)

    def _arrived(self, arrival: Arrival) -> CallRecord | None:
        """The call, when it is kept already: greeted before, or ordered by us."""
        call = self._storage.find_call(arrival.carrier_id)
        if call is not None or arrival.call_id is None:
            return call
        ordered = self._storage.load_call(arrival.call_id)
        if ordered is None or ordered.carrier_id not in (None, arrival.carrier_id):
            return None
        return replace(ordered, carrier_id=arrival.carrier_id, transport=arrival.transport)

    def _created(self, arrival: Arrival) -> CallRecord | None:
        """A new call; None when another process has just kept it."""
        agent = self._agents.get(arrival.agent.lower())
        if agent is None:
            raise UnknownAgent(arrival.agent, tuple(sorted(self._agents)))
        now = self._clock()
        state = new_state(agent, now)
        call = CallRecord(
            call_id=self._new_id(),
            carrier_id=arrival.carrier_id,
            agent=agent.agent,
            agent_version=agent.version,
            direction=arrival.direction,
            caller_number=arrival.caller_number,
            line_number=arrival.line_number,
            stage=str(state.stage),
            language=state.language,
            outcome=None,
            created_at=now,
            updated_at=now,
            status="in-progress",
            transport=arrival.transport,
            state=state.to_dict(),
        )
        try:
            self._storage.create_call(call)
        except DuplicateCall:
            return None
        log.info("call came in", extra={"call_id": call.call_id, "agent": agent.agent})
        return call


def _again(session: CallSession) -> Reply:
    """The last answer once more."""
    return Reply(session.call, session.agent, session.again(), session.state.turn + 1)
