"""Changes and records as documents of MongoDB and back. No connection.

Moments are texts of `codec`, because dates of MongoDB have no microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from storage import codec
from storage.base import DuplicateCall
from storage.changes import Change
from storage.records import CallRecord, CollectedRecord, TurnRecord
from storage.search import ENDING_LEAST

Document = dict[str, Any]


# Saves of one call that may be under way, or unconfirmed, while others of it go on.
TOKENS_KEPT = 100

_SAVED_COLUMNS = (*codec.PLAIN_COLUMNS, *codec.INDEXED_COLUMNS)


def call_document(change: Change) -> Document:
    """A new call."""
    call = named(codec.CALL_COLUMNS, change.row)
    return (
        call
        | _found_by(change.row, call)
        | {"_id": change.call_id, "saves": [change.token], "arrival": change.at_ns}
    )


def save_of(change: Change) -> tuple[Document, Document, Document | None]:
    """The call that a save expects, the update, and the tail that the update leaves in the call."""
    call = named(codec.CALL_COLUMNS, change.row)
    tail = tail_of(change, call["version"])
    pushed: Document = {"saves": {"$each": [change.token], "$slice": -TOKENS_KEPT}}
    if tail is not None:
        pushed["tails"] = tail
    changes = {name: call[name] for name in _SAVED_COLUMNS} | _found_by(change.row, call)
    update = {"$set": changes, "$push": pushed}
    return {"_id": change.call_id, "version": call["version"] - 1}, update, tail


def _found_by(row: codec.Row, call: Document) -> Document:
    """What a call is looked for by beside its columns."""
    return {
        "duration_ms": codec.duration_ms(row),
        "caller_ending": call["caller_number"][-ENDING_LEAST:],
        # A fact has to be made of what is saved (storage/mongo_facts.py).
        "is_unread": call["ended_at"] is not None,
    }


def other_document(change: Change) -> Document:
    """A callback or a clip."""
    if change.kind == "clip":
        return named(codec.CLIP_COLUMNS, change.row)
    event = named(codec.EVENT_COLUMNS, change.row)
    return event | {"token": change.token, "arrival": change.at_ns}


def tail_of(change: Change, version: int) -> Document | None:
    """What a save leaves in its call to be landed; None when that is nothing."""
    if change.turn is None and change.collected is None:
        return None
    turn = change.turn and {**named(codec.TURN_COLUMNS, change.turn), "version": version}
    collected = change.collected and {
        **named(codec.COLLECTED_COLUMNS, change.collected),
        "version": version,
        "arrival": change.at_ns,
    }
    if collected:  # a document to search in, not a text
        collected["data"] = orjson.loads(collected["data"])
    return {"turn": turn, "collected": collected, "version": version}


def named(columns: Sequence[str], row: codec.Row) -> Document:
    """A row as a document."""
    return dict(zip(columns, row, strict=True))


def row_of(columns: Sequence[str], document: Mapping[str, Any]) -> codec.Row:
    """A document as a row."""
    return tuple(document[name] for name in columns)


def call_of(document: Mapping[str, Any]) -> CallRecord:
    """The call in a document of `calls`, maybe from before there were campaigns."""
    known = document if "lead_id" in document else {**codec.CALL_DEFAULTS, **document}
    return codec.call_record(row_of(codec.CALL_COLUMNS, known))


def turns_of(documents: Iterable[Mapping[str, Any]]) -> list[TurnRecord]:
    """The turns of a call in its documents of `turns`, maybe from before their last fields."""
    return codec.turn_records(
        row_of(codec.TURN_COLUMNS, {**codec.TURN_DEFAULTS, **one}) for one in documents
    )


def collected_of(document: Mapping[str, Any]) -> CollectedRecord:
    """What was collected, in a document of `collected`."""
    data = orjson.dumps(document["data"])
    return codec.collected_record(row_of(codec.COLLECTED_COLUMNS, {**document, "data": data}))


def duplicate_of(change: Change) -> DuplicateCall:
    """The error for a call whose id or carrier id is taken."""
    carrier_id = named(codec.CALL_COLUMNS, change.row)["carrier_id"]
    return DuplicateCall(f"Call {change.call_id} or carrier id {carrier_id} is already kept.")
