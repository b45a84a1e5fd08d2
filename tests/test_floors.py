"""The floors of the house: who may import whom, and what the pure core may not touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.sources import ROOT, source_files

# Low to high. A file imports from its own folder and from lower floors. The longest name that
# fits a module decides, so agents.schema is below the rest of agents.
FLOORS = {
    "settings": 0,
    "setting_kinds": 0,
    "logs": 0,
    "agents.schema": 1,
    "conversation": 2,
    "agents": 3,
    "providers": 3,
    "storage": 3,
    "audio_cache": 3,
    "calls": 4,
    "campaigns": 5,
    "jobs": 5,
    "access": 5,
    "services": 6,
    "recurring": 6,
    "transports": 7,
    "console": 7,
    "phone": 7,
    "app": 8,
    "server": 8,
    "commands": 8,
    "worker": 8,
    "gunicorn.conf": 8,
}
# Importing a folder runs its __init__, so these are on the floor of the lowest module in them.
FLOORS |= {"agents.__init__": 1, "conversation.__init__": 2}
# They talk to the rest of the house over HTTP only.
APART = {"phone"}
# They put the phone into somebody's hand, who then rings over HTTP as everybody does; the server
# has the vendors of the phone's street hear and speak where nobody has a key.
RINGS = {"commands", "console", "server"}
# No floor: they stand outside and may look everywhere.
OUTSIDE = ("tests", "benchmarks")

PURE = ("conversation", "agents.schema", "agents.__init__")
# What pure modules may import: nothing here reads a clock, a file, a socket or a dice.
# zoneinfo is for naming a zone that comes in; calendar for the lengths of months.
PURE_IMPORTS = {
    "__future__", "abc", "bisect", "calendar", "collections", "dataclasses", "datetime", "decimal",
    "difflib", "enum", "fractions", "functools", "heapq", "itertools", "json", "math", "operator",
    "re", "string", "types", "typing", "unicodedata", "zoneinfo",
    "email_validator", "phonenumbers", "pydantic", "rapidfuzz", "statemachine",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today"}
IMPURE_BUILTINS = {"open", "print", "input", "exec", "eval", "compile", "breakpoint"}


def modules() -> dict[str, str]:
    """Dotted name → source of every module of the house."""
    return {
        ".".join(path.with_suffix("").parts): (ROOT / path).read_text(encoding="utf-8")
        for path in source_files()
        if path.parts[0] not in OUTSIDE
    }


def floor(module: str) -> int | None:
    """The floor of a module or folder; None when nobody gave it one."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in FLOORS:
            return FLOORS[name]
    return None


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported, wherever in the file, as far as it is named."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                yield from ((node.lineno, alias.name) for alias in node.names)
            case ast.ImportFrom(module=module, level=level):
                start = "." * level + (module or "")
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def floor_problems(module: str, source: str, house: set[str]) -> list[str]:
    """What `module` imports that it may not; `house` are the first names of our modules."""
    own = floor(module)
    if own is None:
        return [f"{module} has no floor: give it one in FLOORS"]
    folder = module.partition(".")[0]
    problems = []
    for line, name in imports(source):
        target = name.partition(".")[0]
        if name.startswith("."):
            problems.append(f"{module}:{line} imports {name}: write the whole name")
        elif target not in house:
            continue
        elif target in APART and folder in RINGS:
            continue
        elif target in APART and folder not in APART:
            problems.append(f"{module}:{line} imports {name}, which is reached over HTTP only")
        elif target == folder and own >= (floor(name) or 0):
            continue
        elif folder in APART:
            problems.append(f"{module}:{line} imports {name}; it talks to us over HTTP only")
        elif not _is_allowed(own, name, folder_of_root="." not in module):
            problems.append(f"{module}:{line} on floor {own} imports {name}, floor {floor(name)}")
    return problems + _dynamic_imports(module, source)


def _is_allowed(own: int, name: str, folder_of_root: bool) -> bool:
    other = floor(name)
    if other is None:
        return False
    # Modules beside each other at the top are one folder: server imports app, commands both.
    beside = folder_of_root and FLOORS.get(name.partition(".")[0]) == own and other == own
    return other < own or (beside and (ROOT / f"{name.partition('.')[0]}.py").is_file())


def _dynamic_imports(module: str, source: str) -> list[str]:
    return [
        f"{module}:{node.lineno} imports by a name made at run time"
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Name) and node.id == "__import__")
        or (isinstance(node, ast.Attribute) and node.attr == "import_module")
        or (isinstance(node, ast.ImportFrom) and node.module == "importlib")
    ]


