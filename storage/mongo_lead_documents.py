"""Leads, attempts and refusals as documents of MongoDB; their indexes and sums. No connection.

The indexes are those of SQLite (`migrations/0010_lead_numbers.sql`), for the same reasons; numbers
have one of their own here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from storage.campaign_rows import (
    ATTEMPT_COLUMNS,
    LEAD_COLUMNS,
    REFUSAL_COLUMNS,
    attempt_of,
    attempt_row,
    lead_of,
    lead_row,
    refusal_of,
)
from storage.codec import Row
from storage.leads import Attempt, Lead, Refusal, Tally
from storage.mongo_documents import Document, named, row_of

REFUSAL_ORDER = [("at", DESCENDING), ("_id", DESCENDING)]
LIST = ("campaign_id", "status", "result", "reason", "created_at", "_id")
_COUNTED = ("attempt", "local_hour", "result", "answered_by", "spoke", "qualified")
_WAITING = {"status": "waiting"}
_RINGING = {"status": "ringing"}


def _index(name: str, columns: Sequence[str], **options: Any) -> IndexModel:
    return IndexModel([(column, ASCENDING) for column in columns], name=name, **options)


INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "leads": [
        _index("leads_of_number", ("number", "campaign_id"), unique=True),
        _index("leads_list", LIST),
        _index("leads_due", ("campaign_id", "due_at"), partialFilterExpression=_WAITING),
        _index(
            "leads_by_zones",
            ("campaign_id", "zones", "country", "due_at"),
            partialFilterExpression=_WAITING,
        ),
        # Nobody is rung by two campaigns at once.
        _index("leads_ringing", ("number",), unique=True, partialFilterExpression=_RINGING),
        _index(
            "leads_leased",
            ("status", "lease_until", "campaign_id"),
            partialFilterExpression=_RINGING,
        ),
        _index("leads_in_call", ("call_id",), partialFilterExpression={"call_id": {"$gt": ""}}),
    ],
    "attempts": [
        _index("attempts_of_lead", ("lead_id", "started_at")),
        _index("attempts_on_number", ("number", "started_at", "result")),
        _index("attempts_counted", ("campaign_id", *_COUNTED, "seconds")),
    ],
    "refusals": [
        _index("refusals_by_age", ("campaign_id", "at", "_id")),
        _index(
            "refusals_of_lead",
            ("lead_id", "at", "_id"),
            partialFilterExpression={"lead_id": {"$gt": ""}},
        ),
    ],
}


def lead_document(lead: Lead) -> Document:
    """A lead; `_id` is its id."""
    row = lead_row(lead)
    return {"_id": row[0], **named(LEAD_COLUMNS[1:], row[1:])}


def lead_from(document: Mapping[str, Any]) -> Lead:
    """The lead in a document."""
    return lead_of((document["_id"], *row_of(LEAD_COLUMNS[1:], document)))


def attempt_document(attempt: Attempt) -> Document:
    """An attempt; `_id` is the id of its call."""
    row = attempt_row(attempt)
    return {"_id": row[0], **named(ATTEMPT_COLUMNS[1:], row[1:])}


def attempt_from(document: Mapping[str, Any]) -> Attempt:
    """The attempt in a document."""
    return attempt_of((document["_id"], *row_of(ATTEMPT_COLUMNS[1:], document)))


def refusal_document(row: Row) -> Document:
    """A refusal."""
    return named(REFUSAL_COLUMNS, row)


def refusal_from(document: Mapping[str, Any]) -> Refusal:
    """The refusal in a document."""
    return refusal_of(row_of(REFUSAL_COLUMNS, document))


def ringing_pipeline() -> list[Document]:
    """How many leads of each campaign are being rung; from `leads_leased` alone."""
    return [
        {"$match": _RINGING},
        {"$group": {"_id": "$campaign_id", "count": {"$sum": 1}}},
    ]


def rung_pipeline(numbers: Sequence[str], since: int) -> list[Document]:
    """Attempts on numbers, and those since a moment; from `attempts_on_number` alone."""
    return [
        {"$match": {"number": {"$in": list(numbers)}, "result": {"$ne": "not_placed"}}},
        {
            "$group": {
                "_id": "$number",
                "in_all": {"$sum": 1},
                "day": {"$sum": {"$cond": [{"$gte": ["$started_at", since]}, 1, 0]}},
                "last": {"$max": "$started_at"},
            }
        },
    ]


def tallies_pipeline(campaign_id: str) -> list[Document]:
    """Attempts that are alike, counted; from `attempts_counted` alone."""
    return [
        {"$match": {"campaign_id": campaign_id}},
        {
            "$group": {
                "_id": {name: f"${name}" for name in _COUNTED},
                "count": {"$sum": 1},
                "seconds": {"$sum": "$seconds"},
            }
        },
    ]


def tally_from(document: Mapping[str, Any]) -> Tally:
    """One of what `tallies_pipeline` finds."""
    alike = document["_id"]
    spoke, qualified = bool(alike["spoke"]), bool(alike["qualified"])
    rest = (alike["attempt"], alike["local_hour"], alike["result"], alike["answered_by"])
    return Tally(*rest, spoke, qualified, document["count"], document["seconds"])
