"""Changes of agents by people and programs: checked, kept as versions, published, brought back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson
import yaml

from agents.loader import AgentFileError, read_text
from agents.problems import Problem
from agents.schema import NAME_PATTERN, Agent
from calls.roster import Roster, Standing
from calls.versions import Version, Versions, Writing
from storage.base import StorageError

TEXT = "text"  # what a text is called in what is said of it


class NoSuchVersion(Exception):
    """The agent has no version of that number."""


class InUse(Exception):
    """The agent cannot be made or taken away as it was asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that somebody wants to keep."""

    name: str  # of the agent that is edited
    text: str
    author: str
    note: str = ""
    after: int | None = None  # newest version that the writer knew of; 0: none


class Editing:
    """What may be done to agents. Methods raise StorageError when the register is away."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    @property
    def versions(self) -> Versions:
        """Every text that was kept."""
        return self._roster.versions

    def save(self, edit: Edit) -> Version:
        """Keep a text as a draft. AgentFileError with every mistake in it; Overtaken when somebody
        saved meanwhile. The same text as in the newest version is that version."""
        text = normalised(edit.text)
        agent = read_for(edit.name, text)
        newest = self.versions.newest(edit.name)
        if (
            newest is not None
            and newest.version == agent.version
            and edit.after
            in (
                None,
                newest.number,
            )
        ):
            return newest
        based_on = self._based_on(edit.name)
        writing = Writing(edit.name, text, agent.version, based_on, edit.author, edit.note.strip())
        return self.versions.save(writing, edit.after)

    def publish(self, name: str, number: int, by: str) -> Version:
        """Let a version answer calls. NoSuchVersion; AgentFileError when an older program wrote it
        and it cannot be used any more."""
        version, text = self.read(name, number)
        read_for(name, text)
        self.versions.publish(version, self._based_on(name), by)
        self._roster.refresh()
        return version

    def bring_back(self, name: str, number: int, by: str) -> Version:
        """Publish an old text once more, as the newest version. Errors as `publish`."""
        version, text = self.read(name, number)
        agent = read_for(name, text)
        note = f"Back to version {version.number}"
        writing = Writing(name, text, agent.version, self._based_on(name), by, note)
        made = self.versions.save(writing)
        self.versions.publish(made, writing.based_on, by)
        self._roster.refresh()
        return made

    def withdraw(self, name: str) -> None:
        """Let the file answer again; without a file the agent is gone. InUse when nothing is
        published in place of the file."""
        if not self.versions.withdraw(name, self._based_on(name)):
            raise InUse(f"Nothing is published in place of the file of {name}.")
        self._roster.refresh()

    def read(self, name: str, number: int) -> tuple[Version, str]:
        """A version and its text. NoSuchVersion."""
        version = self.versions.get(name, number)
        text = self.versions.text(name, version.version) if version else None
        if version is None or text is None:
            raise NoSuchVersion(f"{name} has no version {number}.")
        return version, text

    def is_known(self, name: str) -> bool:
        """Whether the agent answers, or ever was written down."""
        return self.standing(name) is not None or (
            is_name(name) and self.versions.newest(name) is not None
        )

    def standing(self, name: str) -> Standing | None:
        """How the agent stands; None when nothing of it is in force or published. As published by
        whichever process a moment ago; while the register is away, as this process knows it."""
        self._look()
        return self._roster.standing(name)

    def standings(self) -> Sequence[Standing]:
        """How all agents stand, by name; as fresh as `standing`."""
        self._look()
        return self._roster.standings()

    def _look(self) -> None:
        """Whoever published is shown it by the next page, which another process may answer."""
        with suppress(StorageError):
            self._roster.refresh()

    def _based_on(self, name: str) -> str:
        standing = self._roster.standing(name)
        return standing.based_on if standing else ""


def read_for(name: str, text: str) -> Agent:
    """The agent in a text that is to be `name`'s. AgentFileError with every mistake."""
    agent = read_text(text.encode("utf-8", "surrogatepass"), TEXT)
    if agent.agent != name:
        wrong = f"{agent.agent} is another agent"
        remedy = f"write {name}: this changes {name}, and another name makes another agent"
        raise AgentFileError([Problem(TEXT, _line_of_name(text), "agent", wrong, remedy)])
    return agent


def mistakes(text: str, name: str = "") -> Sequence[Problem]:
    """What is wrong with a text; `name` when it is to be that agent's."""
    try:
        if name:
            read_for(name, normalised(text))
        else:
            read_text(normalised(text).encode("utf-8", "surrogatepass"), TEXT)
    except AgentFileError as error:
        return error.problems
    return ()


def normalised(text: str) -> str:
    """A text with the line ends that files have: forms send others."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") or not text else text + "\n"


def written(data: Mapping[str, object]) -> str:
    """An agent that came as data, as the text of a file. What cannot be used comes as JSON, which
    YAML includes, so that the lines of its mistakes are those of something."""
    as_json = orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n"
    if mistakes(as_json):
        return as_json
    as_yaml = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=100)
    try:
        same = _without_version(read_text(as_yaml.encode())) == _without_version(
            read_text(as_json.encode())
        )
    except AgentFileError:
        same = False  # a text that only our reader takes for a number
    return as_yaml if same else as_json


def _without_version(agent: Agent) -> Agent:
    return agent.model_copy(update={"version": ""})


def is_name(name: str) -> bool:
    """Whether an agent can be called so."""
    return re.fullmatch(NAME_PATTERN, name) is not None


def _line_of_name(text: str) -> int:
    lines = text.split("\n")
    return next((at for at, line in enumerate(lines, 1) if line.startswith("agent:")), 1)
