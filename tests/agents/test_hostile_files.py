"""Whatever a file holds, it is an agent or an AgentFileError, and soon."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.document import MAX_SIZE_BYTES
from agents.loader import AgentFileError, load_agent

SHIPPED = Path(__file__).parents[2] / "agents"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SHIPPED.glob("*.yaml"))}
DATA = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
QUICK_S = 30.0  # of CPU, far above what any file takes; a bomb would take minutes

fuzz = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

odd_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["{charge}", "{", "}", "{{x}}", "{a.b}", "", " ", "all", "en-IN", "today"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def outcome(folder: Path, content: bytes) -> str:
    """ "agent" or the message; anything else raises and fails the test."""
    path = folder / "agent.yaml"
    path.write_bytes(content)
    try:
        load_agent(path)
    except AgentFileError as error:
        told = error
    else:
        return "agent"
    assert told.problems
    assert all(problem.line >= 0 and problem.wrong for problem in told.problems)
    return str(told)


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    found = []
    for key, value in entries:
        found += [(*path, key), *paths(value, (*path, key))]
    return found


@fuzz
@given(data=st.data(), name=st.sampled_from(sorted(DATA)), value=odd_values)
def test_any_value_may_stand_anywhere(
    tmp_path: Path, data: st.DataObject, name: str, value: Any
) -> None:
    agent = copy.deepcopy(DATA[name])
    place = data.draw(st.sampled_from(paths(agent)))
    owner = agent
    for step in place[:-1]:
        owner = owner[step]
    owner[place[-1]] = value
    outcome(tmp_path, yaml.safe_dump(agent, allow_unicode=True).encode())


@fuzz
@given(data=st.data(), name=st.sampled_from(sorted(TEXTS)))
def test_any_line_may_be_lost_doubled_moved_or_cut(
    tmp_path: Path, data: st.DataObject, name: str
) -> None:
    lines = TEXTS[name].splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["lose", "double", "move", "cut", "insert"])):
            case "lose":
                lines[at] = "\n"
            case "double":
                lines[at] *= 2
            case "move":
                lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "cut":
                lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))] + "\n"
            case _:
                where = data.draw(st.integers(0, len(lines[at])))
                odd = data.draw(st.text("{}[]:,#&*!|>'\"%@`?-\t~ \x00é", min_size=1, max_size=3))
                lines[at] = lines[at][:where] + odd + lines[at][where:]
    outcome(tmp_path, "".join(lines).encode())


@fuzz
@given(content=st.binary(max_size=200))
def test_any_bytes_may_be_in_a_file(tmp_path: Path, content: bytes) -> None:
    assert outcome(tmp_path, content) != "agent"


def bomb() -> str:
    rows = ["a0: &a0 [" + ", ".join(["lol"] * 9) + "]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: " + b"x" * MAX_SIZE_BYTES, "is larger than 128 KB"),
        (bomb().encode(), "holds more than 10000 values; use fewer * aliases"),
        (b"a: &a [*a]", "*a refers to nothing above it"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"{a: " * 30_000, "is nested too deeply"),
        (b"- " * 60_000, "is nested too deeply"),
        (b"x: 1\n" * 20_000, "the key x was already written in line 1"),
        (b"n: " + b"9" * 100_000, "there is no key n"),
        (b"fields: {a: {kind: money, currency: INR, ask: q, max: 1e400}}", "is not a number"),
        (b"agent: !!python/object/apply:os.system [ls]", "is a tag, which is not read"),
        (b"\xff\xfea\x00:\x00", "is not UTF-8 text"),
    ],
    ids=["huge", "bomb", "loop", "deep lists", "deep mappings", "deep rows", "many keys",
         "long number", "infinite", "python tag", "utf-16"],
)  # fmt: skip
def test_a_file_made_to_do_harm_is_refused_quickly(
    tmp_path: Path, content: bytes, said: str
) -> None:
    began = time.process_time()
    assert said in outcome(tmp_path, content)
    assert time.process_time() - began < QUICK_S
