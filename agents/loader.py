"""Reads agents: a folder of YAML files, or one text, as agents, or every mistake at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from agents.agent_file import read_agent
from agents.document import MAX_SIZE_BYTES, read_document
from agents.problems import AgentFileError, Findings, Problem
from agents.schema import Agent

__all__ = [
    "AgentFile",
    "AgentFileError",
    "Folder",
    "load_agent",
    "load_agents",
    "read_folder",
    "read_text",
]

VERSION_LENGTH = 12  # hex digits: enough to tell the versions of one file apart


@dataclass(frozen=True, slots=True)
class AgentFile:
    """An agent and the text that it was read from."""

    agent: Agent
    file: str  # its name in the folder
    text: str


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds: the agents by name, and what is wrong with the rest."""

    files: Mapping[str, AgentFile]
    problems: tuple[Problem, ...]


def load_agents(folder: Path) -> Mapping[str, Agent]:
    """The agents of a folder by name. AgentFileError lists what is wrong in any of its files.

    Read are regular files *.yaml and *.yml; hidden files, links and editors' copies are not.
    """
    found = read_folder(folder)
    if found.problems:
        raise AgentFileError(found.problems)
    return {name: file.agent for name, file in found.files.items()}


def read_folder(folder: Path) -> Folder:
    """The agents of a folder that can be used, and every mistake in the files of the others."""
    if not folder.is_dir():
        return Folder({}, (Problem(str(folder), 0, "", "is not a folder", "set AGENTS_DIR"),))
    files = agent_files(folder)
    if not files:
        remedy = "add an agent such as docs/agents.md shows, or set AGENTS_DIR"
        return Folder({}, (Problem(str(folder), 0, "", "holds no agent file (*.yaml)", remedy),))
    agents: dict[str, AgentFile] = {}
    owners: dict[str, str] = {}  # agent name → its file
    problems: list[Problem] = []
    for path in files:
        findings = Findings(path.name)
        file, name = _read(path, findings)
        if name in owners:
            findings.add(("agent",), f"{name} is the agent of {owners[name]}", "rename one")
        elif name is not None:
            owners[name] = path.name
            if file is not None:
                agents[name] = file
        problems += findings.problems
    return Folder(agents, tuple(problems))


def read_text(content: bytes, file: str = "agent.yaml") -> Agent:
    """The agent in a text, which `file` names in what is said of it. AgentFileError lists every
    mistake."""
    findings = Findings(file)
    agent, _ = _agent(content, findings)
    if agent is None:
        raise AgentFileError(findings.problems)
    return agent


def load_agent(path: Path) -> Agent:
    """The agent in one file. AgentFileError lists everything that is wrong with it."""
    findings = Findings(path.name)
    file, _ = _read(path, findings)
    if file is None:
        raise AgentFileError(findings.problems)
    return file.agent


def agent_files(folder: Path) -> list[Path]:
    """The files of a folder that are read, by name. OSError when there is none."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in (".yaml", ".yml")
        and not path.name.startswith((".", "#", "~"))
        and not path.is_symlink()
        and path.is_file()
    )


def _read(path: Path, findings: Findings) -> tuple[AgentFile | None, str | None]:
    """The agent's file, and the name it claims even when it cannot be used."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE_BYTES + 1)
    except OSError as error:
        findings.add_line(0, f"cannot be read: {error.strerror}", "check its path and permissions")
        return None, None
    agent, name = _agent(content, findings)
    if agent is None:
        return None, name
    return AgentFile(agent, path.name, content.decode("utf-8-sig")), name


def _agent(content: bytes, findings: Findings) -> tuple[Agent | None, str | None]:
    data = read_document(content, findings)
    if data is None and findings.problems:
        return None, None
    version = sha256(content).hexdigest()[:VERSION_LENGTH]
    agent = read_agent(data, version, findings)
    name = data.get("agent") if isinstance(data, dict) else None
    return agent, name if isinstance(name, str) else None
