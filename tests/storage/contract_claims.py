"""The contract of the leads: claims, leases, attempts, putting off, processes that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from storage.leads import LeadQuery, Leads, LeadStatus, Numbers, Result, StaleLead
from tests.storage.lead_opening import OpensLeads, claimed
from tests.storage.lead_samples import (
    LATER,
    NOW,
    UNTIL,
    a_lead,
    a_refusal,
    an_attempt,
)
from tests.storage.samples import at_once

ROOT = Path(__file__).parents[2]
CLAIMER = Path(__file__).with_name("claimer.py")


class ClaimingLeads(OpensLeads):
    """Claims, leases, attempts, putting off."""

    def test_who_has_been_due_longest_is_claimed_first(self, leads: Leads) -> None:
        late = a_lead(1, due_at=NOW + timedelta(microseconds=1))
        leads.add([a_lead(3), a_lead(2, reason="hours"), late, a_lead(1, "pongal")])

        first, second = claimed(leads), claimed(leads)

        assert (first.lead_id, second.lead_id) == ("diwali-000002", "diwali-000003")
        assert first == replace(
            a_lead(2, reason="hours"),
            status=LeadStatus.RINGING,
            lease="me",
            lease_until=UNTIL,
            version=2,
        )
        assert leads.get(first.lead_id) == first
        assert leads.claim("diwali", NOW, "me", UNTIL) is None
        assert leads.next_due("diwali") == late.due_at
        assert leads.ringing() == {"diwali": 2}
        assert leads.in_call() == 0
        assert leads.next_due("onam") is None

    def test_nobody_is_rung_by_two_campaigns_at_once(self, leads: Leads) -> None:
        leads.add([a_lead(0), a_lead(0, "pongal"), a_lead(1, "pongal")])
        ringing = claimed(leads)

        assert claimed(leads, "pongal").lead_id == "pongal-000001"
        assert leads.claim("pongal", NOW, "me", UNTIL) is None
        put_off = leads.get("pongal-000000")
        assert put_off is not None
        assert (put_off.status, put_off.reason) == ("waiting", "being_rung")
        assert put_off.due_at > NOW
        with pytest.raises(StaleLead):
            leads.save(replace(put_off, status=LeadStatus.RINGING))

        leads.save(replace(ringing, status=LeadStatus.DONE))
        again = leads.claim("pongal", put_off.due_at, "me", UNTIL)
        assert again is not None
        assert (again.lead_id, again.reason) == ("pongal-000000", "being_rung")

    def test_many_are_claimed_at_once_the_longest_due_first(self, leads: Leads) -> None:
        leads.add([a_lead(0), a_lead(0, "pongal"), a_lead(1, "pongal")])
        leads.add([a_lead(line, "pongal", due_at=LATER) for line in (2, 3)])
        leads.add([a_lead(4, "pongal", due_at=NOW - timedelta(hours=1))])
        ringing = claimed(leads)

        first = leads.claim_many("pongal", NOW, "us", UNTIL, 9)
        rest = leads.claim_many("pongal", LATER, "them", UNTIL, 1)

        assert [lead.line for lead in first] == [4, 1]
        assert {(lead.lease, lead.lease_until, lead.status) for lead in first} == {
            ("us", UNTIL, LeadStatus.RINGING)
        }
        assert list(leads.some([lead.lead_id for lead in first])) in (first, first[::-1])
        assert len(rest) == 1
        assert leads.claim_many("pongal", NOW, "us", UNTIL, 9) == []
        assert leads.claim_many("pongal", LATER, "us", UNTIL, 0) == []
        assert leads.get(ringing.lead_id) == ringing

    def test_leases_that_are_over_are_found_the_longest_first(self, leads: Leads) -> None:
        leads.add([a_lead(line) for line in range(3)])
        for seconds in (3, 1, 2):
            leads.claim("diwali", NOW, "me", NOW + timedelta(seconds=seconds))

        over = leads.expired(NOW + timedelta(seconds=2), 10)

        assert [lead.line for lead in over] == [1, 2]
        assert [lead.line for lead in leads.expired(UNTIL, 1)] == [1]
        assert leads.expired(NOW, 10) == []

    def test_an_attempt_is_kept_with_its_lead_or_not_at_all(self, leads: Leads) -> None:
        leads.add([a_lead()])
        lead = claimed(leads)
        attempt = an_attempt(lead)

        begun = leads.begin(lead, attempt)

        assert begun == replace(lead, call_id="call-1", attempts=1, updated_at=NOW, version=3)
        assert leads.in_call() == 1
        assert leads.get(lead.lead_id) == begun
        assert leads.attempt("call-1") == attempt
        with pytest.raises(StaleLead):
            leads.begin(lead, an_attempt(lead, "call-2"))
        assert leads.attempt("call-2") is None
        assert leads.attempts_of(lead.lead_id) == [attempt]
        assert leads.attempts_by_lead([lead.lead_id, "nobody"]) == {lead.lead_id: [attempt]}
        assert leads.attempt("") is None

    def test_what_became_of_an_attempt_is_kept(self, leads: Leads) -> None:
        leads.add([a_lead()])
        lead = claimed(leads)
        leads.begin(lead, an_attempt(lead))
        ended = an_attempt(
            lead,
            carrier_id="CA1",
            ended_at=LATER,
            result=Result.COMPLETED,
            answered_by="human",
            spoke=True,
            qualified=True,
            seconds=61.5,
            error="20003",
        )

        leads.keep_attempt(ended)
        leads.keep_attempt(ended)

        assert leads.attempt("call-1") == ended
        assert leads.attempts_of(lead.lead_id) == [ended]
        assert leads.attempts_by_lead([lead.lead_id]) == {lead.lead_id: [ended]}
        assert leads.attempts_by_lead([]) == {}
        assert list(leads.some_attempts(["call-1", "call-2"])) == [ended]

    def test_attempts_on_a_number_are_counted_in_every_campaign(self, leads: Leads) -> None:
        leads.add([a_lead(0), a_lead(0, "pongal"), a_lead(1)])
        for number, (campaign_id, hours, result) in enumerate(
            [("diwali", 30, "busy"), ("pongal", 2, ""), ("diwali", 1, "not_placed")]
        ):
            lead = claimed(leads, campaign_id)
            if lead.line == 1:  # the other has had its attempt
                lead = replace(lead, number=a_lead().number)
            attempt = an_attempt(
                lead, f"call-{number}", started_at=NOW - timedelta(hours=hours), result=result
            )
            begun = leads.begin(replace(lead, number=a_lead(lead.line).number), attempt)
            leads.save(replace(begun, status=LeadStatus.DONE))

        day_ago = NOW - timedelta(days=1)
        rung = leads.rung([a_lead().number, "+911"], day_ago)

        assert rung == {
            a_lead().number: Numbers(1, 2, NOW - timedelta(hours=2)),
            "+911": Numbers(0, 0),
        }

    def test_leads_of_the_same_zones_and_country_are_held_together(self, leads: Leads) -> None:
        two = ("America/Denver", "America/Chicago")
        leads.add([a_lead(line) for line in range(3)])
        leads.add([a_lead(3, due_at=LATER), a_lead(4, country="LK"), a_lead(5, zones=two)])
        leads.add([a_lead(6, "pongal")])

        assert leads.hold("diwali", a_refusal(), NOW, 2) == 2
        assert leads.hold("diwali", a_refusal(), NOW, 2) == 1
        assert leads.hold("diwali", a_refusal(zones=two[::-1]), NOW, 2) == 1
        assert leads.hold("diwali", a_refusal(zones=two[:1]), NOW, 2) == 0

        held = leads.find(LeadQuery("diwali", reason="hours"))
        assert [(lead.line, lead.due_at, lead.version) for lead in held] == [
            (line, LATER, 2) for line in (0, 1, 2, 5)
        ]
        assert claimed(leads).line == 4
        assert leads.claim("diwali", NOW, "me", UNTIL) is None
        with pytest.raises(ValueError, match="until"):
            leads.hold("diwali", a_refusal(until=None), NOW, 2)

    def test_many_threads_never_claim_the_same_lead_or_number(self, leads: Leads) -> None:
        leads.add([a_lead(line) for line in range(40)])
        leads.add([a_lead(line, "pongal") for line in range(40)])

        def claim_all(campaign_id: str) -> list[str]:
            numbers = []
            for turn in count():
                lease = f"{threading.get_ident()}-{turn}"
                some = leads.claim_many(campaign_id, NOW, lease, UNTIL, turn % 4 + 1)
                if not some:
                    break
                numbers += [lead.number for lead in some]
            return numbers

        outcomes = at_once([partial(claim_all, name) for name in ("diwali", "pongal") * 3])

        numbers = [one for some in outcomes for one in some]  # type: ignore[attr-defined]
        assert len(numbers) == len(set(numbers)) == 40
        assert sum(leads.ringing().values()) == 40

    def test_a_process_that_is_killed_while_it_claims_loses_and_doubles_nothing(
        self, leads: Leads, tmp_path: Path
    ) -> None:
        leads.add([a_lead(line) for line in range(300)])
        killed, other = (self._claimer(tmp_path, name) for name in ("killed", "other"))
        for one in (killed, other):
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        assert killed.stdout is not None
        said = {killed.stdout.readline().strip() for _ in range(20)}
        killed.kill()
        said |= set(killed.stdout.read().split())
        killed.communicate()
        rest = other.communicate(timeout=60)[0].split()

        over = {lead.lead_id: lead.lease for lead in leads.expired(UNTIL, 1000)}
        of_killed = {lead_id for lead_id, lease in over.items() if lease == "killed"}
        assert len(over) == 300
        assert set(rest) == set(over) - of_killed
        assert len(rest) == len(set(rest))
        assert said - {""} <= of_killed
        assert len(of_killed - said) <= 1  # claimed, and killed before it could say so

    def _claimer(self, place: Path, lease: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(CLAIMER), lease],
            env={**self.variables(place), "PYTHONPATH": str(ROOT), "PATH": os.defpath},
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process
