"""Who answers calls now: the agents of the files, and of what was published in their place.

A thread looks for changes, so that a turn waits for nothing: looking an agent up is one dict.
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol

from agents.loader import AgentFile, AgentFileError, Folder, read_folder, read_text
from agents.problems import Problem
from agents.schema import Agent
from calls.roster_copy import read_copy, write_copy
from calls.versions import Publication, Published, Versions, Writing
from settings import Settings
from storage.base import StorageError
from storage.records import CallRecord
from storage.register import Register

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0  # at one entry of the register, and at the folder
FIRST_LOOK_S = 0.5  # that a start waits for the register; without it the files answer
# Versions of agents at hand, for calls that began with them.
AT_HAND_MOST = 256


class Files(Protocol):
    """The files of agents."""

    now: Folder

    def have_changed(self) -> bool:
        """Look again, and take up what has changed: `now` is another then."""


class AgentFiles:
    """The files of a folder. AgentFileError when one cannot be used at the start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp = _stamp(folder)
        self.now = read_folder(folder)
        if self.now.problems:
            raise AgentFileError(self.now.problems)

    def have_changed(self) -> bool:
        """Whether a file has. One that cannot be used stays as it was."""
        stamp = _stamp(self._folder)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self.now = _merged(self.now, read_folder(self._folder))
        for problem in self.now.problems:
            log.warning("an agent file cannot be used", extra={"problem": str(problem)})
        return True


class Source(StrEnum):
    """Where the text in force comes from."""

    FILE = "file"
    PAGE = "page"  # published in the console or over the API
    NONE = "none"  # nothing answers


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agent stands: what answers its calls, and why that."""

    name: str
    source: Source
    agent: Agent | None  # in force; None with Source.NONE
    text: str  # of it
    file: AgentFile | None
    published: Publication | None  # the newest; in force, or overtaken by a change of the file
    problems: tuple[Problem, ...] = ()  # why a file, or what was published, is not used

    @property
    def based_on(self) -> str:
        """The hash of the agent's file; "" when there is none."""
        return self.file.agent.version if self.file else ""

    @property
    def version(self) -> str:
        """The hash of the text in force; "" when there is none."""
        return self.agent.version if self.agent else ""

    @property
    def is_overtaken(self) -> bool:
        """Something was published, and the file has changed, or come, or gone since."""
        return self.published is not None and self.published.based_on != self.based_on


