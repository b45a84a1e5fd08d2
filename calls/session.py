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
from calls.speculation import NOTHING_AHEAD, Ahead, Speculation
from calls.speech import CarrierVoice, Speech, Spoken
from calls.states import state_of
from calls.usage import Guessing, together, usage_of
from conversation.actions import Action, Extract, KeepWaiting, Say
from conversation.answering import request_of
from conversation.engine import advance
from conversation.events import (
    Digits,
    Event,
    Extracted,
    Silence,
    Utterance,
)
from conversation.extraction import Extraction, with_late
from conversation.fields.base import Value
from conversation.questions import is_complete, words
from conversation.state import CallState, Pending
from providers.llm.base import Brain, Inquiry
from storage.base import Storage
from storage.records import CallRecord, CollectedRecord, TurnRecord, changed

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller waits for who reads the utterance; both from the webhook's arrival."""

    deadline_s: float = 2.5  # then a filler
    hard_limit_s: float = 6.0  # then the rules


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


@dataclass(slots=True)
class _Turn:
    """A turn while it is being answered."""

    record: TurnRecord  # what is known of it so far
    delivery: str
    extraction: Extraction | None = None
    ahead: Ahead = NOTHING_AHEAD
    brain_ms: float = 0.0


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

    @property
    def answer(self) -> KeptAnswer:
        """The answer to the last turn."""
        return KeptAnswer.from_dict(self.call.answer)

    def handle(
        self, event: Event, delivery: str = "", arrived_at: datetime | None = None
    ) -> tuple[Action, ...]:
        """What follows from `event`, in order; the new state is saved first.

        A filler and KeepWaiting when the utterance could not be read within the deadline, counted
        from `arrived_at`: then `keep_waiting` has the answer. An event that changes nothing (the
        call has ended) is answered and leaves no trace.
        """
        now = self._parts.clock()
        turn = _Turn(self._record(event, arrived_at or now, now), delivery)
        if isinstance(event, Utterance) and self._parts.speculation is not None:
            due = self.state.turn + 1
            turn.ahead = self._parts.speculation.take(self.call, due, event.text)
        state, actions = advance(self.agent, self.state, event)
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
        turn = _Turn(self._held_record(pending, arrived_at or now), delivery)
        request = request_of(self.agent, self.state, pending, now)
        inquiry = self._inquiry(Extract(request), self.state, turn)
        patience = self._parts.patience
        left_s = patience.hard_limit_s - self._waited_s(turn)
        if not self._read(inquiry, turn, min(left_s, patience.deadline_s)):
            if left_s > patience.deadline_s:
                return self._hold(turn, self.state)
            turn.extraction = inquiry.settle()
        state, actions = self._extracted(turn, self.state)
        return self._answered(turn, state, actions)

    def _overtaken(self) -> tuple[Action, ...]:
        """What a line gets that came back for an answer nobody owes any more."""
        actions = self.answer.actions
        if self.state.outcome is None or KeepWaiting() not in actions:
            return actions
        # The call was ended meanwhile: a filler would be followed by another for ever.
        return advance(self.agent, self.state, Silence(self._parts.clock()))[1]

    def revoiced(self) -> tuple[Action, ...]:
        """The last answer by this session's own voice, whichever spoke it. Nothing is saved."""
        answer = self.answer
        return self._parts.speech.prepare(self.agent, answer.actions, answer.is_by_carrier).actions

    # Reading

    def _inquiry(self, asked: Extract, state: CallState, turn: _Turn) -> Inquiry:
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

    def _read(self, inquiry: Inquiry, turn: _Turn, seconds: float) -> bool:
        """Wait for the answer; whether it is there."""
        began_at = self._parts.clock()
        turn.extraction = inquiry.wait(max(seconds, 0.0))
        turn.brain_ms += _ms(self._parts.clock(), began_at)
        return turn.extraction is not None

    def _extracted(self, turn: _Turn, state: CallState) -> tuple[CallState, tuple[Action, ...]]:
        assert turn.extraction is not None
        return advance(self.agent, state, Extracted(turn.extraction, self._parts.clock()))

    def _waited_s(self, turn: _Turn) -> float:
        return (self._parts.clock() - turn.record.at).total_seconds()

    # Answering

    def _hold(self, turn: _Turn, state: CallState) -> tuple[Action, ...]:
        """Keep the utterance, say that it takes a moment, and have the caller's line come back."""
        filler = Say(words(self.agent, state, "filler"))
        log.info("a filler is played", extra={"turn": state.turn})
        turn.record = changed(turn.record, usage=together(turn.record.usage, {"filler": 1}))
        return self._answered(turn, state, (filler, KeepWaiting()))

    def _answered(
        self, turn: _Turn, state: CallState, actions: tuple[Action, ...]
    ) -> tuple[Action, ...]:
        """Have the answer spoken and keep it; what goes onto the wire."""
        former = self.answer
        spoken = self._parts.speech.prepare(
            self.agent, actions, former.is_by_carrier, former.actions
        )
        now = self._parts.clock()
        ends = state.outcome is not None and self.call.outcome is None
        kept = KeptAnswer(spoken.actions, turn.delivery).to_dict() if actions else self.call.answer
        call = changed(
            self.call,
            stage=str(state.stage),
            language=state.language,
            outcome=state.outcome and str(state.outcome),
            updated_at=now,
            ended_at=now if ends else self.call.ended_at,
            state=state.to_dict(),
            answer=kept,
        )
        record = None if not actions else self._whole(turn, state, spoken, now)
        collected = _collected(self.agent, call, state, now) if ends else None
        self.call = self._parts.storage.save_call(call, record, collected)
        self._parts.last_saved.put(self.call)
        self.state = state
        self._note(record, KeepWaiting() in actions, _ms(self._parts.clock(), now))
        if ends:
            self._ended(call)
        return spoken.actions

    def _note(self, record: TurnRecord | None, is_held: bool, save_ms: float) -> None:
        self._parts.notes.of(self.call.call_id).save_ms = save_ms
        if is_held:  # its record has all of it once there is an answer
            self._parts.books.filler()
        elif record is not None:
            self._parts.books.turn(self.agent.agent, record, save_ms)

    def _ended(self, call: CallRecord) -> None:
        self._parts.notes.drop(call.call_id)
        if self._parts.speculation is not None:
            self._parts.speculation.drop(call)
        self._parts.books.call_ended(self.agent.agent, call.outcome or "")
        extra = {"call_id": call.call_id, "outcome": call.outcome, "turn": self.state.turn}
        log.info("call ended", extra=extra)

    # The record of a turn

    def _record(self, event: Event, arrived_at: datetime, now: datetime) -> TurnRecord:
        """What is known of a turn before it is answered."""
        caller, by, confidence = _deed(event)
        timings_ms = {"find": _ms(now, arrived_at)}
        save_ms = self._parts.notes.of(self.call.call_id).save_ms
        if save_ms is not None:
            timings_ms["save_before"] = save_ms
        return TurnRecord(
            call_id=self.call.call_id,
            turn=self.state.turn,
            at=arrived_at,
            stage=str(self.state.stage),
            language=self.state.language,
            caller=caller,
            caller_by=by,
            confidence=confidence,
            agent="",
            timings_ms=timings_ms,
        )

    def _held_record(self, pending: Pending, arrived_at: datetime) -> TurnRecord:
        """What was kept of the turn whose answer was not ready."""
        held_at = self.call.updated_at
        turns = self._parts.storage.turns(self.call.call_id)
        kept = next((one for one in reversed(turns) if one.turn == self.state.turn), None)
        if kept is None:  # its words are in the state all the same
            kept = self._record(Utterance(pending.utterance, held_at), held_at, held_at)
        held_ms = kept.timings_ms.get("held", 0.0) + _ms(arrived_at, held_at)
        return changed(kept, timings_ms={**kept.timings_ms, "held": round(held_ms, 3)})

    def _whole(self, turn: _Turn, state: CallState, spoken: Spoken, now: datetime) -> TurnRecord:
        """The record of a turn with its answer."""
        said = " ".join(one.text for one in spoken.actions if isinstance(one, Say))
        before = turn.record
        guessing = turn.ahead.guessing if turn.ahead is not NOTHING_AHEAD else None
        usage = usage_of(self.agent, spoken, turn.extraction, guessing)
        timings_ms = {**before.timings_ms, **_recognition(guessing)}
        total_ms = _ms(now, before.at)
        for part, ms in (("brain", turn.brain_ms), ("speech", round(spoken.wait_ms, 3))):
            timings_ms[part] = round(timings_ms.get(part, 0.0) + ms, 3)
        elsewhere = sum(timings_ms.get(part, 0.0) for part in ("find", "brain", "speech", "held"))
        timings_ms["engine"] = round(total_ms - elsewhere, 3)
        timings_ms["total"] = total_ms
        return changed(
            before,
            turn=state.turn,
            stage=str(state.stage),
            language=state.language,
            agent=f"{before.agent} {said}".strip(),
            accepted=_accepted(self.state, state),
            brain=turn.extraction.brain if turn.extraction else before.brain,
            timings_ms=timings_ms,
            usage=self._parts.books.priced(together(before.usage, usage)),
        )


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


