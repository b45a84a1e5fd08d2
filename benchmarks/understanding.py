"""How well the rules brain reads real caller turns: right, wrong and unanswered, per kind.

    python -m benchmarks.understanding [FILE] [--show wrong|unanswered|right] [--kind KIND]

FILE (or the environment variable DATA) holds one JSON object a line: kind, field, agent_said,
caller_said, expect, today, and choices for a choice.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from agents.schema import Agent, ChoiceSpec, FieldSpec
from conversation.extraction import ExtractionRequest
from conversation.fields import kind_of
from conversation.fields.base import Context, Problem, Value
from conversation.reading.confirmation import read_confirmation
from providers.llm.rules import RulesBrain

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "caller-turns.jsonl"
LANGUAGE = "en-US"
BRAIN = RulesBrain()
OUTCOMES = ("right", "wrong", "unanswered")
Row = Mapping[str, str]


@dataclass
class Score:
    """The outcomes of one kind, and the rows behind them."""

    rows: dict[str, list[tuple[Row, str | None]]] = field(
        default_factory=lambda: {outcome: [] for outcome in OUTCOMES}
    )
    elapsed_us: list[float] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """How many rows came out so."""
        return len(self.rows[outcome])


def agent_of(row: Row) -> Agent:
    """An agent that asks only what the row is about."""
    spec = FieldSpec(
        name=row["field"],
        kind=row["kind"],
        ask={LANGUAGE: row["agent_said"]},
        label={LANGUAGE: row["field"].replace("_", " ")},
        currency="USD" if row["kind"] == "money" else None,
        choices=tuple(ChoiceSpec(value=choice) for choice in row.get("choices", ())),
    )
    return Agent(
        agent="benchmark",
        name="Benchmark",
        goal="Understand one answer.",
        languages=(LANGUAGE,),
        say={},
        fields=(spec,),
    )


def answer(row: Row) -> str | None:
    """What the rules brain reads from the row, in the form of its `expect`; None: nothing."""
    if row["kind"] == "confirm":
        verdict = read_confirmation(row["caller_said"], LANGUAGE).yes
        return None if verdict is None else "yes" if verdict else "no"
    agent = agent_of(row)
    spec = agent.fields[0]
    request = ExtractionRequest(
        utterance=row["caller_said"],
        language=LANGUAGE,
        today=date.fromisoformat(row["today"]),
        asked=spec.name,
        agent_said=row["agent_said"],
        confirming=False,
        collected={},
    )
    extraction = BRAIN.extract(agent, request)
    if spec.name not in extraction.values:
        return None
    context = Context(LANGUAGE, request.today, request.agent_said)
    value = kind_of(spec).accept(spec, extraction.values[spec.name], context)
    return None if isinstance(value, Problem) else written(value)


def written(value: Value) -> str:
    """A canonical value as the data writes it."""
    return str(value["amount"] if isinstance(value, Mapping) else value)


def outcome_of(row: Row, heard: str | None) -> str:
    """Right, wrong or unanswered."""
    if heard is None:
        return "unanswered"
    return "right" if heard.lower() == row["expect"].lower() else "wrong"


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of the file, in order."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def measure(path: Path) -> dict[str, Score]:
    """Every row read once, after a first one that pays for tables and caches."""
    scores: dict[str, Score] = defaultdict(Score)
    for number, row in enumerate(rows_of(path)):
        if number == 0:
            answer(row)
        started = time.perf_counter()
        heard = answer(row)
        score = scores[row["kind"]]
        score.elapsed_us.append((time.perf_counter() - started) * 1e6)
        score.rows[outcome_of(row, heard)].append((row, heard))
    return scores


def show(scores: Mapping[str, Score], outcome: str, kind: str | None) -> None:
    """List the rows with that outcome."""
    for name, score in scores.items():
        for row, heard in score.rows[outcome] if kind in (None, name) else ():
            print(
                f"{name} {row['field']} | {row['agent_said']} | {row['caller_said']} | "
                f"expected {row['expect']}, heard {heard}"
            )


def report(scores: Mapping[str, Score]) -> None:
    """A table for people, and as the last line an object for programs."""
    print(f"{'kind':<10}{'rows':>6}" + "".join(f"{outcome + ' %':>14}" for outcome in OUTCOMES))
    for name, score in sorted(scores.items()):
        rows = len(score.elapsed_us)
        shares = "".join(f"{100 * score.count(one) / rows:>14.1f}" for one in OUTCOMES)
        print(f"{name:<10}{rows:>6}{shares}{statistics.median(score.elapsed_us):>10.0f} µs median")
    print(
        json.dumps(
            {
                name: {outcome: score.count(outcome) for outcome in OUTCOMES}
                for name, score in sorted(scores.items())
            }
        )
    )


def main(arguments: list[str]) -> int:
    """Measure and print; 2 for a file that was named and is not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding")
    parser.add_argument("file", nargs="?", default=os.environ.get("DATA"), type=Path)
    parser.add_argument("--show", choices=OUTCOMES)
    parser.add_argument("--kind")
    options = parser.parse_args(arguments)
    path = options.file or DATA
    if not path.is_file():
        print(f"Skipped: there is no {path}.")
        print("{}")
        return 2 if options.file else 0
    scores = measure(path)
    if options.show:
        show(scores, options.show, options.kind)
    report(scores)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
