"""Call scripts: a caller written down in YAML, who says their lines and checks what they hear.

The same caller plays over the carrier's wire and straight against the engine; what was said on
both sides (`dialogue`) must then be the same. The form is described in docs/phone.md.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from phone.caller import (
    Dialling,
    HangsUp,
    Heard,
    Listening,
    MakesNoise,
    Move,
    PickUp,
    Presses,
    Speaks,
    StaysSilent,
)
from phone.live_call import Ear, listening

AGENT, CALLER = "agent", "caller"


class ScriptError(Exception):
    """A call script that cannot be used; says where and what to write."""


@dataclass(frozen=True, slots=True)
class Hear:
    """All patterns must occur in what the agent said since the caller's last move."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtStage:
    """The call must be in this stage."""

    stage: str


@dataclass(frozen=True, slots=True)
class Through:
    """What becomes of somebody who is rung for the caller."""

    result: PickUp


Step = Hear | AtStage | Through | Move


@dataclass(frozen=True, slots=True)
class Script:
    """A call as it is meant to go."""

    name: str
    about: str
    agent: str
    steps: tuple[Step, ...]
    expect: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    direction: str = "inbound"
    from_number: str = ""
    pick_up: PickUp = PickUp.ANSWERED


Record = Callable[[], Mapping[str, Any]]  # the call as it is kept now: stage, outcome, data …

_KEYS = frozenset("about agent steps expect variables direction from pick_up".split())
_MOVES = frozenset({"say", "keys", "noise", "hangup"})
NOISE_MOST_S = 10
# A live agent that has fallen silent may go on when what was to be heard is not all said; seconds
# of the clock.
PATIENCE_S = 8.0
_EXPECTED = frozenset({"stage", "outcome", "language", "data"})


