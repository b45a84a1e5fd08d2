"""A live call, whoever hears and speaks: turns taken in threads, one at a time, and how it is left.

What comes in and goes out is its door's: `stream_call.py` for sound, `relay_call.py` for words.
When a turn is over is decided in `conversation/turn_taking.py`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import ParamSpec

from calls.moves import Why
from calls.session import Measures
from calls.turns import Reply
from conversation.actions import KeepWaiting
from conversation.events import Digits, Event, Silence, Utterance
from conversation.reading.opt_outs import opts_out
from conversation.turn_taking import (
    Cut,
    Decision,
    Finalise,
    KeysEnd,
    Leave,
    MayEnd,
    NoAnswer,
    Resume,
    TurnEnds,
    TurnTaking,
)
from providers.telephony.base import PartialTurn
from transports.alarm import Alarm
from transports.duplex import BROKEN, NORMAL, RESTART, Desk, Outbox, netted
from transports.live_answer import Answer, answer_of, settled

log = logging.getLogger(__name__)

P = ParamSpec("P")

# A call that goes over its agent's limit gets this long to come to an end by itself.
OVERTIME_S = 60.0


class SocketCall(ABC):
    """One call, from its first answer on. On the event loop, in the order of events."""

    def __init__(
        self, desk: Desk, out: Outbox, session_id: str, answer: Answer, taking: TurnTaking
    ) -> None:
        """`session_id`: the carrier's, of this socket."""
        self._desk, self._out, self._session_id = desk, out, session_id
        self._hub = desk.services.hub
        self._taking = taking
        self._answer = answer
        self._agent, self._call = answer.reply.agent, answer.reply.call
        self._carrier_id = answer.reply.call.carrier_id or ""
        self._turn = answer.reply.turn  # that the caller's next one will have
        self._thought: Future[Answer] | None = None  # the turn that is being answered
        self._count = 0  # of what is told with a number
        self._is_leaving = False
        self.is_over = False  # nothing more is done here
        self._loop = asyncio.get_running_loop()
        self._alarm = Alarm(self._loop, self._net(self._tick))
        limit_s = self._agent.limits.seconds + OVERTIME_S
        self._limit = self._loop.call_later(limit_s, self._net(self._goes_on_too_long))

    def begin(self) -> None:
        """Speak the first answer."""
        self._taking.waits(self._loop.time())
        self._speak(self._answer)

    def press(self, digit: str) -> None:
        """A key of the caller's telephone."""
        self._act(self._taking.key(digit, self._loop.time()))

    # What a door does in its own way

    @property
    @abstractmethod
    def heard(self) -> str | None:
        """What of the last answer was heard; None: all of it."""

    @abstractmethod
    def _measures(self) -> Measures:
        """What was measured since this was asked last."""

    @abstractmethod
    def _taken(self, event: Event) -> Measures:
        """A turn is about to be taken: the same, and what is said ends."""

    @abstractmethod
    def _load(self, answer: Answer, is_heard: bool) -> None:
        """Get an answer ready to be said; not `is_heard`: it will be said elsewhere."""

    @abstractmethod
    def _go(self) -> None:
        """Begin to say what was got ready."""

    @abstractmethod
    def _cut(self) -> None:
        """Fall silent."""

    @abstractmethod
    def _resume(self) -> None:
        """It was no interruption: say the rest, or what was held back."""

    @abstractmethod
    def _finalise(self) -> None:
        """Have the words so far told as final."""

    @abstractmethod
    def _close(self, reason: str, code: int) -> None:
        """Have the carrier take the call back; what was to be kept is kept."""

    @abstractmethod
    def _rest(self) -> None:
        """Neither hear nor say anything more. Safe to do twice."""

    # What is decided

    def _act(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            if self.is_over:
                return
            match decision:
                case Cut():
                    self._cut()
                case Resume():
                    self._resume()
                case Finalise():
                    self._finalise()
                case MayEnd(text, is_stable):
                    self._foresee(text, is_stable)
                case TurnEnds(text, confidence):
                    self._take(Utterance(text, self._desk.now(), confidence))
                case KeysEnd(digits):
                    self._take(Digits(digits, self._desk.now()))
                case NoAnswer():
                    self._take(Silence(self._desk.now()))
                case Leave():  # what follows is the carrier's business
                    spoken = self._desk.turns.spoken
                    self._keep(partial(spoken, self._carrier_id, self._measures()), "done")
        self._wind()

    def _foresee(self, text: str, is_stable: bool) -> None:
        """Have what was said so far read ahead of its end."""
        self._count += 1
        said = PartialTurn(self._carrier_id, text, is_stable, self._count)
        self._desk.turns.hear(said, self._turn)

    @property
    def _due_at(self) -> float | None:
        """When turn taking is to be asked."""
        return self._taking.due_at

    def _wind(self) -> None:
        """Have turn taking asked when it wants to be."""
        if not self.is_over:
            self._alarm.set(self._due_at)

    def _tick(self) -> None:
        due_at, now = self._due_at, self._loop.time()
        is_due = due_at is not None and due_at <= now
        self._act(self._taking.tick(now) if is_due else ())

    # Turns

    def _take(self, event: Event) -> None:
        """Have the caller's turn answered, in a thread."""
        heard = self.heard
        measures, take, delivery = self._taken(event), self._desk.turns.take, self._delivery()
        self._think(partial(take, self._carrier_id, self._turn, delivery, event, heard, measures))

    def _keep_waiting(self) -> None:
        """Have the answer that was not ready made ready."""
        self._think(partial(self._desk.turns.keep_waiting, self._carrier_id, self._delivery()))

    def _delivery(self) -> str:
        self._count += 1
        return f"{self._session_id}:{self._count}"

    def _think(self, ask: Callable[[], Reply]) -> None:
        self._thought = self._desk.in_thread(lambda: answer_of(ask()), self._net(self._answered))

    def _answered(self, thought: Future[Answer]) -> None:
        if self.is_over:
            return
        self._thought = None
        error = thought.exception()
        if error is not None:
            log.error("a turn was not answered: the call goes on in turns", exc_info=error)
            self.go_on_in_turns(Why.BROKEN)
            return
        self._speak(thought.result())

    # Answers

    def _speak(self, answer: Answer) -> None:
        """Say an answer, or a filler while the answer that it stands in for is asked for."""
        self._answer, self._turn, self._call = answer, answer.reply.turn, answer.reply.call
        why = self._why_elsewhere(answer)
        self._load(answer, is_heard=why is None)
        if why is not None:
            self.go_on_in_turns(why)
        elif isinstance(answer.then, KeepWaiting):
            self._keep_waiting()
            self._go()
        else:
            self._offer(answer)

    def _why_elsewhere(self, answer: Answer) -> Why | None:
        """Why an answer is not said here; None when it is."""
        return Why.DRAINING if self._is_leaving else None

    def _offer(self, answer: Answer) -> None:
        """Begin to say what was got ready, unless the caller goes on: nobody is spoken over."""
        decisions = self._taking.answer(answer.expected, self._loop.time(), answer.text)
        self._act(decisions)
        if not self.is_over and self._thought is None and Cut() not in decisions:
            self._go()

    def _plays(self, interruptible: bool) -> None:
        """A part is heard from now on that may, or may not, be cut."""
        if self._thought is None:
            self._act(self._taking.plays(interruptible, self._loop.time()))

    def _said(self) -> None:
        """All of the last answer was heard."""
        match self._answer.then:
            case KeepWaiting():
                pass
            case None:
                self._take(Silence(self._desk.now()))
            case _:
                self._act(self._taking.played(self._loop.time()))

    # How it ends here

    def leave(self) -> None:
        """See `LiveCall`."""
        self._is_leaving = True

    def leave_now(self, code: int = RESTART) -> None:
        """See `LiveCall`."""
        self.go_on_in_turns(Why.DRAINING, code)

    def go_on_in_turns(self, why: Why, code: int = NORMAL) -> None:
        """Be done with the socket: the carrier then asks for the last answer, and says it."""
        moved = self._desk.turns.moved
        then = partial(moved, self._carrier_id, self._desk.now(), why, measures=self._measures())
        self._keep(self._last_turn(then), "moved", code)

    def _last_turn(self, then: Callable[[str | None], None]) -> Callable[[], None]:
        """For a thread: take what the caller said last as a turn, and `then` end it here.

        A turn that is being answered is waited for, or one of the two would be lost.
        """
        turns, carrier_id, delivery = self._desk.turns, self._carrier_id, self._delivery()
        turn, heard, thought = self._turn, self.heard, self._thought
        said, listens = Utterance(self._taking.unanswered, self._desk.now()), self._answer.goes_on

        def keep() -> None:
            due, left, is_open = turn, heard, listens
            if thought is not None and not thought.exception():
                answer = thought.result()
                if said.text:  # which would be taken in place of the turn that is being read
                    answer = settled(answer, turns, delivery)
                due, left, is_open = answer.reply.turn, "", answer.goes_on
            if said.text and (is_open or opts_out(said.text)):
                turns.take(carrier_id, due, delivery, said, left)
                left = ""
            then(left)  # nobody has heard an answer that was made just now

        return keep

    def _keep(self, work: Callable[[], None], reason: str, code: int = NORMAL) -> None:
        """Do the last thing of a call in a thread; then the carrier may have it back."""
        if self.is_over:
            return
        self.stop()

        def kept(done: Future[None]) -> None:
            if error := done.exception():
                log.error("the end of a live call was not kept", exc_info=error)
            self._close(reason, code)

        self._desk.in_thread(work, kept)

    def stop(self) -> None:
        """Do nothing more. Safe to call twice."""
        self.is_over = True
        self._limit.cancel()
        self._alarm.cancel()
        self._rest()

    def _goes_on_too_long(self) -> None:
        """The agent's limit ends calls where they would listen again; this one never does."""
        log.warning("a call is far beyond its limit", extra={"call_id": self._call.call_id})
        if self._thought is None:
            self._take(Silence(self._desk.now()))
        leave = self._net(partial(self.go_on_in_turns, Why.TOO_LONG))
        self._limit = self._loop.call_later(OVERTIME_S, leave)

    def _record(self) -> None:
        """Have the carrier record the call from now on."""
        address, telephony = self._desk.services.address.known, self._desk.services.telephony
        callback = f"{address}/call-events/recording?call_id={self._call.call_id}"

        def begun(begins: Future[str]) -> None:
            if error := begins.exception():
                log.error("a call is not recorded", exc_info=error)

        self._desk.in_thread(partial(telephony.start_recording, self._carrier_id, callback), begun)

    def _tell(self, speaker: str, text: str, is_final: bool) -> None:
        self._hub.publish(
            self._call.call_id, "words", speaker=speaker, text=text, is_final=is_final
        )

    def _net(self, step: Callable[P, None]) -> Callable[P, None]:
        return netted(partial(self.go_on_in_turns, Why.BROKEN, BROKEN), step)


def ms_since(moment: float) -> float:
    """Milliseconds since a moment of `time.perf_counter`; the clock of a loop counts whole ones."""
    return round((time.perf_counter() - moment) * 1000, 3)
