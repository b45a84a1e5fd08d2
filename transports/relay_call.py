"""A call that the carrier hears and speaks: what is special about words.

Not here: the socket and its messages (`relay.py`), turns and how the call is left
(`socket_call.py`), when words were said (`relay_voice.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from calls.moves import Why
from calls.session import Measures
from conversation.actions import KeepWaiting
from conversation.events import Event
from conversation.turn_taking import Heard, SpeechStarted, TurnEnded, TurnTaking, Words
from providers.telephony.base import RelayInterrupted, RelayProgress, RelayPrompt
from transports.duplex import Desk, Outbox
from transports.live_answer import Answer
from transports.relay_found import Found, SaidBefore
from transports.relay_measures import RelayMeasures
from transports.relay_voice import RelayVoice
from transports.relay_words import WordsToCome, relay_manner
from transports.socket_call import SocketCall

log = logging.getLogger(__name__)

# How long the carrier has to close the socket when we are done; it was seen to take 90 ms.
CLOSES_MOST_S = 5.0
# Messages in a row that the carrier could not use, after which the call goes on in turns.
PROBLEMS_MOST = 3


class RelayCall(SocketCall):
    """See `SocketCall`."""

    def __init__(self, desk: Desk, out: Outbox, session_id: str, found: Found) -> None:
        answer, telephony = found.answer, desk.services.telephony
        taking = TurnTaking(relay_manner(answer.reply.agent))
        super().__init__(desk, out, session_id, answer, taking)
        self._wire = telephony.relay
        self._voice = RelayVoice(self._wire, out.put, self, self._net)
        self._measuring = RelayMeasures(telephony.name)
        self._to_come = WordsToCome()
        self._problems = 0  # in a row
        self._records_from: int | None = None  # the call is recorded from this part on
        self._before = SaidBefore(found.said)
        self._parts_from: float | None = None  # the last word was heard; words may be to come

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
        """See `SocketCall`."""
        self._to_come.finished()
        super().press(digit)

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
            self.go_on_in_turns(Why.NOT_UNDERSTOOD)

    def _hears(self, event: Heard) -> None:
        if self.is_over:
            return
        heard = self._voice.heard_words if self._thought is None else None
        self._act(self._taking.hears(event, self._loop.time(), heard))

    # See `SocketCall`

    @property
    def heard(self) -> str | None:
        return self._voice.heard

    @property
    def _due_at(self) -> float | None:
        due_at = self._taking.due_at if self._parts_from is None else self._parts_from
        return None if due_at is None else self._to_come.not_before(due_at)

    def _tick(self) -> None:
        due_at = self._due_at
        if self._parts_from is None or due_at is None or due_at > self._loop.time():
            super()._tick()
        else:
            self._parts_from = None
            self._said()

    def _measures(self) -> Measures:
        return self._measuring.so_far()

    def _taken(self, event: Event) -> Measures:
        measures = self._measuring.turn_taken()
        self._record_if_announced()
        self._before.forget()
        return measures

    def _load(self, answer: Answer, is_heard: bool) -> None:
        self._parts_from = None
        is_filler = isinstance(answer.then, KeepWaiting)
        # Only a filler is cut by what comes after it: the answer that it stood in for.
        self._voice.load(answer.parts, preemptible=is_filler)
        if not is_heard:
            return
        self._records_from = answer.records_from
        if not is_filler:
            # What the carrier hears in a session that has just begun; "" in one that goes on.
            first = self._agent.languages[0] if answer.reply.turn <= 1 else ""
            self._voice.listen(answer.order.language, first)

    def _go(self) -> None:
        self._voice.go()
        self._measuring.words_sent()

    def _resume(self) -> None:
        if self._thought is not None:
            return
        if self._voice.is_cut:
            self._voice.resume()
        elif not self._voice.is_sent:
            self._go()

    def _cut(self) -> None:
        """The carrier falls silent by itself."""

    def _finalise(self) -> None:
        """The carrier finishes words by itself."""

    def _close(self, reason: str, code: int) -> None:
        # A socket that we close was lost, for the carrier, which then opens it again.
        self._out.put(self._wire.end(reason))
        self._loop.call_later(CLOSES_MOST_S, self._out.close, code)

    def _rest(self) -> None:
        self._voice.close()

    # How it is heard (`relay_voice.Speaker`)

    def begins(self, number: int, interruptible: bool) -> None:
        """See `Speaker`."""
        self._measuring.sound_heard()
        if self._records_from is not None and number >= self._records_from:
            self._record_if_announced()
        self._plays(interruptible)

    def said(self, words: str) -> None:
        """See `Speaker`."""
        self._tell("agent", words, True)

    def spoken(self) -> None:
        """See `Speaker`."""
        self._record_if_announced()
        if self._answer.goes_on or self._answer.then is None:
            self._said()
            return
        self._parts_from = self._loop.time()
        self._to_come.last_word(self._parts_from)
        self._tick()

    def _record_if_announced(self) -> None:
        if self._records_from is not None:
            self._records_from = None
            self._record()

    def lost(self, has_hung_up: bool, then: Callable[[Future[None]], None]) -> Future[None] | None:
        """The socket is gone. What the caller said last is taken as a turn all the same.

        None when nothing is left to do; else `then` is done, on the loop, after it.
        """
        if self.is_over:
            return None
        told = partial(self._desk.turns.told, self._carrier_id, measures=self._measures())
        # Opened again, the last answer is said again: only then is it known what was heard.
        keep = self._last_turn(told if has_hung_up else lambda _: told(None))
        self.stop()
        return self._desk.in_thread(keep, then)
