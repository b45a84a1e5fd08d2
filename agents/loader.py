"""Reads agent files: a folder of YAML files as agents, or every mistake in them at once."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from agents.agent_file import read_agent
from agents.document import MAX_SIZE_BYTES, read_document
from agents.problems import AgentFileError, Findings, Problem
from agents.schema import Agent

__all__ = ["AgentFileError", "load_agent", "load_agents"]

VERSION_LENGTH = 12  # hex digits: enough to tell the versions of one file apart


def load_agents(folder: Path) -> Mapping[str, Agent]:
    """The agents of a folder by name. AgentFileError lists what is wrong in any of its files.

    Read are regular files *.yaml and *.yml; hidden files, links and editors' copies are not.
    """
    if not folder.is_dir():
        raise AgentFileError([Problem(str(folder), 0, "", "is not a folder", "set AGENTS_DIR")])
    files = _agent_files(folder)
    if not files:
        remedy = "add an agent such as docs/agents.md shows, or set AGENTS_DIR"
        raise AgentFileError([Problem(str(folder), 0, "", "holds no agent file (*.yaml)", remedy)])
    agents: dict[str, Agent] = {}
    owners: dict[str, str] = {}  # agent name → its file
    problems: list[Problem] = []
    for file in files:
        findings = Findings(file.name)
        agent, name = _read(file, findings)
        if name in owners:
            findings.add(("agent",), f"{name} is the agent of {owners[name]}", "rename one")
        elif name is not None:
            owners[name] = file.name
        if agent is not None:
            agents[agent.agent] = agent
        problems += findings.problems
    if problems:
        raise AgentFileError(problems)
    return agents


def load_agent(path: Path) -> Agent:
    """The agent in one file. AgentFileError lists everything that is wrong with it."""
    findings = Findings(path.name)
    agent, _ = _read(path, findings)
    if agent is None:
        raise AgentFileError(findings.problems)
    return agent


def _agent_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in (".yaml", ".yml")
        and not path.name.startswith((".", "#", "~"))
        and not path.is_symlink()
        and path.is_file()
    )


def _read(path: Path, findings: Findings) -> tuple[Agent | None, str | None]:
    """The agent, and the name it claims even when it cannot be used."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE_BYTES + 1)
    except OSError as error:
        findings.add_line(0, f"cannot be read: {error.strerror}", "check its path and permissions")
        return None, None
    data = read_document(content, findings)
    if data is None and findings.problems:
        return None, None
    version = sha256(content).hexdigest()[:VERSION_LENGTH]
    agent = read_agent(data, version, findings)
    name = data.get("agent") if isinstance(data, dict) else None
    return agent, name if isinstance(name, str) else None