class Roster(Mapping[str, Agent]):
    """The agents by name. For any number of threads; processes agree within two seconds."""

    def __init__(
        self,
        files: Files,
        register: Register,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        copy: Path | None = None,
    ) -> None:
        """`copy` is where this machine keeps what is published, for when the register is away."""
        self._copy = copy
        self._files = files
        self.versions = Versions(register, clock)
        known = read_copy(copy) if copy else None
        self._published, texts = known or (Published(-1, {}), {})
        self._lock = Lock()
        self._texts = dict(texts)  # of what is published
        self._at_hand: OrderedDict[tuple[str, str], Agent] = OrderedDict()
        self._wanted: set[tuple[str, str]] = set()
        self._kept: set[tuple[str, str]] = set()  # texts of files that are in the register
        self._register_is_away = False
        self._standings: dict[str, Standing] = {}
        self._agents: dict[str, Agent] = {}
        self._settle()
        self._stop, self._looked = Event(), Event()
        self._thread = Thread(target=self._run, name="roster", daemon=True)
        self._thread.start()
        self._looked.wait(FIRST_LOOK_S)

    def __getitem__(self, name: str) -> Agent:
        return self._agents[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._agents)

    def __len__(self) -> int:
        return len(self._agents)

    def of_version(self, name: str, version: str) -> Agent | None:
        """An earlier version of an agent, when it is at hand; when not, it soon is."""
        key = (name, version)
        known = self._at_hand.get(key)
        if known is None and len(self._wanted) < AT_HAND_MOST:
            self._wanted.add(key)
        return known

    @property
    def register_is_away(self) -> bool:
        """What was published elsewhere lately may be unknown here."""
        return self._register_is_away

    def standing(self, name: str) -> Standing | None:
        """How an agent stands; None when there is none of that name."""
        return self._standings.get(name)

    def standings(self) -> Sequence[Standing]:
        """All agents, by name."""
        return [one for _, one in sorted(self._standings.items())]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files as they are now."""
        return self._files.now.problems

    def refresh(self) -> None:
        """Take up what has changed, now. StorageError when the register is away."""
        with self._lock:
            self._look()

    def close(self) -> None:
        """Look no more. Safe to call twice."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.refresh()
                self._keep_files()
                self._fetch()
                if self._register_is_away:
                    log.info("the register is back: agents are up to date")
                self._register_is_away = False
            except StorageError as error:
                if not self._register_is_away:  # once, not every second
                    log.warning("what is published cannot be looked up", exc_info=error)
                self._register_is_away = True
            self._looked.set()
            self._stop.wait(LOOK_EVERY_S)

    def _look(self) -> None:
        if self._files.have_changed():
            self._settle()
        published = self.versions.published(self._published)
        if published is not self._published:
            texts = self._texts_of(published)
            self._texts, self._published = texts, published
            self._settle()
            if self._copy is not None and (published.serial or self._copy.exists()):
                write_copy(self._copy, published, texts)
            if published.serial:
                log.info("agents are as published", extra={"agents": len(self._agents)})

    def _texts_of(self, published: Published) -> dict[tuple[str, str], str]:
        texts = {}
        for name, publications in published.agents.items():
            for one in publications:
                key = (name, one.version)
                text = self._texts.get(key)
                text = self.versions.text(*key) if text is None else text
                if text is not None:
                    texts[key] = text
        return texts

    def _settle(self) -> None:
        """Decide who answers. What a page shows and what calls use change at the same moment."""
        names = {*self._files.now.files, *self._published.agents}
        standings = {name: self._decided(name) for name in names}
        agents = {name: one.agent for name, one in standings.items() if one.agent is not None}
        for name, agent in sorted(agents.items()):
            self._remember(name, agent)
        self._standings, self._agents = standings, dict(sorted(agents.items()))

    def _decided(self, name: str) -> Standing:
        file = self._files.now.files.get(name)
        based_on = file.agent.version if file else ""
        publications = self._published.agents.get(name, ())
        newest = publications[0] if publications else None
        broken = tuple(p for p in self._files.now.problems if file and p.file == file.file)
        fitting = next((one for one in publications if one.based_on == based_on), None)
        if fitting is not None:
            text = self._texts.get((name, fitting.version), "")
            try:
                agent = self._at_hand.get((name, fitting.version)) or read_text(
                    text.encode(), f"version {fitting.number}"
                )
                return Standing(name, Source.PAGE, agent, text, file, fitting, broken)
            except AgentFileError as error:  # an older program wrote it
                log.warning("a published agent cannot be used", extra={"problem": str(error)})
                broken += error.problems
        if file is None:
            return Standing(name, Source.NONE, None, "", None, newest, broken)
        return Standing(name, Source.FILE, file.agent, file.text, file, newest, broken)

    def _remember(self, name: str, agent: Agent) -> None:
        self._at_hand[(name, agent.version)] = agent
        self._at_hand.move_to_end((name, agent.version))
        while len(self._at_hand) > AT_HAND_MOST:
            self._at_hand.popitem(last=False)

    def _keep_files(self) -> None:
        """See that the text of every file that answers is kept, as long as its calls are."""
        for name, file in self._files.now.files.items():
            key = (name, file.agent.version)
            if key not in self._kept:
                writing = Writing(
                    name, file.text, file.agent.version, file.agent.version, "", file.file
                )
                self.versions.saw_file(writing)
                self._kept.add(key)

    def _fetch(self) -> None:
        """Read versions that calls began with, which another process knew."""
        while self._wanted:
            key = self._wanted.pop()
            text = self.versions.text(*key)
            try:
                agent = read_text(text.encode()) if text is not None else None
            except AgentFileError:
                agent = None
            with self._lock:
                if agent is not None and agent.version == key[1]:
                    self._remember(key[0], agent)


def agent_of(agents: Mapping[str, Agent], call: CallRecord) -> Agent | None:
    """Who leads a call: its agent as the call began with it, or as it is now."""
    now = agents.get(call.agent)
    if (now is None or now.version != call.agent_version) and isinstance(agents, Roster):
        return agents.of_version(call.agent, call.agent_version) or now
    return now


def _merged(before: Folder, now: Folder) -> Folder:
    """The files as they are; in place of one that cannot be used, what it was before."""
    broken = {problem.file for problem in now.problems}
    if not now.files and not any(file.file in broken for file in before.files.values()):
        return Folder(before.files, now.problems)  # the folder itself is away
    files = {name: file for name, file in before.files.items() if file.file in broken}
    return Folder({**files, **now.files}, now.problems)


def _stamp(folder: Path) -> object:
    """Changes whenever a file of the folder does."""
    try:
        with os.scandir(folder) as found:
            looks = [
                (one.name, one.stat()) for one in found if one.name.endswith((".yaml", ".yml"))
            ]
    except OSError as error:  # away, or a file went while we looked
        return error.errno
    return sorted((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in looks)


def open_roster(settings: Settings, register: Register, clock: Callable[[], datetime]) -> Roster:
    """The agents of this installation."""
    files = AgentFiles(Path(settings.agents_dir))
    return Roster(files, register, clock, Path(settings.data_dir) / "roster.json")
