"""A call that is heard and spoken with here: what is special about sound.

Not here: the socket and its messages (`stream.py`), turns and how the call is left
(`socket_call.py`), how sound gets out (`playout.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from calls.hearing import Away, Back, Ears, Gone, Heard
from calls.moves import Why
from calls.session import Measures
from conversation.actions import KeepWaiting, Listen, Part
from conversation.events import Event, Utterance
from conversation.turn_taking import TurnTaking, Words, manner_of
from transports.duplex import NORMAL, Desk, Outbox
from transports.live_answer import Answer
from transports.playout import Piece, Playout, SoundLine, Still
from transports.socket_call import SocketCall, ms_since
from transports.stream_extras import hum, level_of, measured

log = logging.getLogger(__name__)

# How long a socket is kept open for what was heard to be kept first.
KEEP_MOST_S = 1.0
# A level is told once in so many pieces of sound: five times a second.
LEVEL_EVERY = 10
# From this try of the recogniser on the caller is asked again: they were not heard for a second.
ASKS_FROM_TRY = 3


class StreamCall(SocketCall):
    """See `SocketCall`."""

    def __init__(self, desk: Desk, out: Outbox, stream_id: str, answer: Answer) -> None:
        services, agent = desk.services, answer.reply.agent
        self._live = services.live
        recogniser = self._live.hearing.for_agent(agent)
        ends_turns = recogniser is not None and recogniser.ends_turns
        super().__init__(desk, out, stream_id, answer, TurnTaking(manner_of(agent), ends_turns))
        line = SoundLine(services.telephony.stream, stream_id, out.put, out.overtake, self._net)
        self.playout = Playout(line, self, self._loop)
        self._order = answer.order
        self._ears: Ears | None = None
        if recogniser is not None:
            self._ears = self._live.hearing.open(answer.order, self._net(self._hears))
        self._thought_at = 0.0  # when the turn that is being answered was taken
        self._frames = 0
        self._records_at: Piece | None = None  # the call is recorded from this piece on
        self._timings_ms: dict[str, float] = {}  # of the last answer, not kept yet
        self._words_at = 0.0  # when the caller's last words came; 0: none in this turn
        self._was_heard: str | None = ""  # of the last answer, before its question is put anew
        self._is_repeated = False  # only that question is played now

    def begin(self) -> None:
        """See `SocketCall`."""
        if self._ears is None:
            self.go_on_in_turns(Why.NO_RECOGNISER)
            return
        super().begin()

    # What comes in

    def hear(self, audio: bytes) -> None:
        """Sound of the caller. Fifty times a second: nothing else is done here."""
        if self._ears is not None:
            self._ears.hear(audio)
            self._taking.sounds(self._ears.loud_at)
        self._frames += 1
        if not self._frames % LEVEL_EVERY and self._hub.is_wanted(self._call.call_id):
            self._hub.publish(self._call.call_id, "level", caller=level_of(audio))

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
                self.go_on_in_turns(Why.NO_RECOGNISER)
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
            self.playout.load(self._pieces(self._answer.question))
            self._offer(self._answer)

    # See `SocketCall`

    @property
    def heard(self) -> str | None:
        ledger = self.playout.ledger
        if ledger.is_heard:
            return None
        return self._was_heard if self._is_repeated else ledger.heard_text

    def _measures(self) -> Measures:
        timings_ms, self._timings_ms = self._timings_ms, {}
        uses = self._ears.used() if self._ears is not None else ()
        return measured(timings_ms, self.playout.ledger, uses)

    def _taken(self, event: Event) -> Measures:
        measures = self._measures()
        if self._words_at and isinstance(event, Utterance):
            self._timings_ms["recognition"] = ms_since(self._words_at)
        self._words_at = 0.0
        self._thought_at = time.perf_counter()
        self.playout.cut()
        self.playout.load(())  # what was heard of it has been told
        return measures

    def _why_elsewhere(self, answer: Answer) -> Why | None:
        return super()._why_elsewhere(answer) or (None if answer.is_voiced else Why.NO_VOICE)

    def _load(self, answer: Answer, is_heard: bool) -> None:
        self._is_repeated = False
        if not is_heard:  # and nothing of the one before is left to be told
            self.playout.load([Piece(part.text, Still(b""), may) for part, may in answer.parts])
            return
        if answer.order != self._order and isinstance(answer.then, Listen) and self._ears:
            self._order = answer.order
            self._ears.change(answer.order)
        pieces = self._pieces(answer.parts)
        self.playout.load(pieces)
        if answer.records_from is not None and len(pieces) > answer.records_from:
            self._records_at = pieces[answer.records_from]

    def _pieces(self, parts: Sequence[tuple[Part, bool]]) -> list[Piece]:
        sound = self._live.voice.sound
        return [Piece(part.text, sound(part.clip), may) for part, may in parts]

    def _go(self) -> None:
        self.playout.go()

    def _cut(self) -> None:
        self.playout.cut()

    def _resume(self) -> None:
        self.playout.resume()

    def _finalise(self) -> None:
        assert self._ears is not None
        self._ears.finalise()

    def _keep(self, work: Callable[[], None], reason: str, code: int = NORMAL) -> None:
        if not self.is_over:
            super()._keep(work, reason, code)
            self._loop.call_later(KEEP_MOST_S, self._out.close, code)

    def _close(self, reason: str, code: int) -> None:
        self._out.close(code)

    def _rest(self) -> None:
        self.playout.close()
        if self._ears is not None:
            self._ears.close()

    # How it is heard (`playout.Hearer`)

    def begins(self, piece: Piece) -> None:
        """See `Hearer`."""
        if piece.text:
            self._tell("agent", piece.text, True)
        if piece is self._records_at:
            self._records_at = None
            self._record()
        self._plays(piece.interruptible)

    def sounds(self) -> None:
        """See `Hearer`."""
        if self._thought_at:
            self._timings_ms["first_audio"] = ms_since(self._thought_at)
            self._thought_at = 0.0

    def played(self) -> None:
        """See `Hearer`."""
        if not isinstance(self._answer.then, KeepWaiting):
            self._said()
        elif sound := hum(self._agent):
            self.playout.load([sound])
            self.playout.go()

    def breaks(self) -> None:
        """See `Hearer`."""
        self.go_on_in_turns(Why.NO_VOICE)

    async def lost(self, has_hung_up: bool) -> None:
        """The socket is gone. What the caller said last is taken as a turn all the same."""
        if self.is_over:
            return
        turns, now, measures = self._desk.turns, self._desk.now(), self._measures()
        if has_hung_up:
            then = partial(turns.end, self._carrier_id, now, "completed", measures=measures)
        else:
            then = partial(turns.moved, self._carrier_id, now, Why.SOCKET_LOST, measures=measures)
        keep = self._last_turn(then)
        self.stop()
        kept = self._desk.in_thread(keep, lambda _: None)
        await asyncio.wait([asyncio.wrap_future(kept)])
        if error := kept.exception():
            log.error("the end of a live call was not kept", exc_info=error)
