"""All benchmarks of campaigns, one after the other: what `make bench-campaigns` prints.

    python -m benchmarks.campaigns [--only gate|claims|import|dial] [further arguments]

Further arguments go to the one that is named. Beside each figure stands what it has to be; the exit
code is 1 when one falls short. The last line is one JSON object with the last line of each.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.everything import run

NAMES = ("gate", "claims", "import", "dial")


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure has to be: `least` or more, or `most` or less."""

    part: str
    figure: str  # where it stands in the part's object; a dot goes one deeper
    words: str
    least: float | None = None
    most: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether a figure is good enough."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    @property
    def bound(self) -> str:
        """For people."""
        return f"≥ {self.least:,g}" if self.most is None else f"≤ {self.most:,g}"


_CLAIM = "p95 of a claim among a million leads, over that among a thousand, in"
GOALS = (
    Goal("claims", "claim_p95_ratio.sqlite", f"{_CLAIM} SQLite", most=1.5),
    Goal("claims", "claim_p95_ratio.mongodb", f"{_CLAIM} MongoDB", most=1.5),
    Goal("import", "rows_per_s", "rows a second that are imported", least=20_000),
    Goal("import", "peak_megabytes", "megabytes of the importing process at most", most=200),
    Goal("dial", "placed_per_s", "calls a second that are placed, while workers die", least=50),
    Goal("dial", "rung_twice", "people who were rung twice", most=0),
    Goal("dial", "never_rung", "people who were never rung", most=0),
    Goal("dial", "recovery_s_most", "seconds until a dead worker's lead is rung", most=60),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them and print; 1 when one failed, or a figure falls short."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaigns", add_help=False)
    parser.add_argument("--only", choices=NAMES)
    chosen, further = parser.parse_known_args(arguments)
    if further and not chosen.only:
        parser.error("say with --only whose arguments these are")
    results: dict[str, object] = {}
    failed = 0
    for name in [chosen.only] if chosen.only else NAMES:
        print(f"== {name}", flush=True)
        code, results[name] = run(f"campaigns_{name}", further)
        failed = failed or code
    print("== goals")
    short = [line for line, is_met in _compared(results) if not is_met]
    print(json.dumps(results))
    return failed or int(bool(short))


def _compared(results: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    """Print each goal with its figure, and give whether it is met."""
    for goal in GOALS:
        if goal.part not in results:
            continue
        value = _figure(results[goal.part], goal.figure)
        is_met = value is not None and goal.is_met(value)
        shown = "not measured" if value is None else f"{value:,g}"
        line = f"{'ok   ' if is_met else 'SHORT'} {shown:>14}  {goal.bound:<10} {goal.words}"
        print(line)
        yield line, is_met


def _figure(found: object, path: str) -> float | None:
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, int | float) else None


if __name__ == "__main__":
    raise SystemExit(main())
