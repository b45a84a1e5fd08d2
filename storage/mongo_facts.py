"""The facts in MongoDB, beside the calls. While the database is away there are none."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pymongo
from pymongo import (
    ASCENDING,
    DESCENDING,
    IndexModel,
    ReadPreference,
    ReplaceOne,
    UpdateOne,
    WriteConcern,
)

from storage import codec
from storage.facts import (
    CallFact,
    DayPart,
    Days,
    bounded,
    fact_from,
    fact_text,
    tallies_of,
)
from storage.mongo_client import DATABASE, TIMEOUT_S, open_client
from storage.mongo_documents import Document
from storage.mongo_errors import explained

_KEPT_ON_DISK = WriteConcern("majority", j=True)
_FACT_INDEX = IndexModel("day", name="facts_by_day")
_DAY_INDEX = IndexModel([("is_stale", ASCENDING), ("_id", DESCENDING)], name="fact_days_stale")
_UNREAD_INDEX = IndexModel(
    [("created_at", DESCENDING)],
    name="calls_unread",
    partialFilterExpression={"is_unread": True},
)
# A day of a hundred thousand calls takes longer than a request may.
ADDING_UP_S = 60.0
# An index of all calls, where there are many already. Unread ones are looked for behind the calls,
# where nobody waits.
MAKING_INDEXES_S = 600.0
# Calls from before there were facts: so many are looked through at a time.
LOOK_BACK = 500


class MongoFacts:
    """Facts in the database that `uri` names. Nothing is connected before the first use."""

    def __init__(self, uri: str, timeout_s: float = TIMEOUT_S) -> None:
        self._client = open_client(uri, timeout_s)
        database = self._client.get_default_database(
            DATABASE, read_preference=ReadPreference.PRIMARY, write_concern=_KEPT_ON_DISK
        )
        self._calls = database["calls"]
        self._facts = database["facts"]
        self._days = database["fact_days"]
        self._state = database["facts_state"]
        self._is_ready = False
        self._has_looked_back = False

    def unread(self, before: datetime, limit: int) -> Sequence[str]:
        if limit < 1:
            return []  # which means no limit to the database
        wanted = {"is_unread": True, "updated_at": {"$lt": codec.moment_text(before)}}
        with explained():
            with pymongo.timeout(MAKING_INDEXES_S):
                self._make_indexes()
            if not self._has_looked_back:
                self._look_back()
            found = self._calls.find(wanted, {"_id": True}, sort=[("created_at", DESCENDING)])
            return [one["_id"] for one in found.limit(limit)]

    def keep(self, facts: Sequence[CallFact]) -> None:
        if not facts:
            return
        # In this order: whatever it is killed between, the calls are still unread.
        with explained():
            self._facts.bulk_write([_kept(one) for one in facts], ordered=False)
            self._mark({one.day for one in facts})
            self._calls.bulk_write([_read(one) for one in facts], ordered=False)

    def get(self, call_id: str) -> CallFact | None:
        with explained():
            found = self._facts.find_one({"_id": call_id}, {"body": True})
        return None if found is None else fact_from(found["body"])

    def forget(self, call_id: str) -> bool:
        with explained():
            found = self._facts.find_one_and_delete({"_id": call_id}, {"day": True})
            if found is not None:
                self._mark([found["day"]])
        return found is not None

    def stale_days(self, limit: int) -> Sequence[str]:
        if limit < 1:
            return []
        with explained():
            found = self._days.find({"is_stale": True}, {"_id": True}, sort=[("_id", DESCENDING)])
            return [one["_id"] for one in found.limit(limit)]

    def add_up(self, day: str) -> bool:
        parts: dict[tuple[str, str], dict[str, int]] = {}
        with explained(), pymongo.timeout(ADDING_UP_S):
            found = self._days.find_one({"_id": day}, {"mark": True, "is_stale": True})
            if found is None or not found["is_stale"]:
                return True
            for one in self._facts.aggregate(_sums(day)):
                key = one["_id"]["agent"], one["_id"]["campaign"]
                parts.setdefault(key, {})[one["_id"]["name"]] = one["number"]
            added_up = {
                "is_stale": False,
                "parts": [
                    {"agent": agent, "campaign": campaign, "tallies": _pairs(bounded(tallies))}
                    for (agent, campaign), tallies in parts.items()
                ],
            }
            known = {"_id": day, "mark": found["mark"]}
            return self._days.update_one(known, {"$set": added_up}).matched_count == 1

    def days(self, first: str, last: str) -> Days:
        parts: list[DayPart] = []
        stale: list[str] = []
        with explained():
            between = {"_id": {"$gte": first, "$lte": last}}
            for one in self._days.find(between, sort=[("_id", ASCENDING)]):
                if one["is_stale"]:
                    stale.append(one["_id"])
                parts += [
                    DayPart(one["_id"], part["agent"], part["campaign"], dict(part["tallies"]))
                    for part in one.get("parts", ())
                ]
        return Days(parts, stale[::-1])

    def close(self) -> None:
        self._client.close()

    def _make_indexes(self) -> None:
        if self._is_ready:
            return
        self._facts.create_indexes([_FACT_INDEX])
        self._days.create_indexes([_DAY_INDEX])
        self._calls.create_indexes([_UNREAD_INDEX])
        self._is_ready = True

    def _look_back(self) -> None:
        """Mark calls from before there were facts as unread, some of them at a time."""
        reached = (self._state.find_one({"_id": "look back"}) or {}).get("reached", "~")
        if reached:
            wanted = {"ended_at": {"$gte": "", "$lte": reached}}
            fields = {"ended_at": True, "is_unread": True}
            found = self._calls.find(wanted, fields, sort=[("ended_at", DESCENDING)])
            batch = list(found.limit(LOOK_BACK))
            old = [one["_id"] for one in batch if "is_unread" not in one]
            missing = {"_id": {"$in": old}, "is_unread": {"$exists": False}}
            self._calls.update_many(missing, {"$set": {"is_unread": True}})
            reached = batch[-1]["ended_at"] if len(batch) == LOOK_BACK else ""
            self._state.update_one(
                {"_id": "look back"}, {"$set": {"reached": reached}}, upsert=True
            )
        self._has_looked_back = not reached

    def _mark(self, days: Iterable[str]) -> None:
        change = {"$set": {"mark": secrets.token_hex(8), "is_stale": True}}
        self._days.bulk_write([UpdateOne({"_id": day}, change, upsert=True) for day in days])


def _kept(fact: CallFact) -> ReplaceOne[Document]:
    document = {
        "_id": fact.call_id,
        "day": fact.day,
        "agent": fact.agent,
        "campaign": fact.campaign,
        "body": fact_text(fact),
        "tallies": _pairs(tallies_of(fact)),
    }
    return ReplaceOne({"_id": fact.call_id}, document, upsert=True)


def _read(fact: CallFact) -> UpdateOne:
    same = {"_id": fact.call_id, "version": fact.call_version}
    return UpdateOne(same, {"$set": {"is_unread": False}})


def _pairs(tallies: dict[str, int]) -> list[list[Any]]:
    """As pairs: names of fields may not hold every letter."""
    return [[name, number] for name, number in tallies.items()]


def _sums(day: str) -> list[Document]:
    name, number = ({"$arrayElemAt": ["$tallies", place]} for place in (0, 1))
    key = {"agent": "$agent", "campaign": "$campaign", "name": name}
    return [
        {"$match": {"day": day}},
        {"$project": {"_id": False, "agent": True, "campaign": True, "tallies": True}},
        {"$unwind": "$tallies"},
        {"$group": {"_id": key, "number": {"$sum": number}}},
    ]
