"""One call in progress: the one place where engine, brain and storage meet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agents.schema import Agent
from calls.answer import KeptAnswer
from conversation.actions import Action, Extract, Say
from conversation.engine import advance
from conversation.events import (
    CallEnded,
    Digits,
    Event,
    Extracted,
    ExtractionFailed,
    Silence,
    Utterance,
)
from conversation.fields.base import Value
from conversation.questions import is_complete
from conversation.state import CallState
from providers.errors import ProviderError
from providers.llm.base import Brain
from storage.base import Storage
from storage.records import CallRecord, CollectedRecord, TurnRecord

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Parts:
    """What every session works with. Safe for use from many threads."""

    storage: Storage
    brain: Brain
    clock: Clock


@dataclass(slots=True)
class _Reading:
    """Who read an utterance, and how long it took."""

    brain: str | None = None
    elapsed_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class _Answered:
    """How a turn was answered, for its record."""

    delivery: str
    began_at: datetime
    reading: _Reading


class CallSession:
    """Feeds events to the engine, has utterances read, and saves before anything is said.

    For one event at a time. `call` is the record as last saved.
    """

    def __init__(self, parts: Parts, agent: Agent, call: CallRecord) -> None:
        self._parts = parts
        self.agent = agent
        self.call = call
        self.state = CallState.from_dict(call.state)

    @property
    def answer(self) -> KeptAnswer:
        """The answer to the last turn."""
        return KeptAnswer.from_dict(self.call.answer)

    def handle(self, event: Event, delivery: str = "") -> Iterator[Action]:
        """What follows from `event`, in order; the new state is saved first.

        An event that changes nothing (the call has ended) is answered and leaves no trace.
        StaleCall when another process took a turn of this call meanwhile; then nothing is changed
        and this session is of no more use.
        """
        before = self.state
        began_at = self._parts.clock()
        reading = _Reading()
        state, actions = advance(self.agent, before, event)
        while actions and isinstance(asked := actions[-1], Extract):
            yield from actions[:-1]
            state, actions = advance(self.agent, state, self._read(asked, reading))
        if state != before:
            self._save(event, state, actions, _Answered(delivery, began_at, reading))
        yield from actions

    def _read(self, asked: Extract, reading: _Reading) -> Event:
        """Have a brain read the utterance. A fault of the brain is an event like any other."""
        began_at = self._parts.clock()
        try:
            extraction = self._parts.brain.extract(self.agent, asked.request)
        except ProviderError as error:
            log.warning(
                "no brain could read an utterance",
                extra={"provider": error.provider, "permanent": error.permanent},
            )
            return ExtractionFailed(self._parts.clock())
        now = self._parts.clock()
        reading.brain = extraction.brain
        reading.elapsed_ms = _ms(now, began_at)
        return Extracted(extraction, now)

    def _save(
        self, event: Event, state: CallState, actions: tuple[Action, ...], answered: _Answered
    ) -> None:
        now = self._parts.clock()
        ends = state.outcome is not None and self.call.outcome is None
        kept = KeptAnswer(actions, answered.delivery).to_dict() if actions else self.call.answer
        call = replace(
            self.call,
            stage=str(state.stage),
            language=state.language,
            outcome=state.outcome and str(state.outcome),
            updated_at=now,
            ended_at=now if ends else self.call.ended_at,
            state=state.to_dict(),
            answer=kept,
        )
        turn = None
        if not isinstance(event, CallEnded):
            turn = self._turn(event, state, actions, answered, now)
        collected = _collected(self.agent, call, state, now) if ends else None
        self.call = self._parts.storage.save_call(call, turn, collected)
        self.state = state
        if ends:
            log.info(
                "call ended",
                extra={"call_id": call.call_id, "outcome": call.outcome, "turn": state.turn},
            )

    def _turn(
        self,
        event: Event,
        state: CallState,
        actions: tuple[Action, ...],
        answered: _Answered,
        now: datetime,
    ) -> TurnRecord:
        caller, by, confidence = _deed(event)
        brain_ms = answered.reading.elapsed_ms
        return TurnRecord(
            call_id=self.call.call_id,
            turn=state.turn,
            at=answered.began_at,
            stage=str(state.stage),
            language=state.language,
            caller=caller,
            caller_by=by,
            confidence=confidence,
            agent=" ".join(action.text for action in actions if isinstance(action, Say)),
            accepted=_accepted(self.state, state),
            brain=answered.reading.brain,
            timings_ms={
                "brain": brain_ms,
                "engine": round(_ms(now, answered.began_at) - brain_ms, 3),
            },
        )


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
