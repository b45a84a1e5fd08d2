"""A dialer with real stores and a real telephone exchange, whose clock a test moves; and what it
takes to kill it between any two steps."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any, cast

from agents.schema import Agent, FieldSpec
from calls.address import PublicAddress
from calls.metrics import Metrics
from calls.outbound import Outbound
from calls.progress import Progress
from calls.session import Parts
from calls.turns import Turns
from campaigns.asking_again import AskingAgain
from campaigns.assembly import Means, open_dialer
from campaigns.book import Campaigns
from campaigns.campaign import Campaign, CampaignRules, CampaignStatus, Hours, Pace, Retries
from campaigns.dialer import Dialer
from campaigns.imports import Imports
from campaigns.recalls import Recalls
from campaigns.rules import load_law
from campaigns.slots import Limits
from campaigns.tidying import Tidying
from phone.exchange import Exchange
from providers.llm.rules import RulesBrain
from providers.telephony.base import CallNotice, NoticeKind, Telephony
from providers.telephony.twilio import Twilio
from settings import Settings
from storage.base import Storage
from storage.do_not_call import DoNotCallLists
from storage.leads import Lead, Leads
from storage.objects import FolderObjects
from storage.register import Register
from storage.sqlite import SqliteStorage
from storage.sqlite_do_not_call import SqliteDoNotCall
from storage.sqlite_register import SqliteRegister

# A Friday afternoon in India.
NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AGENT = Agent(
    agent="lead",
    name="Leads",
    goal="Qualify.",
    languages=("en-IN",),
    say={},
    fields=(FieldSpec(name="budget", kind="number", ask={"en-IN": "How much?"}),),
    version="v1",
)
RULES = CampaignRules(
    name="Autumn",
    agent="lead",
    country="IN",
    hours=Hours(holidays=True),
    retries=Retries(spread=0, per_day_most=10),
    pace=Pace(calls_per_second=50, live_most=1000),
)
_numbers = count(9_876_000_000)


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass
class Life:
    """So many steps are left to live; `met` is told of each."""

    steps: int = 1_000_000
    met: Callable[[str], None] = lambda name: None

    def spend(self, name: str) -> None:
        """A step was done."""
        self.met(name)
        self.steps -= 1
        if self.steps <= 0:
            raise Killed


class Mortal:
    """A store or a carrier whose user dies after a step: what was done stays done."""

    def __init__(self, inner: object, life: Life) -> None:
        self._inner = inner
        self._life = life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def step(*args: Any, **named: Any) -> Any:
            answer = found(*args, **named)
            self._life.spend(name)
            return answer

        return step


@dataclass
class Street:
    """Everything that outlives a process, and processes that come and go."""

    folder: Path
    leads: Leads
    exchange: Exchange
    address: str  # of the exchange
    now: datetime = NOON
    jobs: list[tuple[str, ...]] = field(default_factory=list)  # sent and not done
    broker_is_away: bool = False
    ids: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    def __post_init__(self) -> None:
        file = self.folder / "calls.db"
        self.storage: Storage = SqliteStorage(file)
        self.register: Register = SqliteRegister(file)
        self.do_not_call: DoNotCallLists = SqliteDoNotCall(file)
        self.telephony: Telephony = Twilio(Settings(twilio_base_url=self.address))
        self.campaigns = Campaigns(self.register, self.clock, self.new_id)
        objects = FolderObjects(self.folder / "objects")
        self.imports = Imports(self.register, objects, self.clock, self.new_id)
        self.life = Life()
        self.dialer = self.process()

    def close(self) -> None:
        """Let go of the files."""
        for store in (self.do_not_call, self.register, self.storage, self.leads):
            store.close()

    def clock(self) -> datetime:
        return self.now

    def new_id(self) -> str:
        return f"{self.folder.name}-{os.getpid()}-{self.ids()}"

    def process(self, life: Life | None = None, leads: Leads | None = None) -> Dialer:
        """A dialer as a new process has it."""
        life = life or Life()
        storage = cast(Storage, Mortal(self.storage, life))
        telephony = cast(Telephony, Mortal(self.telephony, life))
        campaigns = Campaigns(cast(Register, Mortal(self.register, life)), self.clock, self.new_id)
        turns = Turns(Parts(storage, RulesBrain(), self.clock), {"lead": AGENT})
        outbound = Outbound(
            storage=storage,
            telephony=telephony,
            agents={"lead": AGENT},
            address=PublicAddress("http://127.0.0.1:9"),
            clock=self.clock,
            new_id=self.new_id,
        )
        means = Means(
            register=cast(Register, Mortal(self.register, life)),
            leads=cast(Leads, Mortal(leads or self.leads, life)),
            do_not_call=cast(DoNotCallLists, Mortal(self.do_not_call, life)),
            campaigns=campaigns,
            outbound=outbound,
            progress=Progress(storage, turns, self.clock),
            metrics=Metrics(),
            law=load_law(),
            countries=frozenset(),
            account=Limits(100, 5000),
            fills=lambda one: self.imports.fills(one) or self.asking().is_under_way(one),
        )
        return open_dialer(means, self.send)

    def asking(self, life: Life | None = None, countries: Sequence[str] = ()) -> AskingAgain:
        """What has leads asked about again, as a new process has it; two in a step."""
        life = life or Life()
        register = cast(Register, Mortal(self.register, life))
        return AskingAgain(
            recalls=Recalls(register),
            register=register,
            campaigns=self.campaigns,
            leads=cast(Leads, Mortal(self.leads, life)),
            do_not_call=cast(DoNotCallLists, Mortal(self.do_not_call, life)),
            law=load_law(),
            countries=countries,
            clock=self.clock,
            at_once=2,
        )

    def tidy(self) -> None:
        """The round that looks after campaigns."""
        asking = self.asking()
        Tidying(self.campaigns, self.leads, self.imports, asking, self.clock).work(Event())

    def send(self, *job: str) -> bool:
        """As a broker takes it."""
        if not self.broker_is_away:
            self.jobs.append(job)
        return not self.broker_is_away

    def campaign(self, rules: CampaignRules = RULES, runs: bool = True) -> Campaign:
        """A campaign, running."""
        made = self.campaigns.add(rules)
        return self.campaigns.move(made.campaign_id, CampaignStatus.RUNNING) if runs else made

    def lead(self, campaign: Campaign, **changes: Any) -> Lead:
        """A person of a number that nobody else has."""
        lead = Lead(
            lead_id=self.new_id(),
            campaign_id=campaign.campaign_id,
            number=f"+91{next(_numbers)}",
            variables={"name": "Asha"},
            zones=("Asia/Kolkata",),
            country="IN",
            subdivision="",
            line=2,
            created_at=self.now,
            updated_at=self.now,
            due_at=self.now,
        )
        lead = replace(lead, **changes)
        self.leads.add([lead])
        return self.again(lead)

    def again(self, lead: Lead) -> Lead:
        """The lead as it is kept now."""
        kept = self.leads.get(lead.lead_id)
        assert kept is not None
        return kept

    def pass_time(self, seconds: float) -> None:
        """Let it go by, with nothing happening meanwhile."""
        self.now += timedelta(seconds=seconds)

    def tick(self) -> None:
        """A second, as the round has it, and the jobs that come of it."""
        self.pass_time(1)
        self.dialer.tick(Event())
        self.work()

    def work(self) -> None:
        """Do the jobs that were sent."""
        while self.jobs:
            name, *args = self.jobs.pop(0)
            getattr(self.dialer, name)(*args)

    def live_on(self, seconds: int) -> None:
        """Let time pass as it does, every round in its turn, if seldom."""
        for _ in range(0, seconds, 10):
            self.pass_time(9)
            self.dialer.recover(Event())
            self.tick()

    def orders(self, lead: Lead) -> int:
        """Times that the carrier was told to ring the lead."""
        since = datetime.now(UTC) - timedelta(hours=1)
        return len(self.telephony.find_calls(lead.number, since))

    def report(self, lead: Lead, status: str, sequence: int = 3, call_id: str = "") -> None:
        """The carrier's callback about the lead's call."""
        call = self.storage.load_call(call_id or self.again(lead).call_id)
        assert call is not None
        assert call.carrier_id is not None
        notice = CallNotice(
            carrier_id=call.carrier_id,
            kind=NoticeKind.STATUS,
            key=f"status:{sequence}:{status}",
            sequence=sequence,
            status=status,
            data={"status": status},
        )
        self.dialer.recovery.progress.report(notice, call.call_id)
