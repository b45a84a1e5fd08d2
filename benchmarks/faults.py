"""Every fault of models, voices, recognisers, sockets, database, disk and server, in real calls.

    python -m benchmarks.faults [--only WORDS] [--at-once N]

Prints one row a fault and, as the last line, one JSON object; exits with 1 when a row breaks a
bound: no silence over 4 s, no call ended on the caller, nothing accepted lost, nothing doubled, and
the database caught up within 10 s of its return. Server, database, sockets and files are real.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from benchmarks.fault_call import Verdict, call_in
from benchmarks.fault_rows import ROWS, Row
from benchmarks.fault_world import World, may_mount
from benchmarks.live_fault_rows import LIVE_ROWS
from benchmarks.server_process import ServerFailed
from tests.storage.mongod import why_not

AT_ONCE = 2
_HEAD = (
    f"{'fault':42}{'what the caller heard':34}{'silence s':>10}  {'outcome':12}{'stored':22}"
    f"{'lost':>5}{'doubled':>8}{'caught up s':>12}"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows and print them; how many broke a bound decides the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    parser.add_argument("--only", default="", help="rows whose name has these words")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="rows at the same time")
    parser.add_argument("--logs", action="store_true", help="print what the servers logged, too")
    chosen = parser.parse_args(arguments)
    reason = why_not()
    if reason is not None:
        print(f"Skipped: {reason}")
        print("{}")
        return 0
    began_at = time.monotonic()
    rows = [row for row in (*ROWS, *LIVE_ROWS) if chosen.only in row.name]
    print(_HEAD)
    results: dict[str, object] = {}
    broken = 0
    with ThreadPoolExecutor(chosen.at_once) as pool:
        for row, (verdict, log) in zip(rows, pool.map(run, rows), strict=True):
            print(line_of(row, verdict), flush=True)
            if chosen.logs:
                print(log, *getattr(verdict, "faults", ()), sep="\n")
            if isinstance(verdict, Verdict):
                broken += bool(verdict.problems)
                results[row.name] = {**asdict(verdict), "problems": verdict.problems}
            else:
                results[row.name] = {"skipped": verdict}
    print(f"{len(rows)} faults in {time.monotonic() - began_at:.0f} s, {broken} broke a bound")
    print(json.dumps(results, default=str))
    return 1 if broken else 0


def run(row: Row) -> tuple[Verdict | str, str]:
    """The verdict on a row, or why it cannot be had here; and what the servers logged."""
    with tempfile.TemporaryDirectory(prefix="fault-") as name:
        folder = Path(name)
        if row.needs_disk and not may_mount(folder):
            return "small disks can be made by root only, outside of most containers", ""
        try:
            with World(folder, row.setting) as world:
                return call_in(world, row.plot), world.log
        except ServerFailed as error:
            return Verdict("nothing", float("inf"), "no server", "nothing", 2, 0, 0.0), str(error)


def line_of(row: Row, verdict: Verdict | str) -> str:
    """A row of the table."""
    if isinstance(verdict, str):
        return f"{row.name:42}skipped: {verdict}"
    text = (
        f"{row.name:42}{verdict.heard:34}{verdict.silence_s:10.2f}  {verdict.outcome:12}"
        f"{verdict.stored:22}{verdict.lost:5}{verdict.doubled:8}{verdict.caught_up_s:12.2f}"
    )
    return f"{text}  BROKEN: {', '.join(verdict.problems)}" if verdict.problems else text


if __name__ == "__main__":
    sys.exit(main())
