"""How long the gate takes to say if somebody may be rung: `python -m benchmarks.campaigns_gate`.

Typical leads of India and the United States, open and closed, and the worst we know of: numbers
that may be in any zone of Russia. Every lead is another one, asked at another moment. The times
are those of the processor, so that they are the same on a busy machine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from campaigns.campaign import CampaignRules
from campaigns.compliance import Asked, may_ring, never_rung
from campaigns.rules import load_law
from campaigns.zones import zones_of
from storage.leads import Lead

_LEADS = 20_000
# A Wednesday: 14:30 in Delhi, 4:00 in New York, 1:00 in San Francisco.
_NOON = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
_CASES = (
    ("India, open", "IN", "+9198{:08d}", _NOON),
    ("India, closed", "IN", "+9198{:08d}", _NOON + timedelta(hours=9)),
    ("United States, open", "US", "+1415{:07d}", _NOON + timedelta(hours=11)),
    ("United States, closed", "US", "+1415{:07d}", _NOON),
    ("Australia, 7 zones, open", "AU", "+614{:08d}", _NOON - timedelta(hours=6)),
    ("Australia, 7 zones, closed", "AU", "+614{:08d}", _NOON + timedelta(hours=3)),
    ("Russia, 11 zones, never open", "RU", "+7916{:07d}", _NOON),
)


def main() -> None:
    """Print microseconds a lead: the middle and the slowest hundredth; then one JSON object."""
    found = {}
    for name, country, pattern, moment in _CASES:
        took = sorted(_measured(country, pattern, moment))
        middle, slow = took[len(took) // 2], took[len(took) * 99 // 100]
        print(f"{name:32} median {middle:7.1f} µs   p99 {slow:7.1f} µs   max {took[-1]:9.1f} µs")
        found[name] = {"p50_us": middle, "p99_us": slow}
    print(json.dumps(found))


def _measured(country: str, pattern: str, moment: datetime) -> Sequence[float]:
    law, rules = load_law(), CampaignRules(name="bench", agent="reminder", country=country)
    took = []
    for index in range(_LEADS):
        number = pattern.format(5_550_000 + index)
        lead = _lead(number, country, moment)
        now = moment + timedelta(milliseconds=20 * index)  # 50 calls a second
        asked = Asked(lead, rules, never_rung(lead, now, law))
        started = time.thread_time_ns()
        may_ring(asked, now, law)
        took.append((time.thread_time_ns() - started) / 1000)
    return took


def _lead(number: str, country: str, moment: datetime) -> Lead:
    blank = Lead(number, "bench", number, {}, (), country, "", 1, moment, moment, moment)
    return replace(blank, zones=zones_of(number, country))


if __name__ == "__main__":
    main()