def load_script(path: Path) -> Script:
    """The script in a file. ScriptError when it is none."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScriptError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise ScriptError(f"{path}: write agent: and steps:")
    unknown = sorted(str(key) for key in data.keys() - _KEYS)
    if unknown:
        raise ScriptError(f"{path}: no such key: {', '.join(unknown)}")
    agent, steps, expect = data.get("agent"), data.get("steps"), data.get("expect") or {}
    if not isinstance(agent, str) or not isinstance(steps, list) or not isinstance(expect, dict):
        raise ScriptError(f"{path}: write agent: NAME, steps: a list, expect: a mapping")
    if expect.keys() - _EXPECTED:
        raise ScriptError(f"{path}: expect takes {', '.join(sorted(_EXPECTED))}")
    direction = data.get("direction", "inbound")
    if direction not in ("inbound", "outbound"):
        raise ScriptError(f"{path}: direction is inbound or outbound")
    return Script(
        name=path.stem,
        about=str(data.get("about", "")),
        agent=agent,
        steps=tuple(_step(path, number, one) for number, one in enumerate(steps, 1)),
        expect=expect,
        variables={str(k): str(v) for k, v in (data.get("variables") or {}).items()},
        direction=direction,
        from_number=str(data.get("from", "")),
        pick_up=_pick_up(path, 0, data.get("pick_up", "answered")),
    )


def _step(path: Path, number: int, written: object) -> Step:
    if isinstance(written, str):
        written = {written: None}
    if not isinstance(written, dict) or len(written.keys() - {"after_s"}) != 1:
        raise ScriptError(f"{path}: step {number}: write one of hear, say, keys, silence, …")
    after_s = _after_s(path, number, written)
    ((word, value),) = ((key, value) for key, value in written.items() if key != "after_s")
    texts = tuple(str(one) for one in (value if isinstance(value, list) else [value]))
    match word:
        case "hear":
            return Hear(texts)
        case "stage":
            return AtStage(str(value))
        case "say":
            return Speaks(texts, after_s=after_s)
        case "keys" if re.fullmatch(r"[0-9*#]+", str(value)):
            return Presses(str(value), after_s=after_s)
        case "noise" if isinstance(value, int | float) and 0 < value <= NOISE_MOST_S:
            return MakesNoise(value, after_s)
        case "silence":
            return StaysSilent()
        case "hangup":
            return HangsUp(after_s)
        case "dial":
            return Through(_pick_up(path, number, value))
    raise ScriptError(f"{path}: step {number}: {word}: {value} is no step")


def _after_s(path: Path, number: int, written: Mapping[object, object]) -> float | None:
    """When, while the agent speaks, the caller does it; None: when it has finished."""
    after_s = written.get("after_s")
    if after_s is None:
        return None
    if not isinstance(after_s, int | float) or after_s < 0 or not written.keys() & _MOVES:
        raise ScriptError(f"{path}: step {number}: after_s is seconds, and goes with a move")
    return float(after_s)


def _pick_up(path: Path, number: int, value: object) -> PickUp:
    try:
        return PickUp(str(value))
    except ValueError:
        words = ", ".join(PickUp)
        raise ScriptError(f"{path}: step {number}: write one of {words}, not {value}") from None


class ScriptedCaller:
    """Plays a script. Hangs up at the first thing that is not as written; see `verdict`."""

    def __init__(self, script: Script, record: Record) -> None:
        self.script = script
        self.failures: list[str] = []
        self.dialogue: list[tuple[str, str]] = []  # who, what: everything one side said in a row
        self._record = record
        self._steps = list(script.steps)
        self._heard = ""  # since the last move
        self._waits_since: float | None = None  # a live agent has fallen silent

    def picks_up(self, number: str) -> PickUp:
        """As the script says."""
        return self.script.pick_up

    def hears(self, heard: Heard) -> None:
        """Remembers what the agent said."""
        self._heard = f"{self._heard} {' '.join(heard.text.split())}".strip()

    def moves(self, listening: Listening) -> Move:
        """The next thing to do, once what was heard is as it should be."""
        self._check()
        step = self._steps.pop(0) if self._steps and not self.failures else None
        if step is None and not self.failures:
            self.failures.append(f"the script is over, but the agent listens: {self._heard!r}")
        elif isinstance(step, Through):
            self.failures.append(f"nobody is dialled, but the agent listens: {self._heard!r}")
        move = step if isinstance(step, Move) else HangsUp()
        self._note(_shown(move))
        return move

    def overhears(self, words: Sequence[str]) -> None:
        """Remembers what a live agent says."""
        self.hears(Heard(" ".join(words), ""))

    def attends(self, ear: Ear, has_finished: bool) -> Move | None:
        """The next move: at its moment while the agent speaks, or when that has finished and what
        is to be heard was heard."""
        after_s = self._next_after_s()
        if after_s is not None and ear.speaks and ear.spoke_s >= after_s and self._has_heard():
            return self.moves(listening(ear))
        if not has_finished:
            self._waits_since = None
            return None
        if self._waits_since is None:
            self._waits_since = time.monotonic()
        if not self._has_heard() and time.monotonic() - self._waits_since < PATIENCE_S:
            return None
        self._waits_since = None
        return self.moves(listening(ear))

    def _next_after_s(self) -> float | None:
        move = next((step for step in self._steps if isinstance(step, Move)), None)
        return getattr(move, "after_s", None)

    def _has_heard(self) -> bool:
        """Everything that is to be heard before the caller's next step."""
        for step in self._steps:
            if isinstance(step, Hear):
                if not all(_occurs(pattern, self._heard) for pattern in step.patterns):
                    return False
            elif not isinstance(step, AtStage):
                break
        return True

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """What the script's next step says of it."""
        self._check()
        step = self._steps.pop(0) if self._steps else None
        if not isinstance(step, Through):
            self.failures.append(f"{dialling.target} is dialled, which is not in the script")
            step = Through(PickUp.FAILED)
        self._note(_shown(step))
        return step.result

    def verdict(self) -> list[str]:
        """Everything that was not as written; call it when the call is over."""
        self._check()
        self._note("")
        if not self.failures:
            self.failures += [
                f"the call ended before: {_shown(step)}"
                for step in self._steps
                if isinstance(step, Move | Through)
            ]
        if self.script.expect:
            self.failures += _differences(self.script.expect, self._record())
        return self.failures

    def _check(self) -> None:
        """Take the checks that come next, up to the caller's own next step."""
        while self._steps and isinstance(self._steps[0], Hear | AtStage) and not self.failures:
            step = self._steps.pop(0)
            if isinstance(step, AtStage):
                stage = self._record().get("stage")
                if stage != step.stage:
                    self.failures.append(f"the stage is {stage}, not {step.stage}")
            elif isinstance(step, Hear):
                self.failures += [
                    f"not heard: {pattern!r} in {self._heard!r}"
                    for pattern in step.patterns
                    if not _occurs(pattern, self._heard)
                ]

    def _note(self, move: str) -> None:
        if self._heard:
            self.dialogue.append((AGENT, self._heard))
        if move:
            self.dialogue.append((CALLER, move))
        self._heard = ""


def _occurs(pattern: str, text: str) -> bool:
    """`/a regular expression/`, or words in any case."""
    if len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
        return re.search(pattern[1:-1], text, re.IGNORECASE) is not None
    return " ".join(pattern.split()).casefold() in text.casefold()


def _shown(step: Move | Through) -> str:
    match step:
        case Speaks():
            return step.text
        case Presses():
            return f"#{step.keys}"
        case MakesNoise():
            return "(noise)"
        case StaysSilent():
            return "(silence)"
        case HangsUp():
            return "(hangs up)"
        case Through():
            return f"(dialled: {step.result.value})"


def _differences(expected: Mapping[str, object], record: Mapping[str, object]) -> list[str]:
    found = []
    for name, wanted in expected.items():
        kept = record.get(name)
        if isinstance(wanted, Mapping):
            values = kept if isinstance(kept, Mapping) else {}
            found += [
                f"{name}.{key} is {values.get(key)!r}, not {value!r}"
                for key, value in wanted.items()
                if values.get(key) != value
            ]
        elif kept != wanted:
            found.append(f"{name} is {kept!r}, not {wanted!r}")
    return found
