"""One measurement of the live benchmarks: callers, their vendors, and a server on one core."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from shutil import copy
from types import TracebackType
from typing import Protocol

from benchmarks.live_call import Line, Met
from benchmarks.live_crowd import Crowd, Host
from benchmarks.live_sound import Note
from benchmarks.live_vendors import Delays, LiveVendors
from benchmarks.load import Target, percentile
from benchmarks.server_process import ROOT, ServerProcess, free_port

TOKEN = "0123456789abcdef0123456789abcdef"
API_TOKEN = "api-secret"
PUBLIC = "https://callwright.example"
REALISTIC = Delays(hears=250, reads=500, speaks=150, speaks_all=450)
AT_ONCE = Delays()
_SETTLE_S = 3.0  # before the CPU is looked at


@dataclass(frozen=True)
class Part:
    """So many callers for so long."""

    name: str
    callers: int
    seconds: float
    delays: Delays = AT_ONCE
    with_model: bool = False
    ramp_s: float = 0.0
    most: int = 0  # calls; 0: as many as there is time for


@dataclass
class Result:
    """What a part came to."""

    part: Part
    met: Met
    cpu_s: float = 0.0  # of the server, while all callers talked
    watched_s: float = 0.0
    memory_kb: list[int] = field(default_factory=list)  # of the server, once a second
    open_calls: list[int] = field(default_factory=list)  # likewise

    @property
    def streams(self) -> float:
        """How many calls talked at once, while it was watched."""
        counted = self.open_calls[-max(1, int(self.watched_s)) :]
        return sum(counted) / max(1, len(counted))

    @property
    def cpu_of_stream(self) -> float:
        """Milliseconds of CPU that a stream takes in a second."""
        if not self.streams or not self.watched_s:
            return 0.0
        return self.cpu_s * 1000 / self.watched_s / self.streams

    def told(self) -> dict[str, object]:
        """The figures, for programs."""
        met = self.met
        return {
            "part": self.part.name,
            "callers": self.part.callers,
            "calls": met.calls,
            "failed": dict(met.failed),
            "turns": len(met.turns_ms),
            "turn_ms": _shares(met.turns_ms),
            "ear_ms": _shares(met.ear_ms),
            "cut_ms": _shares(met.cuts_ms),
            "late_ms_p99": round(percentile(met.late_s, 0.99) * 1000, 1) if met.late_s else None,
            "late_share": sum(one > 0.001 for one in met.late_s) / max(1, len(met.late_s)),
            "callers_lag_ms_p99": percentile(met.lags_ms, 0.99) if met.lags_ms else None,
            "core": round(self.cpu_s / self.watched_s, 3) if self.watched_s else None,
            "cpu_ms_per_stream_s": round(self.cpu_of_stream, 2),
        }


def stream_lines(number: int, charges: int = 90_000) -> Sequence[Line]:
    """A whole call with the rate desk, whose charge no other call says, or one of so many."""
    charge = 1000 + 10 * (number % charges)
    return (
        Line(f"{charge + 7} rupees"),
        Line("from 2 pm to 5 pm"),
        Line(f"no, it's {charge}", cuts_in_s=1.0),
        Line("yes"),
    )


def peer_lines(number: int) -> Sequence[Line]:
    """As many turns of a peer that is asked by keys."""
    return tuple(Line("", key=str(one)) for one in range(1, 5))


class Running(Protocol):
    """A server that was started."""

    port: int

    def workers(self) -> list[int]:
        """Its processes."""


class House(Protocol):
    """A server that can be started."""

    lines: Callable[[int], Sequence[Line]]

    def opened(self, vendors: Mapping[str, str]) -> AbstractContextManager[Running]:
        """Started, and answering."""

    def host(self, port: int) -> Host:
        """Where callers find it."""


class Ours:
    """The server under test, with agents that are spoken with live."""

    def __init__(self, folder: Path, cpus: set[int] | None, charges: int = 90_000) -> None:
        self.lines = lambda number: stream_lines(number, charges)
        self._folder = folder
        self._cpus = cpus

    def opened(self, vendors: Mapping[str, str]) -> AbstractContextManager[Running]:
        """Started, and answering."""
        variables = {
            "DATA_DIR": str(self._folder / "data"),
            "AGENTS_DIR": str(live_agents(self._folder / "agents")),
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_BASE_URL": PUBLIC,
            "API_TOKEN": API_TOKEN,
            "LOG_LEVEL": "warning",
            "LIVE_CALLS_MOST": "10000",
            "LIVE_LAG_MS": "10000",  # what happens beyond its means is what is looked for
            "WEB_THREADS": "256",
            **vendors,
        }
        return ServerProcess(variables, self._folder / "server.log", cpus=self._cpus)

    def host(self, port: int) -> Host:
        """Where callers find it."""
        return Host(Target(port, PUBLIC, TOKEN))


class PeerProcess:
    """pipecat's transport in an environment of its own."""

    def __init__(self, python: str, cpus: set[int] | None) -> None:
        self.port = free_port()
        self._python = python
        self._cpus = cpus

    def __enter__(self) -> PeerProcess:
        command = [self._python, "-m", "uvicorn", "benchmarks.live_peer_app:app"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port), "--log-level", "error", "--loop", "uvloop"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if self._cpus:
            os.sched_setaffinity(self._process.pid, self._cpus)
        until = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the peer did not start")
            time.sleep(0.1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def workers(self) -> list[int]:
        """Its process."""
        return [self._process.pid]

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 404
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


class Peer:
    """The same for the peer."""

    lines: Callable[[int], Sequence[Line]] = staticmethod(peer_lines)

    def __init__(self, python: str, cpus: set[int] | None) -> None:
        self._python = python
        self._cpus = cpus

    def opened(self, vendors: Mapping[str, str]) -> AbstractContextManager[Running]:
        """Started, and answering."""
        return PeerProcess(self._python, self._cpus)

    def host(self, port: int) -> Host:
        """Where callers find it."""
        return Host(Target(port, "", ""), is_peer=True)


async def measure(house: House, parts: Sequence[Part]) -> list[Result]:
    """The parts one after the other on one server; they share the delays of the first."""
    crowds: list[Crowd] = []

    def told(note: Note, at: float) -> None:
        for crowd in crowds:
            crowd.told(note, at)

    vendors = LiveVendors(parts[0].delays, told)
    await vendors.open()
    results = []
    try:
        opening = house.opened(vendors.settings(parts[0].with_model))
        server = await asyncio.to_thread(opening.__enter__)
        try:
            for part in parts:
                result = Result(part, Met())
                crowds[:] = [Crowd(house.host(server.port), house.lines, result.met)]
                watching = asyncio.create_task(_watch(server.workers, crowds[0], result))
                await crowds[0].talk(part.callers, part.ramp_s, part.seconds, part.most)
                watching.cancel()
                results.append(result)
        finally:
            await asyncio.to_thread(opening.__exit__, None, None, None)
    finally:
        vendors.close()
    return results


async def _watch(workers: Callable[[], Sequence[int]], crowd: Crowd, result: Result) -> None:
    """Look at the server once a second; count its CPU while all callers talk."""
    await asyncio.sleep(result.part.ramp_s + min(_SETTLE_S, result.part.seconds / 3))
    began_at, before = time.monotonic(), cpu_s(workers())
    ends_at = began_at + result.part.seconds - min(_SETTLE_S, result.part.seconds / 3)
    while True:
        await asyncio.sleep(1)
        result.memory_kb.append(sum(memory_kb(one) for one in workers()))
        now = time.monotonic()
        if now <= ends_at + 1 or result.part.most:
            result.open_calls.append(crowd.open_calls)
            result.cpu_s, result.watched_s = cpu_s(workers()) - before, now - began_at


def cpu_s(pids: Sequence[int]) -> float:
    """Seconds of CPU of some processes so far. Linux only."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_kb(pid: int) -> int:
    """What a process holds that is its own alone (Pss). Linux only."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def live_agents(folder: Path) -> Path:
    """The agent of the benchmarks in a folder of its own."""
    folder.mkdir(exist_ok=True)
    copy(ROOT / "benchmarks" / "live_agent.yaml", folder / "logistics.yaml")
    return folder


def _shares(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {
        f"p{round(share * 100)}": round(percentile(values, share), 1) for share in (0.5, 0.95, 0.99)
    }