def _recognition(guessing: Guessing | None) -> dict[str, float]:
    if guessing is None or guessing.recognition_ms is None:
        return {}
    return {"recognition": guessing.recognition_ms}


def _deed(event: Event) -> tuple[str, str, float | None]:
    """What the caller did: words or keys, by which means, and how sure the recogniser was."""
    match event:
        case Utterance(text, _, confidence) if text.strip():
            return text, "speech", confidence
        case Digits(digits):
            return digits, "keys", None
        case Utterance() | Silence():
            return "", "silence", None
        case _:
            return "", "none", None


def _accepted(before: CallState, state: CallState) -> Mapping[str, Value]:
    """The fields whose value this turn brought or changed."""
    return {
        name: slot.value
        for name, slot in state.slots.items()
        if slot.value is not None and slot.value != before.slots[name].value
    }


def _collected(agent: Agent, call: CallRecord, state: CallState, now: datetime) -> CollectedRecord:
    return CollectedRecord(
        call_id=call.call_id,
        carrier_id=call.carrier_id,
        agent=call.agent,
        caller_number=call.caller_number,
        language=state.language,
        outcome=str(state.outcome),
        complete=is_complete(agent, state),
        data=state.values,
        collected_at=now,
    )


def _ms(end: datetime, start: datetime) -> float:
    return round((end - start).total_seconds() * 1000, 3)
