"""Dials a campaign with four workers that are killed again and again, while Redis and MongoDB are
killed and started anew: how fast calls are placed, whether anybody is rung twice or forgotten.

    python -m benchmarks.campaigns_dial --leads 20000 [--quiet] [--minutes 30]

The carrier is the phone's REST side; every call is busy after a second. `--quiet` kills nobody.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from benchmarks.dial_parts import Carrier, Cpu, Team, Watcher
from benchmarks.server_process import ServerProcess
from campaigns.book import Campaigns
from campaigns.campaign import (
    Campaign,
    CampaignRules,
    CampaignStatus,
    Hours,
    Pace,
    Retries,
    Weekday,
)
from campaigns.compliance import Asked, lookbacks, may_ring
from campaigns.rules import load_law
from jobs.rounds import last_done_at
from settings import read_settings
from storage import Stores, open_stores
from storage.leads import Lead, LeadStatus, Numbers, Result
from tests.redis_server import RedisServer
from tests.storage.mongod import Mongod

WORKERS = 4
CHUNK = 1_000
# Between two kills of a worker, on average.
KILL_EVERY_S = 15.0
# One store after the other is killed after such a share of all calls, or so many at most, and is
# away for so long.
AWAY_EACH, AWAY_MOST, AWAY_S = 0.3, 3_000, 3.0
# From the first worker that has begun to the last.
OTHERS_S = 5.0
# Nothing more is placed for so long, and not all are settled: it has failed.
STUCK_S = 240.0
# None of these may be.
FAULTS = ("rung_twice", "never_rung", "unsettled", "books_differ", "workers_ended")
# After so long Redis hands out again what a dead worker had taken; and so long is looked on after
# the last was settled, where workers were killed.
BACK_AFTER_S, LINGER_S = 30, 60.0
# A claim that came to nothing is made anew in this time, unless it did for the third time.
LATEST_S = 60.0
RULES = CampaignRules(
    name="Benchmark",
    agent="lead",
    country="IN",
    hours=Hours(opens="00:00", closes="24:00", days=tuple(Weekday), holidays=True),
    retries=Retries(attempts_most=1),
    pace=Pace(calls_per_second=100, live_most=2_000),
)


def main() -> None:
    """Run it; a table, then one JSON line. Exit 1 when somebody was rung twice, or forgotten."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--quiet", action="store_true", help="kill nobody")
    parser.add_argument("--minutes", type=float, default=600.0, help="then pause the campaign")
    parser.add_argument("--logs", type=Path, help="folder where the processes' logs are left")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = asked.logs or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        found = run(folder, asked.leads, asked.quiet, asked.minutes * 60)
    for name, value in found.items():
        print(f"{name:32} {value}")
    print(json.dumps(found))
    if any(found[name] for name in FAULTS):
        raise SystemExit(1)


def run(folder: Path, leads: int, is_quiet: bool, most_s: float) -> dict[str, object]:
    """The whole run; what it found. Who was not come to in that time is left out."""
    mongod = Mongod()
    carrier = Carrier()
    with RedisServer() as redis:
        mongod.start()
        given = {
            "DATA_DIR": str(folder / "data"),
            "REDIS_URL": redis.url,
            "MONGODB_URI": mongod.uri("dial"),
            "TWILIO_BASE_URL": carrier.open(),
            "DIAL_CALLS_PER_SECOND": "100",
            "DIAL_LIVE_MOST": "2000",
            "WEB_WORKERS": "2",
            "PREWARM": "0",
            "LOG_LEVEL": "warning",
            "WORKER_BACK_S": str(BACK_AFTER_S),
        }
        stores = open_stores(read_settings(given))
        try:
            campaign = fill(stores, leads)
            with ServerProcess(given, folder / "web.log") as web:
                team = Team(web.environ, folder, WORKERS)
                try:
                    wait_for_workers(stores)
                    cpu = Cpu(lambda: _processes(team, web, redis, mongod))
                    chaos = Chaos(is_quiet, redis, mongod)
                    watcher = Watcher(stores.leads, campaign.campaign_id)
                    took_s = _dial(
                        stores, campaign, carrier, Around(team, chaos, watcher, cpu), most_s
                    )
                    return _found(
                        stores, campaign, carrier, Around(team, chaos, watcher, cpu), took_s
                    )
                finally:
                    team.close()
        finally:
            carrier.close()
            stores.close()
            mongod.close()


