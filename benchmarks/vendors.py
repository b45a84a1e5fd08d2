"""Turns of the real server with a model, a voice and MongoDB, all of them real but the vendors.

    python -m benchmarks.vendors [--only WORD] [--short] [--profile]

The server is one process on one core; callers, vendors (phone.vendors) and mongod share the others.
Signatures are on. Every call that ended is checked: what the database holds must be what its caller
said. Prints tables, and as the last line one JSON object. "CPU ms" is that of the server per turn;
"others", the share of its core that something else took: above a few per cent the times say more
about the machine than about the server.

    one, crowd   model 300 ms, voice 200 ms to its first and 600 to its last byte; every call says
                 charges that nobody has said before, so two of its six answers hold a new clip;
                 callers fetch every clip of every answer while it is made
    held         the same, 500 calls at once for a minute
    model, rules vendors without delay, clips made before and remembered by the carrier; 50 callers
                 who do not think
    ahead, final model 800 ms; unfinished words are sent 2, 1.6 and 1.2 s before the final ones, or
                 not at all
    misses       100 calls that need the same new clip in the same moment
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path

import uvloop

from benchmarks.callers import NEW_TEXT, Booth, Manner, Met, Turn, crowd
from benchmarks.load import Target, percentile
from benchmarks.miss import same_clip_at_once
from benchmarks.server_process import ServerProcess
from benchmarks.turn_profile import profile
from benchmarks.webhooks import PUBLIC, TOKEN, WrongData, expected_data, share_cpus
from phone.vendors.process import VendorsProcess
from storage.mongo import MongoStorage
from tests.storage.mongod import Mongod, why_not

API_TOKEN = "api-secret"
USUAL: Mapping[str, Mapping[str, object]] = {
    "gemini": {"delay_ms": 300},
    "elevenlabs": {"first_byte_ms": 200, "last_byte_ms": 600},
}
THOUGHTFUL: Mapping[str, Mapping[str, object]] = {"gemini": {"delay_ms": 800}, "elevenlabs": {}}
AT_ONCE: Mapping[str, Mapping[str, object]] = {"gemini": {}, "elevenlabs": {}}
CAUGHT_UP_S = 30.0
PROFILED = 60  # calls in a round of --profile: they wait for vendors and a database
FEW = 20  # different charges of the parts whose clips are there


def few(number: int) -> int:
    """One of a few charges."""
    return 500 + 10 * (number % FEW)


def fresh(number: int) -> int:
    """A charge that no other call of the run says, nor its first one 7 above."""
    return 1000 + 10 * (number % 90_000)


_HEAD = (
    f"{'part':7}{'callers':>8}{'turns':>7}{'failed':>7}{'turns/s':>9}{'p50 ms':>9}{'p95 ms':>9}"
    f"{'new p50':>9}{'new p95':>9}{'sound p95':>10}{'model/turn':>11}{'voice':>7}{'CPU ms':>8}"
    f"{'others':>8}"
)


@dataclass(frozen=True)
class Part:
    """One measurement on a server of its own."""

    name: str
    manner: Manner
    callers: int
    seconds: float
    vendors: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: USUAL)
    models: Sequence[str] = ("gemini",)
    warm_calls: int = 2  # that are led before, not counted


PARTS = (
    Part("one", Manner(fresh, think_s=0.1), 1, 25),
    Part("crowd", Manner(fresh, think_s=2.0), 200, 20),
    Part("held", Manner(fresh, think_s=5.0), 500, 60),
    Part("model", Manner(few, remembers=True), 50, 8, AT_ONCE, warm_calls=FEW),
    Part("rules", Manner(few, remembers=True), 50, 8, AT_ONCE, models=(), warm_calls=FEW),
    Part("final", Manner(few, 2.5, remembers=True), 20, 15, THOUGHTFUL, warm_calls=FEW),
    Part("ahead", Manner(few, 2.5, True, True), 20, 15, THOUGHTFUL, warm_calls=FEW),
)


@dataclass
class Bench:
    """What all parts share."""

    mongod: Mongod
    vendors: VendorsProcess
    folder: Path
    server_cpus: set[int] | None

    @contextmanager
    def server(self, name: str, models: Sequence[str]) -> Iterator[ServerProcess]:
        """A server with data of its own."""
        variables = {
            **variables_of(self.vendors, models),
            "DATA_DIR": str(self.folder / name),
            "MONGODB_URI": self.mongod.uri(name),
        }
        log = self.folder / f"{name}.log"
        with ServerProcess(variables, log, cpus=self.server_cpus) as server:
            yield server
            _until_caught_up(server)
            server.stop()

    def run(self, part: Part) -> dict[str, object]:
        """Measure a part and check its calls."""
        self.vendors.reset()
        with self.server(part.name, part.models) as server:
            target = Target(server.port, PUBLIC, TOKEN)
            warm = uvloop.run(self._warm(target, part))
            self.vendors.plan(**part.vendors)
            before, cpu_s, busy_s = self._asked(), server.cpu_s(), self._busy_s()
            met = Met(known_clips=warm.known_clips)
            uvloop.run(
                crowd(
                    lambda: Booth(target, part.manner, met, API_TOKEN),
                    part.callers,
                    part.seconds,
                    1_000_000,
                )
            )
            cpu_s = server.cpu_s() - cpu_s
            others_s = max(0.0, self._busy_s() - busy_s - cpu_s)
            asked = {name: number - before[name] for name, number in self._asked().items()}
        check(self.mongod.uri(part.name), {**warm.charges, **met.charges})
        if met.failed:
            print(server.log[-2000:])
        return summary(met, cpu_s, asked) | {"others": round(others_s / met.seconds, 2)}

    async def _warm(self, target: Target, part: Part) -> Met:
        """Some calls before, with vendors that are quick."""
        met = Met()
        manner = Manner(part.manner.charge_of, remembers=True)
        for number in range(part.warm_calls):
            await crowd(lambda: Booth(target, manner, met), 1, 0.001, number)
        if met.failed:
            raise WrongData(f"the first calls went wrong: {met.failed[0]}")
        return met

    def _busy_s(self) -> float:
        """Seconds that the server's core was busy, with whatever. Linux only."""
        core = min(self.server_cpus or os.sched_getaffinity(0))
        lines = Path("/proc/stat").read_text().splitlines()
        user, nice, system = next(
            line.split()[1:4] for line in lines if line.startswith(f"cpu{core} ")
        )
        return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _asked(self) -> dict[str, int]:
        return {name: int(told["requests"]) for name, told in self.vendors.counts().items()}


