"""How MongoDB sorts, finds and narrows what it keeps: indexes, orders, fields. No connection."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

from storage import codec

CALL_FIELDS = dict.fromkeys(codec.CALL_COLUMNS, True)
STANDING = {"version": True, "saves": True, "tails": True, "tail": True}
NEWEST_CALLS = [("created_at", DESCENDING), ("arrival", DESCENDING)]
NEWEST_COLLECTED = [("collected_at", DESCENDING), ("arrival", DESCENDING)]
EVENT_ORDER = [("sequence", ASCENDING), ("arrival", ASCENDING)]
_A_TEXT = {"$gte": ""}  # an equality with a text is known to lie within; with $type it is not
CALL_INDEXES = [
    IndexModel("carrier_id", unique=True, partialFilterExpression={"carrier_id": _A_TEXT}),
    IndexModel(NEWEST_CALLS),
    IndexModel([("agent", ASCENDING), *NEWEST_CALLS]),
    IndexModel([("outcome", ASCENDING), *NEWEST_CALLS]),
    IndexModel([("ended_at", ASCENDING), *NEWEST_CALLS]),
    IndexModel("tails.collected.call_id", sparse=True),
    IndexModel("tail.collected.call_id", sparse=True),  # of versions that left one tail a call
]
TURN_INDEXES = [IndexModel([("call_id", ASCENDING), ("turn", ASCENDING)], unique=True)]
COLLECTED_INDEXES = [
    IndexModel("call_id", unique=True),
    IndexModel(NEWEST_COLLECTED),
    IndexModel([("agent", ASCENDING), *NEWEST_COLLECTED]),
]
CLIP_INDEXES = [IndexModel("key", unique=True), IndexModel("created_at")]
EVENT_INDEXES = [
    IndexModel([("call_id", ASCENDING), ("key", ASCENDING)], unique=True),
    IndexModel([("call_id", ASCENDING), *EVENT_ORDER]),
]