def _processes(
    team: Team, web: ServerProcess, redis: RedisServer, mongod: Mongod
) -> Mapping[str, Sequence[int]]:
    """Name → process ids; the phone's REST side, and whoever looks on, are this process."""
    servers = {"redis": redis.process_id, "mongod": mongod.process_id, "phone": os.getpid()}
    found = {name: [number] for name, number in servers.items() if number is not None}
    return {**team.process_ids(), "web": web.workers(), **found}


def wait_for_workers(stores: Stores) -> None:
    """Until they have begun: what that takes of the CPU is no part of dialing."""
    until = time.monotonic() + 60
    while last_done_at(stores.register, datetime.now(UTC)) is None:
        if time.monotonic() > until:
            raise SystemExit("No worker has begun: see their logs.")
        time.sleep(0.5)
    time.sleep(OTHERS_S)


class Chaos:
    """Kills workers at random, and the stores in turn."""

    def __init__(self, is_quiet: bool, redis: RedisServer, mongod: Mongod) -> None:
        self._is_quiet = is_quiet
        self._servers: dict[str, RedisServer | Mongod] = {"Redis": redis, "MongoDB": mongod}
        self._turns = cycle(self._servers.values())
        self._struck_at = 0  # calls
        self.outages = 0
        self._next_at = time.monotonic() + KILL_EVERY_S
        self.kills = self.ended = 0  # workers; the latter by themselves

    def strike(self, placed: int, leads: int, team: Team) -> None:
        """Do what is due when so many calls were placed."""
        self.ended += team.replace_ended()
        if self._is_quiet:
            return
        if self._struck_at + min(AWAY_EACH * leads, AWAY_MOST) <= placed < leads:
            self._struck_at = placed
            server = next(self._turns)
            server.kill()
            time.sleep(AWAY_S)
            server.start()
            self.outages += 1
        if time.monotonic() >= self._next_at and placed < leads:
            team.kill_one()
            self.kills += 1
            self._next_at = time.monotonic() + random.uniform(0.5, 1.5) * KILL_EVERY_S


@dataclass(frozen=True, slots=True)
class Around:
    """Who works, who kills, who looks on."""

    team: Team
    chaos: Chaos
    watcher: Watcher
    cpu: Cpu


def _dial(
    stores: Stores, campaign: Campaign, carrier: Carrier, around: Around, most_s: float
) -> float:
    """Until everybody is settled, or nothing moves, or the time is over; seconds that took."""
    leads = campaign_size(stores, campaign)
    watcher = around.watcher
    started_at = time.monotonic()
    start(stores, campaign)
    moved_at, placed, is_paused = time.monotonic(), 0, False
    while not watcher.is_over(is_paused) and time.monotonic() - moved_at < STUCK_S:
        time.sleep(1)
        around.cpu.look()
        watcher.look()
        around.chaos.strike(carrier.placed, leads, around.team)
        if carrier.placed != placed:
            moved_at, placed = time.monotonic(), carrier.placed
        if not is_paused and time.monotonic() - started_at > most_s:
            pause(stores, campaign)
            is_paused = True
    return time.monotonic() - started_at


def _found(
    stores: Stores, campaign: Campaign, carrier: Carrier, around: Around, took_s: float
) -> dict[str, object]:
    """What there is to say of it."""
    used_s, chaos = around.cpu.used_s(), around.chaos
    # What Redis hands out again of workers that were killed comes now: it must ring nobody.
    time.sleep(LINGER_S if chaos.kills else 1)
    carrier.close()
    return {
        "leads": campaign_size(stores, campaign),
        "settled_after_s": round(took_s, 1),
        **_counted(stores, campaign, carrier),
        "workers_killed": chaos.kills,
        "workers_ended": chaos.ended,
        "stores_killed": chaos.outages,
        **_rates(carrier),
        **{
            f"cpu_ms_per_call: {name}": round(used * 1000 / max(1, carrier.placed), 1)
            for name, used in used_s.items()
        },
        "cpu_ms_per_call": round(sum(used_s.values()) * 1000 / max(1, carrier.placed), 1),
        **_waits(around.watcher, carrier),
    }


