"""What a dialled campaign needs around it: a carrier whose lines are busy, workers, a watcher."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from benchmarks.server_process import ROOT
from phone.exchange import Exchange, Ring
from storage.base import StorageError
from storage.leads import LeadQuery, Leads, LeadStatus

BUSY_AFTER_S = 1.0
POSTERS = 8
# Leads that are looked at in each glance, and glances until all leads are counted, which costs the
# store something.
GLANCE, COUNT_EVERY = 3_000, 5


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
        place = random.randrange(len(self._workers))
        _kill(self._workers[place])
        self._workers[place] = self._spawn("worker", f"worker{place}")

    def cpu_s(self) -> float:
        """Seconds of CPU that the workers that live have used. Linux only."""
        ticks = 0
        for process in (self._beat, *self._workers):
            # After the name, which may hold spaces: utime and stime are fields 14 and 15.
            stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(stat[11]) + int(stat[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """kill -9 all."""
        for process in (self._beat, *self._workers):
            _kill(process)

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


class Watcher:
    """Looks on as leads are claimed, rung and settled, without taking part."""

    def __init__(self, leads: Leads, campaign_id: str) -> None:
        self._leads = leads
        self._campaign_id = campaign_id
        self._claimed_at: dict[str, float] = {}  # number → when it was first seen claimed
        self._glances = 0
        self.open_leads = -1  # waiting or ringing; -1: not known yet

    def look(self) -> None:
        """Look once; nothing is seen while the store is away."""
        query = LeadQuery(self._campaign_id, str(LeadStatus.RINGING), limit=GLANCE)
        now = time.monotonic()
        try:
            for lead in self._leads.find(query):
                self._claimed_at.setdefault(lead.number, now)
            self._glances += 1
            if self._glances % COUNT_EVERY:
                return
            counts = self._leads.counts(self._campaign_id)
        except StorageError:
            return
        open_ones = (str(LeadStatus.WAITING), str(LeadStatus.RINGING))
        self.open_leads = sum(
            count for (status, _, _), count in counts.items() if status in open_ones
        )

    def is_over(self) -> bool:
        """Everybody is settled."""
        return self.open_leads == 0

    def waited(self, rung_at: Mapping[str, float]) -> list[float]:
        """Seconds from each claim that was seen to the ring that came of it, however often whoever
        was to ring died in between."""
        return [
            max(0.0, rung_at[number] - at)
            for number, at in self._claimed_at.items()
            if number in rung_at
        ]
