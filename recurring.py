"""What is done behind the calls: the jobs that may be sent, and the rounds that come again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event
from typing import TYPE_CHECKING

from calls.bookkeeping import Bookkeeping
from calls.erasing import Retention
from calls.insights import EVERY_S, Insights
from calls.messages import EVERY_S as MESSAGES_S
from calls.recording_fetch import open_fetching
from calls.sweep import Sweep
from campaigns.dialer import RING, SETTLE, TICK_S
from campaigns.figures import KeptFigures
from campaigns.import_rounds import EVERY_S as IMPORTS_EVERY_S
from campaigns.import_rounds import ImportRounds
from campaigns.importing import Importer
from campaigns.imports import importing_folder
from campaigns.optouts import OptOuts
from campaigns.placing import CLAIM
from campaigns.recalls import Recalls
from campaigns.recovery import EVERY_S as RECOVER_S
from campaigns.retention import LeadRetention
from campaigns.tidying import EVERY_S as TIDYING_S
from campaigns.tidying import Tidying
from jobs import webhooks
from jobs.events import CallNews
from jobs.rounds import Round

# Somebody waits for dialing: another goes on soon when whoever does it has died.
DIALING_LASTS_S = 8.0

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
        ended=(
            OptOuts(services.do_not_call, clock).ended(services.storage),
            services.messages.call_ended,
            services.dialer.call_ended,
            services.answering.call_ended,
            CallNews(services.webhooks, services.storage, services.leads).ended,
            services.forgetting.erasing.told,  # the last
        ),
    )
    yield Round("insights", EVERY_S, insights.work)
    yield Round("messages", MESSAGES_S, services.messages.work)
    yield Round("quiet calls", 60, Sweep(services.storage, services.progress, clock).work)
    kept, objects = services.recordings, services.objects
    fetching = open_fetching(settings, kept, objects, services.telephony, clock)
    yield Round("recordings", 2, fetching.work)
    importer = Importer(
        imports=services.imports,
        objects=services.objects,
        leads=services.leads,
        do_not_call=services.do_not_call,
        status_of=services.campaigns.status_of,
        countries=settings.start_call_countries,
        clock=clock,
        folder=importing_folder(settings),
        is_shared=bool(settings.recordings_bucket),
    )
    imports = ImportRounds(importer, settings)
    yield Round("imports", IMPORTS_EVERY_S, imports.work, passes=imports.passes)
    yield Round(webhooks.ROUND, 1, services.webhooks.work)
    yield Round("dialer", TICK_S, services.dialer.tick, lasts_s=DIALING_LASTS_S)
    yield Round("attempts", RECOVER_S, services.dialer.recover, lasts_s=DIALING_LASTS_S)
    yield Round("retention", 600, _retention(services))
    asking = services.campaign_desk.asking
    tidying = Tidying(services.campaigns, services.leads, services.imports, asking, clock)
    yield Round("campaigns that are over", TIDYING_S, tidying.work)


def _retention(services: Services) -> Callable[[Event], None]:
    """Deletes calls, and the people of campaigns, that are older than their agent keeps them."""
    clock, register = services.clock, services.register
    of_calls = Retention(services.forgetting.erasing, services.agents, clock)
    of_leads = LeadRetention(
        campaigns=services.campaigns,
        leads=services.leads,
        imports=services.imports,
        figures=KeptFigures(register, clock),
        recalls=Recalls(register),
        agents=services.agents,
        clock=clock,
    )

    def work(stop: Event) -> None:
        of_calls.work(stop)
        of_leads.work(stop)

    return work
