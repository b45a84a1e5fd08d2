"""One call in progress: the one place where engine, brain, voice and storage meet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agents.schema import Agent
from calls.answer import KeptAnswer
from calls.bookkeeping import Bookkeeping
from calls.hub import Hub
from calls.notes import LastSaved, Notebook, Reading
from calls.speculation import Speculation
from calls.speech import CarrierVoice, Speech, Spoken
from calls.states import state_of
from calls.turn_records import (
    OpenTurn,
    answered,
    begun,
    collected,
    held,
    kept_turn,
    ms_between,
)
from calls.usage import together
from conversation.actions import Action, Extract, KeepWaiting, Say
from conversation.answering import request_of
from conversation.engine import advance
from conversation.events import BargeIn, CallEnded, Event, Extracted, Silence, Utterance
from conversation.extraction import Extraction, with_late
from conversation.questions import waiting
from conversation.state import CallState, Pending
from providers.llm.base import Brain, Inquiry
from storage.base import Storage
from storage.codec import told_later
from storage.records import CallRecord, JsonObject, TurnRecord, changed

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller waits for who reads the utterance; both from the webhook's arrival."""

    deadline_s: float = 2.5  # then a filler
    hard_limit_s: float = 6.0  # then the rules
    again_s: float | None = None  # after a filler, then another; None: after the deadline again

    @property
    def next_s(self) -> float:
        """How long after a filler the next one is due."""
        return self.deadline_s if self.again_s is None else self.again_s


@dataclass(frozen=True, slots=True)
class Parts:
    """What every session works with. Safe for use from many threads."""

    storage: Storage
    brain: Brain
    clock: Clock
    speech: Speech = field(default_factory=CarrierVoice)
    speculation: Speculation | None = None
    books: Bookkeeping = field(default_factory=Bookkeeping)
    patience: Patience = field(default_factory=Patience)
    notes: Notebook = field(default_factory=Notebook)
    last_saved: LastSaved = field(default_factory=LastSaved)
    hub: Hub = field(default_factory=Hub)
    ends: Callable[[CallRecord], object] = lambda call: None  # told before the last word is said
    door: str = "gather"  # by which the turns come: gather | relay | stream


@dataclass(frozen=True, slots=True)
class Measures:
    """What a door measured between two turns."""

    timings_ms: Mapping[str, float] = field(default_factory=dict)  # of the last answer
    usage: JsonObject = field(default_factory=dict)  # for the turn that comes, or was the last


NOTHING_MEASURED = Measures()


@dataclass(frozen=True, slots=True)
class Played:
    """How the last answer came across, as far as a door knows it."""

    heard: str | None = None  # what of it was played when the caller cut in; None: all
    measures: Measures = NOTHING_MEASURED


ALL_PLAYED = Played()


