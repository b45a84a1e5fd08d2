"""Every text an agent ever had, who wrote it, and which of them were published. In the register.

Not here: which one answers calls now (`roster.py`), which files take part in too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.records import JsonObject
from storage.register import Entry, EntryQuery, Register, StaleEntry

VERSION, TEXT, ROSTER, KEY = "agent_version", "agent_text", "agent_roster", "agents"
# Times a write is tried anew because another process was faster.
TRIES_MOST = 20
# Publications of one agent that are remembered: one for each file text that was edited in a page.
PUBLISHED_MOST = 50
NOTE_MOST = 500


class State(StrEnum):
    """Where a version came from, and how far it got."""

    FILE = "file"  # it was read from a file
    DRAFT = "draft"  # it was saved, and never answered a call
    PUBLISHED = "published"


class Overtaken(Exception):
    """Somebody saved a version meanwhile; `newest` is theirs."""

    def __init__(self, newest: Version) -> None:
        super().__init__(f"Version {newest.number} of {newest.agent} was saved meanwhile.")
        self.newest = newest


@dataclass(frozen=True, slots=True)
class Version:
    """One text of one agent, once written down."""

    agent: str
    number: int  # from 1, of this agent
    version: str  # hash of the text, as calls name it
    based_on: str  # hash of the agent's file when this was written; "" without one
    author: str
    note: str
    state: State
    created_at: datetime
    published_at: datetime | None = None
    published_by: str = ""
    entry: int = 0  # version of the entry that holds this


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that is to answer calls as long as the agent's file is `based_on`."""

    number: int
    version: str
    based_on: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Published:
    """All publications, newest first by agent. `serial` changes with every change."""

    serial: int
    agents: Mapping[str, tuple[Publication, ...]]


@dataclass(frozen=True, slots=True)
class Writing:
    """A text that is to become a version. It was checked."""

    agent: str
    text: str
    version: str
    based_on: str
    author: str
    note: str = ""


