"""Leads, do-not-call lists and deliveries in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from storage.base import DatabaseAway
from storage.leads import LeadStatus
from storage.mongo_lead_list import in_run
from storage.mongo_leads import MongoLeads
from tests.storage import mongod as real
from tests.storage.contract_deliveries import DeliveriesContract
from tests.storage.contract_do_not_call import DoNotCallContract
from tests.storage.contract_leads import LeadsContract
from tests.storage.lead_opening import claimed
from tests.storage.lead_samples import NOW, UNTIL, a_lead, a_refusal, an_attempt


class InMongo:
    """A database of each test's own."""

    @pytest.fixture(autouse=True)
    def _server(self, shared_mongod: real.Mongod) -> None:
        self._mongod = shared_mongod

    def variables(self, place: Path) -> Mapping[str, str]:
        uri = self._mongod.uri(f"leads_{abs(hash(place)) % 10**12}")
        return {"DATA_DIR": str(place / "data"), "MONGODB_URI": uri}


class TestMongoLeads(InMongo, LeadsContract):
    """The contract of the leads."""


class TestMongoDoNotCall(InMongo, DoNotCallContract):
    """The contract of the do-not-call lists."""


class TestMongoDeliveries(InMongo, DeliveriesContract):
    """The contract of the deliveries."""


def test_who_dies_between_a_lead_and_its_attempt_leaves_both(
    shared_mongod: real.Mongod, tmp_path: Path
) -> None:
    with closing(MongoLeads(shared_mongod.uri(f"died_{abs(hash(tmp_path)) % 10**12}"))) as leads:
        leads.add([a_lead(0), a_lead(1)])
        attempts = [an_attempt(a_lead(line), f"call-{line}") for line in range(2)]
        for attempt in attempts:
            leads.begin(claimed(leads), attempt)
            leads._attempts.delete_one({"_id": attempt.call_id})  # as if it had died before it

        number = attempts[0].number
        assert leads.rung([number], NOW)[number].in_all == 0  # it was never dialed
        assert leads.attempt("call-0") == attempts[0]
        assert leads.attempts_by_lead([attempts[1].lead_id]) == {attempts[1].lead_id: [attempts[1]]}
        assert leads.attempts_of(attempts[1].lead_id) == [attempts[1]]
        assert leads.rung([number], NOW)[number].in_all == 1
        begun = leads.get(attempts[0].lead_id)
        assert begun is not None
        leads.save(begun)  # nobody has touched it
        leads.forget(begun.number)
        assert leads.attempt("call-0") is None


def test_claims_and_sums_read_their_index_and_no_more(
    shared_mongod: real.Mongod, tmp_path: Path
) -> None:
    with closing(MongoLeads(shared_mongod.uri(f"plans_{abs(hash(tmp_path)) % 10**12}"))) as leads:
        leads.add([a_lead(line) for line in range(50)])
        ringing = claimed(leads)
        due = {"campaign_id": "diwali", "status": "waiting", "due_at": {"$lte": 2**62}}
        found = leads._leads.find(due).sort("due_at", 1).limit(1).hint("leads_due").explain()
        database = leads._leads.database

        def explained(name: str, hint: str, *stages: Mapping[str, object]) -> str:
            command = {"aggregate": name, "pipeline": list(stages), "cursor": {}, "hint": hint}
            return str(database.command("explain", command, verbosity="queryPlanner"))

        counts = explained(
            "leads",
            "leads_list",
            {"$match": in_run("diwali", ("waiting", "", ""))},
            {"$group": {"_id": 1, "n": {"$sum": 1}}},
        )
        rings = explained(
            "leads",
            "leads_leased",
            {"$match": {"status": "ringing"}},
            {"$group": {"_id": "$campaign_id", "count": {"$sum": 1}}},
        )

        assert found["executionStats"]["totalDocsExamined"] == 1
        assert ("COLLSCAN" in counts, "'FETCH'" in counts) == (False, False)
        assert ("COLLSCAN" in rings, "'FETCH'" in rings) == (False, False)
        assert leads.ringing() == {"diwali": 1}
        assert leads.get(ringing.lead_id) == ringing


def test_while_the_database_is_away_leads_say_so_and_then_work(mongod: real.Mongod) -> None:
    with closing(MongoLeads(mongod.uri(), timeout_s=1.0)) as leads:
        leads.add([a_lead(line) for line in range(3)])
        lead = claimed(leads)
        mongod.kill()
        for _ in range(2):
            with pytest.raises(DatabaseAway):
                leads.claim("diwali", NOW, "me", UNTIL)
        with pytest.raises(DatabaseAway):
            leads.hold("diwali", a_refusal(), NOW, 2)

        mongod.start()
        assert leads.get(lead.lead_id) == lead  # what was claimed outlives the server
        assert leads.claim("diwali", NOW, "me", UNTIL) is not None
        assert [one.status for one in leads.expired(UNTIL, 9)] == [LeadStatus.RINGING] * 2
