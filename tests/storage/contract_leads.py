"""What every store of leads must do. A backend's test module inherits LeadsContract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storage.base import StorageError
from storage.leads import LeadQuery, Leads, LeadStatus, Numbers, Result, StaleLead, Tally
from tests.storage.contract_claims import ClaimingLeads
from tests.storage.lead_opening import OpensLeads, claimed
from tests.storage.lead_samples import LATER, NOW, UNTIL, a_lead, a_refusal, an_attempt


class KeepingLeads(OpensLeads):
    """Adding, changing, counting, forgetting."""

    def test_a_lead_is_given_back_as_it_was_added(self, leads: Leads) -> None:
        whole = a_lead(
            zones=("America/Chicago", "America/New_York"),
            subdivision="CA",
            consent_basis="form",
            consent_at=NOW - timedelta(days=3),
            reason="hours",
        )

        assert leads.add([whole]) == 1
        assert leads.get(whole.lead_id) == replace(whole, version=1)
        assert leads.of_number(whole.number) == [replace(whole, version=1)]
        assert leads.get("nobody") is None

    def test_a_number_stands_in_a_campaign_once(self, leads: Leads) -> None:
        first = a_lead(1)
        again = a_lead(2, number=first.number)
        elsewhere = a_lead(1, "pongal")

        assert leads.add([first, again]) == 1
        assert leads.add([first, a_lead(3), elsewhere]) == 2
        assert leads.known("diwali", [first.number, "+911"]) == {first.number}
        assert leads.known("onam", [first.number]) == set()
        assert [one.campaign_id for one in leads.of_number(first.number)] == ["diwali", "pongal"]

    def test_more_leads_than_are_written_at_once_are_all_kept(self, leads: Leads) -> None:
        assert leads.add([a_lead(line) for line in range(1200)]) == 1200
        assert leads.counts("diwali") == {("waiting", "", ""): 1200}

    def test_a_lead_is_changed_by_whoever_loaded_its_last_version(self, leads: Leads) -> None:
        leads.add([a_lead()])
        kept = leads.get("diwali-000000")
        assert kept is not None
        changed = replace(kept, status=LeadStatus.GIVEN_UP, result=Result.BUSY, due_at=LATER)

        saved = leads.save(changed)

        assert saved == replace(changed, version=2)
        assert leads.get(kept.lead_id) == saved
        with pytest.raises(StaleLead):
            leads.save(replace(kept, reason="hours"))
        with pytest.raises(StaleLead):
            leads.save(replace(kept, lead_id="nobody"))
        assert leads.get(kept.lead_id) == saved

    def test_many_are_changed_but_those_that_somebody_changed_first(self, leads: Leads) -> None:
        leads.add([a_lead(line) for line in range(5)])
        loaded = leads.find(LeadQuery("diwali"))
        ringing = claimed(leads)  # the first
        leads.add([a_lead(9, "pongal", number=ringing.number)])
        (same_number,) = leads.find(LeadQuery("pongal"))
        wanted = [replace(one, status=LeadStatus.REFUSED, reason="hours") for one in loaded]
        # One whose number is being rung elsewhere stays as it is, too.
        wanted.append(replace(same_number, status=LeadStatus.RINGING))

        assert leads.save_many(wanted) == 4
        assert leads.save_many([]) == 0
        assert leads.get(ringing.lead_id) == ringing
        assert leads.counts("diwali") == {("ringing", "", ""): 1, ("refused", "", "hours"): 4}
        assert leads.counts("pongal") == {("waiting", "", ""): 1}
        assert {one.version for one in leads.find(LeadQuery("diwali", "refused"))} == {2}

    def test_what_cannot_be_kept_is_refused(self, leads: Leads) -> None:
        with pytest.raises(StorageError):
            leads.add([a_lead(variables={"name": "\ud800"})])
        with pytest.raises(StorageError):
            leads.add([a_lead(due_at=NOW.replace(tzinfo=None))])
        assert leads.get("diwali-000000") is None

    def test_canceling_stops_those_that_wait_some_at_a_time(self, leads: Leads) -> None:
        leads.add([a_lead(line) for line in range(5)])
        leads.add([a_lead(9, "pongal")])
        ringing = claimed(leads)

        assert leads.cancel("diwali", NOW, 3) == 3
        assert leads.cancel("diwali", NOW, 3) == 1
        assert leads.counts("diwali") == {("ringing", "", ""): 1, ("canceled", "", ""): 4}
        assert leads.get(ringing.lead_id) == ringing
        assert leads.claim("diwali", NOW, "me", UNTIL) is None
        assert leads.next_due("pongal") is not None

    def test_refusals_are_kept_newest_first(self, leads: Leads) -> None:
        leads.add([a_lead()])
        old = a_refusal("diwali-000000", at=NOW - timedelta(days=1))
        of_many = a_refusal(leads=700, until=None)
        same = a_refusal("diwali-000000", reason="weekday")
        for one in (old, of_many, same):
            leads.refuse(one)

        assert leads.refusals("diwali", None, 10) == [same, of_many, old]
        assert leads.refusals("diwali", "diwali-000000", 10) == [same, old]
        # A page never ends within a moment: the next one begins before it.
        assert leads.refusals("diwali", None, 1) == [same, of_many]
        assert leads.refusals("diwali", None, 1, before=NOW) == [old]
        assert leads.refusals("pongal", None, 10) == []

    def test_a_campaign_is_forgotten_some_leads_at_a_time(self, leads: Leads) -> None:
        leads.add([a_lead(line) for line in range(4)])
        leads.add([a_lead(0, "pongal", number="+911")])
        leads.begin(claimed(leads), an_attempt(a_lead()))
        leads.refuse(a_refusal("diwali-000001"))
        leads.refuse(a_refusal())

        assert leads.delete("diwali", 3) == 3
        assert leads.delete("diwali", 3) == 1
        assert leads.counts("diwali") == {}
        assert leads.attempt("call-1") is None
        assert leads.refusals("diwali", None, 10) == []
        assert leads.counts("pongal") == {("waiting", "", ""): 1}

    def test_those_that_are_over_are_forgotten_and_those_that_wait_stay(self, leads: Leads) -> None:
        leads.add([a_lead(line) for line in range(5)])
        first = leads.begin(claimed(leads), an_attempt(a_lead()))
        leads.save(replace(first, status=LeadStatus.DONE, call_id="", lease="", lease_until=None))
        waiting, *others = leads.find(LeadQuery("diwali", "waiting"))
        leads.save_many([replace(one, status=LeadStatus.GIVEN_UP) for one in others])
        leads.refuse(a_refusal())

        assert leads.forget_over("diwali", 3) == 3
        assert leads.forget_over("diwali", 3) == 1
        assert leads.find(LeadQuery("diwali")) == [waiting]
        assert leads.attempt("call-1") is None
        assert leads.refusals("diwali", None, 10) == []
        assert leads.forget_over("pongal", 3) == 0

    def test_a_person_is_forgotten_in_every_campaign(self, leads: Leads) -> None:
        leads.add([a_lead(0), a_lead(1), a_lead(0, "pongal")])
        begun = leads.begin(claimed(leads), an_attempt(a_lead()))
        leads.refuse(a_refusal(begun.lead_id))

        assert leads.forget(begun.number) == 2
        assert leads.of_number(begun.number) == []
        assert leads.attempt("call-1") is None
        assert leads.attempts_of(begun.lead_id) == []
        assert leads.refusals("diwali", None, 10) == []
        assert leads.rung([begun.number], NOW) == {begun.number: Numbers(0, 0)}
        # What the carrier tells of the last call brings nobody back.
        leads.keep_attempt(an_attempt(begun, result=Result.TALKED))
        assert leads.attempt("call-1") is None
        with pytest.raises(StaleLead):
            leads.save(begun)
        assert leads.counts("diwali") == {("waiting", "", ""): 1}

    def test_closed_leads_say_so(self, leads: Leads) -> None:
        leads.close()
        leads.close()

        with pytest.raises(StorageError):
            leads.get("anybody")


class FindingLeads(OpensLeads):
    """Pages and sums."""

    @pytest.fixture
    def many(self, leads: Leads) -> Leads:
        """Twelve leads of four fates, added at three moments."""
        fates: list[Mapping[str, Any]] = [
            {},
            {"reason": "hours"},
            {"result": Result.BUSY, "attempts": 1},
            {"status": LeadStatus.DONE, "result": Result.COMPLETED},
        ]
        leads.add(
            [
                a_lead(line, created_at=NOW + timedelta(hours=line % 3), **fates[line % 4])
                for line in range(12)
            ]
        )
        leads.add([a_lead(50, "pongal")])
        return leads

    @pytest.mark.parametrize("limit", [1, 3, 5, 100])
    def test_pages_leave_out_and_repeat_nothing(self, many: Leads, limit: int) -> None:
        seen: list[int] = []
        query = LeadQuery("diwali", limit=limit)
        while page := many.find(query):
            assert len(page) <= limit
            seen += [lead.line for lead in page]
            query = replace(query, after=(page[-1].created_at, page[-1].lead_id))

        assert seen == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]

    def test_leads_are_found_by_their_fate(self, many: Leads) -> None:
        def found(**wanted: str) -> list[int]:
            return [lead.line for lead in many.find(LeadQuery("diwali", **wanted))]  # type: ignore[arg-type]

        assert found(status="done") == [3, 7, 11]
        assert found(reason="hours") == [9, 1, 5]
        assert found(result="busy") == [6, 10, 2]
        assert found(result="", reason="") == [0, 4, 8]
        assert found(status="waiting", result="busy") == [6, 10, 2]
        assert found(status="done", result="busy") == []
        assert found(status="' OR 1=1 --") == []
        assert found(number=a_lead(4).number) == [4]
        assert found(number=a_lead(4).number, status="done") == []
        assert found(number=a_lead(50).number) == []
        assert many.find(LeadQuery("diwali", limit=0)) == []

    def test_leads_are_counted_by_their_fate(self, many: Leads) -> None:
        assert many.counts("diwali") == {
            ("waiting", "", ""): 3,
            ("waiting", "", "hours"): 3,
            ("waiting", "busy", ""): 3,
            ("done", "completed", ""): 3,
        }
        assert many.counts("onam") == {}

    def test_attempts_that_are_alike_are_counted_together(self, leads: Leads) -> None:
        leads.add([a_lead(line) for line in range(3)])
        for line in range(3):
            call_id = f"call-{line}"
            lead = claimed(leads)
            leads.begin(lead, an_attempt(lead, call_id))
            if line:
                ended = an_attempt(lead, call_id, result=Result.TALKED, spoke=True, seconds=2.5)
                leads.keep_attempt(ended)

        tallies = leads.tallies("diwali")

        assert sorted(tallies, key=lambda one: one.result) == [
            Tally(1, 15, "", "", False, False, 1, 0),
            Tally(1, 15, "talked", "", True, False, 2, 5.0),
        ]
        assert leads.tallies("pongal") == []


class LeadsContract(KeepingLeads, FindingLeads, ClaimingLeads):
    """The behaviour of a store of leads."""
