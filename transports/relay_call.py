"""A call that the carrier hears and speaks: its words in, turns taken, answers out as words.

Not here: the socket and its messages (`relay.py`), when a turn is over
(`conversation/turn_taking.py`), when words were said (`relay_voice.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import ParamSpec

from calls.turns import Reply
from conversation.actions import KeepWaiting, Listen
from conversation.events import Digits, Event, Silence, Utterance
from conversation.turn_taking import (
    Cut,
    Decision,
    Heard,
    KeysEnd,
    MayEnd,
    NoAnswer,
    Resume,
    SpeechStarted,
    TurnEnded,
    TurnEnds,
    TurnTaking,
    Words,
)
from providers.telephony.base import (
    PartialTurn,
    RelayInterrupted,
    RelayProgress,
    RelayPrompt,
)
from transports.alarm import Alarm
from transports.duplex import BROKEN, NORMAL, RESTART, Desk, Outbox, netted
from transports.relay_found import Found, SaidBefore
from transports.relay_measures import RelayMeasures
from transports.relay_voice import RelayVoice
from transports.relay_words import WordsToCome, relay_manner
from transports.stream_answer import Answer, answer_of, settled
from transports.stream_extras import record

log = logging.getLogger(__name__)

P = ParamSpec("P")

# A call that goes over its agent's limit gets this long to come to an end by itself.
OVERTIME_S = 60.0
# How long the carrier has to close the socket when we are done; it was seen to take 90 ms.
CLOSES_MOST_S = 5.0
# Messages in a row that the carrier could not use, after which the call goes on in turns.
PROBLEMS_MOST = 3


class RelayCall:
    """One call, from its first answer on. On the event loop, in the order of events."""

    def __init__(self, desk: Desk, out: Outbox, session_id: str, found: Found) -> None:
        """`session_id`: the carrier's, of this socket."""
        answer = found.answer
        services, agent = desk.services, answer.reply.agent
        self._desk, self._hub, self._out = desk, services.hub, out
        self._wire = services.telephony.relay
        self._session_id = session_id
        self._agent, self._call = agent, answer.reply.call
        self._carrier_id = answer.reply.call.carrier_id or ""
        self._loop = asyncio.get_running_loop()
        self._voice = RelayVoice(self._wire, out.put, self, self._net)
        self._measures = RelayMeasures(services.telephony.name)
        self._taking = TurnTaking(relay_manner(agent))
        self._alarm = Alarm(self._loop, self._net(self._tick))
        self._limit = self._loop.call_later(
            agent.limits.seconds + OVERTIME_S, self._net(self._goes_on_too_long)
        )
        self._to_come = WordsToCome()
        self._answer = answer
        self._turn = answer.reply.turn  # that the caller's next one will have
        self._thought: Future[Answer] | None = None  # the turn that is being answered
        self._count = 0  # of what is told with a number
        self._problems = 0  # in a row
        self._records_from: int | None = None  # the call is recorded from this part on
        self._is_leaving = False
        self._before = SaidBefore(found.said)
        self.is_over = False  # nothing more is done here

    def begin(self) -> None:
        """Speak the first answer."""
        self._taking.waits(self._loop.time())
        self._speak(self._answer)

    # What comes in

    def prompt(self, told: RelayPrompt) -> None:
        """Words of the caller."""
        if not told.text or self._before.has(told):
            return
        self._tell("caller", told.text, told.is_last)
        if told.is_last:
            self._to_come.finished()
            self._hears(Words(told.text, True))
            self._hears(TurnEnded())
            return
        self._to_come.unfinished(self._loop.time())
        # Only the recogniser that ends turns by what was said tells what it heard so far.
        self._taking.ends_turns = True
        self._hears(Words(told.text, False))
        if self._thought is None and self._taking.unanswered:
            self._foresee(self._taking.unanswered, is_stable=False)

    def press(self, digit: str) -> None:
        """A key of the caller's telephone."""
        self._to_come.finished()
        self._act(self._taking.key(digit, self._loop.time()))

    def interrupted(self, told: RelayInterrupted) -> None:
        """The carrier fell silent because the caller made a sound or pressed a key."""
        self._voice.interrupted(told)
        if self._voice.is_cut and self._thought is None:
            self._act(self._taking.was_cut(self._loop.time()))

    def progress(self, told: RelayProgress) -> None:
        """Who speaks, and what was played."""
        self._problems = 0
        now = self._loop.time()
        if told.speaker != "caller":
            self._voice.progress(told)
        elif told.is_speaking:
            self._to_come.sound_begins(now)
            self._hears(SpeechStarted())
        else:
            self._to_come.sound_ends(now)
            self._wind()

    def problem(self, description: str) -> None:
        """The carrier could not use a message of ours."""
        self._problems += 1
        extra = {"call_id": self._call.call_id, "pii_description": description}
        log.error("the carrier could not use a message", extra=extra)
        if self._problems >= PROBLEMS_MOST:
            self.go_on_in_turns("not understood")

    def _hears(self, event: Heard) -> None:
        if self.is_over:
            return
        heard = self._voice.heard_words if self._thought is None else None
        self._act(self._taking.hears(event, self._loop.time(), heard))

    # What is decided

    def _act(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            if self.is_over:
                return
            match decision:
                case Resume():
                    self._take_back()
                case MayEnd(text, is_stable):
                    self._foresee(text, is_stable)
                case TurnEnds(text, confidence):
                    self._take(Utterance(text, self._desk.now(), confidence))
                case KeysEnd(digits):
                    self._take(Digits(digits, self._desk.now()))
                case NoAnswer():
                    self._take(Silence(self._desk.now()))
                case _:
                    pass  # the carrier falls silent, and finishes words, by itself
        self._wind()

    def _foresee(self, text: str, is_stable: bool) -> None:
        """Have what was said so far read ahead of its end."""
        self._count += 1
        said = PartialTurn(self._carrier_id, text, is_stable, self._count)
        self._desk.turns.hear(said, self._turn)

    def _take_back(self) -> None:
        """It was no interruption, or none any more: say the rest, or what was held back."""
        if self._thought is None:
            if self._voice.is_cut:
                self._voice.resume()
            elif not self._voice.is_sent:
                self._go()

    @property
    def _due_at(self) -> float | None:
        """When turn taking is to be asked."""
        due_at = self._taking.due_at
        return None if due_at is None else self._to_come.not_before(due_at)

    def _wind(self) -> None:
        """Have turn taking asked when it wants to be."""
        if not self.is_over:
            self._alarm.set(self._due_at)

    def _tick(self) -> None:
        due_at = self._due_at
        if due_at is None or self.is_over:
            return
        now = self._loop.time()
        self._act(self._taking.tick(now) if due_at <= now else ())

    # Turns

    def _take(self, event: Event) -> None:
        """Have the caller's turn answered, in a thread."""
        heard, measures = self._voice.heard, self._measures.turn_taken()
        self._record()
        self._before.forget()
        turns, carrier_id, turn = self._desk.turns, self._carrier_id, self._turn
        delivery = self._delivery()
        self._think(lambda: turns.take(carrier_id, turn, delivery, event, heard, measures))

    def _keep_waiting(self) -> None:
        """Have the answer that was not ready made ready."""
        turns, carrier_id, delivery = self._desk.turns, self._carrier_id, self._delivery()
        self._think(lambda: turns.keep_waiting(carrier_id, delivery))

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
            self.go_on_in_turns("broken")
            return
        self._speak(thought.result())

    # Answers

    def _speak(self, answer: Answer) -> None:
        """Say an answer."""
        self._answer, self._turn, self._call = answer, answer.reply.turn, answer.reply.call
        is_filler = isinstance(answer.then, KeepWaiting)
        # Only a filler is cut by what comes after it: the answer that it stood in for.
        self._voice.load(answer.parts, preemptible=is_filler)
        if self._is_leaving:
            self.go_on_in_turns("draining")
            return
        self._records_from = answer.records_from
        if is_filler:
            self._go()
            self._keep_waiting()
            return
        self._voice.listen(answer.order.language, self._first_language())
        decisions = self._taking.answer(answer.expected, self._loop.time())
        self._act(decisions)
        # Whoever still talks, or has gone on meanwhile, is not spoken over.
        if not self.is_over and self._thought is None and Cut() not in decisions:
            self._go()

    def _go(self) -> None:
        self._voice.go()
        self._measures.words_sent()

    def _first_language(self) -> str:
        """What the carrier hears in a session that has just begun; "" in one that goes on."""
        return self._agent.languages[0] if self._answer.reply.turn <= 1 else ""

    # How it is heard (`relay_voice.Speaker`)

    def begins(self, number: int, interruptible: bool) -> None:
        """See `Speaker`."""
        self._measures.sound_heard()
        if self._records_from is not None and number >= self._records_from:
            self._record()
        if self._thought is None:
            self._act(self._taking.plays(interruptible, self._loop.time()))

    def said(self, words: str) -> None:
        """See `Speaker`."""
        self._tell("agent", words, True)

    def spoken(self) -> None:
        """See `Speaker`."""
        self._record()
        match self._answer.then:
            case Listen():
                self._act(self._taking.played(self._loop.time()))
            case KeepWaiting():
                pass
            case None:
                self._take(Silence(self._desk.now()))
            case _:
                self._end()

    def _record(self) -> None:
        """Begin to record, when that was announced."""
        if self._records_from is not None:
            self._records_from = None
            record(self._desk, self._call)

    # How it ends here

    def _end(self) -> None:
        """The last word was heard: what follows is the carrier's business."""
        measures = self._measures.so_far()
        self._keep(partial(self._desk.turns.spoken, self._carrier_id, measures), "done")

    def leave(self) -> None:
        """See `LiveCall`."""
        self._is_leaving = True

    def leave_now(self, code: int = RESTART) -> None:
        """See `LiveCall`."""
        self.go_on_in_turns("draining", code)

    def go_on_in_turns(self, reason: str, code: int = NORMAL) -> None:
        """Be done with the socket: the carrier then asks for the last answer, and says it."""
        now, measures = self._desk.now(), self._measures.so_far()
        moved = partial(self._desk.turns.moved, self._carrier_id, now, reason, measures=measures)
        self._keep(self._last_turn(moved), "moved", code)

    def _last_turn(self, then: Callable[[str | None], None]) -> Callable[[], None]:
        """For a thread: take what the caller said last as a turn, and `then` end it here.

        A turn that is being answered is waited for, or one of the two would be lost.
        """
        turns, carrier_id, delivery = self._desk.turns, self._carrier_id, self._delivery()
        turn, heard, thought = self._turn, self._voice.heard, self._thought
        said, is_ours = Utterance(self._taking.unanswered, self._desk.now()), self._answer.goes_on

        def keep() -> None:
            due, left, is_open = turn, heard, is_ours
            if thought is not None and not thought.exception():
                answer = thought.result()
                if said.text:  # which would be taken in place of the turn that is being read
                    answer = settled(answer, turns, delivery)
                due, left, is_open = answer.reply.turn, "", answer.goes_on
            if said.text and is_open:
                turns.take(carrier_id, due, delivery, said, left)
                left = ""
            then(left)  # nobody has heard an answer that was made just now

        return keep

    def _keep(self, work: Callable[[], None], reason: str, code: int = NORMAL) -> None:
        """Do the last thing of a call in a thread; then the carrier may have it back."""
        if self.is_over:
            return
        self.stop()
        end = self._wire.end(reason)

        def done(kept: Future[None]) -> None:
            if error := kept.exception():
                log.error("the end of a live call was not kept", exc_info=error)
            # A socket that we close was lost, for the carrier, which then opens it again.
            self._out.put(end)
            self._loop.call_later(CLOSES_MOST_S, self._out.close, code)

        self._desk.in_thread(work, done)

    def stop(self) -> None:
        """Do nothing more. Safe to call twice."""
        self.is_over = True
        self._limit.cancel()
        self._alarm.cancel()
        self._voice.close()

    def lost(self, has_hung_up: bool, then: Callable[[Future[None]], None]) -> Future[None] | None:
        """The socket is gone. What the caller said last is taken as a turn all the same.

        None when nothing is left to do; else `then` is done, on the loop, after it.
        """
        if self.is_over:
            return None
        told = partial(self._desk.turns.told, self._carrier_id, measures=self._measures.so_far())
        # Opened again, the last answer is said again: only then is it known what was heard.
        keep = self._last_turn(told if has_hung_up else lambda _: told(None))
        self.stop()
        return self._desk.in_thread(keep, then)

    def _goes_on_too_long(self) -> None:
        """The agent's limit ends calls where they would listen again; this one never does."""
        log.warning("a call is far beyond its limit", extra={"call_id": self._call.call_id})
        if self._thought is None:
            self._take(Silence(self._desk.now()))
        self._limit = self._loop.call_later(
            OVERTIME_S, self._net(partial(self.go_on_in_turns, "too long"))
        )

    def _tell(self, speaker: str, text: str, is_final: bool) -> None:
        self._hub.publish(
            self._call.call_id, "words", speaker=speaker, text=text, is_final=is_final
        )

    def _net(self, step: Callable[P, None]) -> Callable[P, None]:
        return netted(partial(self.go_on_in_turns, "broken", BROKEN), step)
