"""Tables of a campaign to take home: results, transcripts, leads. Read a page at a time.

Not here: how the rows of a table are written (`calls/sheets.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Semaphore

from agents.schema import Agent
from calls.redaction import Sight, redacted_collected, redacted_turns, shown_number
from calls.sheets import (
    CONTENT_TYPES,
    Cell,
    Table,
    csv_chunks,
    file_chunks,
    moment_cell,
    sheet_file,
    value_cell,
)
from campaigns.campaign import Campaign
from storage.base import Storage
from storage.leads import Attempt, Lead, LeadQuery, Leads

# Files that are sent at once by one process: each holds a thread for as long as its reader likes.
EXPORTS_MOST = 2
# Leads of a sheet: it is made whole before its first byte is sent, and proxies wait 30 s for that.
SHEET_LEADS_MOST = 20_000
# Leads that are read together.
PAGE = 500
# Columns of a campaign's variables: those that its first leads have.
VARIABLES_MOST = 100


# A table to begin with. With a byte order mark, by which Excel knows UTF-8; the second number is
# written as people do.
SAMPLE = (
    "\ufeffname,phone,property_type,location,timezone,consent,consent_at\r\n"
    "Asha Rao,+919876543210,villa,Chennai,Asia/Kolkata,web form,2026-11-20\r\n"
    "Ravi Kumar,98765 43211,flat,Kochi,,,\r\n"
)


class What(StrEnum):
    """Which table."""

    RESULTS = "results"  # a row for each lead: what became of it, what was collected
    TRANSCRIPTS = "transcripts"  # a row for each turn of each call
    LEADS = "leads"  # a row for each lead, as it was uploaded and where it stands


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows come from, and how much of them is shown."""

    leads: Leads
    storage: Storage
    agents: Mapping[str, Agent]
    sight: Sight


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file on its way; `close` it when its reader has it, or wants no more."""

    name: str
    content_type: str
    chunks: Iterator[bytes]
    close: Callable[[], None]


class TooManyExports(Exception):
    """As many as may be are on their way."""


class TooLargeForSheet(Exception):
    """A sheet of so many leads would take too long. Worded for whoever wants it."""


class Exports:
    """Makes files of campaigns, a few at once. Safe for use from many threads."""

    def __init__(
        self,
        leads: Leads,
        storage: Storage,
        agents: Mapping[str, Agent],
        clock: Callable[[], datetime],
        most: int = EXPORTS_MOST,
    ) -> None:
        self._leads, self._storage, self._agents, self._clock = leads, storage, agents, clock
        self._free = Semaphore(most)
        self.sheet_leads_most = SHEET_LEADS_MOST

    def file(self, what: What, form: str, campaign: Campaign, sight: Sight) -> ExportFile:
        """One of CONTENT_TYPES; rows are read while it is sent, a sheet is made before.

        TooManyExports; TooLargeForSheet; StorageError.
        """
        if form != "csv":
            self._check_sheet(campaign)
        if not self._free.acquire(blocking=False):
            raise TooManyExports
        with ExitStack() as unless_made:
            unless_made.callback(self._free.release)
            # As they are now: an agent may be published while rows are written.
            source = Source(self._leads, self._storage, dict(self._agents), sight)
            table = table_of(what, source, campaign)
            chunks = csv_chunks(table) if form == "csv" else file_chunks(sheet_file(table))
            name = f"{what}-{self._clock():%Y%m%d-%H%M}.{form}"
            close = unless_made.pop_all().close
        return ExportFile(name, CONTENT_TYPES[form], chunks, close)

    def _check_sheet(self, campaign: Campaign) -> None:
        leads = sum(self._leads.counts(campaign.campaign_id).values())
        if leads > self.sheet_leads_most:
            raise TooLargeForSheet(
                f"This campaign has {leads:,} leads, and a sheet takes {self.sheet_leads_most:,} "
                "at most: take CSV, which spreadsheets open, too."
            )


def table_of(what: What, source: Source, campaign: Campaign) -> Table:
    """The table of a campaign."""
    make: Mapping[What, Callable[[Source, Campaign], Table]] = {
        What.RESULTS: Results,
        What.TRANSCRIPTS: Transcripts,
        What.LEADS: LeadRows,
    }
    return make[what](source, campaign)


@dataclass(frozen=True, slots=True)
class LeadRows:
    """Leads as they are."""

    source: Source
    campaign: Campaign
    name: str = "Leads"

    def headings(self) -> Sequence[str]:
        """The first row."""
        return [
            "Lead", "Line", "Number", "Country", "State", "Zones", "Status", "Result", "Reason",
            "Attempts", "Due (UTC)", "Added (UTC)", "Changed (UTC)", "Consent", "Consent at (UTC)",
            *_variables(self.source, self.campaign), "Other values",
        ]  # fmt: skip

    def rows(self) -> Iterator[Sequence[Cell]]:
        """A row for each lead, in the order in which they were added."""
        names = _variables(self.source, self.campaign)
        for page in _pages(self.source.leads, self.campaign.campaign_id):
            for lead in page:
                yield [
                    lead.lead_id,
                    lead.line or None,
                    shown_number(lead.number, self.source.sight),
                    lead.country,
                    lead.subdivision,
                    ", ".join(lead.zones),
                    str(lead.status),
                    lead.result,
                    lead.reason,
                    lead.attempts,
                    moment_cell(lead.due_at),
                    moment_cell(lead.created_at),
                    moment_cell(lead.updated_at),
                    lead.consent_basis,
                    moment_cell(lead.consent_at),
                    *_values(lead, names),
                ]


@dataclass(frozen=True, slots=True)
class Results:
    """What became of each lead, with the fields that the agent asks for."""

    source: Source
    campaign: Campaign
    name: str = "Results"

    def headings(self) -> Sequence[str]:
        """The first row."""
        return [
            "Lead", "Number", "Status", "Result", "Reason", "Attempts", "Last attempt (UTC)",
            "Seconds", "Answered by", "Qualified", "Call", *self._fields(),
            *_variables(self.source, self.campaign), "Other values",
        ]  # fmt: skip

    def rows(self) -> Iterator[Sequence[Cell]]:
        """A row for each lead, in the order in which they were added."""
        names = _variables(self.source, self.campaign)
        for page in _pages(self.source.leads, self.campaign.campaign_id):
            made = _attempts(self.source.leads, page)
            last = {lead_id: attempts[-1] for lead_id, attempts in made.items()}
            calls = [one.call_id for one in last.values()]
            collected = self.source.storage.collected_by(calls)
            for lead in page:
                attempt = last.get(lead.lead_id)
                found = None if attempt is None else collected.get(attempt.call_id)
                data: Mapping[str, object] = {}
                if found is not None:
                    # By the agent that asked: the campaign may have another one since.
                    asked = self.source.agents.get(found.agent)
                    data = redacted_collected(found, asked, self.source.sight).data
                yield [
                    lead.lead_id,
                    shown_number(lead.number, self.source.sight),
                    str(lead.status),
                    lead.result,
                    lead.reason,
                    lead.attempts,
                    *_attempt(attempt),
                    *(value_cell(data.get(name)) for name in self._fields()),
                    *_values(lead, names, *_left(data, self._fields())),
                ]

    def _agent(self) -> Agent | None:
        return self.source.agents.get(self.campaign.rules.agent)

    def _fields(self) -> list[str]:
        agent = self._agent()
        return [] if agent is None else [spec.name for spec in agent.fields]


@dataclass(frozen=True, slots=True)
class Transcripts:
    """What was said."""

    source: Source
    campaign: Campaign
    name: str = "Turns"

    def headings(self) -> Sequence[str]:
        """The first row."""
        return [
            "Lead", "Number", "Call", "Attempt", "Result", "Turn", "At (UTC)", "Stage", "Language",
            "Caller", "Agent",
        ]  # fmt: skip

    def rows(self) -> Iterator[Sequence[Cell]]:
        """A row for each turn of each call to each lead."""
        source = self.source
        for page in _pages(source.leads, self.campaign.campaign_id):
            made = _attempts(source.leads, page)
            for lead in page:
                for attempt in made.get(lead.lead_id, ()):
                    call = source.storage.load_call(attempt.call_id)
                    # By the agent that talked: the campaign may have another one since.
                    agent = source.agents.get(call.agent) if call else None
                    turns = source.storage.turns(attempt.call_id)
                    for turn in redacted_turns(turns, agent, source.sight):
                        yield [
                            lead.lead_id,
                            shown_number(lead.number, source.sight),
                            attempt.call_id,
                            attempt.attempt,
                            attempt.result,
                            turn.turn,
                            moment_cell(turn.at),
                            turn.stage,
                            turn.language,
                            turn.caller,
                            turn.agent,
                        ]


def _attempts(leads: Leads, page: Sequence[Lead]) -> Mapping[str, Sequence[Attempt]]:
    """Those of each lead that was rung."""
    return leads.attempts_by_lead([lead.lead_id for lead in page if lead.attempts])


def _attempt(attempt: Attempt | None) -> list[Cell]:
    if attempt is None:
        return [None] * 5
    return [
        moment_cell(attempt.started_at),
        round(attempt.seconds, 1),
        attempt.answered_by,
        "yes" if attempt.qualified else "no",
        attempt.call_id,
    ]


def _variables(source: Source, campaign: Campaign) -> list[str]:
    """The names that have columns of their own: those of the first page of leads."""
    first = source.leads.find(LeadQuery(campaign.campaign_id, limit=PAGE))
    names = dict.fromkeys(name for lead in first for name in lead.variables)
    return list(names)[:VARIABLES_MOST]


def _values(lead: Lead, names: Sequence[str], *besides: str) -> list[Cell]:
    """The cells of variables; those without a column, and what is there besides, in the last."""
    own = [value_cell(lead.variables.get(name)) for name in names]
    others = [f"{name}: {one}" for name, one in lead.variables.items() if name not in names]
    return [*own, "; ".join([*others, *besides]) or None]


def _left(data: Mapping[str, object], fields: Sequence[str]) -> list[str]:
    """What was collected that has no column: another agent asked for it."""
    return [f"{name}: {value_cell(one)}" for name, one in data.items() if name not in fields]


def _pages(leads: Leads, campaign_id: str) -> Iterator[Sequence[Lead]]:
    after: tuple[datetime, str] | None = None
    while True:
        page = leads.find(LeadQuery(campaign_id, after=after, limit=PAGE))
        yield page
        if len(page) < PAGE:
            return
        after = (page[-1].created_at, page[-1].lead_id)
