"""Clips that are made on somebody's order, while they watch: price before, progress, an end.

One process makes them; how far it is stands in the register, so that any process can tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any

from agents.schema import Agent
from calls.bookkeeping import Bookkeeping
from calls.prewarm import Plan, Report, Voices, make_missing, plan
from storage.base import StorageError
from storage.records import ClipRecord
from storage.register import Entry, Register, StaleEntry

log = logging.getLogger(__name__)

KIND = "prewarm"
RUNNING, DONE, FAILED, CANCELED = "running", "done", "failed", "canceled"
TOLD_EVERY = timedelta(milliseconds=500)
# Without a word for so long, the process that made the clips is gone.
LOST_AFTER = timedelta(seconds=60)
TRIES_MOST = 10


class NoVoice(Exception):
    """No vendor speaks: the carrier's voice needs no clips."""


class AlreadyRuns(Exception):
    """The clips of this agent are being made."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is to make, and what it costs."""

    there: int
    missing: int
    characters: int
    cost_usd: float
    is_live: bool = False  # as telephone sound, for the sockets of live calls


@dataclass(frozen=True, slots=True)
class Run:
    """One making of clips: how far it is, or how it ended."""

    agent: str
    version: str  # of the agent
    state: str
    by: str
    total: int
    made: int = 0
    failed: int = 0
    characters: int = 0
    cost_usd: float = 0.0
    wants_end: bool = False  # somebody asked it to stop
    why: str = ""  # the last failure


class Warmups:
    """The runs of this process, and the progress of everybody's. For any number of threads."""

    def __init__(
        self,
        register: Register,
        voices: Voices,
        books: Bookkeeping,
        clock: Callable[[], datetime],
    ) -> None:
        self._register, self._voices = register, voices
        self._books, self._clock = books, clock
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._stop = Event()

    def outlook(self, agent: Agent) -> Outlook:
        """What there is to make for an agent. NoVoice."""
        planned = self._planned(agent)
        cost_usd = planned.cost_usd(self._books.prices.speech)
        is_live = self._voices.is_live(agent)
        missing = len(planned.missing)
        return Outlook(planned.there, missing, planned.characters, cost_usd, is_live)

    def begin(self, agent: Agent, by: str) -> Run:
        """Make what is missing, in a thread. NoVoice, AlreadyRuns; StorageError."""
        planned = self._planned(agent)
        run = Run(agent.agent, agent.version, RUNNING, by, total=len(planned.missing))
        now = self._clock()
        former = self._register.get(KIND, agent.agent)
        if former is not None and _run(former).state == RUNNING and not self._is_lost(former):
            raise AlreadyRuns
        fresh = former or Entry(KIND, agent.agent, {}, now, now)
        try:
            entry = self._register.put(replace(fresh, body=asdict(run), updated_at=now))
        except StaleEntry as error:
            raise AlreadyRuns from error
        thread = Thread(
            target=self._make, args=(run, entry, planned), name="clip-warmup", daemon=True
        )
        with self._lock:
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
        thread.start()
        return run

    def progress(self, name: str) -> Run | None:
        """The last run for an agent; FAILED when the process that made it is gone."""
        entry = self._register.get(KIND, name)
        if entry is None:
            return None
        run = _run(entry)
        if run.state == RUNNING and self._is_lost(entry):
            return replace(run, state=FAILED, why="the process that made them is gone")
        return run

    def cancel(self, name: str) -> None:
        """Ask whoever makes the clips of an agent to stop; returns at once."""
        for _ in range(TRIES_MOST):
            entry = self._register.get(KIND, name)
            if entry is None or _run(entry).state != RUNNING:
                return
            try:
                self._register.put(replace(entry, body={**entry.body, "wants_end": True}))
                return
            except StaleEntry:
                continue  # progress was told meanwhile

    def close(self) -> None:
        """Stop what runs here. Safe to call twice."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _planned(self, agent: Agent) -> Plan:
        if self._voices.of(agent) is None:
            raise NoVoice
        return plan(self._voices, [agent])

    def _is_lost(self, entry: Entry) -> bool:
        return self._clock() - entry.updated_at > LOST_AFTER

    def _make(self, run: Run, entry: Entry, planned: Plan) -> None:
        voices, stop = self._voices, _Both(self._stop)
        price = self._books.prices.speech
        told_at = self._clock()
        last: Report | None = None
        try:
            for last in make_missing(voices, planned, price, stop, self._count):
                if self._clock() - told_at >= TOLD_EVERY:
                    told_at = self._clock()
                    run = _counted(run, last, voices.last_failure)
                    entry, run = self._tell(entry, run)
                    if run.wants_end:
                        stop.set()
            assert last is not None
            state = CANCELED if stop.is_set() else FAILED if last.failed else DONE
            run = replace(_counted(run, last, voices.last_failure), state=state)
            self._tell(entry, run)
        except StorageError as error:
            # The clips are there all the same; a page shows that nobody told more.
            log.warning("progress of clips cannot be told", exc_info=error)

    def _tell(self, entry: Entry, run: Run) -> tuple[Entry, Run]:
        """Keep how far it is, and learn whether somebody wants it to end."""
        for _ in range(TRIES_MOST):
            try:
                told = replace(entry, body=asdict(run), updated_at=self._clock())
                return self._register.put(told), run
            except StaleEntry:
                fresh = self._register.get(KIND, run.agent)
                if fresh is None:
                    raise
                entry, run = fresh, replace(run, wants_end=_run(fresh).wants_end)
        raise StaleEntry("the progress of clips is being changed too fast")

    def _count(self, clip: ClipRecord) -> None:
        characters = len(clip.text)
        cost_usd = self._books.prices.speech(clip.provider, clip.model, characters)
        self._books.metrics.prewarmed(clip.provider, clip.model, characters, cost_usd)


class _Both(Event):
    """Set when either the process ends or this run was stopped."""

    def __init__(self, process: Event) -> None:
        super().__init__()
        self._process = process

    def is_set(self) -> bool:
        return super().is_set() or self._process.is_set()


def _counted(run: Run, report: Report, why: str) -> Run:
    return replace(
        run,
        made=report.made,
        failed=report.failed,
        characters=report.characters,
        cost_usd=report.cost_usd,
        why=why if report.failed else "",
    )


def _run(entry: Entry) -> Run:
    body: Mapping[str, Any] = entry.body
    return Run(**body)
