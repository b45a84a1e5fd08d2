"""Changes and records as documents of MongoDB and back. No connection.

Moments are texts of `codec`, because dates of MongoDB have no microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from storage import codec
from storage.base import DuplicateCall
from storage.changes import Change
from storage.records import CallRecord, CollectedRecord, TurnRecord

Document = dict[str, Any]


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
    """The call in a document of `calls`."""
    return codec.call_record(row_of(codec.CALL_COLUMNS, document))


def turn_of(document: Mapping[str, Any]) -> TurnRecord:
    """The turn in a document of `turns`, which may be from before its last fields."""
    return codec.turn_record(row_of(codec.TURN_COLUMNS, {**codec.TURN_DEFAULTS, **document}))


def collected_of(document: Mapping[str, Any]) -> CollectedRecord:
    """What was collected, in a document of `collected`."""
    data = orjson.dumps(document["data"])
    return codec.collected_record(row_of(codec.COLLECTED_COLUMNS, {**document, "data": data}))


def duplicate_of(change: Change) -> DuplicateCall:
    """The error for a call whose id or carrier id is taken."""
    carrier_id = named(codec.CALL_COLUMNS, change.row)["carrier_id"]
    return DuplicateCall(f"Call {change.call_id} or carrier id {carrier_id} is already kept.")
