"""Many changes in few commands to MongoDB; what became of a single one may be left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bson.errors import BSONError
from pymongo import InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure

from storage.changes import Change
from storage.mongo_documents import Document, call_document, other_document, save_of
from storage.mongo_errors import is_too_large, only_duplicates
from storage.mongo_tails import Tails

# Turns of one call that may wait in it to be landed. They make it larger, and so each save of it.
TAILS_MOST = 64
_HAS_ROOM = {f"tails.{TAILS_MOST - 1}": {"$exists": False}}

Write = InsertOne[Document] | UpdateOne


@dataclass(frozen=True, slots=True)
class Bulk:
    """Writes into `calls`, `events` and `clips`, which confirm what is on the disk."""

    calls: Collection[Document]
    events: Collection[Document]
    clips: Collection[Document]
    tails: Tails

    def apply(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Write changes, those of a call in their order; whether each is known to be written.

        One that is not may be written or not: it has to be applied alone to know.
        """
        done = dict.fromkeys(range(len(changes)), False)
        of_calls = [n for n, one in enumerate(changes) if one.kind in {"create", "save"}]
        self._apply_to_calls({n: changes[n] for n in of_calls}, done)
        for kind, collection in (("event", self.events), ("clip", self.clips)):
            others = {n: one for n, one in enumerate(changes) if one.kind == kind}
            writes: list[Write] = [InsertOne(other_document(one)) for one in others.values()]
            failed = _write(collection, writes)[1]
            done |= {n: place not in failed for place, n in enumerate(others)}
        return list(done.values())

    def _apply_to_calls(self, changes: dict[int, Change], done: dict[int, bool]) -> None:
        left: dict[int, Document] = {}
        writes: list[Write] = []
        # What follows a save that is refused is refused too, even where somebody else has brought
        # the call to the version that it expects.
        before: dict[str, str] = {}
        for number, change in changes.items():
            follows = {"saves": before[change.call_id]} if change.call_id in before else {}
            before[change.call_id] = change.token
            if change.kind == "create":
                writes.append(InsertOne(call_document(change)))
                continue
            expected, update, tail = save_of(change)
            writes.append(UpdateOne({**expected, **follows, **_HAS_ROOM}, update))
            if tail is not None:
                left[number] = tail
        written, _ = _write(self.calls, writes)
        if written == len(changes):
            done |= dict.fromkeys(changes, True)
        elif changes:
            done |= self._had(changes)
        for number, tail in left.items():
            if done[number]:
                self.tails.leave(changes[number].call_id, tail)

    def _had(self, changes: dict[int, Change]) -> dict[int, bool]:
        calls = list({one.call_id for one in changes.values()})
        found = self.calls.find({"_id": {"$in": calls}}, {"saves": True})
        tokens = {call["_id"]: set(call["saves"]) for call in found}
        return {n: one.token in tokens.get(one.call_id, ()) for n, one in changes.items()}


def _write(collection: Collection[Document], writes: Sequence[Write]) -> tuple[int, set[int]]:
    """How many documents were written or found written over, and the places that failed."""
    if not writes:
        return 0, set()
    try:
        result = collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        return 0, set(only_duplicates(error))
    except OperationFailure as error:
        if not is_too_large(error):
            raise
    except (BSONError, DocumentTooLarge, UnicodeEncodeError, OverflowError):
        pass
    else:
        return result.inserted_count + result.matched_count, set()
    return 0, set(range(len(writes)))  # one of them cannot be sent; which, they say alone
