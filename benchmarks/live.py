"""Live calls: how quick, how many on one core, how much memory; beside a peer on the same load.

    python -m benchmarks.live [--only one|ear|many|peer|flat] [--short] [--peer PYTHON]

The server is one process on one core. Callers, recogniser, voice and model are this process, on
the others; every stream has sockets of its own to the recogniser and the voice. Signatures are on,
calls are kept in SQLite, and each must come to its end as its caller wants it. Prints tables, and
as the last line one JSON object.

    one     one caller, vendors that take no time: from the final words to the first sound on the
            wire, and from the first words of somebody who cuts in to `clear`
    ear     recogniser 250 ms, model 500, voice 150 to the first and 450 to the last byte: from the
            caller's last sound to the agent's first
    many    the same vendors, more and more callers, until calls fail, the p95 of `ear` is a
            quarter above that of one caller, or sound comes late
    peer    pipecat's transport for the same wire, with nothing behind it: no recogniser, voice,
            model or storage, but a pause as long as they would take
    flat    a thousand calls one after the other, a hundred at once, which say the same few
            values: what the process holds
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop

from benchmarks.live_parts import AT_ONCE, REALISTIC, House, Ours, Part, Peer, Result, measure
from benchmarks.load import percentile
from benchmarks.webhooks import share_cpus

NAMES = ("one", "ear", "many", "peer", "flat")
STEPS = (25, 50, 100, 150, 200, 250, 300, 400, 500, 600, 800)
PEER_STEPS = (10, 20, 30, 40, 50, 60, 80, 100, 130)
FEW = 20  # different charges of `flat`
CALL_S = 28.0  # of the rate desk, by its callers
FAILED_MOST, SLOWER_MOST, LATE_MOST_S = 0.005, 1.25, 0.001

_HEAD = (
    f"{'part':6}{'callers':>8}{'calls':>7}{'failed':>7}{'turns':>7}{'final→sound':>14}"
    f"{'ear p50/p95':>14}{'cut p50/p95':>14}{'late p99':>10}{'core':>7}{'ms/stream':>11}"
    f"{'lag p99':>9}"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live")
    parser.add_argument("--only", choices=NAMES, help="one part of it")
    parser.add_argument("--short", action="store_true", help="fewer seconds of each")
    parser.add_argument("--peer", default="", help="the Python that has pipecat")
    parser.add_argument("--most", type=int, default=STEPS[-1], help="callers at most")
    chosen = parser.parse_args(arguments)
    server_cpus, caller_cpus = share_cpus()
    if caller_cpus:
        os.sched_setaffinity(0, caller_cpus)
    wanted = [chosen.only] if chosen.only else list(NAMES)
    if not chosen.peer and "peer" in wanted:
        print("No --peer: pipecat is left out.")
        wanted.remove("peer")
    print(_HEAD, flush=True)
    told: dict[str, object] = {}
    for name in wanted:
        with tempfile.TemporaryDirectory() as folder:
            # A new value is a new clip, which is kept: whoever looks for leaks says few values.
            charges = FEW if name == "flat" else 90_000
            house: House = Ours(Path(folder), server_cpus, charges)
            if name == "peer":
                house = Peer(chosen.peer, server_cpus)
            told[name] = _PARTS[name](house, chosen.short, chosen.most)
    print(json.dumps(told))
    return 0


def one(house: House, short: bool, most: int) -> object:
    """One caller, and vendors that take no time."""
    calls = 4 if short else 12
    part = Part("one", 1, 1.0, AT_ONCE, with_model=True, most=calls)
    return _shown(uvloop.run(measure(house, [part]))[0]).told()


def ear(house: House, short: bool, most: int) -> object:
    """Five callers, and vendors as slow as real ones."""
    part = Part("ear", 5, 1.0, REALISTIC, with_model=True, ramp_s=5, most=10 if short else 30)
    return _shown(uvloop.run(measure(house, [part]))[0]).told()


def many(house: House, short: bool, most: int) -> object:
    """More and more callers."""
    return _climbed(house, "many", STEPS, short, most)


def peer(house: House, short: bool, most: int) -> object:
    """More and more callers of the peer."""
    return _climbed(house, "peer", PEER_STEPS, short, most)


def flat(house: House, short: bool, most: int) -> object:
    """What the process holds before, during and after many calls."""
    calls = 200 if short else 1000
    parts = [
        Part("warm", 100, 1.0, AT_ONCE, ramp_s=20, most=100),
        Part("flat", 100, 1.0, AT_ONCE, ramp_s=20, most=calls),
    ]
    warm, run = (_shown(one) for one in uvloop.run(measure(house, parts)))
    idle_kb = warm.memory_kb[-1]
    busiest = max(range(len(run.open_calls)), key=lambda at: run.open_calls[at])
    streams = max(1, run.open_calls[busiest])
    thirds = len(run.memory_kb) // 3
    told = {
        "idle_kb_after_warm_up": idle_kb,
        "kb_per_stream": round((max(run.memory_kb[:thirds]) - idle_kb) / streams),
        "top_kb_first_third": max(run.memory_kb[:thirds]),
        "top_kb_last_third": max(run.memory_kb[-thirds:]),
        "idle_kb_at_end": run.memory_kb[-1],
        "calls": run.met.calls,
    }
    print("      " + ", ".join(f"{name} {value}" for name, value in told.items()), flush=True)
    return told


_PARTS = {"one": one, "ear": ear, "many": many, "peer": peer, "flat": flat}


def _climbed(
    house: House, name: str, steps: Sequence[int], short: bool, most: int
) -> dict[str, object]:
    """The largest number of callers that is served well, and everything on the way there."""
    seconds = CALL_S / 2 if short else CALL_S
    told: list[object] = []
    best, single_ms, reason = 0, 0.0, ""
    for callers in (1, *(step for step in steps if step <= most)):
        part = Part(name, callers, seconds, REALISTIC, True, ramp_s=min(CALL_S, callers / 4))
        result = _shown(uvloop.run(measure(house, [part]))[0])
        told.append(result.told())
        p95_ms = percentile(result.met.ear_ms, 0.95) if result.met.ear_ms else 0.0
        single_ms = single_ms or p95_ms
        reason = _trouble(result, p95_ms, single_ms)
        if reason:
            break
        best = callers
    print(f"      {name}: {best} streams on one core; then {reason or 'nobody asked for more'}")
    return {"streams": best, "then": reason, "steps": told}


def _trouble(result: Result, p95_ms: float, single_ms: float) -> str:
    met = result.met
    if met.failed.total() > FAILED_MOST * met.calls:
        return f"{met.failed.total()} of {met.calls} calls failed ({dict(met.failed)})"
    late_s = percentile(met.late_s, 0.99) if met.late_s else 0.0
    if late_s > LATE_MOST_S:
        return f"sound was {late_s * 1000:.0f} ms late (p99)"
    if p95_ms > SLOWER_MOST * single_ms:
        return f"p95 {p95_ms:.0f} ms, a single caller's {single_ms:.0f}"
    return ""


def _shown(result: Result) -> Result:
    met, part = result.met, result.part
    late = percentile(met.late_s, 0.99) * 1000 if met.late_s else 0.0
    lag = percentile(met.lags_ms, 0.99) if met.lags_ms else 0.0
    core = result.cpu_s / result.watched_s if result.watched_s else 0.0
    print(
        f"{part.name:6}{part.callers:>8}{met.calls:>7}{met.failed.total():>7}{len(met.turns_ms):>7}"
        f"{_pair(met.turns_ms):>14}{_pair(met.ear_ms):>14}{_pair(met.cuts_ms):>14}{late:>10.1f}"
        f"{core:>7.2f}{result.cpu_of_stream:>11.2f}{lag:>9.1f}",
        flush=True,
    )
    for how, times in met.failed.most_common(3):
        print(f"      {times} × {how}", flush=True)
    return result


def _pair(values: Sequence[float]) -> str:
    if not values:
        return "–"
    return f"{percentile(values, 0.5):.1f}/{percentile(values, 0.95):.1f}"


if __name__ == "__main__":
    sys.exit(main())
