"""Looking for calls in MongoDB: what is asked for, and the indexes that answer. No connection.

As in SQLite (`sqlite_search`), calls that have ended and calls that go on are looked for apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from storage import codec
from storage.mongo_documents import Document, row_of
from storage.search import (
    ENDING_LEAST,
    START_LEAST,
    CallBrief,
    CallSearch,
    CallSort,
    NumberMatch,
    NumberPart,
)

BRIEF_FIELDS = dict.fromkeys(codec.BRIEF_COLUMNS, True)
PULSE_FIELDS = {"call_id": True, "updated_at": True, "ended_at": True}
_EQUALS = ("agent", "outcome", "direction", "stage", "status", "transport", "language")
_COLUMN = {CallSort.CREATED: "created_at", CallSort.DURATION: "duration_ms"}
_ENDED = {"ended_at": {"$gte": ""}}
# True of every call: only where something is asked of its first column does the database look for
# the rest in an index too, instead of reading the calls.
_FIRST_COLUMN: Mapping[str, Sequence[Document]] = {
    "calls_list": [{"created_at": {"$gte": ""}}],
    "calls_by_duration": [{"duration_ms": {"$gte": 0}}],
}
OPEN_INDEX = "ended_at_1_created_at_-1_arrival_-1"  # as the driver calls it
# With `ended_at`, although every call in these indexes has one: what is asked of a call that is not
# in the index has the call read.
_FILTERED_BY = [*_EQUALS, "caller_number", "line_number", "ended_at"]

SEARCH_INDEXES = [
    IndexModel(
        [(name, ASCENDING) for name in ("created_at", "_id", *_FILTERED_BY, "duration_ms")],
        name="calls_list",
        partialFilterExpression=_ENDED,
    ),
    IndexModel(
        [(name, ASCENDING) for name in ("duration_ms", "_id", "created_at", *_FILTERED_BY)],
        name="calls_by_duration",
        partialFilterExpression=_ENDED,
    ),
    IndexModel(
        [("caller_number", ASCENDING), ("created_at", ASCENDING)],
        name="calls_by_caller",
        partialFilterExpression=_ENDED,
    ),
    IndexModel(
        [("caller_ending", ASCENDING), ("created_at", ASCENDING)],
        name="calls_by_ending",
        partialFilterExpression=_ENDED,
    ),
    *(
        IndexModel(
            [(name, ASCENDING) for name in ("campaign_id", first, "_id", second, *_FILTERED_BY)],
            name=name,
            partialFilterExpression={**_ENDED, "campaign_id": {"$gt": ""}},
        )
        for name, first, second in (
            ("calls_of_campaign", "created_at", "duration_ms"),
            ("calls_of_campaign_by_duration", "duration_ms", "created_at"),
        )
    ),
]


def wanted_calls(query: CallSearch) -> Iterator[tuple[Document, str]]:
    """What calls that go on have to match, then what those have to that have ended.

    And by which index they are looked for: the database would try another now and then, and sort
    all calls.
    """
    conditions = [*_conditions(query), *_place(query)]
    if not query.wants_ended:
        yield {"$and": [{"ended_at": None}, *conditions]}, OPEN_INDEX
    if not query.open_only:
        index = _index(query)
        yield {"$and": [_ENDED, *_FIRST_COLUMN.get(index, []), *conditions]}, index


def _index(query: CallSearch) -> str:
    if query.campaign_id and query.caller is None:
        if query.sort is CallSort.DURATION:
            return "calls_of_campaign_by_duration"
        return "calls_of_campaign"
    if query.caller is not None:
        match query.caller.part, len(query.caller.text):
            case NumberPart.END, size if size >= ENDING_LEAST:
                return "calls_by_ending"
            case NumberPart.WHOLE, _:
                return "calls_by_caller"
            case NumberPart.START, size if size >= START_LEAST:
                return "calls_by_caller"
    return "calls_by_duration" if query.sort is CallSort.DURATION else "calls_list"


def order(query: CallSearch) -> list[tuple[str, int]]:
    """The order of a page; backwards when it comes before a place."""
    way = DESCENDING if is_descending(query) else ASCENDING
    return [(_COLUMN[query.sort], way), ("_id", way)]


def is_descending(query: CallSearch) -> bool:
    """Whether the page is read from later to earlier, or from longer to shorter."""
    return query.descending == (query.before_place is None)


def brief_of(document: Mapping[str, Any], turns: Mapping[str, int]) -> CallBrief:
    """The call in a document, and the number of its last turn."""
    known = {"duration_ms": None, **codec.CALL_DEFAULTS, **document}
    return codec.call_brief((*row_of(codec.BRIEF_COLUMNS, known), turns.get(document["_id"], 0)))


def last_turns(call_ids: Sequence[str]) -> list[Document]:
    """An aggregation of `turns`: the number of the last turn of each call."""
    return [
        {"$match": {"call_id": {"$in": list(call_ids)}}},
        {"$group": {"_id": "$call_id", "turn": {"$max": "$turn"}}},
    ]


def _conditions(query: CallSearch) -> Iterator[Document]:
    for name in _EQUALS:
        value = getattr(query, name)
        if value is not None:
            yield {name: value}
    if query.campaign_id is not None:
        # Calls from before there were campaigns have none.
        yield {"campaign_id": query.campaign_id or {"$in": ["", None]}}
    for comparison, moment in (("$gte", query.since), ("$lt", query.before)):
        if moment is not None:
            yield {"created_at": {comparison: codec.moment_text(moment)}}
    for comparison, ms in (("$gte", query.duration_from_ms), ("$lte", query.duration_to_ms)):
        if ms is not None:
            yield {"duration_ms": {comparison: ms}}
    for name, match in (("caller", query.caller), ("line", query.line)):
        if match is not None:
            yield from _number(name, match)


def _number(name: str, wanted: NumberMatch) -> Iterator[Document]:
    column = f"{name}_number"
    match wanted.part:
        case NumberPart.WHOLE:
            yield {column: wanted.text}
        case NumberPart.START:
            yield {column: {"$gte": wanted.text, "$lt": wanted.text + "\U0010ffff"}}
        case NumberPart.END:
            if "\0" in wanted.text:  # no pattern may hold it, and no number does
                yield {column: {"$in": []}}
            else:
                yield {column: {"$regex": f"{re.escape(wanted.text)}$"}}
            if name == "caller" and len(wanted.text) >= ENDING_LEAST:
                yield {"caller_ending": wanted.text[-ENDING_LEAST:]}


def _place(query: CallSearch) -> Iterator[Document]:
    place = query.after_place or query.before_place
    if place is None:
        return
    key = place.key if isinstance(place.key, int) else codec.moment_text(place.key)
    column, beyond = _COLUMN[query.sort], "$lt" if is_descending(query) else "$gt"
    # The first says how far an index has to be read; the second, who of the same moment is left.
    yield {column: {f"{beyond}e": key}}
    yield {"$or": [{column: {beyond: key}}, {column: key, "_id": {beyond: place.call_id}}]}
