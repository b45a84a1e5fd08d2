"""Hours by the recipient's clock: what is open, when it opens next, and clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from campaigns.campaign import Hours, Weekday
from campaigns.rules import Law, Rule, load_law, read_spans, show_clock
from campaigns.windows import (
    LOOK_AHEAD,
    Closed,
    Place,
    closed_by,
    local_hour,
    local_midnight,
    next_local_midnight,
    next_opening,
)
from tests.campaigns.gate_samples import EVERY_DAY, FREE

# Half hours, quarters, the date line, changes at midnight, backwards by half an hour, in Ramadan,
# and by two hours.
ZONES = (
    "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Apia", "Pacific/Pago_Pago",
    "Pacific/Kiritimati", "Australia/Lord_Howe", "America/New_York", "America/Havana",
    "America/Santiago", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Europe/London",
    "Antarctica/Troll", "America/Scoresbysund",
)  # fmt: skip
MINUTE = timedelta(minutes=1)
few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _at(zone: str, *clock: int, fold: int = 0) -> datetime:
    year, month, day, hour, minute = clock
    local = datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone), fold=fold)
    return local.astimezone(UTC)


def _changes(zone: str) -> list[datetime]:
    """When the clock of a zone goes forward or back, in 2026 and 2027."""
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 730)]
    there = ZoneInfo(zone)
    offsets = [moment.astimezone(there).utcoffset() for moment in moments]
    return [
        after
        for after, new, old in zip(moments[1:], offsets[1:], offsets, strict=False)
        if new != old
    ]


CHANGES = {zone: _changes(zone) for zone in ZONES}


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    opens = draw(st.integers(0, 1439))
    closes = draw(st.integers(opens + 1, 1440))
    days = draw(st.sets(st.sampled_from(Weekday), min_size=1))
    return Hours(
        opens=show_clock(opens),
        closes=show_clock(closes),
        days=tuple(days),
        holidays=draw(st.booleans()),
    )


@st.composite
def moments(draw: st.DrawFn) -> tuple[tuple[str, ...], datetime]:
    """One to three zones, and a moment: half of them close to a change of the first one's clock."""
    zones = tuple(draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True)))
    base = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 24 * 700)))
    near: bool = draw(st.booleans())
    if near and CHANGES[zones[0]]:
        base = draw(st.sampled_from(CHANGES[zones[0]])) - timedelta(hours=draw(st.integers(-1, 26)))
    return zones, base + timedelta(seconds=draw(st.integers(0, 3599)))


@few
@given(hours(), moments(), st.sampled_from(["IN", "FR", "US", "NZ", "ZZ"]))
def test_the_next_opening_is_the_first_minute_that_is_open(
    asked: Hours, when: tuple[tuple[str, ...], datetime], country: str
) -> None:
    zones, after = when
    law, place = load_law(), Place(zones, country)
    opening = next_opening(place, asked, law, after)
    # A day and a half of minutes, one by one.
    minutes = [after] + [
        after.replace(second=0, microsecond=0) + MINUTE * step for step in range(1, 60 * 36)
    ]
    tried = next((one for one in minutes if closed_by(place, asked, law, one) is None), None)
    if tried is not None:
        assert opening == tried
    else:
        assert opening is None or opening > minutes[-1]
    if opening is not None:
        assert closed_by(place, asked, law, opening) is None
        assert after <= opening <= after + LOOK_AHEAD


@few
@given(hours(), moments())
def test_what_is_open_is_within_the_hours_of_every_clock(
    asked: Hours, when: tuple[tuple[str, ...], datetime]
) -> None:
    zones, now = when
    if closed_by(Place(zones, "ZZ"), asked, FREE, now) is not None:
        return
    for zone in zones:
        local = now.astimezone(ZoneInfo(zone))
        assert asked.opens <= f"{local:%H:%M}" < asked.closes
        assert list(Weekday)[local.weekday()] in asked.days


def test_minutes_that_the_clock_skips_open_nothing_and_what_follows_them_does() -> None:
    # New York, 8 March 2026: 2:00 is 3:00.
    night = Hours(opens="02:30", closes="04:00", days=EVERY_DAY, holidays=True)
    place = Place(("America/New_York",), "ZZ")
    before = _at("America/New_York", 2026, 3, 8, 1, 0)
    assert next_opening(place, night, FREE, before) == _at("America/New_York", 2026, 3, 8, 3, 0)


def test_hours_that_the_clock_skips_altogether_open_the_next_day() -> None:
    night = Hours(opens="02:10", closes="02:50", days=EVERY_DAY, holidays=True)
    place = Place(("America/New_York",), "ZZ")
    before = _at("America/New_York", 2026, 3, 8, 1, 0)
    assert next_opening(place, night, FREE, before) == _at("America/New_York", 2026, 3, 9, 2, 10)


def test_minutes_that_come_twice_are_open_twice() -> None:
    # New York, 1 November 2026: 2:00 is 1:00 again.
    night = Hours(opens="01:10", closes="01:20", days=EVERY_DAY, holidays=True)
    place = Place(("America/New_York",), "ZZ")
    between = _at("America/New_York", 2026, 11, 1, 1, 30)
    second = _at("America/New_York", 2026, 11, 1, 1, 10, fold=1)
    assert next_opening(place, night, FREE, between) == second
    assert second - between == timedelta(minutes=40)


