"""Calls in MongoDB 5 or newer. Any number of machines may share it; a single server will do.

Open it after a fork, never before: the driver's threads and sockets do not survive one.

**One save is several documents, and there are no transactions on a single server.** So the save
is one update of the call, under the condition that its version is the one expected, and that
update carries the turn and what was collected in the call's `tails`. After it the save has
happened; before it nothing has. Then the tail is landed: copied into the collections `turns` and
`collected`, and taken off. Whoever dies in between leaves a tail behind, and nobody reads past it:
the next who wants to see turns lands it first, and so does a save of its own (`apply`). Saves of
many calls together (`apply_all`) leave their tails for `land`, up to TAILS_MOST of a call. Landing
twice does no harm, since every copy bears the version of its save and never replaces a later one.

**Applying a change twice counts once**: a call remembers the tokens of its last saves, a callback
its own. That tells a change that arrived, but whose confirmation was lost, from somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime

import pymongo
from pymongo import ASCENDING, ReadPreference, WriteConcern
from pymongo.errors import DuplicateKeyError

from storage import codec
from storage.base import Condition, DatabaseAway, StaleCall, StorageError
from storage.changes import Change, arrival, clip_change, creation, deletion, saving
from storage.mongo_bulk import Bulk
from storage.mongo_client import DATABASE, TIMEOUT_S, open_client
from storage.mongo_documents import (
    Document,
    call_document,
    call_of,
    collected_of,
    duplicate_of,
    other_document,
    row_of,
    save_of,
    turns_of,
)
from storage.mongo_errors import explained
from storage.mongo_indexes import (
    CALL_FIELDS,
    CALL_INDEXES,
    CLIP_INDEXES,
    COLLECTED_INDEXES,
    EVENT_INDEXES,
    EVENT_ORDER,
    NEWEST_CALLS,
    NEWEST_COLLECTED,
    STANDING,
    TURN_INDEXES,
)
from storage.mongo_making import SearchIndexes
from storage.mongo_search import (
    BRIEF_FIELDS,
    PULSE_FIELDS,
    brief_of,
    is_descending,
    last_turns,
    order,
    wanted_calls,
)
from storage.mongo_tails import Tails
from storage.records import (
    CallEvent,
    CallQuery,
    CallRecord,
    ClipRecord,
    CollectedRecord,
    TurnRecord,
    changed,
)
from storage.search import CallBrief, CallSearch, Pulse

# Times a tail that somebody left is landed before a save, before something is wrong.
_TRIES_MOST = 5

_KEPT_BY_MOST = WriteConcern("majority")
# "Majority" of a single server is that server's memory; with `j` it is its disk. Journals are
# written in order, so that the last write of a save covers the ones before it.
_KEPT_ON_DISK = WriteConcern("majority", j=True)


class MongoStorage:
    """A store in the database that `uri` names. Safe for use from many threads.

    Nothing is connected before `connect` or the first operation. Every operation takes
    `timeout_s` at most, or what `within` allows.
    """

    def __init__(self, uri: str, timeout_s: float = TIMEOUT_S) -> None:
        self._client = open_client(uri, timeout_s)
        database = self._client.get_default_database(
            DATABASE, read_preference=ReadPreference.PRIMARY, write_concern=_KEPT_BY_MOST
        )
        self._calls = database["calls"]
        self._turns = database["turns"]
        self._collected = database["collected"]
        self._events = database["events"].with_options(write_concern=_KEPT_ON_DISK)
        self._clips = database["clips"].with_options(write_concern=_KEPT_ON_DISK)
        self._probe = database["probe"].with_options(write_concern=_KEPT_ON_DISK)
        self._calls_to_disk = self._calls.with_options(write_concern=_KEPT_ON_DISK)
        self._search_indexes = SearchIndexes(self._calls)
        self._tails = Tails(self._calls, self._turns, self._collected)
        self._bulk = Bulk(self._calls_to_disk, self._events, self._clips, self._tails)

    def within(self, seconds: float) -> AbstractContextManager[object]:
        """A shorter time for all operations of this thread together, until it is left."""
        return pymongo.timeout(seconds)

    def connect(self) -> None:
        """Reach the database and make its indexes where they are missing.

        Several processes may do so at once. DatabaseAway when it cannot be reached, StorageError
        when it does not let us in.
        """
        with explained():
            self._calls.create_indexes(CALL_INDEXES)
            self._search_indexes.make()
            self._turns.create_indexes(TURN_INDEXES)
            self._collected.create_indexes(COLLECTED_INDEXES)
            self._events.create_indexes(EVENT_INDEXES)
            self._clips.create_indexes(CLIP_INDEXES)

    def apply(self, change: Change) -> bool:
        """Write a change, once however often it is applied; False for a callback known before.

        Errors are those of the contract. DatabaseAway leaves open whether it was written.
        """
        with explained():
            match change.kind:
                case "create":
                    self._create(change)
                case "save":
                    self._save(change)
                case "clip":
                    self._keep(change)
                case "delete":
                    return self._delete(change.call_id)
                case _:
                    return self._add(change)
        return True

    def apply_all(self, changes: Sequence[Change]) -> Sequence[bool]:
        """`apply` for many together, those of a call in their order; whether each is known to be
        written. One that is not has to be applied alone to know what became of it.

        What it leaves to be done is done by `land`.
        """
        with explained():
            return self._bulk.apply(changes)

    def land(self) -> None:
        """Bring turns that were saved to where other programs look for them."""
        self._tails.land_waiting()

    def create_call(self, call: CallRecord) -> None:
        self.apply(creation(call))

    def load_call(self, call_id: str) -> CallRecord | None:
        return self._call({"_id": call_id})

    def find_call(self, carrier_id: str) -> CallRecord | None:
        return self._call({"carrier_id": carrier_id})

    def find_calls(self, carrier_ids: Collection[str]) -> Mapping[str, CallRecord]:
        """`find_call` for many together; what is not known is not in it."""
        wanted = {"carrier_id": {"$in": list(carrier_ids)}}
        with explained():
            found = map(call_of, self._calls.find(wanted, CALL_FIELDS))
            return {call.carrier_id: call for call in found if call.carrier_id is not None}

    def save_call(
        self,
        call: CallRecord,
        turn: TurnRecord | None = None,
        collected: CollectedRecord | None = None,
    ) -> CallRecord:
        saved = changed(call, version=call.version + 1)
        self.apply(saving(saved, turn, collected))
        return saved

    def calls(self, query: CallQuery) -> Sequence[CallRecord]:
        wanted: Document = {}
        if query.agent is not None:
            wanted["agent"] = query.agent
        if query.outcome is not None:
            wanted["outcome"] = query.outcome
        if query.open_only:
            wanted["ended_at"] = None
        if query.quiet_since is not None:
            wanted["updated_at"] = {"$lt": codec.moment_text(query.quiet_since)}
        if query.limit <= 0:  # to MongoDB 0 is no limit
            return []
        with explained():
            found = self._calls.find(wanted, CALL_FIELDS, sort=NEWEST_CALLS)
            return [call_of(one) for one in found.skip(query.offset).limit(query.limit)]

    def search(self, query: CallSearch) -> Sequence[CallBrief]:
        if query.limit <= 0:
            return []
        most = query.limit + query.offset
        found: dict[str, Document] = {}
        with explained():
            for wanted, index in wanted_calls(query):
                calls = self._calls.find(wanted, BRIEF_FIELDS, sort=order(query), hint=index)
                calls = calls.limit(most)
                # Of a call that ends in between it is the later that counts.
                found.update((call["_id"], call) for call in calls)
            turns = {one["_id"]: one["turn"] for one in self._turns.aggregate(last_turns([*found]))}
        briefs = [brief_of(call, turns) for call in found.values()]
        briefs.sort(
            key=lambda one: (one.place(query.sort).key, one.call_id), reverse=is_descending(query)
        )
        page = briefs[query.offset : most]
        return page if query.before_place is None else page[::-1]

    def count(self, query: CallSearch, most: int) -> int:
        whole = replace(query, after_place=None, before_place=None)
        with explained():
            counts = [
                self._calls.count_documents(wanted, limit=most, hint=index)
                for wanted, index in wanted_calls(whole)
            ]
        return min(sum(counts), most)

    def pulse(self, most: int) -> Sequence[Pulse]:
        with explained():
            newest = {"sort": NEWEST_CALLS, "limit": most}
            found = [
                *self._calls.find({}, PULSE_FIELDS, **newest),
                *self._calls.find({"ended_at": None}, PULSE_FIELDS, **newest),
            ]
        calls = {one["call_id"]: one for one in found}
        return [
            Pulse(name, datetime.fromisoformat(one["updated_at"]), one["ended_at"] is None)
            for name, one in calls.items()
        ]

    def turns(self, call_id: str) -> Sequence[TurnRecord]:
        with explained():
            self._tails.land_left({"_id": call_id})
            found = self._turns.find({"call_id": call_id}, sort=[("turn", ASCENDING)])
            return turns_of(found)

    def collected(self, call_id: str) -> CollectedRecord | None:
        with explained():
            self._tails.land_left({"_id": call_id})
            found = self._collected.find_one({"call_id": call_id})
            return None if found is None else collected_of(found)

    def collected_by(self, call_ids: Sequence[str]) -> Mapping[str, CollectedRecord]:
        with explained():
            found = self._collected.find({"call_id": {"$in": list(call_ids)}})
            return {one["call_id"]: collected_of(one) for one in found}

    def find_collected(
        self, agent: str | None, since: datetime | None, limit: int
    ) -> Sequence[CollectedRecord]:
        wanted: Document = {}
        if agent is not None:
            wanted["agent"] = agent
        if since is not None:
            wanted["collected_at"] = {"$gte": codec.moment_text(since)}
        if limit <= 0:
            return []
        with explained():
            for left in ("tails", "tail"):
                self._tails.land_left({f"{left}.collected.call_id": {"$gte": ""}})
            found = self._collected.find(wanted, sort=NEWEST_COLLECTED).limit(limit)
            return [collected_of(one) for one in found]

    def add_event(self, event: CallEvent) -> bool:
        return self.apply(arrival(event))

    def events(self, call_id: str) -> Sequence[CallEvent]:
        with explained():
            found = self._events.find({"call_id": call_id}, sort=EVENT_ORDER)
            return [codec.event_record(row_of(codec.EVENT_COLUMNS, one)) for one in found]

    def delete_call(self, call_id: str) -> bool:
        return self.apply(deletion(call_id))

    def keep_clip(self, clip: ClipRecord) -> None:
        self.apply(clip_change(clip))

    def load_clip(self, key: str) -> ClipRecord | None:
        with explained():
            found = self._clips.find_one({"key": key})
        return None if found is None else codec.clip_record(row_of(codec.CLIP_COLUMNS, found))

    def forget_clips(self, before: datetime) -> int:
        with explained():
            old = {"created_at": {"$lt": codec.moment_text(before)}}
            forgotten: int = self._clips.delete_many(old).deleted_count
        return forgotten

    def check(self) -> Condition:
        with explained():
            self._probe.update_one({"_id": 1}, {"$inc": {"checks": 1}}, upsert=True)
            self._probe.find_one({"_id": 1})
        return "ok"

    def close(self) -> None:
        self._client.close()

    def _call(self, wanted: Document) -> CallRecord | None:
        with explained():
            found = self._calls.find_one(wanted, CALL_FIELDS)
            return None if found is None else call_of(found)

    def _create(self, change: Change) -> None:
        try:
            self._calls_to_disk.insert_one(call_document(change))
        except DuplicateKeyError as error:
            if not self._has_had(change):
                raise duplicate_of(change) from error

    def _save(self, change: Change) -> None:
        version, update, tail = save_of(change)
        expected = {**version, "tails.0": {"$exists": False}}
        for _ in range(_TRIES_MOST):
            try:
                if self._calls_to_disk.update_one(expected, update).matched_count:
                    break
            except DuplicateKeyError as error:
                raise duplicate_of(change) from error
            if self._has_been_saved(change, version["version"]):
                return
        else:
            raise DatabaseAway(f"Call {change.call_id} cannot be saved: others are at it.")
        if tail is not None:
            self._land(change.call_id, tail)

    def _has_been_saved(self, change: Change, version: int) -> bool:
        """Why a save found nothing to update: it was made before, or a tail was in its way.

        The tails are landed and the save can be tried again. StaleCall and StorageError otherwise.
        """
        found = self._calls.find_one({"_id": change.call_id}, STANDING)
        if found is None:
            raise StorageError(f"Call {change.call_id} is not kept; create it before saving it.")
        self._tails.land_call(found)
        if change.token in found["saves"]:
            return True
        if found["version"] != version:
            raise StaleCall(f"Call {change.call_id} is at version {found['version']}.")
        return False

    def _has_had(self, change: Change) -> bool:
        known = {"_id": change.call_id, "saves": change.token}
        return self._calls.find_one(known, {"_id": True}) is not None

    def _add(self, change: Change) -> bool:
        event = other_document(change)
        try:
            self._events.insert_one(event)
        except DuplicateKeyError:
            known = {"call_id": change.call_id, "key": event["key"], "token": change.token}
            return self._events.find_one(known, {"_id": True}) is not None
        return True

    def _delete(self, call_id: str) -> bool:
        """The call last, so that it is found again by who is killed before; then what a process
        landed meanwhile of the turns that it had still in hand."""
        self._delete_parts(call_id)
        was_there = self._calls_to_disk.delete_one({"_id": call_id}).deleted_count == 1
        self._delete_parts(call_id)
        return was_there

    def _delete_parts(self, call_id: str) -> None:
        for parts in (self._turns, self._collected, self._events):
            parts.delete_many({"call_id": call_id})

    def _keep(self, change: Change) -> None:
        with suppress(DuplicateKeyError):
            self._clips.insert_one(other_document(change))

    def _land(self, call_id: str, tail: Document) -> None:
        self._tails.land(call_id, tail)