def variables_of(vendors: VendorsProcess, models: Sequence[str]) -> dict[str, str]:
    """The settings of a server, without those of its store."""
    return {
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PUBLIC_BASE_URL": PUBLIC,
        "API_TOKEN": API_TOKEN,
        "LOG_LEVEL": "warning",
        "PREWARM": "0",  # what is made before is made by calls
        **vendors.settings(*models, "elevenlabs"),
    }


def _until_caught_up(server: ServerProcess) -> None:
    """Wait for what the journal owes the database, which a busy one lets it owe."""
    until = time.monotonic() + CAUGHT_UP_S
    while True:
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=CAUGHT_UP_S)) as connection:
            connection.request("GET", "/health/ready")
            ready = json.loads(connection.getresponse().read())
        if ready.get("database") == "ok":
            return
        if time.monotonic() > until:
            raise WrongData(f"the database did not catch up: {ready}\n{server.log[-3000:]}")
        time.sleep(0.1)


def check(uri: str, charges: Mapping[str, int]) -> None:
    """WrongData unless every call that ended has in the database what its caller said."""
    with closing(MongoStorage(uri)) as storage:
        found = storage.find_collected(None, None, 10 * len(charges) + 1000)
    kept = {one.carrier_id: one for one in found}
    for carrier_id, charge in charges.items():
        one = kept.get(carrier_id)
        if one is None or not one.complete or dict(one.data) != expected_data(charge):
            raise WrongData(f"{carrier_id}: {one} is kept, {expected_data(charge)} was said")


