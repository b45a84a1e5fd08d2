"""What the store has of a call that is going on, as the page of the browser phone shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.schema import Agent, FieldSpec
from calls.ledger import call_cost, latency, timings
from calls.states import state_of
from console.phone_stages import way
from conversation.fields import kind_of
from conversation.fields.base import Value
from conversation.questions import label
from conversation.stages import Stage
from conversation.state import CallState, Slot
from services import Services
from storage.base import StorageError
from storage.records import TurnRecord

Told = Mapping[str, object]


def told_of(services: Services, carrier_id: str) -> Told | None:
    """The record of a call for its page; None when it is not kept, or cannot be read now."""
    storage = services.storage
    try:
        call = storage.find_call(carrier_id)
        if call is None:
            return None
        turns, events = storage.turns(call.call_id), storage.events(call.call_id)
    except StorageError:
        return None
    agent = services.agents.get(call.agent)
    fields: Sequence[Told] = ()
    if agent is not None and call.state:
        fields = _fields(agent, state_of(agent, call), turns)
    return {
        "type": "record",
        "call_id": call.call_id,
        "stage": call.stage,
        "way": way([Stage.LANGUAGE, *(Stage(turn.stage) for turn in turns)]),
        "outcome": call.outcome,
        "language": call.language,
        "fields": fields,
        "turns": [_turn(turn, ms) for turn, ms in zip(turns, timings(turns), strict=True)],
        "cost": call_cost(call, turns, events, services.prices),
        "latency": latency(turns),
        "duration_s": round(((call.ended_at or call.updated_at) - call.created_at).total_seconds()),
    }


def words_of(services: Services, address: str) -> tuple[str, str]:
    """What the clip at an address says, and in which language; "" when nobody knows."""
    key = address.rpartition("/")[2].partition(".")[0]
    try:
        clip = services.storage.load_clip(key)
    except StorageError:
        clip = None
    return (clip.text, clip.language) if clip else ("", "")


def _turn(turn: TurnRecord, timings_ms: Mapping[str, float]) -> Told:
    return {
        "turn": turn.turn,
        "stage": turn.stage,
        "caller": turn.caller,
        "caller_by": turn.caller_by,
        "agent": turn.agent,
        "heard": turn.heard,
        "brain": turn.brain,
        "accepted": list(turn.accepted),
        "timings_ms": timings_ms,
        "speculation": turn.usage.get("speculation"),
        "filler": turn.usage.get("filler", 0),
        "cost": turn.usage.get("cost", {}),
    }


def _fields(agent: Agent, state: CallState, turns: Sequence[TurnRecord]) -> list[Told]:
    return [_field(spec, state, turns) for spec in agent.fields]


def _field(spec: FieldSpec, state: CallState, turns: Sequence[TurnRecord]) -> Told:
    slot = state.slots[spec.name]
    # Said back in the call's language, as the caller heard it.
    kept = [turn.accepted[spec.name] for turn in turns if spec.name in turn.accepted]
    before = [_shown(spec, value, state.language) for value in kept[:-1]]
    return {
        "name": spec.name,
        "label": label(spec, state.language),
        "kind": spec.kind,
        "state": _standing(slot),
        "value": "" if slot.value is None else _shown(spec, slot.value, state.language),
        "before": before,
        "heard": slot.heard,
        "misses": slot.misses,
        "is_asked": state.asking == spec.name,
    }


def _standing(slot: Slot) -> str:
    if slot.value is not None:
        if slot.confirmed:
            return "confirmed"
        return "doubtful" if slot.doubtful else "accepted"
    if slot.skipped:
        return "skipped"
    return "refused" if slot.misses else "open"


def _shown(spec: FieldSpec, value: object, language: str) -> str:
    """A kept value in words; as it is when it is of another version of the field."""
    try:
        return kind_of(spec).say_back(spec, _value(value), language)
    except (KeyError, TypeError, ValueError, AttributeError):
        return str(value)


def _value(value: object) -> Value:
    if isinstance(value, str | int | float | Mapping):
        return value
    raise TypeError("no value of a field")
