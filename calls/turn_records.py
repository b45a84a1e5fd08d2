"""The record of a turn: what the caller did, what was answered, what it took, what was heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.schema import Agent
from calls.answer import said_in
from calls.ledger import SAVE_BEFORE
from calls.speculation import NOTHING_AHEAD, Ahead
from calls.speech import Spoken
from calls.usage import Guessing, together, usage_of
from conversation.events import Digits, Event, Silence, Utterance
from conversation.extraction import Extraction
from conversation.fields.base import Value
from conversation.questions import is_complete
from conversation.state import CallState
from storage.records import CallRecord, CollectedRecord, JsonObject, TurnRecord, changed


@dataclass(slots=True)
class OpenTurn:
    """A turn while it is being answered."""

    record: TurnRecord  # what is known of it so far
    delivery: str
    door: str  # by which it is answered: gather | relay | stream
    former: JsonObject = field(default_factory=dict)  # what it tells of the turn before
    extraction: Extraction | None = None
    ahead: Ahead = NOTHING_AHEAD
    brain_ms: float = 0.0


def begun(
    call_id: str,
    state: CallState,
    event: Event,
    arrived_at: datetime,
    now: datetime,
    save_ms: float | None,
) -> TurnRecord:
    """What is known of a turn before it is answered; `save_ms`: how long the last save took."""
    caller, by, confidence = _deed(event)
    timings_ms = {"find": ms_between(arrived_at, now)}
    if save_ms is not None:
        timings_ms[SAVE_BEFORE] = save_ms
    return TurnRecord(
        call_id=call_id,
        turn=state.turn,
        at=arrived_at,
        stage=str(state.stage),
        language=state.language,
        caller=caller,
        caller_by=by,
        confidence=confidence,
        agent="",
        timings_ms=timings_ms,
    )


def kept_turn(turns: Sequence[TurnRecord], number: int) -> TurnRecord | None:
    """The turn of that number among those that are kept."""
    return next((one for one in reversed(turns) if one.turn == number), None)


def held(record: TurnRecord, held_at: datetime, arrived_at: datetime) -> TurnRecord:
    """The record of a turn whose answer was not ready, when the line comes back for it."""
    held_ms = record.timings_ms.get("held", 0.0) + ms_between(held_at, arrived_at)
    return changed(record, timings_ms={**record.timings_ms, "held": round(held_ms, 3)})


def answered(
    agent: Agent, turn: OpenTurn, states: tuple[CallState, CallState], spoken: Spoken, now: datetime
) -> TurnRecord:
    """The record of a turn with its answer; `states` are those before and after it. No price."""
    former, state = states
    before = turn.record
    guessing = turn.ahead.guessing if turn.ahead is not NOTHING_AHEAD else None
    usage = usage_of(agent, spoken, turn.extraction, guessing, turn.door)
    timings_ms = {**before.timings_ms, **_recognition(guessing)}
    total_ms = ms_between(before.at, now)
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
        agent=f"{before.agent} {said_in(spoken.actions)}".strip(),
        accepted=_accepted(former, state),
        brain=turn.extraction.brain if turn.extraction else before.brain,
        timings_ms=timings_ms,
        usage=together(before.usage, usage),
        former={**before.former, **turn.former},
    )


def collected(agent: Agent, call: CallRecord, state: CallState, now: datetime) -> CollectedRecord:
    """What a call brings home that ends in this state."""
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


def ms_between(start: datetime, end: datetime) -> float:
    """Milliseconds, to the microsecond."""
    return round((end - start).total_seconds() * 1000, 3)


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
