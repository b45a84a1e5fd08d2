"""The register in MongoDB, beside the calls. While the database is away it is away, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

import pymongo
from pymongo import ASCENDING, DESCENDING, IndexModel, ReadPreference, ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError, ServerSelectionTimeoutError

from storage import codec
from storage.base import DatabaseAway
from storage.mongo_client import DATABASE, TIMEOUT_S, open_client
from storage.mongo_documents import Document
from storage.mongo_errors import explained
from storage.register import Entry, EntryQuery, StaleEntry

_KEPT_ON_DISK = WriteConcern("majority", j=True)
_AGE = [("created_at", ASCENDING), ("key", ASCENDING)]
_INDEX = IndexModel([("kind", ASCENDING), *_AGE], name="register_by_age")
# What entries are looked for by, often and among very many: messages by their number and the
# carrier's id, recordings by their status, the audit log by who and action.
_VALUE_INDEXES = [
    IndexModel(
        [("kind", ASCENDING), (f"body.{name}", ASCENDING), *_AGE],
        name=f"register_by_{name}",
        partialFilterExpression={f"body.{name}": {"$gte": ""}},  # of texts
    )
    for name in ("carrier_id", "number", "status", "who", "action")
]
MAKING_INDEXES_S = 10.0
# The driver looks for a lost server twice a second while somebody waits for it.
AWAY_S = 0.8


class MongoRegister:
    """A register in the database that `uri` names. Nothing is connected before the first use."""

    def __init__(self, uri: str, timeout_s: float = TIMEOUT_S) -> None:
        self._client = open_client(uri, timeout_s)
        database = self._client.get_default_database(
            DATABASE, read_preference=ReadPreference.PRIMARY, write_concern=_KEPT_ON_DISK
        )
        self._entries = database["register"]
        self._is_ready = self._was_away = False

    def put(self, entry: Entry) -> Entry:
        codec.document_text(entry.body)  # what JSON cannot hold is refused by every backend
        created, updated = codec.moment_text(entry.created_at), codec.moment_text(entry.updated_at)
        with self._reached():
            self._make_index()
            if entry.version == 0:
                created = self._insert(entry, created, updated)
            else:
                created = self._replace(entry, updated)
        moments = datetime.fromisoformat(created), datetime.fromisoformat(updated)
        return Entry(entry.kind, entry.key, entry.body, *moments, entry.version + 1)

    def get(self, kind: str, key: str) -> Entry | None:
        with self._reached():
            found = self._entries.find_one({"_id": _id(kind, key)})
        return None if found is None else _entry(found)

    def find(self, query: EntryQuery) -> Sequence[Entry]:
        if query.limit < 1:
            return []  # which means no limit to the database
        with self._reached():
            found = self._entries.find(_wanted(query), sort=_order(query))
            return [_entry(one) for one in found.skip(query.offset).limit(query.limit)]

    def count(self, query: EntryQuery) -> int:
        with self._reached():
            return self._entries.count_documents(_wanted(query))

    def delete(self, kind: str, key: str) -> bool:
        with self._reached():
            return self._entries.delete_one({"_id": _id(kind, key)}).deleted_count == 1

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Errors as ours. Of a database that was away the last time nobody expects much: else every
        page and every round would wait for seconds, one after another."""
        patience = pymongo.timeout(AWAY_S) if self._was_away else nullcontext()
        try:
            with explained(), patience:
                yield
        except DatabaseAway as error:
            self._was_away = isinstance(error.__cause__, ServerSelectionTimeoutError)
            raise
        self._was_away = False

    def _make_index(self) -> None:
        if not self._is_ready:
            with pymongo.timeout(MAKING_INDEXES_S):
                self._entries.create_indexes([_INDEX, *_VALUE_INDEXES])
            self._is_ready = True

    def _insert(self, entry: Entry, created: str, updated: str) -> str:
        document = {
            "_id": _id(entry.kind, entry.key),
            "kind": entry.kind,
            "key": entry.key,
            "body": entry.body,
            "created_at": created,
            "updated_at": updated,
            "version": 1,
        }
        try:
            self._entries.insert_one(document)
        except DuplicateKeyError as error:
            raise _stale(entry) from error
        return created

    def _replace(self, entry: Entry, updated: str) -> str:
        expected = {"_id": _id(entry.kind, entry.key), "version": entry.version}
        change = {"$set": {"body": entry.body, "updated_at": updated}, "$inc": {"version": 1}}
        after = self._entries.find_one_and_update(
            expected, change, return_document=ReturnDocument.AFTER
        )
        if after is None:
            raise _stale(entry)
        return str(after["created_at"])


def _id(kind: str, key: str) -> str:
    return f"{kind}/{key}"  # a kind has no slash


def _stale(entry: Entry) -> StaleEntry:
    return StaleEntry(f"The {entry.kind} {entry.key} was changed meanwhile: load it again.")


def _order(query: EntryQuery) -> Sequence[tuple[str, int]]:
    direction = ASCENDING if query.oldest_first else DESCENDING
    return [(name, direction) for name, _ in _AGE]


def _wanted(query: EntryQuery) -> Document:
    wanted: Document = {"kind": query.kind}
    wanted |= {f"body.{name}": value for name, value in query.where.items()}
    between = {
        comparison: codec.moment_text(moment)
        for comparison, moment in (("$gte", query.since), ("$lt", query.before))
        if moment is not None
    }
    return {**wanted, "created_at": between} if between else wanted


def _entry(document: Mapping[str, Any]) -> Entry:
    return Entry(
        document["kind"],
        document["key"],
        document["body"],
        datetime.fromisoformat(document["created_at"]),
        datetime.fromisoformat(document["updated_at"]),
        document["version"],
    )
