"""What it takes to claim the next due lead among a thousand leads and a million, in both stores.

Beside it the other questions of a tick and of a page: how many leads there are by fate, a page in
the middle, attempts counted, what waits longest. Few leads and many are asked in turn, so that
whatever else the machine does slows down both. Run: python -m benchmarks.campaigns_claims
[leads …]; it prints a table and, as the last line, one JSON object. A million leads take a minute
or two to be added to each store.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from settings import read_settings
from storage import open_leads
from storage.leads import Attempt, Lead, LeadQuery, Leads, Refusal
from tests.storage.mongod import Mongod, why_not

SIZES = (1_000, 100_000, 1_000_000)
# Times the p95 of the smallest that the p95 of the largest may be.
SLOWER_MOST = 1.5
CLAIMS = 900
BATCH = 5_000
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(seconds=30)
ZONES = ("Asia/Kolkata", "Europe/Berlin", "America/New_York")
CAMPAIGN = "c0ffee00c0ffee00c0ffee00c0ffee00"

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A store with so many leads in it."""

    store: str
    leads: int
    figures: Figures


def measure(sizes: Sequence[int] = SIZES) -> tuple[list[Row], bool]:
    """Every store with every number of leads; whether claims of the most are quick enough."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, ExitStack() as left:
        for store, variables in _stores(left):
            stores = {}
            for size in sizes:
                place = {"DATA_DIR": f"{folder}/{store}-{size}"}
                settings = read_settings({**place, **variables(size)})
                stores[size] = left.enter_context(closing(open_leads(settings)))
            rows += _rows(store, stores)
    return rows, all(_ratio(rows, store) <= SLOWER_MOST for store in {row.store for row in rows})


def summary(rows: Sequence[Row], is_good: bool) -> dict[str, object]:
    """What programs read."""
    return {
        "claim_p95_ratio": {row.store: round(_ratio(rows, row.store), 2) for row in rows},
        "claims_ok": is_good,
        **{f"{row.store}, {row.leads} leads": row.figures for row in rows},
    }


def show(rows: Sequence[Row]) -> None:
    """A table for people."""
    names = list(rows[0].figures)
    print(f"{'store':10}{'leads':>10}" + "".join(f"{name:>14}" for name in names))
    for row in rows:
        cells = "".join(f"{row.figures[name]:14.3f}" for name in names)
        print(f"{row.store:10}{row.leads:10}{cells}")
    for store in dict.fromkeys(row.store for row in rows):
        ratio = _ratio(rows, store)
        print(f"{store}: claim p95 among the most leads is {ratio:.2f} × that among the fewest")


def main() -> None:
    """Measure and print."""
    sizes = [int(one) for one in sys.argv[1:]] or SIZES
    rows, is_good = measure(sizes)
    show(rows)
    print(json.dumps(summary(rows, is_good)))


def _stores(left: ExitStack) -> Iterator[tuple[str, Callable[[int], dict[str, str]]]]:
    yield "sqlite", lambda _: {}
    if why_not() is None:
        server = left.enter_context(closing(Mongod()))
        server.start()
        yield "mongodb", lambda size: {"MONGODB_URI": server.uri(f"leads_{size}")}


def _rows(store: str, stores: Mapping[int, Leads]) -> Iterator[Row]:
    adding = {size: _fill(leads, size) for size, leads in stores.items()}
    claims: dict[int, list[float]] = {size: [] for size in stores}
    begins: dict[int, list[float]] = {size: [] for size in stores}
    for number in range(CLAIMS):
        for size, leads in stores.items():
            _ring(leads, number, claims[size], begins[size])
    for size, leads in stores.items():
        yield Row(
            store,
            size,
            {
                "add µs/lead": adding[size],
                "claim p50 ms": statistics.median(claims[size]),
                "claim p95 ms": _p95(claims[size]),
                "begin p95 ms": _p95(begins[size]),
                **_questions(leads, size),
            },
        )


def _fill(leads: Leads, size: int) -> float:
    """Add so many leads; microseconds each."""
    began = time.perf_counter()
    for start in range(0, size, BATCH):
        leads.add([_lead(line) for line in range(start, min(start + BATCH, size))])
    return (time.perf_counter() - began) / size * 1e6


def _ring(leads: Leads, number: int, claims: list[float], begins: list[float]) -> None:
    """Milliseconds of a claim, and of the attempt after it."""
    began = time.perf_counter()
    lead = leads.claim(CAMPAIGN, NOW, "bench", UNTIL)
    claims.append((time.perf_counter() - began) * 1000)
    assert lead is not None
    began = time.perf_counter()
    leads.begin(lead, _attempt(lead, number))
    begins.append((time.perf_counter() - began) * 1000)


def _questions(leads: Leads, size: int) -> Figures:
    """Milliseconds of what else is asked."""
    half = LeadQuery(CAMPAIGN, after=(NOW, _lead(size // 2).lead_id))
    refusal = Refusal(
        CAMPAIGN, "", NOW, "hours", NOW + timedelta(hours=1), zones=ZONES[2:], country="IN"
    )
    return {
        "page ms": _took(lambda: leads.find(half)),
        "counts ms": _took(lambda: leads.counts(CAMPAIGN)),
        "tallies ms": _took(lambda: leads.tallies(CAMPAIGN)),
        "ringing ms": _took(leads.ringing),
        "expired ms": _took(lambda: leads.expired(UNTIL, 100)),
        "next due ms": _took(lambda: leads.next_due(CAMPAIGN)),
        "hold 250 ms": _took(lambda: leads.hold(CAMPAIGN, refusal, NOW, 250)),
    }


def _lead(line: int) -> Lead:
    return Lead(
        lead_id=f"7b0c2f7e9c2d4e1f{line:012}",
        campaign_id=CAMPAIGN,
        # Spread as numbers of a file are: in no order.
        number=f"+91{6_000_000_000 + line * 7_919_317 % 3_999_999_979}",
        variables={"name": "Asha Raman", "property_type": "2 BHK", "city": "Chennai"},
        zones=(ZONES[line % 3],),
        country="IN",
        subdivision="",
        line=line,
        created_at=NOW,
        updated_at=NOW,
        due_at=NOW - timedelta(seconds=10),
    )


def _attempt(lead: Lead, number: int) -> Attempt:
    ids = f"{number:032}", lead.campaign_id, lead.lead_id
    return Attempt(*ids, lead.number, lead.attempts + 1, NOW, number % 24)


def _took(work: Callable[[], object]) -> float:
    """The median of some goes, in milliseconds."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _ratio(rows: Sequence[Row], store: str) -> float:
    """The claim p95 of the most leads over that of the fewest."""
    p95 = {row.leads: row.figures["claim p95 ms"] for row in rows if row.store == store}
    return p95[max(p95)] / p95[min(p95)]


if __name__ == "__main__":
    main()
