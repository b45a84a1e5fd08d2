"""Claims leads in MongoDB: each is one document, taken by one update under a condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING, ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from storage.campaign_rows import micros
from storage.leads import PUT_OFF, PUT_OFF_REASON, Lead
from storage.mongo_documents import Document
from storage.mongo_lead_documents import lead_from

_ORDER = [("due_at", ASCENDING)]


def due(campaign_id: str, now: datetime) -> Document:
    """Who may be claimed."""
    return {"campaign_id": campaign_id, "status": "waiting", "due_at": {"$lte": micros(now)}}


@dataclass(frozen=True, slots=True)
class Claims:
    """Takes leads of a collection; two never get the same one."""

    leads: Collection[Document]

    def one(self, campaign_id: str, now: datetime, lease: str, until: datetime) -> Lead | None:
        """The lead that has been due longest; None when none is due."""
        update = _taken(now, lease, until)
        while True:
            try:
                found = self.leads.find_one_and_update(
                    due(campaign_id, now),
                    update,
                    sort=_ORDER,
                    hint="leads_due",
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:  # the number of the first is being rung
                self._put_off(campaign_id, now)
            else:
                return None if found is None else lead_from(found)

    def many(
        self, campaign_id: str, now: datetime, lease: str, until: datetime, most: int
    ) -> Sequence[Lead]:
        """Those that have been due longest, the longest first.

        There is no such command for many documents, so: who is due is looked up, those of them who
        are still due are taken, each by itself, and who was taken is told by the lease, which
        nobody else has.
        """
        wanted = due(campaign_id, now)
        seen = self.leads.find(wanted, {"_id": True}, sort=_ORDER, hint="leads_due").limit(most)
        these = {"_id": {"$in": [one["_id"] for one in seen]}}
        has_all = True
        try:
            taken = self.leads.update_many(
                {**wanted, **these}, _taken(now, lease, until), hint="_id_"
            ).modified_count
        except DuplicateKeyError:  # a number is being rung; the leads after it were not looked at
            taken, has_all = most, False
        if not taken:
            return []
        found = self.leads.find({**these, "status": "ringing", "lease": lease}, hint="_id_")
        claimed = sorted(map(lead_from, found), key=lambda lead: lead.due_at)
        while not has_all and len(claimed) < most:
            lead = self.one(campaign_id, now, lease, until)
            if lead is None:
                break
            claimed.append(lead)
        return claimed

    def _put_off(self, campaign_id: str, now: datetime) -> None:
        """Put off the first that is due if its number is being rung; it may be by now, or not."""
        first = self.leads.find_one(due(campaign_id, now), sort=_ORDER, hint="leads_due")
        if first is None:
            return
        rings = {"number": first["number"], "status": "ringing"}
        if self.leads.find_one(rings, {"_id": True}, hint="leads_ringing") is not None:
            later = {"due_at": micros(now + PUT_OFF), "reason": PUT_OFF_REASON}
            self.leads.update_one(
                {"_id": first["_id"], "version": first["version"]},
                {"$set": {**later, "updated_at": micros(now)}, "$inc": {"version": 1}},
            )


def _taken(now: datetime, lease: str, until: datetime) -> Document:
    changes = {
        "status": "ringing",
        "lease": lease,
        "lease_until": micros(until),
        "updated_at": micros(now),
    }
    return {"$set": changes, "$inc": {"version": 1}}