def summary(met: Met, cpu_s: float, asked: Mapping[str, int]) -> dict[str, object]:
    """The figures of a part. `new`: turns whose answer holds a clip that was never made before."""
    turns = len(met.turns)

    def is_hit(turn: Turn) -> bool:
        return (turn.carrier_id, turn.number) in met.hits

    new = met.ms(lambda turn: turn.number in NEW_TEXT)
    sounds = [turn.sound_ms for turn in met.turns if turn.number in NEW_TEXT]
    figures: dict[str, object] = {
        "calls": len(met.charges),
        "turns": turns,
        "failed": len(met.failed),
        "turns_per_s": round(turns / met.seconds, 1),
        **_two("", met.ms()),
        **_two("new_", new),
        **_two("new_sound_", sounds),
        "fillers": met.fillers,
        "clips_fetched": met.clips,
        "model_per_turn": round(asked["gemini"] / met.taken, 2),
        "voice_requests": asked["elevenlabs"],
        "cpu_ms_per_turn": round(1000 * cpu_s / met.taken, 2),
    }
    if met.hits:
        figures |= {"hits": len(met.hits), **_two("hit_", met.ms(is_hit))}
    if met.failed:
        figures["first_failure"] = met.failed[0][:300]
    return figures


def _two(name: str, ms: Sequence[float]) -> dict[str, object]:
    return {
        f"{name}p50_ms": round(percentile(ms, 0.5), 1),
        f"{name}p95_ms": round(percentile(ms, 0.95), 1),
    }


def main() -> None:
    """Measure, check and print; or with --profile say where the time of a turn goes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vendors")
    parser.add_argument("--only", default="", help="parts with this name, or misses")
    parser.add_argument("--short", action="store_true", help="a fifth of the time: a first look")
    parser.add_argument("--profile", action="store_true", help="where the time of a turn goes")
    chosen = parser.parse_args()
    reason = why_not()
    if reason is not None:
        print(f"Skipped: {reason}")
        print("{}")
        return
    server_cpus, caller_cpus = share_cpus()
    if caller_cpus:
        os.sched_setaffinity(0, caller_cpus)  # and with us everything that we start
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mongod = Mongod()
        stack.callback(mongod.close)
        mongod.start()
        bench = Bench(mongod, stack.enter_context(VendorsProcess()), folder, server_cpus)
        if chosen.profile:
            _profile(bench)
            return
        if server_cpus is None:
            print("one core only: the callers took their share of it; the figures are too low")
        results = measured(bench, chosen.only, 0.2 if chosen.short else 1.0)
    print(json.dumps(results))


def measured(bench: Bench, only: str, share: float) -> dict[str, object]:
    """Every part that is wanted, printed as it comes."""
    results: dict[str, object] = {}
    print(_HEAD)
    for part in PARTS:
        if only not in part.name:
            continue
        part = replace(part, seconds=part.seconds * share)
        one = results[part.name] = bench.run(part)
        print(
            f"{part.name:7}{part.callers:8}{one['turns']:7}{one['failed']:7}"
            f"{one['turns_per_s']:9}{one['p50_ms']:9}{one['p95_ms']:9}"
            f"{one['new_p50_ms']:9}{one['new_p95_ms']:9}{one['new_sound_p95_ms']:10}"
            f"{one['model_per_turn']:11}{one['voice_requests']:7}{one['cpu_ms_per_turn']:8}{one['others']:8.0%}",
            flush=True,
        )
        for name in ("hits", "hit_p50_ms", "hit_p95_ms", "first_failure"):
            if name in one:
                print(f"       {name} {one[name]}")
    if only in "misses":
        results["misses"] = _misses(bench)
    return results


def _misses(bench: Bench) -> dict[str, int]:
    """The same new clip, needed by many calls in the same moment."""
    bench.vendors.reset()
    with bench.server("misses", ("gemini",)) as server:
        target = Target(server.port, PUBLIC, TOKEN)
        counted = uvloop.run(same_clip_at_once(target, bench.vendors, USUAL))
    print(
        f"misses: {counted['calls']} calls needed {counted['texts']} new texts at once; the voice "
        f"was asked at most {counted['most']} times for one"
    )
    return counted


def _profile(bench: Bench) -> None:
    variables = {**variables_of(bench.vendors, ("gemini",)), "MONGODB_URI": bench.mongod.uri()}
    profile(Target(0, PUBLIC, TOKEN), variables, PROFILED)


if __name__ == "__main__":
    main()
