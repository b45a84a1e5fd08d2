"""The JSON routes about calls: order one, look at one, list them and what they collected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from access.scopes import Scope
from calls.ledger import call_cost, latency, timings
from calls.prices import Prices
from conversation.state import CallState, Outcome
from services import Services
from storage.base import Storage
from storage.records import CallEvent, CallQuery, CallRecord, CollectedRecord, TurnRecord
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint
from transports.limits import number_limit
from transports.orders import StartCall

NAME = "api"
LIST_MOST, LIST_USUAL = 500, 50


def calls_blueprint(services: Services) -> Blueprint:
    """/start-call, /call-status, /calls and /collected-data, behind the token."""
    settings, storage = services.settings, services.storage
    blueprint = api_blueprint(NAME, services, Scope.CALLS_READ, Scope.CALLS_WRITE)
    start_call = StartCall(services.outbound, settings.start_call_countries, number_limit(settings))
    blueprint.add_url_rule("/start-call", "start-call", start_call.order, methods=["POST"])

    @blueprint.get("/call-status/<call_id>")
    def call_status(call_id: str) -> Response:
        call = storage.find_call(call_id) or storage.load_call(call_id)
        if call is None:
            raise ApiError(404, "unknown_call", "No call is kept under this id.")
        return json_answer(_in_full(storage, services.prices, call))

    @blueprint.get("/calls")
    def calls() -> Response:
        query = CallQuery(
            agent=_agent(),
            outcome=_outcome(),
            open_only=request.args.get("open", "") in ("1", "true"),
            limit=_number("limit", LIST_USUAL, 1, LIST_MOST),
            offset=_number("offset", 0, 0, 1_000_000),
        )
        return json_answer({"calls": [_in_short(call) for call in storage.calls(query)]})

    @blueprint.get("/collected-data")
    def collected_data() -> Response:
        limit = _number("limit", LIST_USUAL, 1, LIST_MOST)
        found = storage.find_collected(_agent(), _since(), limit)
        return json_answer({"collected_data": [_collected(one) for one in found]})

    return blueprint


def _in_short(call: CallRecord) -> dict[str, object]:
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
    }


def _in_full(storage: Storage, prices: Prices, call: CallRecord) -> dict[str, object]:
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


def _turn(turn: TurnRecord, timings_ms: Mapping[str, float]) -> dict[str, object]:
    return {
        "turn": turn.turn,
        "at": turn.at,
        "stage": turn.stage,
        "language": turn.language,
        "caller": turn.caller,
        "caller_by": turn.caller_by,
        "confidence": turn.confidence,
        "agent": turn.agent,
        "accepted": turn.accepted,
        "brain": turn.brain,
        "timings_ms": timings_ms,
        "usage": turn.usage,
    }


def _event(event: CallEvent) -> dict[str, object]:
    return {
        "kind": event.kind,
        "at": event.at,
        "sequence": event.sequence,
        "data": event.data,
    }


def _collected(one: CollectedRecord) -> dict[str, object]:
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


def _agent() -> str | None:
    wanted = request.args.get("agent") or request.args.get("agent_type")
    return wanted.lower() if wanted else None


def _outcome() -> str | None:
    wanted = request.args.get("outcome")
    if not wanted:
        return None
    if wanted not in set(Outcome):
        message = f"Send outcome as one of {', '.join(Outcome)}."
        raise ApiError(422, "bad_parameter", message, details={"field": "outcome"})
    return wanted


def _number(name: str, usual: int, least: int, most: int) -> int:
    raw = request.args.get(name)
    if not raw:
        return usual
    if not (raw.isascii() and raw.isdigit() and len(raw) < 8 and least <= int(raw) <= most):
        message = f"Send {name} as a number from {least} to {most}."
        raise ApiError(422, "bad_parameter", message, details={"field": name})
    return int(raw)


def _since() -> datetime | None:
    raw = request.args.get("since")
    if not raw:
        return None
    try:
        since = datetime.fromisoformat(raw)
        return (since if since.tzinfo else since.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter for a moment beyond the calendar in UTC
        message = "Send since as a moment such as 2026-11-20T09:30:00Z."
        raise ApiError(422, "bad_parameter", message, details={"field": "since"}) from None
