"""Calls that the carrier hears and speaks: how quick a turn is, and how many one core takes.

    python -m benchmarks.relay [--callers 1,100,300,600] [--seconds 30] [--calls N]

The server is one process on one core; the carrier's side of every call (its recogniser and voice,
in real time) is this process, on the others. Signatures are on, calls are kept in SQLite, the rules
read what is said. Each call must come to its end as its caller wants it. `--calls`: so many calls
instead, a hundred at once, to see what the process holds. Prints a table, and as the last line one
JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from benchmarks.live_parts import API_TOKEN, PUBLIC, TOKEN, cpu_s, memory_kb
from benchmarks.load import Target, percentile
from benchmarks.relay_crowd import RelayCrowd, RelayMet, told
from benchmarks.server_process import ROOT, ServerProcess
from benchmarks.webhooks import share_cpus

RAMP_A_SECOND = 25  # calls that begin in a second
SETTLE_S = 3.0
AT_ONCE = 100
_HEAD = (
    f"{'callers':>8}{'calls':>7}{'failed':>7}{'turns':>7}{'turn p50/p95/p99 ms':>22}{'core':>7}"
    f"{'ms/call·s':>11}{'KB/call':>9}{'lag p99':>9}"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relay")
    parser.add_argument("--callers", default="1,100,300,600")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--calls", type=int, default=0, help="flat memory over so many calls")
    chosen = parser.parse_args(arguments)
    server_cpus, caller_cpus = share_cpus()
    if caller_cpus:
        os.sched_setaffinity(0, caller_cpus)
    print(_HEAD, flush=True)
    steps = [AT_ONCE] if chosen.calls else [int(one) for one in chosen.callers.split(",")]
    shown = []
    for callers in steps:
        with tempfile.TemporaryDirectory() as folder, _server(Path(folder), server_cpus) as server:
            part = _part(server, callers, chosen.seconds, chosen.calls)
            shown.append(uvloop.run(part))
    print(json.dumps({"relay": shown}))
    return 0


def _server(folder: Path, cpus: set[int] | None) -> ServerProcess:
    agents = folder / "agents"
    agents.mkdir()
    for file in (ROOT / "agents").glob("*.yaml"):
        text = file.read_text("utf-8").replace("transport: gather", "transport: relay")
        (agents / file.name).write_text(text, "utf-8")
    settings = {
        "DATA_DIR": str(folder / "data"),
        "AGENTS_DIR": str(agents),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PUBLIC_BASE_URL": PUBLIC,
        "API_TOKEN": API_TOKEN,
        "LOG_LEVEL": "warning",
        "LIVE_CALLS_MOST": "10000",
        "LIVE_LAG_MS": "10000",  # what happens beyond its means is what is looked for
    }
    return ServerProcess(settings, folder / "log", cpus=cpus)


async def _part(
    server: ServerProcess, callers: int, seconds: float, calls: int
) -> dict[str, object]:
    met = RelayMet()
    crowd = RelayCrowd(Target(server.port, PUBLIC, TOKEN), met)
    ramp_s = callers / RAMP_A_SECOND
    idle_kb = sum(memory_kb(one) for one in server.workers())
    talking = asyncio.create_task(crowd.talk(callers, ramp_s, seconds, calls))
    await asyncio.sleep(ramp_s + SETTLE_S)
    began_at, before = time.monotonic(), cpu_s(server.workers())
    held, open_calls, watched = [], [], (0.0, 1.0)
    while not talking.done() and (calls or time.monotonic() - began_at < seconds - SETTLE_S):
        await asyncio.sleep(1)
        held.append(sum(memory_kb(one) for one in server.workers()))
        open_calls.append(crowd.open_calls)
        watched = (cpu_s(server.workers()) - before, time.monotonic() - began_at)
    await talking
    core = watched[0] / watched[1]
    at_once = sum(open_calls) / max(1, len(open_calls))
    third = max(1, len(held) // 3)
    result = {
        "callers": callers,
        **told(met),
        "turns": len(met.turns_ms),
        "turn_ms": [round(percentile(met.turns_ms, one), 1) for one in (0.5, 0.95, 0.99)],
        "core": round(core, 3),
        "cpu_ms_per_call_s": round(core * 1000 / max(1.0, at_once), 3),
        "open_calls": round(at_once, 1),
        "kb_per_call": round((max(held) - idle_kb) / max(1.0, at_once)),
        "kb_idle_first_last": [idle_kb, max(held[:third]), max(held[-third:])],
        "callers_lag_ms_p99": round(percentile(met.lags_ms, 0.99), 1),
    }
    turn = "/".join(f"{percentile(met.turns_ms, one):.1f}" for one in (0.5, 0.95, 0.99))
    print(
        f"{callers:>8}{result['calls']:>7}{met.failed.total():>7}{len(met.turns_ms):>7}{turn:>22}"
        f"{core:>7.2f}{result['cpu_ms_per_call_s']:>11}{result['kb_per_call']:>9}"
        f"{result['callers_lag_ms_p99']:>9}",
        flush=True,
    )
    for how, number in met.failed.most_common(3):
        print(f"         {number} × {how}")
    return result


if __name__ == "__main__":
    raise SystemExit(main())
