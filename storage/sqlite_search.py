"""Statements that look for calls in SQLite. No connection.

Calls that have ended are found in `calls_list`, or by duration in `calls_by_duration`: an index
that has every column of a filter, so that calls which do not match are passed over without being
read. It is of ended calls only, because a turn changes those columns: calls that go on, which are
few, are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from storage import codec
from storage.search import (
    ENDING_LEAST,
    START_LEAST,
    CallSearch,
    CallSort,
    NumberMatch,
    NumberPart,
    Place,
)

Values = dict[str, object]

# A short start of a number is looked for in the list, once it is known that somebody has it.
_SOMEBODY = (
    "(SELECT 1 AS is_there FROM calls INDEXED BY calls_by_caller WHERE ended_at IS NOT NULL "
    "AND caller_number >= :caller AND caller_number < :caller_end LIMIT 1) CROSS JOIN "
)
_EQUALS = ("agent", "outcome", "direction", "stage", "status", "transport", "language")
_BRIEF = ", ".join(codec.BRIEF_COLUMNS)
_LAST_TURN = "(SELECT MAX(turn) FROM turns WHERE turns.call_id = found.call_id)"
_COLUMN = {CallSort.CREATED: "created_at", CallSort.DURATION: "duration_ms"}

PULSE = (
    "SELECT call_id, updated_at, ended_at IS NULL FROM (SELECT call_id, updated_at, ended_at "
    "FROM calls INDEXED BY calls_open WHERE ended_at IS NULL ORDER BY created_at DESC LIMIT :most) "
    "UNION SELECT call_id, updated_at, ended_at IS NULL FROM (SELECT call_id, updated_at, ended_at "
    "FROM calls INDEXED BY calls_by_age ORDER BY created_at DESC LIMIT :most)"
)


def page_statement(query: CallSearch) -> tuple[str, Values]:
    """A statement for a page, and its values; backwards when the page comes before a place."""
    values: Values = {"limit": max(query.limit, 0) + query.offset, "offset": query.offset}
    descending = query.descending == (query.before_place is None)
    way = "DESC" if descending else "ASC"
    order = f"ORDER BY {_COLUMN[query.sort]} {way}, call_id {way}"
    parts = [
        f"SELECT * FROM (SELECT {_BRIEF} {part} {order} LIMIT :limit)"
        for part in _parts(query, values, _place(query, values, descending))
    ]
    found = " UNION ALL ".join(parts)
    statement = (
        f"SELECT {_BRIEF}, {_LAST_TURN} FROM ({found}) AS found {order} "
        "LIMIT :limit - :offset OFFSET :offset"
    )
    return statement, values


def count_statement(query: CallSearch, most: int) -> tuple[str, Values]:
    """A statement that counts the matches up to `most`, and its values."""
    values: Values = {"most": most}
    if query.sort is CallSort.DURATION:  # in no order the list is read faster; calls that go on
        shortest = query.duration_from_ms or 0  # have no duration, and stay out
        query = replace(query, sort=CallSort.CREATED, duration_from_ms=shortest)
    counts = [
        f"(SELECT COUNT(*) FROM (SELECT 1 {part} LIMIT :most))"
        for part in _parts(query, values, [])
    ]
    return f"SELECT {' + '.join(counts)}", values


def json_list(values: Sequence[str | int]) -> str:
    """Values as one, for json_each(). StorageError for half a character."""
    return codec.list_text(values)


def _parts(query: CallSearch, values: Values, place: list[str]) -> Iterator[str]:
    """FROM and WHERE of the calls that go on, and of those that have ended."""
    conditions = [*_conditions(query, values), *place]
    if query.wants_ended and query.open_only:
        yield "FROM calls WHERE 0"  # no call has both ended and not
    elif not query.wants_ended:
        where = " AND ".join(["ended_at IS NULL", *conditions])
        yield f"FROM calls INDEXED BY calls_open WHERE {where}"
    if not query.open_only:
        where = " AND ".join(["ended_at IS NOT NULL", *conditions])
        starts = query.caller is not None and query.caller.part is NumberPart.START
        anybody = _SOMEBODY if starts else ""
        yield f"FROM {anybody}calls INDEXED BY {_index(query)} WHERE {where}"


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
    if query.sort is CallSort.DURATION:
        return "calls_by_duration"
    wanted = [name for name in _EQUALS if getattr(query, name) is not None]
    if query.caller is None and query.line is None and not query.wants_ended:
        if wanted == ["agent"]:
            return "calls_by_agent"
        if wanted == ["outcome"]:
            return "calls_by_outcome"
    return "calls_list"


def _conditions(query: CallSearch, values: Values) -> list[str]:
    wanted = []
    if query.campaign_id is not None:
        values["campaign_id"] = query.campaign_id
        wanted.append("campaign_id = :campaign_id")
        if query.campaign_id:  # as its indexes have it, or they could not be used
            wanted.append("campaign_id <> ''")
    for name in _EQUALS:
        value = getattr(query, name)
        if value is not None:
            values[name] = value
            wanted.append(f"{name} = :{name}")
    for name, comparison, moment in (("since", ">=", query.since), ("before", "<", query.before)):
        if moment is not None:
            values[name] = codec.moment_text(moment)
            wanted.append(f"created_at {comparison} :{name}")
    for name, comparison, ms in (
        ("shortest", ">=", query.duration_from_ms),
        ("longest", "<=", query.duration_to_ms),
    ):
        if ms is not None:
            values[name] = ms
            wanted.append(f"duration_ms {comparison} :{name}")
    for name, match in (("caller", query.caller), ("line", query.line)):
        if match is not None:
            wanted += _number(name, match, values)
    return wanted


def _number(name: str, wanted: NumberMatch, values: Values) -> list[str]:
    column = f"{name}_number"
    values[name] = wanted.text
    match wanted.part:
        case NumberPart.WHOLE:
            return [f"{column} = :{name}"]
        case NumberPart.START:
            values[f"{name}_end"] = wanted.text + "\U0010ffff"
            return [f"{column} >= :{name}", f"{column} < :{name}_end"]
        case NumberPart.END:
            ends = [f"substr({column}, -{len(wanted.text)}) = :{name}"]
            if name == "caller" and len(wanted.text) >= ENDING_LEAST:
                values["ending"] = wanted.text[-ENDING_LEAST:]
                ends.append(f"substr(caller_number, -{ENDING_LEAST}) = :ending")
            return ends


def _place(query: CallSearch, values: Values, descending: bool) -> list[str]:
    place: Place | None = query.after_place or query.before_place
    if place is None:
        return []
    key = place.key
    values["key"] = key if isinstance(key, int) else codec.moment_text(key)
    values["call_id"] = place.call_id
    comparison = "<" if descending else ">"
    return [f"({_COLUMN[query.sort]}, call_id) {comparison} (:key, :call_id)"]
