"""Leads in MongoDB, beside the calls. While the database is away nobody new is rung.

There are no transactions on a single server. A lead is one document, and whatever is decided about
it is one update under a condition; that of `begin` carries the attempt along (`begun`), which is
copied into `attempts` after it. Who is killed in between leaves an attempt that was never dialed,
and whoever asks for it copies it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pymongo
from pymongo import ASCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from storage.campaign_rows import (
    LEAD_CHANGES,
    micros,
    moment_of,
    refusal_row,
    zones_text,
)
from storage.leads import (
    NEVER,
    Attempt,
    Counts,
    Lead,
    LeadQuery,
    Numbers,
    Refusal,
    StaleLead,
    Tally,
    grouped_by_lead,
)
from storage.mongo_client import TIMEOUT_S
from storage.mongo_documents import Document
from storage.mongo_errors import only_duplicates
from storage.mongo_lead_claims import Claims, due
from storage.mongo_lead_documents import (
    INDEXES,
    REFUSAL_ORDER,
    attempt_document,
    attempt_from,
    lead_document,
    lead_from,
    refusal_document,
    refusal_from,
    ringing_pipeline,
    rung_pipeline,
    tallies_pipeline,
    tally_from,
)
from storage.mongo_lead_list import found_leads, in_run, runs
from storage.mongo_place import MongoPlace

# Leads that are changed together.
CHUNK = 1_000
OVER = ["done", "given_up", "refused", "canceled"]
# What work on many leads may take; nobody who calls waits for it. A million are counted in half a
# second where nothing else is done.
MANY_S = 30.0


class MongoLeads:
    """Leads in the database that `uri` names. Nothing is connected before the first use."""

    def __init__(self, uri: str, timeout_s: float = TIMEOUT_S) -> None:
        self._place = MongoPlace(uri, timeout_s, INDEXES)
        self._leads = self._place["leads"]
        self._attempts = self._place["attempts"]
        self._refusals = self._place["refusals"]
        self._claims = Claims(self._leads)

    def add(self, leads: Sequence[Lead]) -> int:
        documents = [lead_document(replace(one, version=1)) for one in leads]
        added = 0
        for start in range(0, len(documents), CHUNK):
            some = documents[start : start + CHUNK]
            with self._place.reached(), pymongo.timeout(MANY_S):
                try:
                    added += len(self._leads.insert_many(some, ordered=False).inserted_ids)
                except BulkWriteError as error:
                    added += len(some) - len(only_duplicates(error))
        return added

    def known(self, campaign_id: str, numbers: Sequence[str]) -> set[str]:
        wanted = {"number": {"$in": list(numbers)}, "campaign_id": campaign_id}
        with self._place.reached():
            found = self._leads.find(wanted, {"_id": False, "number": True}, hint="leads_of_number")
            return {one["number"] for one in found}

    def get(self, lead_id: str) -> Lead | None:
        with self._place.reached():
            found = self._leads.find_one({"_id": lead_id})
        return None if found is None else lead_from(found)

    def some(self, lead_ids: Sequence[str]) -> Sequence[Lead]:
        with self._place.reached():
            return [lead_from(one) for one in self._leads.find({"_id": {"$in": list(lead_ids)}})]

    def of_number(self, number: str) -> Sequence[Lead]:
        with self._place.reached():
            found = self._leads.find({"number": number}, sort=[("created_at", ASCENDING)])
            return [lead_from(one) for one in found]

    def find(self, query: LeadQuery) -> Sequence[Lead]:
        if query.limit < 1:
            return []
        with self._place.reached():
            return [lead_from(one) for one in found_leads(self._leads, query)]

    def counts(self, campaign_id: str) -> Counts:
        # Each run by itself: counting keys costs a third of adding up what they hold.
        with self._place.reached(), pymongo.timeout(MANY_S):
            return {
                run: self._leads.count_documents(in_run(campaign_id, run), hint="leads_list")
                for run in runs(self._leads, LeadQuery(campaign_id))
            }

    def claim(self, campaign_id: str, now: datetime, lease: str, until: datetime) -> Lead | None:
        with self._place.reached():
            return self._claims.one(campaign_id, now, lease, until)

    def claim_many(
        self, campaign_id: str, now: datetime, lease: str, until: datetime, most: int
    ) -> Sequence[Lead]:
        if most < 1:
            return []
        with self._place.reached():
            return self._claims.many(campaign_id, now, lease, until, most)

    def save(self, lead: Lead) -> Lead:
        with self._place.reached():
            return self._save(lead, {})

    def save_many(self, leads: Sequence[Lead]) -> int:
        saved = 0
        for start in range(0, len(leads), CHUNK):
            updates = [
                UpdateOne({"_id": one.lead_id, "version": one.version}, _changes(one, {}))
                for one in leads[start : start + CHUNK]
            ]
            with self._place.reached(), pymongo.timeout(MANY_S):
                try:
                    saved += self._leads.bulk_write(updates, ordered=False).matched_count
                except BulkWriteError as error:
                    only_duplicates(error)  # numbers that are being rung stay as they are
                    saved += int(error.details["nMatched"])
        return saved

    def begin(self, lead: Lead, attempt: Attempt) -> Lead:
        begun = replace(
            lead,
            call_id=attempt.call_id,
            attempts=lead.attempts + 1,
            updated_at=attempt.started_at,
        )
        document = attempt_document(attempt)
        with self._place.reached():
            saved = self._save(begun, {"begun": document})
            self._land(document)
        return saved

    def keep_attempt(self, attempt: Attempt) -> None:
        document = attempt_document(attempt)
        with self._place.reached():
            self._attempts.replace_one({"_id": attempt.call_id}, document)

    def attempt(self, call_id: str) -> Attempt | None:
        with self._place.reached():
            found: Mapping[str, Any] | None = self._attempts.find_one({"_id": call_id})
            if found is None and call_id:
                found = self._left({"call_id": call_id})
        return None if found is None else attempt_from(found)

    def some_attempts(self, call_ids: Sequence[str]) -> Sequence[Attempt]:
        with self._place.reached():
            found = self._attempts.find({"_id": {"$in": list(call_ids)}})
            return [attempt_from(one) for one in found]

    def attempts_by_lead(self, lead_ids: Sequence[str]) -> Mapping[str, Sequence[Attempt]]:
        order = [(name, ASCENDING) for name in ("lead_id", "started_at", "attempt")]
        these = {"lead_id": {"$in": list(lead_ids)}}
        with self._place.reached():
            self._land_those_of(lead_ids)
            return grouped_by_lead(map(attempt_from, self._attempts.find(these, sort=order)))

    def attempts_of(self, lead_id: str) -> Sequence[Attempt]:
        order = [("started_at", ASCENDING), ("attempt", ASCENDING)]
        with self._place.reached():
            self._left({"_id": lead_id})
            return [
                attempt_from(one) for one in self._attempts.find({"lead_id": lead_id}, sort=order)
            ]

    def rung(self, numbers: Sequence[str], since: datetime) -> Mapping[str, Numbers]:
        pipeline = rung_pipeline(numbers, micros(since))
        with self._place.reached():
            found = list(self._attempts.aggregate(pipeline, hint="attempts_on_number"))
        counted = {
            one["_id"]: Numbers(one["day"], one["in_all"], moment_of(one["last"])) for one in found
        }
        return {number: counted.get(number, NEVER) for number in numbers}

    def expired(self, now: datetime, most: int) -> Sequence[Lead]:
        if most < 1:
            return []
        wanted = {"status": "ringing", "lease_until": {"$lte": micros(now)}}
        order = [("lease_until", ASCENDING)]
        with self._place.reached():
            found = self._leads.find(wanted, sort=order, hint="leads_leased").limit(most)
            return [lead_from(one) for one in found]

    def ringing(self) -> Mapping[str, int]:
        with self._place.reached():
            found = self._leads.aggregate(ringing_pipeline(), hint="leads_leased")
            return {one["_id"]: one["count"] for one in found}

    def in_call(self) -> int:
        with self._place.reached():
            return self._leads.count_documents({"call_id": {"$gt": ""}}, hint="leads_in_call")

    def next_due(self, campaign_id: str) -> datetime | None:
        wanted = {"campaign_id": campaign_id, "status": "waiting"}
        order = [("due_at", ASCENDING)]
        with self._place.reached():
            found = self._leads.find_one(wanted, {"due_at": True}, sort=order, hint="leads_due")
        return None if found is None else moment_of(found["due_at"])

    def hold(self, campaign_id: str, refusal: Refusal, now: datetime, most: int) -> int:
        if refusal.until is None:
            raise ValueError("leads are held until a moment")
        wanted = {
            **due(campaign_id, now),
            "zones": zones_text(refusal.zones),
            "country": refusal.country,
        }
        changes = {"due_at": micros(refusal.until), "reason": str(refusal.reason)}
        return self._change_waiting(wanted, "leads_by_zones", changes, now, most)

    def cancel(self, campaign_id: str, now: datetime, most: int) -> int:
        wanted = {"campaign_id": campaign_id, "status": "waiting"}
        return self._change_waiting(wanted, "leads_due", {"status": "canceled"}, now, most)

    def refuse(self, refusal: Refusal) -> None:
        document = refusal_document(refusal_row(refusal))
        with self._place.reached():
            self._refusals.insert_one(document)

    def refusals(
        self, campaign_id: str, lead_id: str | None, limit: int, before: datetime | None = None
    ) -> Sequence[Refusal]:
        if limit < 1:
            return []
        wanted: Document = {"campaign_id": campaign_id}
        if lead_id is not None:
            wanted |= {"lead_id": lead_id}
        older = {} if before is None else {"at": {"$lt": micros(before)}}
        with self._place.reached():
            found = list(self._refusals.find({**wanted, **older}, sort=REFUSAL_ORDER).limit(limit))
            if len(found) == limit:  # the last moment whole, or a page would begin in it
                moment = found[-1]["at"]
                same = self._refusals.find({**wanted, "at": moment}, sort=REFUSAL_ORDER)
                found = [*(one for one in found if one["at"] != moment), *same]
        return [refusal_from(one) for one in found]

    def tallies(self, campaign_id: str) -> Sequence[Tally]:
        with self._place.reached(), pymongo.timeout(MANY_S):
            found = self._attempts.aggregate(tallies_pipeline(campaign_id), hint="attempts_counted")
            return [tally_from(one) for one in found]

    def delete(self, campaign_id: str, most: int) -> int:
        deleted = 0
        while deleted < most:
            wanted = min(CHUNK, most - deleted)
            with self._place.reached(), pymongo.timeout(MANY_S):
                some = self._leads.find({"campaign_id": campaign_id}, {"_id": True}).limit(wanted)
                lead_ids = [one["_id"] for one in some]
                self._delete({"$in": lead_ids})
                deleted += len(lead_ids)
                if len(lead_ids) < wanted:
                    # What is of no lead, or of one that was forgotten.
                    self._attempts.delete_many({"campaign_id": campaign_id})
                    self._refusals.delete_many({"campaign_id": campaign_id})
                    break
        return deleted

    def forget_over(self, campaign_id: str, most: int) -> int:
        over = {"campaign_id": campaign_id, "status": {"$in": OVER}}
        forgotten = 0
        while forgotten < most:
            wanted = min(CHUNK, most - forgotten)
            with self._place.reached(), pymongo.timeout(MANY_S):
                some = self._leads.find(over, {"_id": True}, hint="leads_list").limit(wanted)
                lead_ids = [one["_id"] for one in some]
                self._delete({"$in": lead_ids})
            forgotten += len(lead_ids)
            if len(lead_ids) < wanted:
                with self._place.reached(), pymongo.timeout(MANY_S):
                    self._refusals.delete_many({"campaign_id": campaign_id})
                break
        return forgotten

    def forget(self, number: str) -> int:
        with self._place.reached():
            found = self._leads.find({"number": number}, {"_id": True})
            lead_ids = [one["_id"] for one in found]
            self._delete({"$in": lead_ids})
            # After the leads: what was begun meanwhile is of none that is left.
            self._attempts.delete_many({"number": number})
        return len(lead_ids)

    def close(self) -> None:
        self._place.close()

    def _save(self, lead: Lead, more: Document) -> Lead:
        unchanged = {"_id": lead.lead_id, "version": lead.version}
        try:
            kept = self._leads.update_one(unchanged, _changes(lead, more))
        except DuplicateKeyError as error:
            message = "The number of this lead is being rung by another campaign."
            raise StaleLead(message) from error
        if not kept.matched_count:
            raise StaleLead("This lead was changed or forgotten meanwhile: load it again.")
        return replace(lead, version=lead.version + 1)

    def _left(self, wanted: Document) -> Mapping[str, Any] | None:
        """The attempt that a lead carries, copied to the others; None when it carries none."""
        lead: Mapping[str, Any] | None = self._leads.find_one(
            wanted, {"begun": True, "call_id": True}
        )
        begun = lead and lead.get("begun")
        if not lead or not begun or begun["_id"] != lead["call_id"]:
            return None
        self._land(begun)
        return begun  # type: ignore[no-any-return]

    def _land_those_of(self, lead_ids: Sequence[str]) -> None:
        """`_left` of many leads, of whom few carry one that the others do not have yet."""
        wanted = {"_id": {"$in": list(lead_ids)}, "begun": {"$ne": None}}
        carried = self._leads.find(wanted, {"begun": True, "call_id": True})
        begun = {one["call_id"]: one["begun"] for one in carried}
        there = self._attempts.find({"_id": {"$in": list(begun)}}, {"_id": True})
        known = {one["_id"] for one in there}
        for call_id, attempt in begun.items():
            if attempt["_id"] == call_id and call_id not in known:
                self._land(attempt)

    def _land(self, attempt: Document) -> None:
        self._attempts.update_one(
            {"_id": attempt["_id"]},
            {"$setOnInsert": {name: value for name, value in attempt.items() if name != "_id"}},
            upsert=True,
        )
        # Forgotten meanwhile, it would stand there for ever.
        if self._leads.find_one({"_id": attempt["lead_id"]}, {"_id": True}) is None:
            self._attempts.delete_one({"_id": attempt["_id"]})

    def _change_waiting(
        self, wanted: Document, index: str, changes: Document, now: datetime, most: int
    ) -> int:
        update = {"$set": {**changes, "updated_at": micros(now)}, "$inc": {"version": 1}}
        changed = 0
        while changed < most:
            chunk = min(CHUNK, most - changed)
            with self._place.reached(), pymongo.timeout(MANY_S):
                found = self._leads.find(wanted, {"_id": True}, hint=index).limit(chunk)
                lead_ids = [one["_id"] for one in found]
                these = {**wanted, "_id": {"$in": lead_ids}}
                changed += self._leads.update_many(these, update, hint="_id_").modified_count
            if len(lead_ids) < chunk:
                break
        return changed

    def _delete(self, lead_ids: Document) -> None:
        """The leads last, so that they are found again by who is killed before."""
        self._attempts.delete_many({"lead_id": lead_ids})
        self._refusals.delete_many({"lead_id": lead_ids})
        self._leads.delete_many({"_id": lead_ids})


def _changes(lead: Lead, more: Document) -> Document:
    document = lead_document(lead)
    changes = {name: document[name] for name in LEAD_CHANGES if name != "version"}
    return {"$set": {**changes, **more}, "$inc": {"version": 1}}
