"""Builds and holds what a process needs: storage, agents, carrier, turns. The one place for it."""

from __future__ import annotations

import secrets
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from access.audit import Audit
from access.entrance import Entrance, open_entrance
from access.recording_links import RecordingLinks
from access.secret import kept_secret
from calls.address import PublicAddress, open_address
from calls.analytics import Analytics
from calls.answering import Answering
from calls.bookkeeping import Bookkeeping
from calls.ends import CallEnds
from calls.erasing import Erasing
from calls.forgetting import Forgetting
from calls.hearing import open_hearing
from calls.hub import Hub, open_hub
from calls.live import Live, open_live
from calls.live_voice import open_live_voice
from calls.messages import Messages, open_messages
from calls.metrics import Metrics
from calls.outages import Outages, breakable
from calls.outbound import Outbound
from calls.prewarm import NoUpkeep, Upkeep, Voices, open_upkeep
from calls.prices import Prices, load_prices
from calls.progress import Progress
from calls.recordings import Recordings
from calls.roster import Roster, open_roster
from calls.session import Parts, Patience
from calls.speculation import Reader, Speculation, open_speculation
from calls.speech import CarrierVoice, Speech, open_speech
from calls.turns import Turns
from calls.warmups import Warmups
from campaigns.asking_again import AskingAgain
from campaigns.assembly import Means, open_dialer
from campaigns.book import Campaigns
from campaigns.control import Control
from campaigns.dialer import SETTLE, Dialer
from campaigns.exports import Exports
from campaigns.figures import KeptFigures
from campaigns.imports import Imports
from campaigns.optouts import OptOuts
from campaigns.people import People
from campaigns.preview import Previews
from campaigns.recalls import Recalls
from campaigns.renewing import Renewing
from campaigns.report import Reports
from campaigns.rules import load_law
from campaigns.seldom import Shelf
from campaigns.slots import Limits
from campaigns.standing import CampaignDesk
from campaigns.trial import Trials
from campaigns.written import Writer
from jobs.app import Jobs, import_worker
from jobs.events import CampaignNews
from jobs.hands import Watch
from jobs.rounds import Rounds
from jobs.together import Together
from jobs.webhooks import Webhooks, open_webhooks
from providers.llm import import_models, open_brain, open_summariser
from providers.llm.base import OpenBrain
from providers.llm.rules import RulesBrain
from providers.llm.summary import Summariser
from providers.telephony import open_telephony
from providers.telephony.base import Telephony
from providers.tts import import_voices
from recurring import add_jobs, recurring
from settings import Settings, shared_metrics
from storage import Stores, open_stores
from storage.base import Storage
from storage.deliveries import Deliveries
from storage.do_not_call import DoNotCallLists
from storage.facts import Facts
from storage.leads import Leads
from storage.objects import Objects
from storage.register import Register


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the doors work with. Safe for use from many threads."""

    settings: Settings
    address: PublicAddress
    stores: Stores
    recordings: Recordings
    agents: Roster
    telephony: Telephony
    turns: Turns
    progress: Progress
    outbound: Outbound
    live: Live
    clock: Callable[[], datetime]
    brain: OpenBrain = field(default_factory=RulesBrain)
    speech: Speech = field(default_factory=CarrierVoice)
    voices: Voices = field(default_factory=lambda: Voices(CarrierVoice()))  # ahead of time
    upkeep: Upkeep | NoUpkeep = field(default_factory=NoUpkeep)
    speculation: Speculation | None = None  # None: no utterance is read before it is finished
    prices: Prices = field(default_factory=load_prices)
    metrics: Metrics = field(default_factory=Metrics)
    outages: Outages | None = None  # in local mode: whoever else calls must not meet them
    jobs: Jobs = field(default_factory=Jobs)
    rounds: Rounds | None = None  # None: nothing is done behind the calls
    # Signs cookies, tokens and links; one for all processes, or each knows its own only.
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    summariser: Summariser | None = None  # None: no model sums up calls
    hub: Hub = field(default_factory=Hub)
    storage: Storage = field(init=False)
    register: Register = field(init=False)
    facts: Facts = field(init=False)
    objects: Objects = field(init=False)
    leads: Leads = field(init=False)
    do_not_call: DoNotCallLists = field(init=False)
    deliveries: Deliveries = field(init=False)
    audit: Audit = field(init=False)
    recording_links: RecordingLinks = field(init=False)
    forgetting: Forgetting = field(init=False)
    entrance: Entrance = field(init=False)
    warmups: Warmups = field(init=False)
    analytics: Analytics = field(init=False)
    campaigns: Campaigns = field(init=False)
    webhooks: Webhooks = field(init=False)
    dialer: Dialer = field(init=False)
    campaign_desk: CampaignDesk = field(init=False)
    imports: Imports = field(init=False)
    watch: Watch = field(init=False)  # who does the work behind the calls

    def __post_init__(self) -> None:
        # Frozen, but not born yet: made of what was given.
        for store in fields(Stores):
            object.__setattr__(self, store.name, getattr(self.stores, store.name))
        audit, hours = Audit(self.register, self.clock), self.settings.session_hours
        entrance = open_entrance(self.secret, self.register, audit, self.clock, hours)
        object.__setattr__(self, "audit", audit)
        object.__setattr__(self, "entrance", entrance)
        erasing = Erasing(self.storage, self.facts, self.recordings, self.deliveries, self.register)
        forgetting = Forgetting(
            erasing, self.storage, self.register, self.leads, self.do_not_call, self.clock
        )
        object.__setattr__(self, "forgetting", forgetting)
        books = Bookkeeping(self.prices, self.metrics)
        warmups = Warmups(self.register, self.voices, books, self.clock)
        object.__setattr__(self, "warmups", warmups)
        lasts = timedelta(minutes=self.settings.recording_link_minutes)
        object.__setattr__(self, "recording_links", RecordingLinks(self.secret, lasts, self.clock))
        object.__setattr__(self, "analytics", Analytics(self.facts, self.clock))
        imports = Imports(self.register, self.objects, self.clock, _new_id, socket.gethostname())
        object.__setattr__(self, "imports", imports)
        hooks = open_webhooks(self.settings, self.stores, self.jobs, self.clock)
        object.__setattr__(self, "webhooks", hooks)
        desk = _campaign_desk(self)
        object.__setattr__(self, "campaign_desk", desk)
        object.__setattr__(self, "campaigns", desk.campaigns)
        object.__setattr__(self, "dialer", _dialer(self))
        object.__setattr__(self, "watch", Watch(self.jobs, self.register, self.clock))

    @property
    def answering(self) -> Answering:
        """Acts on what the carrier says of who answered."""
        return Answering(
            self.storage, self.telephony, self.turns, self.progress, self.metrics, self.clock
        )

    @property
    def messages(self) -> Messages:
        """Sends text messages and takes them in."""
        means = self.telephony, self.do_not_call, self.address, self.agents
        return open_messages(self.register, *means, self.clock)

    @property
    def call_ends(self) -> CallEnds:
        """Ends calls by hand."""
        return CallEnds(self.storage, self.telephony, self.progress, self.clock)

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""
        if self.rounds is not None:
            self.rounds.close()
        self.jobs.close()
        self.webhooks.close()
        if self.summariser is not None:
            self.summariser.close()
        if self.speculation is not None:
            self.speculation.close()
        self.upkeep.close()
        self.hub.close()
        self.warmups.close()
        self.live.close()
        self.speech.close()
        self.brain.close()
        self.agents.close()
        self.stores.close()


def _campaign_desk(services: Services) -> CampaignDesk:
    """What people do with campaigns."""
    clock, leads, agents = services.clock, services.leads, services.agents
    countries = services.settings.start_call_countries
    register, law = services.register, load_law()
    campaigns = Campaigns(register, clock, _new_id)
    lists, imports = services.do_not_call, services.imports
    figures = KeptFigures(register, clock)
    return CampaignDesk(
        campaigns=campaigns,
        control=Control(campaigns, leads, agents, clock, figures.forgets, imports.fills),
        people=People(leads, lists, countries, clock, _new_id, Renewing(leads)),
        writer=Writer(agents, law, countries),
        reports=Reports(leads, figures, Shelf(register, clock)),
        leads=leads,
        previews=Previews(leads, lists, imports, law, frozenset(countries), clock),
        exports=Exports(leads, services.storage, agents, clock),
        clock=clock,
        asking=AskingAgain(
            recalls=Recalls(register),
            register=register,
            campaigns=campaigns,
            leads=leads,
            do_not_call=lists,
            law=law,
            countries=countries,
            clock=clock,
            forgets=figures.forgets,
        ),
        trials=Trials(leads, services.outbound, lists),
    )


def import_vendors(settings: Settings) -> None:
    """Import what the settings need of vendors' libraries, which takes a second.

    Done before processes are forked, one that was killed is replaced in a third of a second.
    """
    import_models(settings)
    import_voices(settings)
    import_worker()


def now() -> datetime:
    """The moment, by the clock of this machine."""
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid.uuid4().hex


def build_services(
    settings: Settings,
    live_settings: Settings | None = None,
    clock: Callable[[], datetime] = now,
) -> Services:
    """What a process needs. AgentFileError, PricesError, StorageError say what is wrong and why.

    `live_settings`: of who hears and speaks in live calls, when they are others; `clock`: of all.
    """
    address = open_address(settings)
    prices, metrics = load_prices(settings.prices_file), Metrics(shared_metrics())
    telephony, stores = open_telephony(settings), open_stores(settings)
    storage, register = stores.storage, stores.register
    agents = open_roster(settings, register, clock)
    recordings = Recordings(register, stores.objects, clock)
    outages = Outages(register, clock) if settings.local_mode else None
    brain = open_brain(settings, tuple(agents.values()), metrics.model_failed)
    brain = breakable(brain, outages, settings)
    hearing = open_hearing(live_settings or settings, metrics.recogniser_failed)
    live_voice = open_live_voice(live_settings or settings, storage, clock, outages)
    speech = open_speech(settings, storage, clock, outages, live_voice.voices)
    voices = Voices(speech, live_voice, makes_live=live_settings is None)
    books = Bookkeeping(prices, metrics)
    upkeep = open_upkeep(settings, storage, agents, voices, books)
    jobs = Jobs(settings.redis_url)
    parts = _parts(settings, Reader(storage, brain, speech, agents, clock), books)
    ends = OptOuts(stores.do_not_call, clock).at_once(storage)
    turns = Turns(replace(parts, ends=ends), agents)
    settles = Together(partial(jobs.send, SETTLE))
    return _begun(
        Services(
            settings=settings,
            address=address,
            stores=stores,
            recordings=recordings,
            agents=agents,
            telephony=telephony,
            turns=turns,
            progress=Progress(storage, turns, clock, books, recordings, settles.tell),
            outbound=_outbound(storage, telephony, agents, address, clock),
            live=open_live(settings, turns, hearing, live_voice),
            clock=clock,
            secret=kept_secret(settings),
            brain=brain,
            speech=speech,
            voices=voices,
            upkeep=upkeep,
            outages=outages,
            speculation=parts.speculation,
            prices=prices,
            metrics=metrics,
            jobs=jobs,
            rounds=Rounds(register),
            summariser=open_summariser(settings, metrics.model_failed),
            hub=parts.hub,
        )
    )


def _parts(settings: Settings, reader: Reader, books: Bookkeeping) -> Parts:
    """What calls in progress work with."""
    return Parts(
        storage=reader.storage,
        brain=reader.brain,
        clock=reader.clock,
        speech=reader.speech,
        speculation=open_speculation(settings, reader),
        books=books,
        patience=Patience(settings.turn_deadline_ms / 1000, settings.turn_hard_limit_ms / 1000),
        hub=open_hub(settings),
    )


def _outbound(
    storage: Storage,
    telephony: Telephony,
    agents: Roster,
    address: PublicAddress,
    clock: Callable[[], datetime],
) -> Outbound:
    return Outbound(
        storage=storage,
        telephony=telephony,
        agents=agents,
        address=address,
        clock=clock,
        new_id=_new_id,
    )


def _begun(services: Services) -> Services:
    assert services.rounds is not None
    add_jobs(services)
    for one in recurring(services):
        services.rounds.add(one)
    if not services.jobs.is_shared:  # or worker.py does them
        services.rounds.start()
    return services


def _dialer(services: Services) -> Dialer:
    settings, asking = services.settings, services.campaign_desk.asking
    means = Means(
        register=services.register,
        leads=services.leads,
        do_not_call=services.do_not_call,
        campaigns=services.campaigns,
        outbound=services.outbound,
        progress=services.progress,
        metrics=services.metrics,
        law=load_law(),
        # As for `POST /start-call`.
        countries=frozenset(settings.start_call_countries),
        account=Limits(settings.dial_calls_per_second, settings.dial_live_most),
        completes=lambda one: CampaignNews(services.webhooks).completes(
            one.campaign_id, one.rules.name, one.rules.agent, one.version, services.clock()
        ),
        # A campaign is not over while people are read into it, or asked about again.
        fills=lambda one: services.imports.fills(one) or asking.is_under_way(one),
    )
    return open_dialer(means, services.jobs.send)
