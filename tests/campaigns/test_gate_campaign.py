"""Whole campaigns over a change of clocks: nobody is ever rung outside hours by any clock."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.calendars import holiday_named
from campaigns.campaign import CampaignRules, Hours, Retries, Weekday
from campaigns.compliance import Asked, Reason, Verdict, lookbacks, may_ring
from campaigns.rules import load_law, show_clock
from campaigns.zones import subdivisions_of, zones_of
from storage.leads import Attempt, Lead, LeadStatus, Numbers, Refusal
from storage.sqlite_leads import SqliteLeads
from tests.campaigns.gate_samples import EVERY_DAY, lead, rules

LAW = load_law()
# Countries with their own days of change: both hemispheres, half an hour, at midnight, none.
NUMBERS = (
    ("+12125550{:03d}", "US"), ("+14155550{:03d}", "US"), ("+13055550{:03d}", "US"),
    ("+18505550{:03d}", "US"), ("+919876543{:03d}", "IN"), ("+33612345{:03d}", "FR"),
    ("+447400123{:03d}", "GB"), ("+61412345{:03d}", "AU"), ("+61236618{:03d}", "AU"),
    ("+6421123{:03d}", "NZ"), ("+56912345{:03d}", "CL"), ("+201001234{:03d}", "EG"),
    ("+9613123{:03d}", "LB"), ("+18005550{:03d}", "US"), ("+34612345{:03d}", "ES"),
)  # fmt: skip
COLUMNS = ("", "", "", "CA", "FL", "TX", "NSW")
# Shortly before clocks change: in North America, Europe, Chile and New Zealand, Egypt.
STARTS = (
    datetime(2026, 3, 6, 20, 0, tzinfo=UTC),
    datetime(2026, 3, 27, 20, 0, tzinfo=UTC),
    datetime(2026, 4, 3, 20, 0, tzinfo=UTC),
    datetime(2026, 9, 25, 20, 0, tzinfo=UTC),
    datetime(2026, 10, 30, 3, 0, tzinfo=UTC),
)
RETRY = timedelta(hours=2)


def _complaint(one: Lead, wanted: CampaignRules, at: datetime) -> str:
    """What is wrong with a ring by the clocks on the wall; written without the gate's own."""
    hours = wanted.hours
    parts = subdivisions_of(one.number, one.country, one.subdivision)
    for name in one.zones:
        local = at.astimezone(ZoneInfo(name))
        shown = f"{local:%H:%M}"
        if not hours.opens <= shown < hours.closes:
            return f"{shown} in {name}, outside the campaign's hours"
        if list(Weekday)[local.weekday()] not in hours.days:
            return f"a {local:%A} in {name}"
        if feast := holiday_named(one.country, parts, local.date()):
            return f"{feast} in {name}"
        for rule in LAW.of(one.country, parts):
            spans = rule.week[local.weekday()]
            if not any(show_clock(a) <= shown < show_clock(b) for a, b in spans):
                return f"{shown} in {name}, outside the law of {rule.name}"
    return ""


def _day_of(one: Lead, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(one.zones[0])):%Y-%m-%d}"


