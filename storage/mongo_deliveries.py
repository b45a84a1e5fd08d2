"""Deliveries in MongoDB, beside the calls."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

import pymongo
from bson import MaxKey, MinKey
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.cursor import Cursor
from pymongo.errors import DuplicateKeyError

from storage.campaign_rows import DELIVERY_COLUMNS, delivery_of, delivery_row, micros
from storage.deliveries import FORGOTTEN_MOST, Delivery, DeliveryQuery, DeliveryStatus
from storage.mongo_client import TIMEOUT_S
from storage.mongo_documents import Document, named, row_of
from storage.mongo_place import MongoPlace, index_place

CHUNK = 1_000
# What looking at all may take; only whoever forgets a person waits for it.
MANY_S = 60.0
_BY_STATUS: tuple[str, ...] = ("status", "created_at", "_id", "event")
_OF_ENDPOINT = ("endpoint_id", *_BY_STATUS)
_INDEXES = [
    IndexModel(
        [("status", ASCENDING), ("free_at", ASCENDING)],
        name="deliveries_due",
        partialFilterExpression={"status": "waiting"},
    ),
    IndexModel([(name, ASCENDING) for name in _BY_STATUS], name="deliveries_by_status"),
    IndexModel([(name, ASCENDING) for name in _OF_ENDPOINT], name="deliveries_of_endpoint"),
    # Of each status apart: MongoDB keeps no index of what is not of one.
    IndexModel([("status", ASCENDING), ("tried_at", ASCENDING)], name="deliveries_over"),
    IndexModel(
        "call_id", name="deliveries_of_call", partialFilterExpression={"call_id": {"$gt": ""}}
    ),
]


class MongoDeliveries:
    """Deliveries in the database that `uri` names. Connected at the first use."""

    def __init__(self, uri: str, timeout_s: float = TIMEOUT_S) -> None:
        self._place = MongoPlace(uri, timeout_s, {"deliveries": _INDEXES})
        self._deliveries = self._place["deliveries"]

    def add(self, delivery: Delivery) -> bool:
        document = _document(delivery)
        with self._place.reached():
            try:
                self._deliveries.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    def get(self, delivery_id: str) -> Delivery | None:
        with self._place.reached():
            found = self._deliveries.find_one({"_id": delivery_id})
        return None if found is None else _delivery(found)

    def claim(self, now: datetime, until: datetime) -> Delivery | None:
        taken = {"lease_until": micros(until), "free_at": micros(until)}
        with self._place.reached():
            found = self._deliveries.find_one_and_update(
                {"status": "waiting", "free_at": {"$lte": micros(now)}},
                {"$set": taken},
                sort=[("free_at", ASCENDING)],
                hint="deliveries_due",
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _delivery(found)

    def save(self, delivery: Delivery) -> None:
        with self._place.reached():
            self._deliveries.replace_one({"_id": delivery.delivery_id}, _document(delivery))

    def put_off(
        self, endpoint_id: str, now: datetime, until: datetime, since: datetime, most: int
    ) -> int:
        due = {
            "status": "waiting",
            "free_at": {"$lte": micros(now)},
            "endpoint_id": endpoint_id,
            "created_at": {"$gt": micros(since)},
        }
        later = {"$set": {"due_at": micros(until), "free_at": micros(until)}}
        with self._place.reached():
            found = self._deliveries.find(due, {"_id": True}, hint="deliveries_due").limit(most)
            these = {**due, "_id": {"$in": [one["_id"] for one in found]}}
            return self._deliveries.update_many(these, later, hint="_id_").modified_count

    def find(self, query: DeliveryQuery) -> Sequence[Delivery]:
        if query.limit < 1:
            return []
        statuses = [str(one) for one in DeliveryStatus] if query.status is None else [query.status]
        with self._place.reached(), ExitStack() as cursors:
            parts = [cursors.enter_context(closing(self._newest(query, one))) for one in statuses]
            merged = merge(*parts, key=_age, reverse=True)
            return [_delivery(one) for one in islice(merged, query.limit)]

    def counts(self, endpoint_id: str) -> Mapping[str, int]:
        pipeline: list[Document] = [
            {"$match": {"endpoint_id": endpoint_id}},
            {"$group": {"_id": "$status", "count": {"$sum": 1}}},
        ]
        with self._place.reached():
            found = self._deliveries.aggregate(pipeline, hint="deliveries_of_endpoint")
            return {one["_id"]: one["count"] for one in found}

    def forget_before(self, moment: datetime) -> int:
        old = {"$lt": micros(moment), "$gte": 0}
        forgotten = 0
        for status in (DeliveryStatus.DELIVERED, DeliveryStatus.DEAD):
            wanted = {"status": str(status), "tried_at": old}
            forgotten += self._forget(wanted, "deliveries_over", FORGOTTEN_MOST - forgotten)
        return forgotten

    def forget_call(self, call_id: str) -> int:
        if not call_id:
            return 0
        with self._place.reached():
            return self._deliveries.delete_many({"call_id": call_id}).deleted_count

    def about(self, number: str) -> Sequence[str]:
        # As JSON has it: a longer number has others in it.
        told = {"body": {"$regex": re.escape(f'"{number}"')}}
        with self._place.reached(), pymongo.timeout(MANY_S):
            return [one["_id"] for one in self._deliveries.find(told, {"_id": True})]

    def forget(self, delivery_ids: Sequence[str]) -> int:
        wanted = {"_id": {"$in": list(delivery_ids)}}
        with self._place.reached(), pymongo.timeout(MANY_S):
            return self._deliveries.delete_many(wanted).deleted_count

    def forget_endpoint(self, endpoint_id: str, most: int) -> int:
        return self._forget({"endpoint_id": endpoint_id}, "deliveries_of_endpoint", most)

    def close(self) -> None:
        self._place.close()

    def _forget(self, wanted: Document, index: str, most: int) -> int:
        forgotten = 0
        while forgotten < most:
            chunk = min(CHUNK, most - forgotten)
            with self._place.reached():
                found = self._deliveries.find(wanted, {"_id": True}, hint=index).limit(chunk)
                ids = [one["_id"] for one in found]
                these = {**wanted, "_id": {"$in": ids}}
                forgotten += self._deliveries.delete_many(these, hint="_id_").deleted_count
            if len(ids) < chunk:
                break
        return forgotten

    def _newest(self, query: DeliveryQuery, status: str) -> Cursor[Document]:
        """The deliveries of a status from a place on, newest first."""
        after: tuple[object, object] = (MaxKey(), MaxKey())
        if query.after is not None:
            after = (micros(query.after[0]), query.after[1])
        name, columns, head = "deliveries_by_status", _BY_STATUS, [status]
        if query.endpoint_id is not None:
            name, columns = "deliveries_of_endpoint", _OF_ENDPOINT
            head = [query.endpoint_id, status]
        return (
            self._deliveries.find(
                {} if query.event is None else {"event": query.event},
                sort=[(column, DESCENDING) for column in columns],
                hint=name,
            )
            .min(index_place(columns, [*head, *[MinKey()] * 3]))
            .max(index_place(columns, [*head, *after, MinKey()]))
            .limit(query.limit)
        )


def _document(delivery: Delivery) -> Document:
    row = delivery_row(delivery)
    return {"_id": row[0], **named(DELIVERY_COLUMNS[1:], row[1:])}


def _delivery(document: Mapping[str, Any]) -> Delivery:
    return delivery_of((document["_id"], *row_of(DELIVERY_COLUMNS[1:], document)))


def _age(document: Mapping[str, Any]) -> tuple[int, str]:
    return document["created_at"], document["_id"]
