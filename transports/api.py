"""The JSON routes about calls: order one, look at one, list them and what they collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Literal

from flask import Blueprint, Response
from pydantic import Field

from access.scopes import Scope
from agents.schema import Transport
from calls.finding import PLACE_PATTERN, place_text, read_number_part, read_place
from calls.ledger import call_cost, latency, timings
from calls.prices import Prices
from conversation.events import Direction
from conversation.stages import Stage
from conversation.state import CallState, Outcome
from services import Services
from storage.base import Storage
from storage.records import CallEvent, CallRecord, CollectedRecord, TurnRecord
from storage.search import CallBrief, CallSearch, CallSort
from transports.described import (
    AgentName,
    Moment,
    Operation,
    Query,
    Tag,
    Truth,
    Whole,
    described,
)
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint
from transports.orders import StartCall
from transports.shapes import CallInFull, CallInShort, Calls, Collected, CollectedOne, Event, Turn

NAME = "api"
LIST_MOST, LIST_USUAL = 500, 50
OFFSET_MOST = 1_000_000
DAY_S = 86_400

SortText = Literal["-created", "created", "-duration", "duration"]
LineStatus = Literal[
    "queued", "ringing", "in-progress", "completed", "busy", "no-answer", "canceled", "failed"
]
NumberText = Annotated[
    str, Field(pattern=r"^(\+[0-9]{1,15}|[0-9]{4,15})$", examples=["+919876543210"])
]
PlaceText = Annotated[str, Field(pattern=PLACE_PATTERN, examples=["1795165200000000~0a1b"])]


class OfAgent(Query):
    """What lists have in common."""

    agent: AgentName | None = None
    """Only of this agent, in any case."""
    agent_type: AgentName | None = None
    """The same as agent."""
    limit: Whole = Field(LIST_USUAL, ge=1, le=LIST_MOST)
    """How many at most."""


class CallsQuery(OfAgent):
    """Which calls are wanted."""

    outcome: Outcome | None = None
    """Only those that ended like this."""
    open: Truth = False
    """Only those that go on."""
    campaign_id: str | None = Field(None, max_length=64)
    """Only those of this campaign."""
    direction: Direction | None = None
    """Only those that came in, or went out."""
    stage: Stage | None = None
    """Only those that are, or ended, in this stage."""
    status: LineStatus | None = None
    """Only those of which this is the carrier's last word."""
    transport: Transport | None = None
    """Only those whose turns came in this way."""
    number: NumberText | None = None
    """Only of callers whose number is, begins or ends so: with its + a start or all of it."""
    line: NumberText | None = None
    """The same of our number."""
    since: Moment | None = None
    """Only those that began at this moment or later."""
    before: Moment | None = None
    """Only those that began before this moment."""
    shortest_s: Whole | None = Field(None, ge=0, le=DAY_S)
    """Only those that lasted so many seconds or more; of calls that have ended."""
    longest_s: Whole | None = Field(None, ge=0, le=DAY_S)
    """Only those that lasted so many seconds or less; of calls that have ended."""
    sort: SortText = "-created"
    """In which order; with a - the newest or longest first. By duration: of ended calls."""
    after: PlaceText | None = None
    """`next` of the page before, in the same order."""
    offset: Whole = Field(0, ge=0, le=OFFSET_MOST)
    """How many to leave out of the list; `after` is faster."""


class CollectedQuery(OfAgent):
    """What is wanted of what calls brought home."""

    since: Moment | None = None
    """Only what was collected at this moment or later."""


CALL_STATUS = Operation(
    summary="One call in full",
    tag=Tag.CALLS,
    about="Stage, outcome, data, every turn: what was understood, where the time went, the cost.",
    answers={200: CallInFull},
    path={"call_id": "The carrier's id of the call, or ours."},
    errors={404: ("unknown_call",)},
)
CALLS = Operation(
    summary="Calls, newest first", tag=Tag.CALLS, answers={200: Calls}, query=CallsQuery
)
COLLECTED_DATA = Operation(
    summary="What calls brought home, newest first",
    tag=Tag.CALLS,
    answers={200: Collected},
    query=CollectedQuery,
)


