"""One call as its page tells it: who said what, where each value came from, time and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agents.schema import Agent
from calls.ledger import ITEM_NAMES, ITEMS, call_cost, latency, timings
from calls.prices import measured
from calls.redaction import (
    Sight,
    redacted_call,
    redacted_collected,
    redacted_event,
    redacted_turns,
)
from calls.values import shown_value
from providers.telephony.base import ENDED_STATUSES
from services import Services
from storage.records import CallEvent, CallRecord, JsonObject, TurnRecord

# What a turn's time is made of, in the order in which it passes.
PARTS = ("find", "held", "brain", "speech", "engine", "save")
# What else the caller waited for, where that was measured: until the turn was taken to be over, and
# from then to the first sound on the wire of a live call.
WAITS = ("recognition", "first_audio")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar, in hundredths of it."""

    name: str
    ms: float
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class TurnStory:
    """A turn as it is shown."""

    record: TurnRecord
    after_s: float  # since the call began
    accepted: Sequence[tuple[str, str]]  # label and value
    ms: Mapping[str, float]
    total_ms: float
    bar: Sequence[Segment]  # empty when nothing was measured
    cost: float
    language_changed: bool
    heard: str  # the beginning of what the agent said
    unheard: str  # the rest, when the caller cut in or hung up


@dataclass(frozen=True, slots=True)
class FieldStory:
    """A field and where its value came from."""

    name: str
    label: str
    value: str  # "" without one
    standing: str  # confirmed | heard | to confirm | skipped | missing
    heard: str  # the words or keys it came from
    turn: int | None  # in which it was accepted last
    brain: str
    earlier: Sequence[tuple[int, str]]  # turns in which it was another, and what it was


@dataclass(frozen=True, slots=True)
class CallStory:
    """Everything that the page of a call shows."""

    call: CallRecord
    agent: Agent | None  # as it is now
    turns: Sequence[TurnStory]
    fields: Sequence[FieldStory]
    variables: Sequence[tuple[str, str]]
    events: Sequence[CallEvent]
    cost: Mapping[str, object]
    costs: Sequence[tuple[str, float]]
    answer_ms: Mapping[str, object]
    duration_s: float | None  # None while it goes on
    is_masked: bool
    can_hang_up: bool
    can_be_closed: bool
    agent_changed: bool  # since the call

    @property
    def waits(self) -> Sequence[str]:
        """Those of `WAITS` that some turn has."""
        return [name for name in WAITS if any(name in turn.ms for turn in self.turns)]


def story_of(services: Services, call_id: str, sight: Sight) -> CallStory | None:
    """The call as `sight` shows it; None when it is not kept."""
    storage = services.storage
    call = storage.load_call(call_id)
    if call is None:
        return None
    turns, events = storage.turns(call_id), storage.events(call_id)
    agent = services.agents.get(call.agent)
    used = services.agents.of_version(call.agent, call.agent_version) or agent
    cost: JsonObject = {**call_cost(call, turns, events, services.prices)}
    shown, seen = redacted_turns(turns, agent, sight), redacted_call(call, agent, sight)
    state = seen.state
    if not state.get("slots"):
        collected = storage.collected(call_id)
        if collected is not None:
            state = _as_state(redacted_collected(collected, agent, sight).data)
    return CallStory(
        call=seen,
        agent=agent,
        turns=_turns(shown, used),
        fields=_fields(state, shown, used),
        variables=_pairs(state.get("variables")),
        events=[redacted_event(event, sight) for event in events],
        cost=cost,
        costs=[(ITEM_NAMES[item], measured(cost[item])) for item in (*ITEMS, "line")],
        answer_ms=_mapping(latency(turns)["answer_ms"]),
        duration_s=None if call.ended_at is None else _seconds(call.ended_at - call.created_at),
        is_masked=sight is Sight.MASKED,
        can_hang_up=call.ended_at is None and call.status not in ENDED_STATUSES,
        can_be_closed=services.call_ends.can_be_closed(call),
        agent_changed=agent is not None and agent.version != call.agent_version,
    )


