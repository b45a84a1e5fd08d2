"""Turns a second and their latency, of the real server, beside one that answers nothing.

Prints a table, and as the last line one JSON object. Run: python -m benchmarks.webhooks
[--seconds S] [--rounds N] [--profile]. Both servers run one process each, on one core, in turns;
callers are another process on another core. Every call is checked: what it collected must be
what its caller said.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvloop

from benchmarks.load import Round, Target, drive, percentile
from benchmarks.server_process import ServerProcess
from benchmarks.turn_profile import profile
from settings import read_settings
from storage import open_storage
from storage.base import Storage

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://callwright.example"
CALLERS = (1, 10, 50)
WARM_UP_S = 1.0


class WrongData(Exception):
    """A call was answered, but what it collected is not what its caller said."""


def main() -> None:
    """Measure, check and print; or with --profile say where the time of a turn goes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webhooks")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each server and load")
    parser.add_argument("--profile", action="store_true", help="where the time of a turn goes")
    chosen = parser.parse_args()
    if chosen.profile:
        profile(Target(0, PUBLIC, TOKEN), {"TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_BASE_URL": PUBLIC})
        return
    server_cpus, caller_cpus = share_cpus()
    if caller_cpus:
        os.sched_setaffinity(0, caller_cpus)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = {
            "DATA_DIR": str(folder),
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_BASE_URL": PUBLIC,
            "LOG_LEVEL": "warning",
        }
        with (
            ServerProcess(settings, folder / "server.log", cpus=server_cpus) as server,
            ServerProcess(
                settings, folder / "floor.log", "benchmarks.floor_app:app", server_cpus
            ) as floor,
        ):
            ours = Target(server.port, PUBLIC, TOKEN)
            nothing = Target(floor.port, PUBLIC, TOKEN, answers=False)
            measured = uvloop.run(measure(ours, nothing, chosen.seconds, chosen.rounds))
            server.stop()
        storage = open_storage(read_settings(settings))
        try:
            charges = {
                k: v for pairs in measured.values() for a, _ in pairs for k, v in a.charges.items()
            }
            check(storage, charges)
        finally:
            storage.close()
    report(measured, len(charges), server_cpus is not None)


Pairs = Sequence[tuple[Round, Round]]


async def measure(
    ours: Target, floor: Target, seconds: float, rounds: int
) -> dict[int, list[tuple[Round, Round]]]:
    """For each number of callers, rounds of (server, floor), one after the other."""
    measured: dict[int, list[tuple[Round, Round]]] = {}
    first = 0
    for callers in CALLERS:
        for number in range(rounds + 1):
            length_s = seconds if number else WARM_UP_S
            pair = []
            for target in (ours, floor):
                pair.append(await drive(target, callers, length_s, first))
                first += 1_000_000
            measured.setdefault(callers, []).append((pair[0], pair[1]))
    return measured


def said(measured: Mapping[int, Pairs]) -> dict[str, int]:
    """The charge that each caller confirmed, by call."""
    return {
        carrier_id: charge
        for pairs in measured.values()
        for ours, _ in pairs
        for carrier_id, charge in ours.charges.items()
    }


def check(storage: Storage, charges: Mapping[str, int]) -> None:
    """WrongData unless every call collected what its caller said, and nothing else was kept."""
    kept = {one.carrier_id: one for one in storage.find_collected(None, None, len(charges) + 1)}
    if kept.keys() != charges.keys():
        raise WrongData(f"{len(charges)} calls were made, {len(kept)} are kept")
    for carrier_id, charge in charges.items():
        one = kept[carrier_id]
        expected = expected_data(charge)
        if not one.complete or dict(one.data) != expected:
            raise WrongData(f"{carrier_id}: {one.data} is kept, {expected} was said")


def expected_data(charge: int) -> dict[str, object]:
    """What a call collects whose caller confirmed that charge."""
    return {
        "charge": {"amount": charge, "currency": "INR"},
        "window": {"start": "14:00", "end": "17:00"},
    }


def report(measured: Mapping[int, Pairs], calls: int, pinned: bool) -> None:
    """The table, and the JSON object."""
    print(f"{calls} calls of six turns, every one checked; signatures on, SQLite, one process")
    if not pinned:
        print("one core only: the callers took their share of it, and the figures are too low")
    print(
        f"{'callers':>8}{'turns/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"
        f"{'floor/s':>10}{'floor p50':>11}{'ratio':>8}"
    )
    results = {}
    for callers, pairs in measured.items():
        one = results[str(callers)] = summary(pairs[1:])  # the first warms up
        print(
            f"{callers:8}{one['turns_per_s']:10.0f}{one['p50_ms']:9.2f}{one['p95_ms']:9.2f}"
            f"{one['p99_ms']:9.2f}{one['floor_per_s']:10.0f}{one['floor_p50_ms']:11.2f}"
            f"{one['ratio']:8.2f}"
        )
    print(json.dumps(results))


def summary(pairs: Pairs) -> dict[str, float]:
    """Medians of the rounds; the ratio is the median of the ratios of neighbours."""

    def median(values: Sequence[float]) -> float:
        return round(statistics.median(values), 3)

    return {
        "turns_per_s": median([ours.turns_per_s for ours, _ in pairs]),
        "p50_ms": median([percentile(ours.turns_ms, 0.50) for ours, _ in pairs]),
        "p95_ms": median([percentile(ours.turns_ms, 0.95) for ours, _ in pairs]),
        "p99_ms": median([percentile(ours.turns_ms, 0.99) for ours, _ in pairs]),
        "floor_per_s": median([floor.turns_per_s for _, floor in pairs]),
        "floor_p50_ms": median([percentile(floor.turns_ms, 0.50) for _, floor in pairs]),
        "ratio": median([ours.turns_per_s / floor.turns_per_s for ours, floor in pairs]),
    }


def share_cpus() -> tuple[set[int] | None, set[int] | None]:
    """One core for the server, the others for the callers; None twice where there is only one."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        return None, None
    return {cpus[0]}, set(cpus[1:])


if __name__ == "__main__":
    main()
