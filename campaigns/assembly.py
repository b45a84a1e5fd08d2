"""Puts the dialer together."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from calls.metrics import Metrics
from calls.outbound import Outbound
from calls.progress import Progress
from campaigns.book import Campaigns
from campaigns.breaker import Breaker
from campaigns.campaign import Campaign
from campaigns.dialer import Dialer
from campaigns.optouts import OptOuts
from campaigns.pacing import Paces
from campaigns.placing import Placing
from campaigns.recovery import Recovery
from campaigns.rules import Law
from campaigns.settling import Settling
from campaigns.slots import Limits
from storage.do_not_call import DoNotCallLists
from storage.leads import Leads
from storage.register import Register


@dataclass(frozen=True, slots=True)
class Means:
    """What the dialer works with."""

    register: Register
    leads: Leads
    do_not_call: DoNotCallLists
    campaigns: Campaigns
    outbound: Outbound  # its store, carrier, clock and ids are the dialer's, too
    progress: Progress
    metrics: Metrics
    law: Law
    countries: frozenset[str]  # that may be rung at all; empty: any
    account: Limits
    completes: Callable[[Campaign], object] = lambda _: None  # see Dialer
    fills: Callable[[str], bool] = lambda _: False  # see Dialer


def open_dialer(means: Means, send: Callable[..., bool]) -> Dialer:
    """The dialer of a process; `send` has a job done by any worker, False when none can be told."""
    outbound, clock = means.outbound, means.outbound.clock
    breaker = Breaker(means.register, clock)
    settling = Settling(
        storage=outbound.storage,
        leads=means.leads,
        campaigns=means.campaigns,
        clock=clock,
        chance=random.random,
        optouts=OptOuts(means.do_not_call, clock),
    )
    placing = Placing(
        leads=means.leads,
        campaigns=means.campaigns,
        do_not_call=means.do_not_call,
        outbound=outbound,
        settling=settling,
        breaker=breaker,
        law=means.law,
        countries=means.countries,
        metrics=means.metrics,
    )
    recovery = Recovery(
        storage=outbound.storage,
        leads=means.leads,
        campaigns=means.campaigns,
        telephony=outbound.telephony,
        progress=means.progress,
        settling=settling,
        clock=clock,
    )
    return Dialer(
        leads=means.leads,
        campaigns=means.campaigns,
        placing=placing,
        recovery=recovery,
        paces=Paces(means.register),
        account=means.account,
        send=send,
        clock=clock,
        metrics=means.metrics,
        new_id=outbound.new_id,
        completes=means.completes,
        fills=means.fills,
    )