def purity_problems(module: str, source: str) -> list[str]:
    """What `module` does that depends on anything but its arguments."""
    problems = [
        f"{module}:{line} imports {name}, which is not known to be pure"
        for line, name in imports(source)
        if name.partition(".")[0] not in PURE_IMPORTS and not is_pure(name)
    ]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in CLOCKS:
                problems.append(f"{module}:{node.lineno} asks the clock: {attr}()")
            case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=attr) if attr in CLOCKS:
                problems.append(f"{module}:{node.lineno} hands on a clock: {attr}")
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_BUILTINS:
                problems.append(f"{module}:{node.lineno} calls {name}()")
            case ast.Global():
                problems.append(f"{module}:{node.lineno} keeps state in a global")
    return problems


def is_pure(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in PURE)


# gunicorn.conf.py is a file of settings: its name is not that of a package of ours.
HOUSE = {name.partition(".")[0] for name in modules()} - {"gunicorn"}


def test_every_file_has_a_floor_and_imports_from_lower_ones() -> None:
    problems = [
        problem
        for module, source in modules().items()
        for problem in floor_problems(module, source, HOUSE)
    ]

    assert problems == []
    assert len(modules()) > 20  # the house was found


def test_the_core_depends_on_its_arguments_alone() -> None:
    pure = {module: source for module, source in modules().items() if is_pure(module)}
    problems = [
        problem for module, source in pure.items() for problem in purity_problems(module, source)
    ]

    assert problems == []
    assert len(pure) > 5


# The rules can fail


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("conversation.engine", "import calls.turns"),
        ("conversation.engine", "def f():\n    from storage.base import Storage"),
        ("conversation.engine", "from storage import sqlite as fast"),
        ("conversation.engine", "if TYPE_CHECKING:\n    import services"),
        ("conversation.engine", "from agents import loader"),
        ("conversation.engine", "from agents.loader import load_agents"),
        ("agents.schema", "from agents.loader import load_agents"),
        ("agents.__init__", "from agents.loader import load_agents"),
        ("storage.sqlite", "from providers.errors import ProviderError"),
        ("providers.llm.rules", "from storage.base import Storage"),
        ("calls.turns", "from services import Services"),
        ("campaigns.dialer", "import jobs"),
        ("transports.gather", "from console.login import needs_login"),
        ("transports.gather", "import app"),
        ("transports.gather", "from phone import signature"),
        ("app", "import phone.terminal"),
        ("phone.terminal", "import settings"),
        ("phone.terminal", "from agents.schema import Agent"),
        ("services", "import app"),
        ("settings", "from conversation import events"),
        ("calls.turns", "from . import numbers"),
        ("calls.turns", "from ..storage import sqlite"),
        ("calls.turns", "importlib.import_module(name)"),
        ("calls.turns", "from importlib import import_module"),
        ("calls.turns", "__import__('app')"),
        ("attic.box", ""),
        ("attic", "import settings"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert len(floor_problems(module, source, {*HOUSE, "console", "jobs", "attic"})) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("conversation.engine", "from agents.schema import Agent\nimport conversation.state, re"),
        ("agents.loader", "from agents.schema import Agent\nfrom conversation.fields import KINDS"),
        ("storage.sqlite", "import sqlite3\nfrom storage import codec\nfrom settings import Any"),
        ("calls.turns", "from storage.base import Storage\nimport logs"),
        ("transports.gather", "from transports.guard import carrier_blueprint"),
        ("server", "from app import create_app"),
        ("commands", "import server, app, transports.gather"),
        ("services", "import settings"),
        ("phone.terminal", "from phone.call import Call\nimport requests"),
        ("settings", "import os"),
    ],
)
def test_a_right_import_is_left_alone(module: str, source: str) -> None:
    assert floor_problems(module, source, HOUSE) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from threading import Lock",
        "def f():\n    import random",
        "from pathlib import Path",
        "import logging",
        "import requests",
        "import settings",
        "from agents import loader",
        "from datetime import datetime as d\nd.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "date.today()",
        "clock = datetime.now",
        "open('x')",
        "print('x')",
        "def f():\n    global count",
    ],
)
def test_an_impure_line_is_found(source: str) -> None:
    assert len(purity_problems("conversation.engine", source)) >= 1


def test_a_pure_module_is_left_alone() -> None:
    source = (
        "import re\nfrom datetime import date, datetime\nfrom agents.schema import Agent\n"
        "def f(context, at: datetime) -> date:\n    return max(context.today, at.date())\n"
    )

    assert purity_problems("conversation.engine", source) == []