def _turns(turns: Sequence[TurnRecord], agent: Agent | None) -> list[TurnStory]:
    if not turns:
        return []
    began = turns[0].at
    took = timings(turns)
    spans = [_passed(ms) for ms in took]
    longest = max([sum(span.values()) for span in spans] or [0.0])
    return [
        TurnStory(
            record=turn,
            after_s=_seconds(turn.at - began),
            accepted=[
                (label_of(agent, name), shown_value(value)) for name, value in turn.accepted.items()
            ],
            ms=ms,
            total_ms=sum(span.values()),
            bar=_bar(span, longest),
            cost=measured(_mapping(turn.usage.get("cost")).get("total")),
            language_changed=place > 0 and turn.language != turns[place - 1].language,
            heard=(parts := _heard(turn))[0],
            unheard=parts[1],
        )
        for place, (turn, ms, span) in enumerate(zip(turns, took, spans, strict=True))
    ]


def _heard(turn: TurnRecord) -> tuple[str, str]:
    """What was heard of what the agent said, and what was not."""
    if turn.heard is None:
        return turn.agent, ""
    # As `calls.answer` keeps it, it is the beginning; of another version's record nothing is lost.
    at = len(turn.heard) if turn.agent.startswith(turn.heard) else 0
    return turn.agent[:at], turn.agent[at:].strip()


def _passed(ms: Mapping[str, float]) -> dict[str, float]:
    return {part: measured(ms.get(part)) for part in PARTS}


def _bar(span: Mapping[str, float], longest: float) -> list[Segment]:
    """The parts of a turn, to the scale of the longest turn of the call."""
    if not longest:
        return []
    bar, start = [], 0.0
    for name, ms in span.items():
        width = ms / longest * 100
        if width:
            bar.append(Segment(name, ms, round(start, 3), round(width, 3)))
        start += width
    return bar


def _fields(
    state: JsonObject, turns: Sequence[TurnRecord], agent: Agent | None
) -> list[FieldStory]:
    slots = _mapping(state.get("slots"))
    names = [spec.name for spec in agent.fields] if agent else []
    names += [name for name in slots if name not in names]
    return [_field(name, _mapping(slots.get(name)), turns, agent) for name in names]


def _field(
    name: str, slot: JsonObject, turns: Sequence[TurnRecord], agent: Agent | None
) -> FieldStory:
    given = [turn for turn in turns if name in turn.accepted]
    last = given[-1] if given else None
    value = slot.get("value")
    return FieldStory(
        name=name,
        label=label_of(agent, name),
        value="" if value is None else shown_value(value),
        standing=_standing(slot),
        heard=str(slot.get("heard", "")),
        turn=last.turn if last and value is not None else None,
        brain=(last.brain or "") if last else "",
        earlier=[(turn.turn, shown_value(turn.accepted[name])) for turn in given[:-1]],
    )


def _standing(slot: JsonObject) -> str:
    if slot.get("value") is None:
        return "skipped" if slot.get("skipped") else "missing"
    if slot.get("confirmed"):
        return "confirmed"
    return "doubtful" if slot.get("doubtful") else "heard"


def label_of(agent: Agent | None, name: str) -> str:
    """What a field is called on a page: its label in the agent's first language, or its name."""
    spec = next((one for one in agent.fields if one.name == name), None) if agent else None
    told = spec.label.get(agent.languages[0], "") if spec and agent else ""
    return told or name.replace("_", " ").capitalize()


def _as_state(data: JsonObject) -> JsonObject:
    """What was collected in the form of a state that another version kept."""
    return {"slots": {name: {"value": value} for name, value in data.items()}}


def _pairs(variables: object) -> list[tuple[str, str]]:
    return [(name, shown_value(value)) for name, value in _mapping(variables).items()]


def _mapping(value: object) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
