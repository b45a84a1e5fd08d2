"""What becomes of a lead when an attempt is over: rung again, when, or not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from campaigns.campaign import CampaignRules, Detection, OnMachine, Retries
from storage.leads import Attempt, Lead, LeadStatus, Result

REACHED = frozenset({Result.COMPLETED, Result.HANDED_OVER, Result.TALKED})
# The word of the gate for somebody who said no (`compliance.Reason.OPTED_OUT`).
OPTED_OUT = "opted_out"


def pause_s(result: Result, retries: Retries) -> int:
    """Seconds until somebody may be rung again after such an attempt; 0: never."""
    pauses: Mapping[Result, int] = {
        Result.NO_ANSWER: retries.no_answer_s,
        Result.BUSY: retries.busy_s,
        Result.FAILED: retries.failed_s,
        Result.MACHINE: retries.machine_s,
    }
    return pauses.get(result, 0)


def after(lead: Lead, attempt: Attempt, rules: CampaignRules, now: datetime, chance: float) -> Lead:
    """The lead once an attempt on it is over; it is let go of, whatever it is.

    `chance`, from 0 to 1, spreads those who are to be rung again over the time after the pause,
    never before its end: who is told "in two hours" is not rung in one and a half. An attempt that
    was NOT_PLACED does not count, and its lead is due at once.
    """
    result = Result(attempt.result)
    free = let_go(lead, now)
    if result is Result.NOT_PLACED:
        return replace(
            free, status=LeadStatus.WAITING, attempts=max(0, lead.attempts - 1), due_at=now
        )
    free = replace(free, result=str(result))
    if result is Result.OPTED_OUT:
        return replace(free, status=LeadStatus.REFUSED, reason=OPTED_OUT)
    if result in REACHED:
        return replace(free, status=LeadStatus.DONE)
    wait_s = pause_s(result, rules.retries)
    if wait_s and lead.attempts < rules.retries.attempts_most:
        wait = timedelta(seconds=wait_s * (1 + rules.retries.spread * chance))
        # By the end of the call, unless clocks disagree about when that was.
        ended_at = min(attempt.ended_at or now, now)
        return replace(free, status=LeadStatus.WAITING, due_at=ended_at + wait)
    machines = rules.machines  # where nobody listens for their beep nothing was left
    leaves_message = machines.on_machine is OnMachine.MESSAGE
    listens = machines.detection is not Detection.OFF
    is_told = result is Result.MACHINE and leaves_message and listens
    return replace(free, status=LeadStatus.DONE if is_told else LeadStatus.GIVEN_UP)


def let_go(lead: Lead, now: datetime) -> Lead:
    """The lead without a claim on it, and without what held it back before; its status is still
    RINGING."""
    return replace(lead, lease="", lease_until=None, call_id="", reason="", updated_at=now)
