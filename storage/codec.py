"""Records as rows of a relational store and back. No connection, no statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter
from typing import Any

import orjson

from storage.base import StorageError
from storage.records import (
    CallEvent,
    CallRecord,
    ClipRecord,
    CollectedRecord,
    JsonObject,
    TurnRecord,
    changed,
)
from storage.search import CallBrief

Row = tuple[Any, ...]  # as the driver gives and takes it

# Columns are called and ordered like the fields of the record.
CALL_COLUMNS = tuple(one.name for one in fields(CallRecord))
# What a call was created with, which stays.
BORN_WITH = ("call_id", "agent", "direction", "created_at", "campaign_id", "lead_id")
# What a save may change, apart by whether an index has it: most saves change no index, and writing
# one costs 5 µs and a page.
INDEXED_COLUMNS = ("carrier_id", "outcome", "ended_at")
PLAIN_COLUMNS = tuple(name for name in CALL_COLUMNS if name not in {*BORN_WITH, *INDEXED_COLUMNS})
TURN_COLUMNS = tuple(one.name for one in fields(TurnRecord))
COLLECTED_COLUMNS = tuple(one.name for one in fields(CollectedRecord))
EVENT_COLUMNS = tuple(one.name for one in fields(CallEvent))
CLIP_COLUMNS = tuple(one.name for one in fields(ClipRecord))
# What lists show of a call; `duration_ms` is kept beside the columns of the call.
BRIEF_COLUMNS = tuple(one.name for one in fields(CallBrief) if one.name != "turns")
# What a column was given that came later than the row.
CALL_DEFAULTS = {"campaign_id": "", "lead_id": ""}
TURN_DEFAULTS = {"usage": "{}", "heard": None, "former": "{}"}


def moment_text(moment: datetime) -> str:
    """A moment in UTC as text of one width, so that texts sort like moments.

    StorageError when it has no time zone: it would be another moment on another machine.
    """
    if moment.tzinfo is None:
        raise StorageError("A moment without a time zone cannot be kept; use an aware one.")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def document_text(document: Mapping[str, object]) -> str:
    """A JSON document as text. StorageError when it holds what JSON, or 64 bits, cannot."""
    try:
        return orjson.dumps(document, default=_plain).decode()
    except orjson.JSONEncodeError as error:
        raise StorageError(f"A document cannot be kept as JSON: {error}.") from error


def list_text(values: Sequence[str | int]) -> str:
    """Texts or numbers as a JSON list. StorageError as with `document_text`."""
    try:
        return orjson.dumps(list(values)).decode()
    except orjson.JSONEncodeError as error:
        raise StorageError(f"A value cannot be kept as JSON: {error}.") from error


def call_row(call: CallRecord) -> Row:
    """The values of CALL_COLUMNS."""
    return (
        call.call_id,
        call.carrier_id,
        call.agent,
        call.agent_version,
        call.direction,
        call.caller_number,
        call.line_number,
        call.stage,
        call.language,
        call.outcome,
        moment_text(call.created_at),
        moment_text(call.updated_at),
        None if call.ended_at is None else moment_text(call.ended_at),
        call.status,
        call.status_sequence,
        call.transport,
        document_text(call.state),
        document_text(call.answer),
        call.campaign_id,
        call.lead_id,
        call.version,
    )


def _picker(columns: tuple[str, ...]) -> Callable[[Row], Row]:
    return itemgetter(*(CALL_COLUMNS.index(name) for name in columns))


# The values of those columns, out of a row of CALL_COLUMNS.
plain_values = _picker(PLAIN_COLUMNS)
indexed_values = _picker(INDEXED_COLUMNS)
call_key = _picker(("call_id", "version"))
_call_span = _picker(("created_at", "ended_at"))


def whole_call_row(row: Row) -> Row:
    """A row that may be from before calls had campaigns, with all of CALL_COLUMNS."""
    if len(row) == len(CALL_COLUMNS):
        return row
    return (*row[:-1], *CALL_DEFAULTS.values(), row[-1])


def with_version(row: Row, version: int) -> Row:
    """A row of CALL_COLUMNS with another version, which is its last value."""
    return (*row[:-1], version)


def duration_ms(row: Row) -> int | None:
    """How long the call in a row of CALL_COLUMNS took; None while it goes on."""
    created, ended = _call_span(row)
    if ended is None:
        return None
    lasted = datetime.fromisoformat(ended) - datetime.fromisoformat(created)
    return round(lasted.total_seconds() * 1000)


def call_brief(row: Row) -> CallBrief:
    """The call in a row of BRIEF_COLUMNS and the number of its last turn, None without one."""
    *head, created, updated, ended, status, transport, duration, campaign, lead, turns = row
    tail: Row = (
        datetime.fromisoformat(created),
        datetime.fromisoformat(updated),
        None if ended is None else datetime.fromisoformat(ended),
        status,
        transport,
        duration,
        campaign,
        lead,
        turns or 0,
    )
    return CallBrief(*head, *tail)


def call_record(row: Row) -> CallRecord:
    """The call in a row of CALL_COLUMNS."""
    head, (created, updated, ended), rest = row[:10], row[10:13], row[13:]
    status, sequence, transport, state, answer, *last = rest
    tail: Row = (
        datetime.fromisoformat(created),
        datetime.fromisoformat(updated),
        None if ended is None else datetime.fromisoformat(ended),
        status,
        sequence,
        transport,
        orjson.loads(state),
        orjson.loads(answer),
        *last,
    )
    return CallRecord(*head, *tail)


def turn_row(turn: TurnRecord) -> Row:
    """The values of TURN_COLUMNS."""
    return (
        turn.call_id,
        turn.turn,
        moment_text(turn.at),
        turn.stage,
        turn.language,
        turn.caller,
        turn.caller_by,
        turn.confidence,
        turn.agent,
        document_text(turn.accepted),
        turn.brain,
        document_text(turn.timings_ms),
        document_text(turn.usage),
        turn.heard,
        document_text(turn.former) if turn.former else "{}",
    )


def whole_turn_row(row: Row) -> Row:
    """A row that may be from before the last columns of TURN_COLUMNS, with all of them."""
    return (*row, *(TURN_DEFAULTS[name] for name in TURN_COLUMNS[len(row) :]))


def turn_record(row: Row) -> TurnRecord:
    """The turn in a row of TURN_COLUMNS, which knows nothing of the turn after it."""
    call_id, turn, at, *middle, accepted, brain, timings_ms, usage, heard, former = row
    documents = [orjson.loads(one) for one in (accepted, timings_ms, usage, former)]
    tail: Row = (documents[0], brain, *documents[1:3], heard, documents[3])
    return TurnRecord(call_id, turn, datetime.fromisoformat(at), *middle, *tail)


def turn_records(rows: Iterable[Row]) -> list[TurnRecord]:
    """The turns of a call, in order, each with what the one after it tells of it."""
    turns = [turn_record(row) for row in rows]
    for place, (turn, after) in enumerate(pairwise(turns)):
        if after.former and after.turn == turn.turn + 1:
            turns[place] = told_later(turn, after.former)
    return turns


def told_later(turn: TurnRecord, told: JsonObject) -> TurnRecord:
    """A turn with what became known of it after it was answered (`TurnRecord.former`)."""
    more = told.get("timings_ms", {})
    assert isinstance(more, Mapping)
    heard = told.get("heard", turn.heard)
    assert heard is None or isinstance(heard, str)
    return changed(turn, heard=heard, timings_ms={**turn.timings_ms, **more})


def collected_row(collected: CollectedRecord) -> Row:
    """The values of COLLECTED_COLUMNS."""
    return (
        collected.call_id,
        collected.carrier_id,
        collected.agent,
        collected.caller_number,
        collected.language,
        collected.outcome,
        collected.complete,
        document_text(collected.data),
        moment_text(collected.collected_at),
    )


def collected_record(row: Row) -> CollectedRecord:
    """What was collected, in a row of COLLECTED_COLUMNS."""
    *head, complete, data, collected_at = row
    tail: Row = (bool(complete), orjson.loads(data), datetime.fromisoformat(collected_at))
    return CollectedRecord(*head, *tail)


def event_row(event: CallEvent) -> Row:
    """The values of EVENT_COLUMNS."""
    return (
        event.call_id,
        event.key,
        event.kind,
        moment_text(event.at),
        event.sequence,
        document_text(event.data),
    )


def event_record(row: Row) -> CallEvent:
    """The callback in a row of EVENT_COLUMNS."""
    call_id, key, kind, at, sequence, data = row
    return CallEvent(call_id, key, kind, datetime.fromisoformat(at), sequence, orjson.loads(data))


def clip_row(clip: ClipRecord) -> Row:
    """The values of CLIP_COLUMNS."""
    return (
        clip.key,
        clip.text,
        clip.language,
        clip.provider,
        clip.voice,
        clip.model,
        document_text(clip.options),
        clip.audio_format,
        moment_text(clip.created_at),
    )


def clip_record(row: Row) -> ClipRecord:
    """The clip in a row of CLIP_COLUMNS."""
    *head, options, audio_format, created_at = row
    tail: Row = (orjson.loads(options), audio_format, datetime.fromisoformat(created_at))
    return ClipRecord(*head, *tail)


def _plain(value: object) -> object:
    """A mapping that is no dict (a read-only view of one) as a dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a value of type {type(value).__name__}")
