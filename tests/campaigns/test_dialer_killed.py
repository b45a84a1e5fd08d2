"""A process is killed between any two steps; whoever goes on rings nobody twice, forgets nobody.

The steps of a lead, and what is left when the one who does them dies right after each:
tick      campaigns looked at · pace reserved · lead claimed · job sent
ring      lead, campaign, carrier's state, lists and attempts read · attempt and lead kept ·
          call kept · order taken by the carrier (its answer lost) · call named · attempt named
settle    call, turns, campaign read · number barred · attempt kept · lead kept
recover   lead marked · carrier asked · attempt, call and lead kept, one after the other
Each test dies after the first step, then after the second, until nobody dies any more.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import count
from threading import Event

import pytest

from benchmarks.server_process import ROOT
from campaigns.dialer import Dialer
from phone.mishaps import LOSES, TAKES_AND_LOSES
from storage.leads import Lead, LeadStatus
from tests.campaigns.street import Killed, Life, Street

Arrange = Callable[[Street, Lead], None]
Act = Callable[[Dialer, Street, Lead], None]


def deaths(street: Street, arrange: Arrange, act: Act) -> int:
    """How many die: in each turn the lead is arranged anew, and who acts lives a step longer."""
    campaign = street.campaign()
    for steps in count(1):
        lead = street.lead(campaign)
        arrange(street, lead)
        try:
            act(street.process(Life(steps)), street, lead)
        except Killed:
            settles_as_busy(street, lead)
            street.leads.forget(lead.number)
        else:
            return steps - 1
    raise AssertionError("unreachable")


def settles_as_busy(street: Street, lead: Lead) -> None:
    """After a minute it was rung once, and counts once; after its end it waits for the next."""
    if street.again(lead).status is not LeadStatus.WAITING or not street.again(lead).result:
        street.live_on(60)
        assert street.orders(lead) == 1
        kept = street.again(lead)
        if not kept.result:
            assert (kept.status, kept.attempts) == (LeadStatus.RINGING, 1)
            street.report(lead, "busy")
            street.live_on(10)
            street.dialer.settle(kept.call_id)
    kept = street.again(lead)
    assert (kept.status, kept.attempts, kept.result) == (LeadStatus.WAITING, 1, "busy")
    assert (kept.call_id, kept.lease) == ("", "")
    results = [one.result for one in street.leads.attempts_of(lead.lead_id)]
    assert results[-1:] == ["busy"]
    assert set(results[:-1]) <= {"not_placed"}
    assert street.orders(lead) == 1
    assert street.leads.ringing() == {}


def is_due(street: Street, lead: Lead) -> None:
    street.pass_time(1)


def is_claimed(street: Street, lead: Lead) -> None:
    is_due(street, lead)
    street.dialer.tick(Event())
    assert street.again(lead).status is LeadStatus.RINGING


def is_over(street: Street, lead: Lead) -> None:
    is_claimed(street, lead)
    street.work()
    street.report(lead, "busy")


def was_lost(street: Street, lead: Lead) -> None:
    is_claimed(street, lead)
    street.work()
    street.pass_time(30)
    street.dialer.recover(Event())  # marks it
    street.pass_time(16)


def order_was_lost(street: Street, lead: Lead) -> None:
    street.exchange.mishaps.add([LOSES])
    was_lost(street, lead)


def answer_was_lost(street: Street, lead: Lead) -> None:
    street.exchange.mishaps.add([TAKES_AND_LOSES])
    was_lost(street, lead)


def ring(dialer: Dialer, street: Street, lead: Lead) -> None:
    (job,) = street.jobs
    street.jobs.clear()
    dialer.ring(*job[1:])


def test_whoever_dies_while_ticking(any_street: Street) -> None:
    assert deaths(any_street, is_due, lambda dialer, street, lead: dialer.tick(Event())) > 5


def test_whoever_dies_while_ringing(any_street: Street) -> None:
    assert deaths(any_street, is_claimed, ring) > 8


def test_whoever_dies_while_settling(any_street: Street) -> None:
    def settle(dialer: Dialer, street: Street, lead: Lead) -> None:
        dialer.settle(street.again(lead).call_id)

    assert deaths(any_street, is_over, settle) > 4


@pytest.mark.parametrize("arrange", [order_was_lost, answer_was_lost])
def test_whoever_dies_while_recovering(any_street: Street, arrange: Arrange) -> None:
    assert deaths(any_street, arrange, lambda dialer, street, lead: dialer.recover(Event())) > 5


def test_processes_that_are_really_killed_ring_everybody_once(street: Street) -> None:
    campaign = street.campaign()
    leads = [street.lead(campaign) for _ in range(40)]
    run = "tests.campaigns.killed_processes"
    command = [sys.executable, "-m", run, str(street.folder), street.address, "6"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    assert [street.orders(lead) for lead in leads] == [1] * len(leads)
    kept = [street.again(lead) for lead in leads]
    assert {(lead.status, lead.attempts) for lead in kept} == {(LeadStatus.RINGING, 1)}
