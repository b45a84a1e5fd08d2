"""What a dialled campaign needs around it: a carrier whose lines are busy, workers, a watcher."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import requests

from benchmarks.server_process import ROOT
from campaigns.recovery import LOST
from phone.exchange import Exchange, Ring
from storage.base import StorageError
from storage.leads import LeadQuery, Leads, LeadStatus

BUSY_AFTER_S = 1.0
POSTERS = 32
# Leads that are looked at in each glance, and glances until all leads are counted, which costs the
# store something.
GLANCE, COUNT_EVERY = 3_000, 5
# Whoever is rung so long after the claim was left by somebody.
LATE_S = 10.0


class Carrier:
    """The phone's REST side; each call it takes is busy a second later, and says so once."""

    def __init__(self) -> None:
        self._exchange = Exchange()
        self._posters = ThreadPoolExecutor(POSTERS, thread_name_prefix="carrier")
        self._closing = threading.Event()
        self.moments: list[float] = []  # of each order, monotonic
        self.moments_of: dict[str, float] = {}  # number → of its first order
        self._calls: Counter[str] = Counter()

    def open(self) -> str:
        """Where orders go."""
        threading.Thread(target=self._take, name="takes orders", daemon=True).start()
        return self._exchange.open()

    def close(self) -> None:
        """Stop; callbacks that have not gone out are lost."""
        self._closing.set()
        self._posters.shutdown(cancel_futures=True)
        self._exchange.close()

    @property
    def placed(self) -> int:
        """Orders taken so far."""
        return len(self.moments)

    def calls(self) -> Mapping[str, int]:
        """Number → how often it was rung."""
        return self._calls

    def _take(self) -> None:
        while not self._closing.is_set():
            ring = self._exchange.next_ring(0.5)
            if ring is None:
                continue
            now = time.monotonic()
            self.moments.append(now)
            self.moments_of.setdefault(ring.order.to, now)
            self._calls[ring.order.to] += 1
            self._posters.submit(self._ends, ring, now + BUSY_AFTER_S)

    def _ends(self, ring: Ring, at: float) -> None:
        self._closing.wait(max(0.0, at - time.monotonic()))
        ring.leg.status = "busy"
        form = {**ring.leg.form(), "SequenceNumber": "3"}
        try:
            requests.post(ring.order.status_url.partition("#")[0], form, timeout=10)
        except requests.RequestException:
            return  # lost: the carrier is to be asked


class Team:
    """Workers and beat as the Procfile has them, each a process of its own."""

    def __init__(self, environ: Mapping[str, str], folder: Path, workers: int) -> None:
        self._environ = {**environ, "PATH": os.environ["PATH"]}
        self._folder = folder
        self._beat = self._spawn("beat", "beat")
        self._workers = [self._spawn("worker", f"worker{number}") for number in range(workers)]

    def kill_one(self) -> None:
        """kill -9 one of the workers; another takes its place."""
        self._replace(random.randrange(len(self._workers)))

    def replace_ended(self) -> int:
        """Start others in the place of those that ended by themselves; how many did."""
        ended = [place for place, one in enumerate(self._workers) if one.poll() is not None]
        for place in ended:
            self._replace(place)
        return len(ended)

    def process_ids(self) -> Mapping[str, Sequence[int]]:
        """Of those that live: the workers, and beat."""
        return {"workers": [one.pid for one in self._workers], "beat": [self._beat.pid]}

    def close(self) -> None:
        """kill -9 all."""
        for process in (self._beat, *self._workers):
            _kill(process)

    def _replace(self, place: int) -> None:
        _kill(self._workers[place])
        self._workers[place] = self._spawn("worker", f"worker{place}")

    def _spawn(self, role: str, name: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "worker", role],
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has ended by itself
    process.wait()


class Cpu:
    """Adds up what processes take of the CPU, those that are killed too. Linux only."""

    def __init__(self, living: Callable[[], Mapping[str, Sequence[int]]]) -> None:
        self._living = living  # name → process ids
        self._first: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}
        self.look(is_first=True)

    def look(self, is_first: bool = False) -> None:
        """Look once; what a process takes after the last look before its death is not counted."""
        for name, process_ids in self._living().items():
            for process_id in process_ids:
                used_s = _cpu_s(process_id)
                if used_s is not None:
                    self._last[name, process_id] = used_s
                    self._first.setdefault((name, process_id), used_s if is_first else 0.0)

    def used_s(self) -> Mapping[str, float]:
        """Name → seconds since the beginning."""
        used: defaultdict[str, float] = defaultdict(float)
        for key, last in self._last.items():
            used[key[0]] += last - self._first[key]
        return used


def _cpu_s(process_id: int) -> float | None:
    try:
        # After the name, which may hold spaces: utime and stime are fields 14 and 15.
        stat = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


class Watcher:
    """Looks on as leads are claimed, rung and settled, without taking part."""

    def __init__(self, leads: Leads, campaign_id: str) -> None:
        self._leads = leads
        self._campaign_id = campaign_id
        # Number → each lease on it, and when that was first seen; when it was last seen ringing.
        self._claims: dict[str, dict[str, float]] = {}
        self._ringing_at: dict[str, float] = {}
        self._glances = 0
        self.open_leads = self.ringing = -1  # waiting or ringing; -1: not known yet

    def look(self) -> None:
        """Look once; nothing is seen while the store is away."""
        query = LeadQuery(self._campaign_id, str(LeadStatus.RINGING), limit=GLANCE)
        now = time.monotonic()
        try:
            for lead in self._leads.find(query):
                lease = lead.lease.removeprefix(LOST)
                self._claims.setdefault(lead.number, {}).setdefault(lease, now)
                self._ringing_at[lead.number] = now
            self._glances += 1
            if self._glances % COUNT_EVERY:
                return
            counts = self._leads.counts(self._campaign_id)
        except StorageError:
            return
        of_status: Counter[str] = Counter()
        for (status, _, _), count in counts.items():
            of_status[status] += count
        self.ringing = of_status[LeadStatus.RINGING]
        self.open_leads = self.ringing + of_status[LeadStatus.WAITING]

    def is_over(self, is_paused: bool) -> bool:
        """Everybody is settled; of a campaign that was paused, whoever was come to."""
        return (self.ringing if is_paused else self.open_leads) == 0

    def recovered(self, rung_at: Mapping[str, float]) -> list[float]:
        """Seconds from each claim that came to nothing, because somebody had died, to the next
        claim on the same lead, or to its ring when that came late."""
        lost = []
        for number, claims in self._claims.items():
            moments = sorted(claims.values())
            lost += [after - before for before, after in pairwise(moments)]
            late = rung_at.get(number, moments[-1]) - moments[-1]
            lost += [late] if late > LATE_S else []
        return lost

    def settled(self, rung_at: Mapping[str, float]) -> list[float]:
        """Seconds from each ring to when its lead was last seen ringing."""
        return sorted(
            max(0.0, self._ringing_at[number] - at)
            for number, at in rung_at.items()
            if number in self._ringing_at
        )