def calls_blueprint(services: Services, limit: Callable[[str], None]) -> Blueprint:
    """/start-call, /call-status, /calls and /collected-data, behind the token; `limit` counts the
    rings of a number."""
    settings, storage = services.settings, services.storage
    blueprint = api_blueprint(NAME, services, Scope.CALLS_READ, Scope.CALLS_WRITE)
    start_call = StartCall(
        services.outbound,
        settings.start_call_countries,
        limit,
        services.do_not_call,
    )
    blueprint.add_url_rule("/start-call", "start-call", start_call.order, methods=["POST"])

    @blueprint.get("/call-status/<call_id>")
    @described(CALL_STATUS)
    def call_status(call_id: str) -> Response:
        call = storage.find_call(call_id) or storage.load_call(call_id)
        if call is None:
            raise ApiError(404, "unknown_call", "No call is kept under this id.")
        return json_answer(_in_full(storage, services.prices, call))

    @blueprint.get("/calls")
    @described(CALLS)
    def calls(query: CallsQuery) -> Response:
        wanted = _search(query)
        found = storage.search(replace(wanted, limit=query.limit + 1))
        shown = found[: query.limit]
        more = place_text(shown[-1].place(wanted.sort)) if len(found) > query.limit else None
        page: Calls = {"calls": [_in_short(call) for call in shown], "next": more}
        return json_answer(page)

    @blueprint.get("/collected-data")
    @described(COLLECTED_DATA)
    def collected_data(query: CollectedQuery) -> Response:
        found = storage.find_collected(_agent(query), query.since, query.limit)
        collected: Collected = {"collected_data": [_collected(one) for one in found]}
        return json_answer(collected)

    return blueprint


def _search(query: CallsQuery) -> CallSearch:
    sort = CallSort(query.sort.removeprefix("-"))
    shortest, longest = query.shortest_s, query.longest_s
    return CallSearch(
        agent=_agent(query),
        outcome=query.outcome,
        campaign_id=query.campaign_id,
        direction=query.direction,
        stage=query.stage,
        status=query.status,
        transport=query.transport,
        caller=read_number_part(query.number) if query.number else None,
        line=read_number_part(query.line) if query.line else None,
        open_only=query.open,
        since=query.since,
        before=query.before,
        duration_from_ms=None if shortest is None else shortest * 1000,
        duration_to_ms=None if longest is None else longest * 1000,
        sort=sort,
        descending=query.sort.startswith("-"),
        after_place=read_place(query.after, sort) if query.after else None,
        offset=query.offset,
    )


def _in_short(call: CallRecord | CallBrief) -> CallInShort:
    return {
        "call_sid": call.carrier_id,
        "call_id": call.call_id,
        "agent_type": call.agent,
        "direction": call.direction,
        "phone_number": call.caller_number,
        "line_number": call.line_number,
        "state": "active" if call.outcome is None else "ended",
        "status": call.status,
        "stage": call.stage,
        "outcome": call.outcome,
        "language": call.language,
        "transport": call.transport,
        "created_at": call.created_at,
        "updated_at": call.updated_at,
        "ended_at": call.ended_at,
        "campaign_id": call.campaign_id or None,
        "lead_id": call.lead_id or None,
    }


def _in_full(storage: Storage, prices: Prices, call: CallRecord) -> CallInFull:
    ended_at = call.ended_at or call.updated_at
    turns, events = storage.turns(call.call_id), storage.events(call.call_id)
    return {
        **_in_short(call),
        "agent_version": call.agent_version,
        "data": _data(storage, call),
        "turns": [_turn(turn, ms) for turn, ms in zip(turns, timings(turns), strict=True)],
        "events": [_event(event) for event in events],
        "timings": {
            "duration_s": round((ended_at - call.created_at).total_seconds(), 3),
            "turns": len(turns),
        },
        "latency": latency(turns),
        "cost": call_cost(call, turns, events, prices),
    }


def _data(storage: Storage, call: CallRecord) -> Mapping[str, object]:
    """What the call has collected so far; nothing when it never began."""
    if not call.state:
        return {}
    try:
        return CallState.from_dict(call.state).values
    except ValueError:  # kept by another version: what it brought home is kept apart
        collected = storage.collected(call.call_id)
        return collected.data if collected else {}


def _turn(turn: TurnRecord, timings_ms: Mapping[str, float]) -> Turn:
    return {
        "turn": turn.turn,
        "at": turn.at,
        "stage": turn.stage,
        "language": turn.language,
        "caller": turn.caller,
        "caller_by": turn.caller_by,
        "confidence": turn.confidence,
        "agent": turn.agent,
        "heard": turn.heard,
        "accepted": turn.accepted,
        "brain": turn.brain,
        "timings_ms": timings_ms,
        "usage": turn.usage,
    }


def _event(event: CallEvent) -> Event:
    return {
        "kind": event.kind,
        "at": event.at,
        "sequence": event.sequence,
        "data": event.data,
    }


def _collected(one: CollectedRecord) -> CollectedOne:
    return {
        "call_sid": one.carrier_id,
        "call_id": one.call_id,
        "agent_type": one.agent,
        "phone_number": one.caller_number,
        "language": one.language,
        "outcome": one.outcome,
        "complete": one.complete,
        "data": one.data,
        "collected_at": one.collected_at,
    }


def _agent(query: OfAgent) -> str | None:
    wanted = query.agent or query.agent_type
    return wanted.lower() if wanted else None
