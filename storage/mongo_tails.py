"""What saves leave in their calls, and its way into the collections where it belongs.

See `mongo` for why a save leaves something. Landing a tail twice does no harm.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo import ReplaceOne, UpdateOne, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from storage.base import DatabaseAway
from storage.mongo_documents import Document
from storage.mongo_errors import explained, only_duplicates

# Tails that may wait in a process; whoever reads turns lands those that it has given up.
_WAITING_MOST = 10_000
# Tails that are landed together.
_BATCH = 256

_UNCONFIRMED = WriteConcern(0)


class Tails:
    """The tails in `calls`, which go to `turns` and `collected`."""

    def __init__(
        self,
        calls: Collection[Document],
        turns: Collection[Document],
        collected: Collection[Document],
    ) -> None:
        self._calls = calls
        # Nobody waits for a tail to be taken off: one that stays is landed again.
        self._calls_unconfirmed = calls.with_options(write_concern=_UNCONFIRMED)
        self._turns = turns
        self._collected = collected
        self._waiting: deque[tuple[str, Document]] = deque(maxlen=_WAITING_MOST)

    def leave(self, call_id: str, tail: Document) -> None:
        """A tail is in its call, for the next `land_waiting`."""
        self._waiting.append((call_id, tail))

    def land_waiting(self) -> None:
        """Land what was left. DatabaseAway, with what was not landed still waiting."""
        while batch := self._next():
            try:
                with explained():
                    self._land_all(batch)
            except DatabaseAway:
                self._waiting.extendleft(reversed(batch))
                raise

    def land_left(self, wanted: Mapping[str, Any]) -> None:
        """Land what anybody left in the calls that match."""
        for call in self._calls.find(wanted, {"tails": True, "tail": True}):
            self.land_call(call)

    def land_call(self, call: Mapping[str, Any]) -> None:
        """Land the tails in a call."""
        for tail in call.get("tails", ()):
            self.land(call["_id"], tail)
        former = call.get("tail")  # as versions left it that knew one tail a call
        if former:
            self.land(call["_id"], former)
            gone = {"_id": call["_id"], "tail.version": former["version"]}
            self._calls_unconfirmed.update_one(gone, {"$unset": {"tail": ""}})

    def land(self, call_id: str, tail: Document) -> None:
        """Copy a tail to where it belongs, and take it off the call."""
        for collection, key, document in self._copies(call_id, tail):
            _land(collection, key, document)
        self._calls_unconfirmed.update_one({"_id": call_id}, _without([tail["version"]]))

    def _next(self) -> Sequence[tuple[str, Document]]:
        most = min(_BATCH, len(self._waiting))
        return [self._waiting.popleft() for _ in range(most)]

    def _land_all(self, batch: Sequence[tuple[str, Document]]) -> None:
        copies: dict[str, list[tuple[Document, Document]]] = defaultdict(list)
        versions: dict[str, list[int]] = defaultdict(list)
        for call_id, tail in batch:
            versions[call_id].append(tail["version"])
            for collection, key, document in self._copies(call_id, tail):
                copies[collection.name].append((key, document))
        for collection in (self._turns, self._collected):
            if copies[collection.name]:
                _land_many(collection, copies[collection.name])
        taken_off = [UpdateOne({"_id": one}, _without(versions[one])) for one in versions]
        self._calls_unconfirmed.bulk_write(taken_off, ordered=False)

    def _copies(
        self, call_id: str, tail: Document
    ) -> Iterator[tuple[Collection[Document], Document, Document]]:
        turn, collected = tail["turn"], tail["collected"]
        if turn is not None:
            yield self._turns, {"call_id": call_id, "turn": turn["turn"]}, turn
        if collected is not None:
            yield self._collected, {"call_id": call_id}, collected


def _without(versions: Sequence[int]) -> Document:
    return {"$pull": {"tails": {"version": {"$in": list(versions)}}}}


def _older(key: Document, document: Document) -> Document:
    return {**key, "version": {"$lt": document["version"]}}


def _land(collection: Collection[Document], key: Document, document: Document) -> None:
    older = _older(key, document)
    try:
        collection.replace_one(older, document, upsert=True)
    except DuplicateKeyError:
        # There is one: this very copy or a later one, or an older that has come in between.
        collection.replace_one(older, document)


def _land_many(
    collection: Collection[Document], copies: Sequence[tuple[Document, Document]]
) -> None:
    writes = [ReplaceOne(_older(key, document), document, upsert=True) for key, document in copies]
    try:
        collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        for place in only_duplicates(error):
            _land(collection, *copies[place])
