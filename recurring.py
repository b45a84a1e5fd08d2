"""What is done behind the calls: the jobs that may be sent, and the rounds that come again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from calls.bookkeeping import Bookkeeping
from calls.erasing import Retention
from calls.insights import EVERY_S, Insights
from calls.recording_fetch import Fetching
from calls.sweep import Sweep
from campaigns.dialer import RING, SETTLE, TICK_S
from campaigns.placing import CLAIM
from campaigns.recovery import EVERY_S as RECOVER_S
from campaigns.tidying import EVERY_S as TIDYING_S
from campaigns.tidying import Tidying
from jobs.rounds import Round

if TYPE_CHECKING:
    from services import Services


def add_jobs(services: Services) -> None:
    """Have this process know every job, whether it does them or only sends them."""
    dialer = services.dialer
    services.jobs.register(RING, dialer.ring, CLAIM.total_seconds())
    services.jobs.register(SETTLE, dialer.settle)


def recurring(services: Services) -> Iterator[Round]:
    """The rounds; `jobs/timetable.py` has their seconds for beat."""
    settings, clock = services.settings, services.clock
    insights = Insights(
        storage=services.storage,
        facts=services.facts,
        agents=services.agents,
        books=Bookkeeping(services.prices, services.metrics),
        summariser=services.summariser,
        clock=clock,
        ended=(services.dialer.call_ended,),
    )
    yield Round("insights", EVERY_S, insights.work)
    yield Round("quiet calls", 60, Sweep(services.storage, services.progress, clock).work)
    fetching = Fetching(
        recordings=services.recordings,
        objects=services.objects,
        telephony=services.telephony,
        clock=clock,
        folder=Path(settings.data_dir) / "fetching",
        bytes_most=settings.recording_megabytes * 1_000_000,
        leaves_carrier=settings.recordings_leave_carrier,
    )
    yield Round("recordings", 2, fetching.work)
    retention = Retention(services.forgetting.erasing, services.agents, clock)
    yield Round("dialer", TICK_S, services.dialer.tick)
    yield Round("attempts", RECOVER_S, services.dialer.recover)
    yield Round("retention", 600, retention.work)
    tidying = Tidying(services.campaigns, services.leads, services.imports, clock)
    yield Round("campaigns that are over", TIDYING_S, tidying.work)