class CallSession:
    """Feeds events to the engine, has utterances read and answers spoken, and saves.

    Every answer is saved before it is given. For one event at a time. `call` is the record as
    last saved. StaleCall from any method when another process took a turn of this call meanwhile;
    then nothing is changed and this session is of no more use.
    """

    def __init__(self, parts: Parts, agent: Agent, call: CallRecord) -> None:
        self._parts = parts
        self.agent = agent
        self.call = call
        self.state = state_of(agent, call)
        self._answer = KeptAnswer(())
        self._read_from: JsonObject | None = None  # whence that is

    @property
    def answer(self) -> KeptAnswer:
        """The answer to the last turn."""
        if self._read_from is not self.call.answer:
            self._read_from, self._answer = self.call.answer, KeptAnswer.from_dict(self.call.answer)
        return self._answer

    def handle(
        self,
        event: Event,
        delivery: str = "",
        arrived_at: datetime | None = None,
        played: Played = ALL_PLAYED,
    ) -> tuple[Action, ...]:
        """What follows from `event`, in order; the new state is saved first.

        A filler and KeepWaiting when the utterance could not be read within the deadline, counted
        from `arrived_at`: then `keep_waiting` has the answer. An event that changes nothing (the
        call has ended) is answered and leaves no trace. What was heard is saved with the rest.
        """
        now = self._parts.clock()
        save_ms = self._parts.notes.save_ms(self.call.call_id)
        record = begun(self.call.call_id, self.state, event, arrived_at or now, now, save_ms)
        turn = OpenTurn(record, delivery, self._parts.door)
        turn.former = self._told_by(played, event)
        turn.record = changed(record, usage=played.measures.usage)
        before = self._cut_short(played, now)
        if isinstance(event, Utterance) and self._parts.speculation is not None:
            due = self.state.turn + 1
            turn.ahead = self._parts.speculation.take(self.call, due, event.text, before)
        state, actions = advance(self.agent, before, event)
        while actions and isinstance(asked := actions[-1], Extract):
            inquiry = self._inquiry(asked, state, turn)
            patience = self._parts.patience
            limit_s = min(patience.deadline_s, patience.hard_limit_s)
            if not self._read(inquiry, turn, limit_s - self._waited_s(turn)):
                if patience.hard_limit_s > patience.deadline_s:
                    return self._hold(turn, state)
                turn.extraction = inquiry.settle()  # nothing better would follow a filler
            state, actions = self._extracted(turn, state)
        if state == self.state:
            return actions
        return self._answered(turn, state, actions)

    def _told_by(self, played: Played, event: Event | None = None) -> JsonObject:
        """What is known now of the turn before (`TurnRecord.former`)."""
        told: dict[str, object] = {}
        answer = self.answer
        heard = None if played.heard is None else answer.heard(played.heard)
        # Cut off elsewhere, it was spoken again by this door before the caller did anything here.
        is_here = not isinstance(event, CallEnded | None)
        is_spoken_again = answer.door != self._parts.door and is_here
        if heard is not None:
            told["heard"] = f"{answer.said_before} {heard}".strip()
        elif is_spoken_again:
            told["heard"] = None
        if played.measures.timings_ms:
            told["timings_ms"] = played.measures.timings_ms
        return told

    def _cut_short(self, played: Played, now: datetime) -> CallState:
        """The state when of the last answer only so much was heard."""
        heard = None if played.heard is None else self.answer.heard(played.heard)
        if heard is None:
            return self.state
        return advance(self.agent, self.state, BargeIn(heard, now))[0]

    def tell(self, played: Played) -> None:
        """Keep how the last answer came across, apart from a turn."""
        self._keep(played, self.call.answer)

    def spoken(self, played: Played) -> None:
        """All of the last answer was heard: only what follows it is kept."""
        self._keep(played, self.answer.unsaid().to_dict())

    def _keep(self, played: Played, answer: JsonObject) -> None:
        record = self._last_turn(self._told_by(played), played.measures.usage)
        if record is None and answer == self.call.answer:
            return
        call = changed(self.call, answer=answer, updated_at=self._parts.clock())
        self.call = self._parts.storage.save_call(call, record)
        self._parts.last_saved.put(self.call)

    def _last_turn(self, told: JsonObject, usage: JsonObject) -> TurnRecord | None:
        """The record of the last turn with what became known of it; None when that is nothing."""
        if not (told or usage):
            return None
        kept = kept_turn(self._parts.storage.turns(self.call.call_id), self.state.turn)
        if kept is None:
            return None
        record = told_later(kept, told)
        if usage:
            record = self._priced(changed(record, usage=together(record.usage, usage)))
        return None if record == kept else record

    def _priced(self, record: TurnRecord) -> TurnRecord:
        return changed(record, usage=self._parts.books.priced({**record.usage}))

    def keep_waiting(
        self, delivery: str = "", arrived_at: datetime | None = None
    ) -> tuple[Action, ...]:
        """The answer that was not ready; another filler when there is time left for one.

        The last answer when it is there already. The rules' answer past the hard limit, and by
        another process than the one that asked, which asks anew.
        """
        pending = self.state.pending
        if pending is None:
            return self._overtaken()
        now = self._parts.clock()
        turn = OpenTurn(self._held(pending, arrived_at or now), delivery, self._parts.door)
        request = request_of(self.agent, self.state, pending, now)
        inquiry = self._inquiry(Extract(request), self.state, turn)
        patience = self._parts.patience
        left_s = patience.hard_limit_s - self._waited_s(turn)
        if not self._read(inquiry, turn, min(left_s, patience.next_s)):
            if left_s > patience.next_s:
                return self._hold(turn, self.state)
            turn.extraction = inquiry.settle()
        return self._answered(turn, *self._extracted(turn, self.state))

    def _overtaken(self) -> tuple[Action, ...]:
        """What a line gets that came back for an answer nobody owes any more."""
        actions = self.answer.actions
        if self.state.outcome is None or KeepWaiting() not in actions:
            return actions
        # The call was ended meanwhile: a filler would be followed by another for ever.
        return advance(self.agent, self.state, Silence(self._parts.clock()))[1]

    def again(self) -> tuple[Action, ...]:
        """The last answer by this door's own voice, whichever spoke it. Nothing is saved."""
        answer = self.answer
        if answer.door == self._parts.door:
            return answer.actions
        return self._prepared(answer.without_clips()).actions

    def _prepared(self, actions: tuple[Action, ...]) -> Spoken:
        """The actions as they are spoken."""
        answer = self.answer
        # Through one door a call that fell back to the carrier's voice keeps it.
        by_carrier = answer.is_by_carrier and answer.door == self._parts.door
        return self._parts.speech.prepare(self.agent, actions, by_carrier, answer.actions)

    def _held(self, pending: Pending, arrived_at: datetime) -> TurnRecord:
        """What was kept of the turn whose answer was not ready."""
        held_at = self.call.updated_at
        turns = self._parts.storage.turns(self.call.call_id)
        kept = kept_turn(turns, self.state.turn)
        if kept is None:  # its words are in the state all the same
            event = Utterance(pending.utterance, held_at)
            kept = begun(self.call.call_id, self.state, event, held_at, held_at, None)
        return held(kept, held_at, arrived_at)

    # Reading

    def _inquiry(self, asked: Extract, state: CallState, turn: OpenTurn) -> Inquiry:
        """Who reads the utterance: whoever has begun ahead of time, or the brain now."""
        note = self._parts.notes.of(self.call.call_id)
        last, utterance = note.reading, asked.request.utterance
        late: Extraction | None = None
        if last is not None and last.turn == state.turn:
            # The webhook came twice, or the caller was kept waiting. Other words are said anew
            # after a turn that could not be saved.
            if last.utterance == utterance:
                return last.inquiry
        elif last is not None:
            late = last.inquiry.late()
        inquiry = turn.ahead.inquiry or self._parts.brain.begin(self.agent, asked.request)
        if late is not None:
            inquiry = _Joined(inquiry, late, _missing(state))
        note.reading = Reading(state.turn, utterance, inquiry)
        return inquiry

    def _read(self, inquiry: Inquiry, turn: OpenTurn, seconds: float) -> bool:
        """Wait for the answer; whether it is there."""
        began_at = self._parts.clock()
        turn.extraction = inquiry.wait(max(seconds, 0.0))
        turn.brain_ms += ms_between(began_at, self._parts.clock())
        return turn.extraction is not None

    def _extracted(self, turn: OpenTurn, state: CallState) -> tuple[CallState, tuple[Action, ...]]:
        assert turn.extraction is not None
        return advance(self.agent, state, Extracted(turn.extraction, self._parts.clock()))

    def _waited_s(self, turn: OpenTurn) -> float:
        return (self._parts.clock() - turn.record.at).total_seconds()

    # Answering

    def _hold(self, turn: OpenTurn, state: CallState) -> tuple[Action, ...]:
        """Keep the utterance, say that it takes a moment, and have the caller's line come back."""
        filler = Say(waiting(self.agent, state, bool(turn.record.usage.get("filler"))))
        log.info("a filler is played", extra={"turn": state.turn})
        turn.record = changed(turn.record, usage=together(turn.record.usage, {"filler": 1}))
        return self._answered(turn, state, (filler, KeepWaiting()))

    def _answered(
        self, turn: OpenTurn, state: CallState, actions: tuple[Action, ...]
    ) -> tuple[Action, ...]:
        """Have the answer spoken and keep it; what goes onto the wire."""
        spoken = self._prepared(actions)
        now = self._parts.clock()
        ends = state.outcome is not None and self.call.outcome is None
        kept = KeptAnswer(spoken.actions, turn.delivery, turn.record.agent, self._parts.door)
        call = changed(
            self.call,
            stage=str(state.stage),
            language=state.language,
            outcome=state.outcome and str(state.outcome),
            updated_at=now,
            ended_at=now if ends else self.call.ended_at,
            state=state.to_dict(),
            answer=kept.to_dict() if actions else self.call.answer,
        )
        if actions:
            whole = answered(self.agent, turn, (self.state, state), spoken, now)
            record: TurnRecord | None = self._priced(whole)
        else:
            record = self._last_turn(turn.former, turn.record.usage)
        brought = collected(self.agent, call, state, now) if ends else None
        self.call = self._parts.storage.save_call(call, record, brought)
        save_ms = ms_between(now, self._parts.clock())
        self._parts.last_saved.put(self.call)
        if self._parts.hub.is_wanted(call.call_id):
            self._publish(record if actions else None, state)
        self.state = state
        self._note(record if actions else None, KeepWaiting() in actions, save_ms)
        if ends:
            self._ended(call)
        elif state.outcome is not None:
            self._parts.ends(call)  # once more: they may have asked for no more calls since
        return spoken.actions

    def _publish(self, record: TurnRecord | None, state: CallState) -> None:
        """Tell whoever looks on what this turn came to."""
        hub, call_id = self._parts.hub, self.call.call_id
        if record is not None:
            hub.publish(call_id, "said", turn=record.turn, caller=record.caller, agent=record.agent)
        if state.stage is not self.state.stage:
            hub.publish(call_id, "stage", stage=str(state.stage), language=state.language)
        if state.outcome is not None:
            hub.publish(call_id, "ended", outcome=str(state.outcome))

    def _note(self, record: TurnRecord | None, is_held: bool, save_ms: float) -> None:
        self._parts.notes.of(self.call.call_id).save_ms = save_ms
        if is_held:  # its record has all of it once there is an answer
            self._parts.books.filler()
        elif record is not None:
            self._parts.books.turn(self.agent.agent, record, save_ms)

    def forget(self) -> None:
        """Let go of what this process remembers of a call that is over, wherever it ended."""
        self._parts.notes.drop(self.call.call_id)
        self._parts.last_saved.drop(self.call)
        if self._parts.speculation is not None:
            self._parts.speculation.drop(self.call)

    def _ended(self, call: CallRecord) -> None:
        self.forget()
        self._parts.ends(call)
        self._parts.books.call_ended(self.agent.agent, call.outcome or "")
        extra = {"call_id": call.call_id, "outcome": call.outcome, "turn": self.state.turn}
        log.info("call ended", extra=extra)


@dataclass(frozen=True, slots=True)
class _Joined:
    """An inquiry whose answer takes up what another found too late."""

    inquiry: Inquiry
    found_late: Extraction
    missing: frozenset[str]

    def wait(self, seconds: float) -> Extraction | None:
        answer = self.inquiry.wait(seconds)
        return None if answer is None else with_late(answer, self.found_late, self.missing)

    def settle(self) -> Extraction:
        return with_late(self.inquiry.settle(), self.found_late, self.missing)

    def late(self) -> Extraction | None:
        return self.inquiry.late()


def _missing(state: CallState) -> frozenset[str]:
    return frozenset(name for name, slot in state.slots.items() if slot.value is None)