class Campaign:
    """Rings leads as the dialer does, each as soon as the gate lets it; nobody ever answers."""

    def __init__(self, wanted: CampaignRules, leads: Sequence[Lead], starts: datetime) -> None:
        self.wanted = wanted
        self.due = [(starts, index) for index in range(len(leads))]
        self.leads = list(leads)
        self.rings: dict[int, list[datetime]] = defaultdict(list)
        self.over: dict[int, Verdict] = {}
        self.asked = 0

    def run(self) -> None:
        """Until nobody is left. Time jumps to whoever is due next."""
        heapq.heapify(self.due)
        while self.due:
            now, index = heapq.heappop(self.due)
            verdict = self._ask(index, now)
            self.asked += 1
            assert self.asked < 100 * len(self.leads), "the gate sends somebody round in circles"
            if verdict.reason is None:
                self.rings[index].append(now)
                one = self.leads[index]
                self.leads[index] = replace(one, attempts=one.attempts + 1, due_at=now + RETRY)
                heapq.heappush(self.due, (now + RETRY, index))
            elif verdict.until is None:
                self.over[index] = verdict
            else:
                assert verdict.until > now
                heapq.heappush(self.due, (verdict.until, index))

    def _ask(self, index: int, now: datetime) -> Verdict:
        one = self.leads[index]
        rings = self.rings.get(index, [])
        rung = {
            key: Numbers(sum(at >= since for at in rings), len(rings))
            for key, since in lookbacks(one, now, LAW).items()
        }
        return may_ring(Asked(one, self.wanted, rung), now, LAW)


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    opens = draw(st.integers(0, 20)) * 60 + draw(st.sampled_from([0, 15, 30]))
    closes = min(1440, opens + draw(st.integers(1, 48)) * 30)
    days = draw(st.sets(st.sampled_from(EVERY_DAY), min_size=3))
    wanted = rules(
        Hours(opens=show_clock(opens), closes=show_clock(closes), days=tuple(days)),
        Retries(attempts_most=draw(st.integers(1, 6)), per_day_most=draw(st.integers(1, 3))),
    )
    leads = []
    for index in range(draw(st.integers(1, 12))):
        pattern, country = draw(st.sampled_from(NUMBERS))
        number, state = pattern.format(index), draw(st.sampled_from(COLUMNS))
        zones = zones_of(number, country, subdivision=state)
        leads.append(lead(number, country, subdivision=state, zones=zones))
    return Campaign(wanted, leads, draw(st.sampled_from(STARTS)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(campaigns())
def test_over_a_change_of_clocks_nobody_is_rung_outside_hours_by_any_of_their_clocks(
    campaign: Campaign,
) -> None:
    campaign.run()
    for index, rings in campaign.rings.items():
        one = campaign.leads[index]
        for at in rings:
            # It still rings half a minute later.
            for moment in (at, at + timedelta(seconds=30)):
                assert _complaint(one, campaign.wanted, moment) == ""
        days = Counter(_day_of(one, at) for at in rings)
        assert max(days.values()) <= campaign.wanted.retries.per_day_most
        assert len(rings) <= campaign.wanted.retries.attempts_most
        if one.country == "FR":
            month = timedelta(days=30)
            assert all(sum(at <= other < at + month for other in rings) <= 4 for at in rings)
    # Everybody was rung as often as wanted, or is refused for good with a reason that says why.
    assert len(campaign.over) == len(campaign.leads)
    for index, verdict in campaign.over.items():
        rung_out = len(campaign.rings.get(index, [])) == campaign.wanted.retries.attempts_most
        assert verdict.reason is (Reason.ATTEMPTS_USED_UP if rung_out else Reason.NEVER_OPEN)


def test_leads_held_together_are_rung_in_their_hours_and_none_is_left(tmp_path: Path) -> None:
    # Through the store, as the dialer does: claim, ask, put off one or all of a zone, ring.
    store, now = SqliteLeads(tmp_path / "calls.db"), STARTS[0]
    wanted = rules(retries=Retries(attempts_most=1))
    for number in range(120):
        pattern, country = NUMBERS[number % len(NUMBERS)]
        one = lead(pattern.format(number), country, lead_id=f"lead-{number:03d}")
        store.add([replace(one, created_at=now, updated_at=now, due_at=now)])
    rung = asked = 0
    while (due := store.next_due("spring")) is not None:
        now = max(now + timedelta(seconds=1), due)
        claimed = store.claim("spring", now, "lease", now + timedelta(seconds=30))
        assert claimed is not None
        rung_before = {key: Numbers(0, 0) for key in lookbacks(claimed, now, LAW)}
        verdict = may_ring(Asked(claimed, wanted, rung_before), now, LAW)
        asked += 1
        if verdict.reason is None:
            assert _complaint(claimed, wanted, now) == ""
            attempt = Attempt(f"call-{rung}", "spring", claimed.lead_id, claimed.number, 1, now, 0)
            begun = store.begin(claimed, attempt)
            store.save(replace(begun, status=LeadStatus.DONE, lease="", lease_until=None))
            rung += 1
            continue
        until = verdict.until
        assert until is not None
        waiting = replace(
            claimed, status=LeadStatus.WAITING, due_at=until, lease="", lease_until=None
        )
        store.save(waiting)
        if verdict.zones_until is not None:
            together = Refusal(
                "spring", "", now, verdict.reason, verdict.zones_until,
                zones=claimed.zones, country=claimed.country,
            )  # fmt: skip
            store.hold("spring", together, now, 1000)
    assert rung == 120
    # A night and a weekend are asked about once a zone and not once a lead.
    assert asked < 240
    store.close()