def test_a_day_may_last_to_its_end() -> None:
    evening = Hours(opens="23:00", closes="24:00", days=(Weekday.MON,), holidays=True)
    place = Place(("Asia/Kathmandu",), "ZZ")
    assert closed_by(place, evening, FREE, _at("Asia/Kathmandu", 2026, 6, 1, 23, 59)) is None
    midnight = _at("Asia/Kathmandu", 2026, 6, 2, 0, 0)
    assert closed_by(place, evening, FREE, midnight) is Closed.WEEKDAY


def test_each_side_of_the_date_line_has_its_own_day() -> None:
    # 10:30 on Tuesday in Samoa is 10:30 on Monday in American Samoa.
    mondays = Hours(opens="10:00", closes="11:00", days=(Weekday.MON,), holidays=True)
    now = _at("Pacific/Apia", 2026, 6, 2, 11, 30) - timedelta(hours=1)
    assert now.astimezone(ZoneInfo("Pacific/Pago_Pago")).weekday() == 0
    assert closed_by(Place(("Pacific/Pago_Pago",), "ZZ"), mondays, FREE, now) is None
    assert closed_by(Place(("Pacific/Apia",), "ZZ"), mondays, FREE, now) is Closed.WEEKDAY
    both = Place(("Pacific/Apia", "Pacific/Pago_Pago"), "ZZ")
    assert next_opening(both, mondays, FREE, now) is None


def test_a_leap_day_is_a_day() -> None:
    place = Place(("Europe/London",), "ZZ")
    now = _at("Europe/London", 2028, 2, 28, 20, 0)
    opening = next_opening(place, Hours(), FREE, now)
    assert opening == _at("Europe/London", 2028, 2, 29, 10, 0)


def test_an_observed_holiday_is_one() -> None:
    # The 4th of July 2026 is a Saturday, and Friday is its day off.
    friday = _at("America/New_York", 2026, 7, 3, 11, 0)
    place = Place(("America/New_York",), "US")
    assert closed_by(place, Hours(), FREE, friday) is Closed.HOLIDAY
    assert closed_by(place, Hours(holidays=True), FREE, friday) is None


def test_a_states_holiday_closes_only_that_state() -> None:
    # Patriots' Day of Massachusetts.
    monday = _at("America/New_York", 2026, 4, 20, 11, 0)
    boston = Place(("America/New_York",), "US", frozenset({"MA"}))
    miami = Place(("America/New_York",), "US", frozenset({"FL"}))
    assert closed_by(boston, Hours(), FREE, monday) is Closed.HOLIDAY
    assert closed_by(miami, Hours(), FREE, monday) is None


def test_the_law_narrows_a_day_and_leaves_its_pause() -> None:
    paris, law = Place(("Europe/Paris",), "FR"), load_law()
    early = Hours(opens="08:00", closes="22:00", days=EVERY_DAY)
    assert closed_by(paris, early, law, _at("Europe/Paris", 2026, 6, 9, 9, 59)) is Closed.HOURS
    assert closed_by(paris, early, law, _at("Europe/Paris", 2026, 6, 9, 12, 59)) is None
    noon = _at("Europe/Paris", 2026, 6, 9, 13, 0)
    assert next_opening(paris, early, law, noon) == _at("Europe/Paris", 2026, 6, 9, 14, 0)
    friday_evening = _at("Europe/Paris", 2026, 6, 12, 20, 0)
    assert next_opening(paris, early, law, friday_evening) == _at(
        "Europe/Paris", 2026, 6, 15, 10, 0
    )


@pytest.mark.parametrize(("shown", "why"), [((9, 0), Closed.HOURS), ((18, 30), Closed.HOLIDAY)])
def test_a_holiday_with_shorter_hours_is_why_only_where_the_day_would_be_open(
    shown: tuple[int, int], why: Closed
) -> None:
    short = Rule("IN", "India", holidays=read_spans("08:00-18:00"))
    republic_day = _at("Asia/Kolkata", 2027, 1, 26, *shown)
    place = Place(("Asia/Kolkata",), "IN")
    law = Law({"IN": short}, FREE.elsewhere)
    assert closed_by(place, Hours(holidays=True), law, republic_day) is why


def test_a_place_without_a_clock_is_never_open() -> None:
    now = datetime(2026, 6, 9, 12, 0, tzinfo=UTC)
    for zones in ((), ("Moon/Tycho",)):
        assert closed_by(Place(zones, "ZZ"), Hours(), FREE, now) is not None
        assert next_opening(Place(zones, "ZZ"), Hours(), FREE, now) is None


def test_the_day_of_several_clocks_begins_with_the_earliest_and_ends_with_the_latest() -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    now = _at("America/Los_Angeles", 2026, 6, 9, 12, 0)
    assert local_hour(zones, now) == 15
    assert local_midnight(zones, now) == _at("America/New_York", 2026, 6, 9, 0, 0)
    assert next_local_midnight(zones, now) == _at("America/Los_Angeles", 2026, 6, 10, 0, 0)
    assert local_midnight((), now) == datetime(2026, 6, 9, tzinfo=UTC)


@example("America/Havana")  # its clock skips midnight itself
@settings(max_examples=len(ZONES), deadline=None)
@given(st.sampled_from(ZONES))
def test_a_day_is_as_long_as_the_clock_says(zone: str) -> None:
    for change in CHANGES[zone]:
        for hours_before in (1, 5, 20):
            now = change - timedelta(hours=hours_before)
            begins, ends = local_midnight((zone,), now), next_local_midnight((zone,), now)
            assert begins <= now < ends
            dates = {moment.astimezone(ZoneInfo(zone)).date() for moment in (begins, now)}
            assert len(dates) == 1
            assert ends.astimezone(ZoneInfo(zone)).date() not in dates
