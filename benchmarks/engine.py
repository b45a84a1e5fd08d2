"""CPU time of a whole call in the engine: six turns from the greeting to the goodbye.

Prints a table, and as the last line one JSON object. Run: python -m benchmarks.engine [calls]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agents.loader import load_agents
from agents.schema import Agent
from benchmarks.load import SCRIPT
from conversation.actions import Action, Extract
from conversation.engine import advance
from conversation.events import CallStarted, Event, Extracted, Utterance
from conversation.state import CallState, Outcome, new_state
from providers.llm.base import Brain
from providers.llm.rules import RulesBrain

AGENTS = Path(__file__).resolve().parent.parent / "agents"
AIM_MS = 2.0
# Turns come a few seconds apart; what the engine is told must not depend on when this runs.
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROUNDS = 5


@dataclass
class Spent:
    """CPU seconds of one call."""

    engine_s: float = 0.0
    brain_s: float = 0.0
    state_s: float = 0.0  # to JSON and back, which a turn needs besides
    turns: list[float] = field(default_factory=list)  # engine and brain, from the greeting on


def main() -> None:
    """Measure, check that every call completed, and print."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    agent = load_agents(AGENTS)["logistics"]
    brain = RulesBrain()
    lines = [line.format(first=507, charge=500) for line in SCRIPT]
    one_call(agent, brain, lines)  # warms up
    rounds = [[one_call(agent, brain, lines) for _ in range(calls)] for _ in range(ROUNDS)]
    best = min(rounds, key=lambda spent: sum(one.engine_s for one in spent))
    engine_ms, brain_ms, state_ms = (
        statistics.median(getattr(one, part) for one in best) * 1000
        for part in ("engine_s", "brain_s", "state_s")
    )
    print(f"a whole call of {len(lines)} turns, median of {calls} calls, CPU time")
    print(f"  {'engine':28}{engine_ms:8.3f} ms   (aim: under {AIM_MS} ms)")
    print(f"  {'rules brain':28}{brain_ms:8.3f} ms")
    print(f"  {'state to JSON and back':28}{state_ms:8.3f} ms")
    for number, line in enumerate(["(the greeting)", *lines]):
        turn_us = statistics.median(one.turns[number] for one in best) * 1e6
        print(f"  {turn_us:6.0f} µs  {line}")
    result = {"engine_ms": engine_ms, "brain_ms": brain_ms, "state_ms": state_ms, "aim_ms": AIM_MS}
    print(json.dumps({name: round(value, 4) for name, value in result.items()}))


def one_call(agent: Agent, brain: Brain, lines: Sequence[str]) -> Spent:
    """Lead one call to its end; SystemExit when the caller's words do not complete it."""
    spent = Spent()
    state = _turn(agent, brain, new_state(agent, AT), CallStarted(AT), spent)
    for line in lines:
        started = time.thread_time()
        state = CallState.from_dict(state.to_dict())
        spent.state_s += time.thread_time() - started
        state = _turn(agent, brain, state, Utterance(line, AT, 0.93), spent)
    if state.outcome is not Outcome.COMPLETED:
        raise SystemExit(f"the call did not complete: it is in stage {state.stage}")
    return spent


def _turn(agent: Agent, brain: Brain, state: CallState, event: Event, spent: Spent) -> CallState:
    before = spent.engine_s + spent.brain_s
    actions: tuple[Action, ...]
    started = time.thread_time()
    state, actions = advance(agent, state, event)
    spent.engine_s += time.thread_time() - started
    while actions and isinstance(asked := actions[-1], Extract):
        started = time.thread_time()
        extraction = brain.extract(agent, asked.request)
        read = time.thread_time()
        state, actions = advance(agent, state, Extracted(extraction, AT))
        spent.brain_s += read - started
        spent.engine_s += time.thread_time() - read
    spent.turns.append(spent.engine_s + spent.brain_s - before)
    return state


if __name__ == "__main__":
    main()