class Versions:
    """The texts of agents. Every method may raise StorageError. Safe for many threads."""

    def __init__(self, register: Register, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._clock = clock

    def text(self, agent: str, version: str) -> str | None:
        """A text by its hash, or None when it was never kept."""
        entry = self._register.get(TEXT, f"{agent}/{version}")
        return None if entry is None else str(entry.body["text"])

    def save(self, writing: Writing, after: int | None = None) -> Version:
        """Keep a text as a draft. `after` is the newest version that the writer knew of, 0 for
        none: Overtaken when there is a newer one."""
        self._keep_text(writing)
        return self._add(writing, State.DRAFT, after)

    def saw_file(self, writing: Writing) -> None:
        """Keep the text of a file when it is seen for the first time."""
        if self._register.get(TEXT, f"{writing.agent}/{writing.version}") is not None:
            return
        if self._keep_text(writing):
            self._add(writing, State.FILE, None)

    def newest(self, agent: str) -> Version | None:
        """The version of an agent that was written down last."""
        found = self.of(agent, 1)
        return found[0] if found else None

    def of(self, agent: str, limit: int = 50, offset: int = 0) -> Sequence[Version]:
        """The versions of an agent, newest first."""
        query = EntryQuery(VERSION, {"agent": agent}, limit=limit, offset=offset)
        return [_version(entry) for entry in self._register.find(query)]

    def count(self, agent: str) -> int:
        """How many versions there are."""
        return self._register.count(EntryQuery(VERSION, {"agent": agent}))

    def get(self, agent: str, number: int) -> Version | None:
        """A version by its number."""
        entry = self._register.get(VERSION, _key(agent, number))
        return None if entry is None else _version(entry)

    def publish(self, version: Version, based_on: str, by: str) -> Publication:
        """Let a version answer calls from now on, while the agent's file is `based_on`."""
        now = self._clock()
        for _ in range(TRIES_MOST):
            try:
                told = replace(
                    version,
                    state=State.FILE if version.state is State.FILE else State.PUBLISHED,
                    published_at=now,
                    published_by=by,
                )
                self._register.put(_entry(told, now))
                break
            except StaleEntry:
                version = self.get(version.agent, version.number) or version
        made = Publication(version.number, version.version, based_on, now, by)
        self._change(
            version.agent, lambda former: (made, *(p for p in former if p.based_on != based_on))
        )
        return made

    def withdraw(self, agent: str, based_on: str) -> bool:
        """Publish nothing for this text of the file any more; False when nothing was."""
        return self._change(
            agent, lambda former: tuple(p for p in former if p.based_on != based_on)
        )

    def published(self, known: Published | None = None) -> Published:
        """All publications; `known` itself when nothing has changed since."""
        entry = self._register.get(ROSTER, KEY)
        serial = 0 if entry is None else entry.version
        if known is not None and known.serial == serial:
            return known
        return Published(serial, agents_of(entry.body if entry else {}))

    def _keep_text(self, writing: Writing) -> bool:
        now = self._clock()
        body = {"agent": writing.agent, "version": writing.version, "text": writing.text}
        try:
            self._register.put(Entry(TEXT, f"{writing.agent}/{writing.version}", body, now, now))
        except StaleEntry:
            return False  # the same text, by its hash
        return True

    def _add(self, writing: Writing, state: State, after: int | None) -> Version:
        for _ in range(TRIES_MOST):
            newest = self.newest(writing.agent)
            number = newest.number if newest else 0
            if newest is not None and after is not None and number != after:
                raise Overtaken(newest)
            made = Version(
                agent=writing.agent,
                number=number + 1,
                version=writing.version,
                based_on=writing.based_on,
                author=writing.author,
                note=writing.note[:NOTE_MOST],
                state=state,
                created_at=self._clock(),
            )
            try:
                kept = self._register.put(_entry(made, made.created_at))
            except StaleEntry:
                continue
            return replace(made, entry=kept.version)
        raise StaleEntry(f"Versions of {writing.agent} are being written too fast.")

    def _change(
        self,
        agent: str,
        change: Callable[[tuple[Publication, ...]], tuple[Publication, ...]],
    ) -> bool:
        """Change the publications of an agent, whatever others do meanwhile."""
        for _ in range(TRIES_MOST):
            entry = self._register.get(ROSTER, KEY)
            agents = dict(agents_of(entry.body if entry else {}))
            former = agents.get(agent, ())
            agents[agent] = change(former)[:PUBLISHED_MOST]
            if agents[agent] == former:
                return False
            body = body_of(agents)
            now = self._clock()
            fresh = Entry(ROSTER, KEY, body, now, now) if entry is None else entry
            try:
                self._register.put(replace(fresh, body=body, updated_at=now))
            except StaleEntry:
                continue
            return True
        raise StaleEntry("What is published is being changed too fast.")


def _key(agent: str, number: int) -> str:
    return f"{agent}/{number:06d}"


def _entry(one: Version, now: datetime) -> Entry:
    body: dict[str, object] = {
        "agent": one.agent,
        "number": one.number,
        "version": one.version,
        "based_on": one.based_on,
        "author": one.author,
        "note": one.note,
        "state": str(one.state),
        "published_at": one.published_at and one.published_at.isoformat(),
        "published_by": one.published_by,
    }
    return Entry(VERSION, _key(one.agent, one.number), body, one.created_at, now, one.entry)


def _version(entry: Entry) -> Version:
    body: Mapping[str, Any] = entry.body
    published_at = body["published_at"]
    return Version(
        agent=body["agent"],
        number=body["number"],
        version=body["version"],
        based_on=body["based_on"],
        author=body["author"],
        note=body["note"],
        state=State(body["state"]),
        created_at=entry.created_at,
        published_at=published_at and datetime.fromisoformat(published_at),
        published_by=body["published_by"],
        entry=entry.version,
    )


def body_of(agents: Mapping[str, Sequence[Publication]]) -> JsonObject:
    """Publications as the entry that holds them."""
    return {"agents": {name: _told(told) for name, told in agents.items() if told}}


def agents_of(body: Mapping[str, Any]) -> Mapping[str, tuple[Publication, ...]]:
    """The publications in such an entry."""
    return {
        name: tuple(
            Publication(
                one["number"],
                one["version"],
                one["based_on"],
                datetime.fromisoformat(one["at"]),
                one["by"],
            )
            for one in told
        )
        for name, told in body.get("agents", {}).items()
    }


def _told(publications: Sequence[Publication]) -> list[JsonObject]:
    return [
        {
            "number": one.number,
            "version": one.version,
            "based_on": one.based_on,
            "at": one.at.isoformat(),
            "by": one.by,
        }
        for one in publications
    ]