def _counted(stores: Stores, campaign: Campaign, carrier: Carrier) -> dict[str, object]:
    """As the carrier has counted, by number, and whether our own books agree."""
    calls = carrier.calls()
    kept = stores.leads.tallies(campaign.campaign_id)
    attempts = sum(one.count for one in kept if one.result != Result.NOT_PLACED)
    left = Counter[str]()
    for (status, _, _), count in stores.leads.counts(campaign.campaign_id).items():
        left[status] += count
    come_to = left.total() - left[LeadStatus.WAITING]
    return {
        "placed": carrier.placed,
        "rung_twice": sum(count > 1 for count in calls.values()),
        "never_rung": come_to - len(calls),
        "unsettled": left[LeadStatus.RINGING],
        "not_come_to": left[LeadStatus.WAITING],
        "attempts_not_placed": sum(one.count for one in kept) - attempts,
        "books_differ": attempts - carrier.placed,
    }


def _rates(carrier: Carrier) -> dict[str, object]:
    moments = sorted(carrier.moments)
    rates = sorted(Counter(int(at) for at in moments).values()) or [0]
    took_s = moments[-1] - moments[0] if moments else 0.0
    return {
        "placed_per_s": round(carrier.placed / took_s, 1) if took_s else 0.0,
        "placed_per_s_median": rates[len(rates) // 2],
        "placed_per_s_best": rates[-1],
    }


def _waits(watcher: Watcher, carrier: Carrier) -> dict[str, object]:
    lost = sorted(watcher.recovered(carrier.moments_of)) or [0.0]
    settled = watcher.settled(carrier.moments_of) or [0.0]
    return {
        "claims_lost": len(lost) if lost[-1] else 0,
        "recovery_s_median": round(lost[len(lost) // 2], 1),
        "recovery_s_p99": round(lost[len(lost) * 99 // 100], 1),
        "recovery_s_most": round(lost[-1], 1),
        "recovered_late": sum(one > LATEST_S for one in lost),
        "ring_to_settled_s_median": round(settled[len(settled) // 2], 1),
        "ring_to_settled_s_most": round(settled[-1], 1),
    }


def fill(stores: Stores, leads: int) -> Campaign:
    """A campaign with so many leads, of whom everybody may be rung now."""
    campaigns = _book(stores)
    campaign = campaigns.add(RULES)
    for some in _chunks(_leads(campaign, leads)):
        stores.leads.add(some)
    return campaign


def start(stores: Stores, campaign: Campaign) -> None:
    """Have it run."""
    _book(stores).move(campaign.campaign_id, CampaignStatus.RUNNING)


def pause(stores: Stores, campaign: Campaign) -> None:
    """Have nobody else rung."""
    _book(stores).move(campaign.campaign_id, CampaignStatus.PAUSED)


def campaign_size(stores: Stores, campaign: Campaign) -> int:
    """How many leads it has."""
    return sum(stores.leads.counts(campaign.campaign_id).values())


def _book(stores: Stores) -> Campaigns:
    return Campaigns(stores.register, lambda: datetime.now(UTC), lambda: "benchmark")


def _leads(campaign: Campaign, most: int) -> Iterator[Lead]:
    now = datetime.now(UTC) - timedelta(minutes=1)
    one = Lead(
        lead_id="",
        campaign_id=campaign.campaign_id,
        number="",
        variables={"name": "Asha"},
        zones=(),
        country="IN",
        subdivision="",
        line=0,
        created_at=now,
        updated_at=now,
        due_at=now,
        status=LeadStatus.WAITING,
    )
    zones = _open_zone(one, campaign)
    for number in range(most):
        at = now + timedelta(microseconds=number)
        yield replace(
            one,
            lead_id=f"lead-{number}",
            number=f"+9198{number:08d}",
            zones=zones,
            created_at=at,
            due_at=at,
        )


def _open_zone(lead: Lead, campaign: Campaign) -> Sequence[str]:
    """A zone where people may be rung at this hour, and an hour later."""
    now, law = datetime.now(UTC), load_law()
    for hours in range(-14, 13):
        zones = (f"Etc/GMT{hours:+d}",)
        someone = replace(lead, zones=zones, number="+919800000000")
        counted = dict.fromkeys(lookbacks(someone, now, law), Numbers(0, 0))
        asked = Asked(someone, campaign.rules, rung=counted)
        if all(
            may_ring(asked, now + timedelta(hours=later), law).reason is None for later in (0, 1)
        ):
            return zones
    raise SystemExit("Nowhere in the world may anybody be rung now; try another day.")


def _chunks(leads: Iterator[Lead]) -> Iterator[list[Lead]]:
    some: list[Lead] = []
    for lead in leads:
        some.append(lead)
        if len(some) == CHUNK:
            yield some
            some = []
    if some:
        yield some


if __name__ == "__main__":
    main()
