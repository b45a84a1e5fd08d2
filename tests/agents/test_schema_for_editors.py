"""The JSON Schema that editors use: current, satisfied by our files, refusing broken ones."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from agents.json_schema import SCHEMA_FILE, agent_json_schema, schema_text
from agents.loader import load_agents

FOLDER = SCHEMA_FILE.parent
FILES = sorted(FOLDER.glob("*.yaml"))
VALIDATOR = Draft7Validator(agent_json_schema())


PARSED = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}


def parsed(path: Path) -> Any:
    return copy.deepcopy(PARSED[path])


def test_the_committed_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        "run: python -m agents.json_schema"
    )


def test_the_schema_is_itself_valid() -> None:
    Draft7Validator.check_schema(agent_json_schema())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_agents_satisfy_it_and_point_editors_at_it(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(parsed(path))) == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=agent.schema.json"


def test_our_agents_load() -> None:
    assert sorted(load_agents(FOLDER)) == ["clinic", "lead", "logistics", "pizza", "reminder"]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key of a file but the names that its author is free to choose."""
    found = []
    if isinstance(node, dict):
        for key, value in node.items():
            if path not in {("fields",), ("variables",)}:
                found.append((*path, key))
            found += places(value, (*path, key))
    return found


def changed(path: Path, place: tuple[Any, ...], key: Any, value: Any) -> Any:
    data = parsed(path)
    owner = data
    for step in place[:-1]:
        owner = owner[step]
    del owner[place[-1]]
    owner[key] = value
    return data


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_key_can_be_misspelt_unnoticed(path: Path) -> None:
    for place in places(parsed(path)):
        broken = changed(path, place, f"{place[-1]}_x", "x")
        assert not VALIDATOR.is_valid(broken), place


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_value_can_be_of_a_wrong_type_unnoticed(path: Path) -> None:
    for place in places(parsed(path)):
        broken = changed(path, place, place[-1], [{"x": [1]}])
        assert not VALIDATOR.is_valid(broken), place


@pytest.mark.parametrize("key", ["agent", "name", "goal", "languages", "say", "fields"])
def test_what_every_agent_needs_is_needed(key: str) -> None:
    data = parsed(FOLDER / "logistics.yaml")
    del data[key]
    assert [error.message for error in VALIDATOR.iter_errors(data)] == [
        f"'{key}' is a required property"
    ]


def test_a_kind_takes_its_own_options_only() -> None:
    data = parsed(FOLDER / "logistics.yaml")
    data["fields"]["window"]["currency"] = "INR"
    assert not VALIDATOR.is_valid(data)
    data = parsed(FOLDER / "logistics.yaml")
    del data["fields"]["charge"]["currency"]
    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    ("models", "is_valid"),
    [
        (["openai", "rules"], True),
        (["rules"], True),
        (["x"], False),
        ([], False),
        (["rules"] * 2, False),
    ],
)
def test_models_are_those_there_are(models: list[str], is_valid: bool) -> None:
    data = parsed(FOLDER / "logistics.yaml") | {"models": models}
    assert VALIDATOR.is_valid(data) is is_valid
