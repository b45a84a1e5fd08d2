"""The do-not-call lists in MongoDB, beside the calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from heapq import merge
from itertools import islice
from typing import Any

import pymongo
from bson import MaxKey, MinKey
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.cursor import Cursor
from pymongo.errors import BulkWriteError

from storage.campaign_rows import ENTRY_COLUMNS, entry_of, entry_row, micros
from storage.do_not_call import OWN, DoNotCall, DoNotCallQuery, Source
from storage.mongo_client import TIMEOUT_S
from storage.mongo_documents import Document, named, row_of
from storage.mongo_errors import only_duplicates
from storage.mongo_place import MongoPlace, index_place
from storage.spellings import asked_by, barred_with, spellings

CHUNK = 1_000
# What adding so many may take; nobody who calls waits for it.
ADDING_S = 30.0
_BY_SOURCE = ("source", "at", "number", "campaign_id")
_OF_CAMPAIGN = ("campaign_id", "source", "at", "number")
_INDEXES = [
    IndexModel([("number", ASCENDING), ("campaign_id", ASCENDING)], name="do_not_call_of_number"),
    IndexModel([(name, ASCENDING) for name in _BY_SOURCE], name="do_not_call_by_source"),
    IndexModel([(name, ASCENDING) for name in _OF_CAMPAIGN], name="do_not_call_of_campaign"),
]


class MongoDoNotCall:
    """Do-not-call lists in the database that `uri` names. Connected at the first use."""

    def __init__(self, uri: str, timeout_s: float = TIMEOUT_S) -> None:
        self._place = MongoPlace(uri, timeout_s, {"do_not_call": _INDEXES})
        self._entries = self._place["do_not_call"]

    def add(self, entries: Sequence[DoNotCall]) -> int:
        documents = [_document(one) for one in entries]
        added = 0
        for start in range(0, len(documents), CHUNK):
            some = documents[start : start + CHUNK]
            with self._place.reached(), pymongo.timeout(ADDING_S):
                try:
                    added += len(self._entries.insert_many(some, ordered=False).inserted_ids)
                except BulkWriteError as error:
                    there = [some[place] for place in only_duplicates(error)]
                    added += len(some) - len(there) + self._replace(there)
        return added

    def _replace(self, documents: Sequence[Document]) -> int:
        """Put what people said in the place of what others had put there; how often. What they had
        said before is told who bars them, too."""
        own = [str(source) for source in OWN]
        replacing: list[UpdateOne] = []
        telling: list[UpdateOne] = []
        for one in documents:
            if one["source"] in OWN:
                said = {name: one[name] for name in ("source", "at", "words", "call_id")}
                others = {"_id": one["_id"], "source": {"$nin": own}}
                replacing.append(UpdateOne(others, {"$set": said}))
            elif one["who"]:
                theirs = {"_id": one["_id"], "source": {"$in": own}, "who": ""}
                telling.append(UpdateOne(theirs, {"$set": {"who": one["who"]}}))
        if telling:
            self._entries.bulk_write(telling, ordered=False)
        if not replacing:
            return 0
        return self._entries.bulk_write(replacing, ordered=False).modified_count

    def remove(self, number: str, campaign_id: str) -> bool:
        ids = [_id(one, campaign_id) for one in spellings(number)]
        with self._place.reached():
            gone = self._entries.delete_many({"_id": {"$in": ids}})
        return gone.deleted_count > 0

    def of(self, number: str, campaign_id: str) -> DoNotCall | None:
        these = barred_with(number)
        ids = [_id(one, place) for place in ("", campaign_id) for one in these]
        with self._place.reached():
            found = {one["_id"]: one for one in self._entries.find({"_id": {"$in": ids}})}
        return next((_entry(found[one]) for one in ids if one in found), None)

    def among(self, numbers: Sequence[str], campaign_id: str) -> set[str]:
        asked = asked_by(numbers)
        ids = [_id(number, one) for number in asked for one in {"", campaign_id}]
        with self._place.reached():
            found = self._entries.find({"_id": {"$in": ids}}, {"number": True})
            return {number for one in found for number in asked[one["number"]]}

    def on_list(self, numbers: Sequence[str], campaign_id: str) -> set[str]:
        asked = asked_by(numbers, spellings)
        ids = [_id(number, campaign_id) for number in asked]
        with self._place.reached():
            found = self._entries.find({"_id": {"$in": ids}}, {"number": True})
            return {number for one in found for number in asked[one["number"]]}

    def find(self, query: DoNotCallQuery) -> Sequence[DoNotCall]:
        if query.limit < 1:
            return []
        with self._place.reached():
            if query.number is not None:
                return self._of_number(query, spellings(query.number))
            sources = [str(one) for one in Source] if query.source is None else [query.source]
            with ExitStack() as cursors:
                parts = [
                    cursors.enter_context(closing(self._newest(query, one))) for one in sources
                ]
                merged = merge(*parts, key=_age, reverse=True)
                return [_entry(one) for one in islice(merged, query.limit)]

    def count(self, campaign_id: str | None = None) -> int:
        with self._place.reached():
            if campaign_id is None:
                return self._entries.estimated_document_count()
            return self._entries.count_documents(
                {"campaign_id": campaign_id}, hint="do_not_call_of_campaign"
            )

    def forget_words(self, number: str) -> int:
        told = [{name: {"$gt": ""}} for name in ("words", "who", "call_id")]
        own = [str(source) for source in OWN]
        is_others = {"$and": [{"$gt": ["$who", ""]}, {"$in": ["$source", own]}]}
        # That others bar them, too, stays true.
        source = {"$cond": [is_others, str(Source.BY_HAND), "$source"]}
        nothing = {"words": "", "who": "", "call_id": "", "source": source}
        with self._place.reached():
            changed = self._entries.update_many(
                {"number": {"$in": spellings(number)}, "$or": told}, [{"$set": nothing}]
            )
        return changed.modified_count

    def close(self) -> None:
        self._place.close()

    def _of_number(self, query: DoNotCallQuery, numbers: Sequence[str]) -> Sequence[DoNotCall]:
        """Of a handful of lists at most: sorted here."""
        wanted: Document = {"number": {"$in": numbers}}
        wanted |= {} if query.campaign_id is None else {"campaign_id": query.campaign_id}
        wanted |= {} if query.source is None else {"source": query.source}
        found = sorted(self._entries.find(wanted), key=_age, reverse=True)
        if query.after is not None:
            after = (micros(query.after[0]), *query.after[1:])
            found = [one for one in found if _age(one) < after]
        return [_entry(one) for one in found[: query.limit]]

    def _newest(self, query: DoNotCallQuery, source: str) -> Cursor[Document]:
        """The entries of a source from a place on, newest first."""
        after: tuple[object, ...] = (MaxKey(), MaxKey(), MaxKey())
        if query.after is not None:
            after = (micros(query.after[0]), *query.after[1:])
        if query.campaign_id is None:
            columns, head, tail = _BY_SOURCE, [source], after
        else:
            columns, head, tail = _OF_CAMPAIGN, [query.campaign_id, source], after[:2]
        return (
            self._entries.find(
                {},
                sort=[(name, DESCENDING) for name in columns],
                hint=f"do_not_call_{'by_source' if columns is _BY_SOURCE else 'of_campaign'}",
            )
            .min(index_place(columns, [*head, *[MinKey()] * len(tail)]))
            .max(index_place(columns, [*head, *tail]))
            .limit(query.limit)
        )


def _id(number: str, campaign_id: str) -> str:
    return f"{number}/{campaign_id}"  # a number has no slash


def _document(entry: DoNotCall) -> Document:
    row = entry_row(entry)
    return {"_id": _id(entry.number, entry.campaign_id), **named(ENTRY_COLUMNS, row)}


def _entry(document: Mapping[str, Any]) -> DoNotCall:
    return entry_of(row_of(ENTRY_COLUMNS, document))


def _age(document: Mapping[str, Any]) -> tuple[int, str, str]:
    return document["at"], document["number"], document["campaign_id"]
