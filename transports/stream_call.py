"""A call that is heard and spoken with here: words in, turns taken, answers played.

Not here: the socket and its messages (`stream.py`), when a turn is over
(`conversation/turn_taking.py`), how sound gets out (`playout.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import ParamSpec

from calls.hearing import Away, Back, Ears, Gone, Heard
from calls.session import Measures
from calls.turns import Reply
from conversation.actions import KeepWaiting, Listen, Part
from conversation.events import Digits, Event, Silence, Utterance
from conversation.turn_taking import (
    Cut,
    Decision,
    Finalise,
    KeysEnd,
    MayEnd,
    NoAnswer,
    Resume,
    TurnEnds,
    TurnTaking,
    Words,
    manner_of,
)
from providers.telephony.base import PartialTurn
from transports.alarm import Alarm
from transports.duplex import BROKEN, NORMAL, RESTART, Desk, Outbox, netted
from transports.playout import Piece, Playout, SoundLine, Still
from transports.stream_answer import Answer, answer_of, settled
from transports.stream_extras import hum, level_of, measured, ms_since, record

log = logging.getLogger(__name__)

P = ParamSpec("P")

# A call that goes over its agent's limit gets this long to come to an end by itself.
OVERTIME_S = 60.0
# How long a socket is kept open for what was heard to be kept first.
KEEP_MOST_S = 1.0
# A level is told once in so many pieces of sound: five times a second.
LEVEL_EVERY = 10
# From this try of the recogniser on the caller is asked again: they were not heard for a second.
ASKS_FROM_TRY = 3


class StreamCall:
    """One call, from its first answer on. On the event loop, in the order of events."""

    def __init__(self, desk: Desk, out: Outbox, stream_id: str, answer: Answer) -> None:
        services, agent = desk.services, answer.reply.agent
        assert services.live is not None  # or there would be no socket
        self._desk, self._live, self._hub = desk, services.live, services.hub
        self._out, self._stream_id = out, stream_id
        self._agent, self._call = agent, answer.reply.call
        self._carrier_id = answer.reply.call.carrier_id or ""
        self._loop = asyncio.get_running_loop()
        line = SoundLine(services.telephony.stream, stream_id, out.put, out.overtake, self._net)
        self.playout = Playout(line, self, self._loop)
        recogniser = self._live.hearing.for_agent(agent)
        ends_turns = recogniser is not None and recogniser.ends_turns
        self._taking = TurnTaking(manner_of(agent), ends_turns)
        self._order = answer.order
        self._ears: Ears | None = None
        if recogniser is not None:
            self._ears = self._live.hearing.open(answer.order, self._net(self._hears))
        self._alarm = Alarm(self._loop, self._net(self._tick))
        limit_s = agent.limits.seconds + OVERTIME_S
        self._limit = self._loop.call_later(limit_s, self._net(self._goes_on_too_long))
        self._answer = answer
        self._turn = answer.reply.turn  # that the caller's next one will have
        self._thought: Future[Answer] | None = None  # the turn that is being answered
        self._thought_at = 0.0
        self._count = 0  # of what is told with a number
        self._frames = 0
        self._records_at: Piece | None = None  # the call is recorded from this piece on
        self._is_leaving = False
        self.is_over = False  # nothing more is done here
        self._timings_ms: dict[str, float] = {}  # of the last answer, not kept yet
        self._words_at = 0.0  # when the caller's last words came; 0: none in this turn
        self._was_heard: str | None = ""  # of the last answer, before its question is put anew
        self._is_repeated = False  # only that question is played now

    def begin(self) -> None:
        """Speak the first answer."""
        if self._ears is None:
            self.go_on_in_turns("no recogniser")
            return
        self._taking.waits(self._loop.time())
        self._speak(self._answer)

    # What comes in

    def hear(self, audio: bytes) -> None:
        """Sound of the caller. Fifty times a second: nothing else is done here."""
        if self._ears is not None:
            self._ears.hear(audio)
            self._taking.sounds(self._ears.loud_at)
        self._frames += 1
        if not self._frames % LEVEL_EVERY and self._hub.is_wanted(self._call.call_id):
            self._hub.publish(self._call.call_id, "level", caller=level_of(audio))

    def press(self, digit: str) -> None:
        """A key of the caller's telephone."""
        self._act(self._taking.key(digit, self._loop.time()))

    def marked(self, name: str) -> None:
        """A mark has come back."""
        self.playout.marked(name)

    def _hears(self, event: Heard) -> None:
        if self.is_over:
            return
        match event:
            case Away(attempt):
                self._act(self._taking.away(self._loop.time()))
                if attempt == ASKS_FROM_TRY:
                    self._ask_again()
            case Back(has_lost_words):
                self._act(self._taking.back(self._loop.time()))
                if has_lost_words:
                    self._ask_again()
            case Gone():
                self.go_on_in_turns("no recogniser")
            case _:
                if isinstance(event, Words) and event.text:
                    if not (event.is_final and self._words_at):
                        self._words_at = time.perf_counter()
                    self._tell("caller", event.text, event.is_final)
                heard = self.playout.ledger.heard_text if self._thought is None else None
                self._act(self._taking.hears(event, self._loop.time(), heard))

    def _ask_again(self) -> None:
        """Put the question anew, unless something is being said or thought of."""
        if self._thought is None and not self.playout.is_going and not self.is_over:
            assert self._ears is not None
            self._ears.forget()
            self._was_heard, self._is_repeated = self.heard, True
            self._play(self._answer, self._answer.question)

    # What is decided

    def _act(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            if self.is_over:
                return
            match decision:
                case Cut():
                    self.playout.cut()
                case Resume():
                    self.playout.resume()
                case Finalise():
                    assert self._ears is not None
                    self._ears.finalise()
                case MayEnd(text, is_stable):
                    self._count += 1
                    said = PartialTurn(self._carrier_id, text, is_stable, self._count)
                    self._desk.turns.hear(said, self._turn)
                case TurnEnds(text, confidence):
                    self._take(Utterance(text, self._desk.now(), confidence))
                case KeysEnd(digits):
                    self._take(Digits(digits, self._desk.now()))
                case NoAnswer():
                    self._take(Silence(self._desk.now()))
        if not self.is_over:
            self._alarm.set(self._taking.due_at)

    def _tick(self) -> None:
        """Turn taking may want to be asked by now."""
        now = self._loop.time()
        due_at = self._taking.due_at
        is_due = due_at is not None and due_at <= now
        self._act(self._taking.tick(now) if is_due else ())

    # Turns

    @property
    def heard(self) -> str | None:
        """What of the last answer was heard; None: all of it."""
        ledger = self.playout.ledger
        if ledger.is_heard:
            return None
        return self._was_heard if self._is_repeated else ledger.heard_text

    def _measures(self) -> Measures:
        """What was measured since this was asked last."""
        timings_ms, self._timings_ms = self._timings_ms, {}
        uses = self._ears.used() if self._ears is not None else ()
        return measured(timings_ms, self.playout.ledger, uses)

    def _take(self, event: Event) -> None:
        """Have the caller's turn answered, in a thread."""
        heard, measures = self.heard, self._measures()
        if self._words_at and isinstance(event, Utterance):
            self._timings_ms["recognition"] = ms_since(self._words_at)
        self._words_at = 0.0
        self.playout.cut()
        self.playout.load(())  # what was heard of it has been told
        take, delivery = self._desk.turns.take, self._delivery()
        self._think(partial(take, self._carrier_id, self._turn, delivery, event, heard, measures))

    def _keep_waiting(self) -> None:
        """Have the answer that was not ready made ready."""
        self._think(partial(self._desk.turns.keep_waiting, self._carrier_id, self._delivery()))

    def _delivery(self) -> str:
        self._count += 1
        return f"{self._stream_id}:{self._count}"

    def _think(self, ask: Callable[[], Reply]) -> None:
        if self._thought_at == 0.0:
            self._thought_at = time.perf_counter()
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
        """Say an answer, as long as it takes."""
        self._answer, self._turn, self._call = answer, answer.reply.turn, answer.reply.call
        self._is_repeated = False
        if self._is_leaving or not answer.is_voiced:
            # Nothing of it is heard here, and nothing of the one before is left to be told.
            self.playout.load([Piece(part.text, Still(b""), may) for part, may in answer.parts])
            self.go_on_in_turns("draining" if self._is_leaving else "no voice")
            return
        if isinstance(answer.then, KeepWaiting):
            self._keep_waiting()
        if answer.order != self._order and isinstance(answer.then, Listen) and self._ears:
            self._order = answer.order
            self._ears.change(answer.order)
        self._play(answer, answer.parts)

    def _play(self, answer: Answer, parts: Sequence[tuple[Part, bool]]) -> None:
        sound = self._live.voice.sound
        pieces = [Piece(part.text, sound(part.clip), may) for part, may in parts]
        self.playout.load(pieces)
        if answer.records_from is not None and len(pieces) > answer.records_from:
            self._records_at = pieces[answer.records_from]
        if isinstance(answer.then, KeepWaiting):
            self.playout.go()
            return
        decisions = self._taking.answer(answer.expected, self._loop.time())
        self._act(decisions)
        # Whoever still talks, or has gone on meanwhile, is not spoken over.
        if not self.is_over and self._thought is None and Cut() not in decisions:
            self.playout.go()

    # How it is heard (`playout.Hearer`)

    def begins(self, piece: Piece) -> None:
        """See `Hearer`."""
        if piece.text:
            self._tell("agent", piece.text, True)
        if piece is self._records_at:
            self._records_at = None
            record(self._desk, self._call)
        if self._thought is None:
            self._act(self._taking.plays(piece.interruptible, self._loop.time()))

    def sounds(self) -> None:
        """See `Hearer`."""
        if self._thought_at:
            self._timings_ms["first_audio"] = ms_since(self._thought_at)
            self._thought_at = 0.0

    def played(self) -> None:
        """See `Hearer`."""
        match self._answer.then:
            case Listen():
                self._act(self._taking.played(self._loop.time()))
            case KeepWaiting():
                if sound := hum(self._agent):
                    self.playout.load([sound])
                    self.playout.go()
            case None:
                self._take(Silence(self._desk.now()))
            case _:
                self._end()

    def breaks(self) -> None:
        """See `Hearer`."""
        self.go_on_in_turns("no voice")

    # How it ends here

    def _end(self) -> None:
        """The last word was heard: what follows is the carrier's business."""
        self._keep(partial(self._desk.turns.spoken, self._carrier_id, self._measures()), NORMAL)

    def leave(self) -> None:
        """See `LiveCall`."""
        self._is_leaving = True

    def leave_now(self, code: int = RESTART) -> None:
        """See `LiveCall`."""
        self.go_on_in_turns("draining", code)

    def go_on_in_turns(self, reason: str, code: int = NORMAL) -> None:
        """Close the socket: the carrier then asks for the last answer, and says it itself."""
        turns, measures = self._desk.turns, self._measures()
        moved = partial(turns.moved, self._carrier_id, self._desk.now(), reason, measures=measures)
        self._keep(self._last_turn(moved), code)

    def _last_turn(self, then: Callable[[str | None], None]) -> Callable[[], None]:
        """For a thread: take what the caller said last as a turn, and `then` end it here.

        A turn that is being answered is waited for, or one of the two would be lost.
        """
        turns, carrier_id, delivery = self._desk.turns, self._carrier_id, self._delivery()
        turn, heard, thought = self._turn, self.heard, self._thought
        said = Utterance(self._taking.unanswered, self._desk.now())

        def keep() -> None:
            due, left, is_open = turn, heard, True
            if thought is not None and not thought.exception():
                made = thought.result()
                answer = settled(made, turns, delivery) if said.text else made
                due, left, is_open = answer.reply.turn, "", answer.goes_on
            if said.text and is_open:
                turns.take(carrier_id, due, delivery, said, left)
                left = ""
            then(left)  # nobody has heard an answer that was made just now

        return keep

    def _keep(self, work: Callable[[], None], code: int) -> None:
        """Do the last thing of a call in a thread, and close."""
        if self.is_over:
            return
        self.stop()

        def close(kept: Future[None]) -> None:
            if error := kept.exception():
                log.error("the end of a live call was not kept", exc_info=error)
            self._out.close(code)

        self._desk.in_thread(work, close)
        self._loop.call_later(KEEP_MOST_S, self._out.close, code)

    def stop(self) -> None:
        """Do nothing more. Safe to call twice."""
        self.is_over = True
        self._limit.cancel()
        self._alarm.cancel()
        self.playout.close()
        if self._ears is not None:
            self._ears.close()

    async def lost(self, has_hung_up: bool) -> None:
        """The socket is gone. What the caller said last is taken as a turn all the same."""
        if self.is_over:
            return
        turns, now, measures = self._desk.turns, self._desk.now(), self._measures()
        if has_hung_up:
            then = partial(turns.end, self._carrier_id, now, "completed", measures=measures)
        else:
            then = partial(turns.moved, self._carrier_id, now, "lost", measures=measures)
        keep = self._last_turn(then)
        self.stop()
        kept = self._desk.in_thread(keep, lambda _: None)
        await asyncio.wait([asyncio.wrap_future(kept)])
        if error := kept.exception():
            log.error("the end of a live call was not kept", exc_info=error)

    def _goes_on_too_long(self) -> None:
        """The agent's limit ends calls where they would listen again; this one never does."""
        log.warning("a call is far beyond its limit")
        if self._thought is None:
            self._take(Silence(self._desk.now()))
        leave = self._net(partial(self.go_on_in_turns, "too long"))
        self._limit = self._loop.call_later(OVERTIME_S, leave)

    def _tell(self, speaker: str, text: str, is_final: bool) -> None:
        self._hub.publish(
            self._call.call_id, "words", speaker=speaker, text=text, is_final=is_final
        )

    def _net(self, step: Callable[P, None]) -> Callable[P, None]:
        return netted(partial(self.go_on_in_turns, "broken", BROKEN), step)
