"""When somebody may be rung by the clock, the weekday and the calendar where they are.

A moment is open when each clock that the person may have shows a time within the campaign's hours
and within those of every law that holds there. Not here: lists, consent, attempts
(`compliance.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.calendars import holiday_named
from campaigns.campaign import Hours, Weekday
from campaigns.rules import DAYS, Law, Rule, Spans, common, read_clock, show_spans
from campaigns.zones import zone

# How far ahead an opening is looked for. The longest that public holidays and a Sunday close
# anything is nine days; what is closed for a month is closed for good.
LOOK_AHEAD = timedelta(days=31)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class Closed(StrEnum):
    """What closes a moment."""

    HOURS = "hours"
    WEEKDAY = "weekday"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody may be."""

    zones: tuple[str, ...]
    country: str
    subdivisions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Day:
    """Spans of the days of one kind, and whether holidays matter at all."""

    usual: tuple[Spans, ...]  # from Monday
    holiday: tuple[Spans, ...]

    @property
    def needs_calendar(self) -> bool:
        return self.usual != self.holiday


def closed_by(place: Place, hours: Hours, law: Law, now: datetime) -> Closed | None:
    """What closes this moment; None when it is open. A place without zones is never open."""
    schedule = schedule_of(hours, place.country, place.subdivisions, law)
    for name in place.zones:
        there = zone(name)
        if there is None:
            return Closed.HOURS
        if why := _closed_there(schedule, place, now.astimezone(there)):
            return why
    return None if place.zones else Closed.HOURS


def next_opening(place: Place, hours: Hours, law: Law, after: datetime) -> datetime | None:
    """The first moment from `after` on that is open; None when none is within a month."""
    minute = after.astimezone(UTC).replace(second=0, microsecond=0)
    opens = _opening_from(place, hours, law, minute)
    return None if opens is None else max(opens, after.astimezone(UTC))


@lru_cache(maxsize=8192)
def _opening_from(place: Place, hours: Hours, law: Law, minute: datetime) -> datetime | None:
    """Kept, as all who are refused in one minute in one place ask the same."""
    schedule = schedule_of(hours, place.country, place.subdivisions, law)
    clocks = [zone(name) for name in place.zones]
    moment, last = minute, minute + LOOK_AHEAD
    content = 0
    # Each clock moves the moment on to when it is open there, until all are content with it.
    while clocks and moment <= last:
        for there in clocks:
            opens = _next_there(schedule, place, there, moment, last) if there else None
            if opens is None:
                return None
            content = content + 1 if opens == moment else 1
            moment = opens
            if content >= len(clocks):
                return moment
    return None


def local_hour(zones: Sequence[str], now: datetime) -> int:
    """The hour of the day by the recipient's clock, 0 to 23: the first zone's, UTC without any."""
    return now.astimezone(zone(zones[0]) if zones else UTC).hour


def local_midnight(zones: Sequence[str], now: datetime) -> datetime:
    """When the recipient's day began; the earliest where there are several."""
    clocks = [there for name in zones if (there := zone(name))]
    return min(_midnight(now.astimezone(there)) for there in clocks or (UTC,))


def next_local_midnight(zones: Sequence[str], now: datetime) -> datetime:
    """When the recipient's day is over; the latest where there are several."""
    clocks = [there for name in zones if (there := zone(name))]
    return max(_day_after(now.astimezone(there), now) for there in clocks or (UTC,))


@lru_cache(maxsize=4096)
def schedule_of(hours: Hours, country: str, subdivisions: frozenset[str], law: Law) -> _Day:
    """The hours of a campaign, with what the law of a place leaves of them."""
    rules = law.of(country, subdivisions)
    usual, holiday = [], []
    for weekday, day in enumerate(DAYS):
        asked = asked_on(hours, day)
        usual.append(_within(asked, rules, weekday, is_holiday=False))
        asked = asked if hours.holidays else ()
        holiday.append(_within(asked, rules, weekday, is_holiday=True))
    return _Day(tuple(usual), tuple(holiday))


def told(place: Place, hours: Hours, law: Law, now: datetime) -> str:
    """Why a moment is closed, in words: what the clock shows, and whose hours those are."""
    schedule = schedule_of(hours, place.country, place.subdivisions, law)
    for name in place.zones:
        there = zone(name)
        local = now.astimezone(there)
        if there is None or not _closed_there(schedule, place, local):
            continue
        feast = holiday_named(place.country, place.subdivisions, local.date())
        shown = f"{local:%A} {local.day} {local:%B %Y, %H:%M} in {name}"
        return f"{shown}{f', {feast}' if feast else ''}; {_whose(place, hours, law, local)}"
    return ""


def _whose(place: Place, hours: Hours, law: Law, local: datetime) -> str:
    """The first of the rules that close a moment."""
    is_feast = bool(holiday_named(place.country, place.subdivisions, local.date()))
    weekday, minute = local.weekday(), local.hour * 60 + local.minute
    asked = asked_on(hours, DAYS[weekday])
    if is_feast and not hours.holidays:
        return "the campaign rings nobody on public holidays"
    if not _has(asked, minute):
        return f"the campaign rings {show_spans(asked)}" if asked else "not a day of the campaign"
    for rule in law.of(place.country, place.subdivisions):
        spans = rule.on(weekday, is_feast)
        if not _has(spans, minute):
            return f"the law of {rule.name} allows {show_spans(spans)} that day"
    return ""


def asked_on(hours: Hours, day: str) -> Spans:
    """The campaign's own hours on a day ("mon")."""
    if Weekday(day) not in hours.days:
        return ()
    return ((read_clock(hours.opens), read_clock(hours.closes)),)


def _within(spans: Spans, rules: Iterable[Rule], weekday: int, is_holiday: bool) -> Spans:
    for rule in rules:
        spans = common(spans, rule.on(weekday, is_holiday))
    return spans


def _spans_on(schedule: _Day, place: Place, day: date) -> Spans:
    if schedule.needs_calendar and holiday_named(place.country, place.subdivisions, day):
        return schedule.holiday[day.weekday()]
    return schedule.usual[day.weekday()]


def _has(spans: Spans, minute: int) -> bool:
    return any(opens <= minute < closes for opens, closes in spans)


def _closed_there(schedule: _Day, place: Place, local: datetime) -> Closed | None:
    minute = local.hour * 60 + local.minute
    spans = _spans_on(schedule, place, local.date())
    if _has(spans, minute):
        return None
    usual = schedule.usual[local.weekday()]
    if not usual:
        return Closed.WEEKDAY
    # On a holiday with shorter hours, the holiday is why only where the day would be open.
    return Closed.HOLIDAY if spans != usual and (not spans or _has(usual, minute)) else Closed.HOURS


def _next_there(
    schedule: _Day, place: Place, there: ZoneInfo, moment: datetime, last: datetime
) -> datetime | None:
    """The first open moment by one clock; None when none is until `last`.

    Clocks go back and forth: between two moments with another offset lies a change, and from the
    change on the day is read anew. So hours that were skipped are never open, and those that
    come twice are open twice.
    """
    while moment <= last:
        local = moment.astimezone(there)
        minute = local.hour * 60 + local.minute
        spans = _spans_on(schedule, place, local.date())
        if _has(spans, minute):
            return moment
        later = next((opens for opens, _ in spans if opens > minute), None)
        if later is None:
            following = _day_after(local, moment)
        else:
            following = _instant(local.date(), later, there, moment)
        change = _change_between(there, moment, following)
        moment = change if change is not None else following
    return None


def _change_between(there: ZoneInfo, start: datetime, end: datetime) -> datetime | None:
    """The first moment after `start` at which the clock has another offset than then, to the
    second; None when it is the same at `end`. They are a day or less apart, within which no
    clock changes twice."""
    offset = start.astimezone(there).utcoffset()
    if end.astimezone(there).utcoffset() == offset:
        return None
    low, high = start, end
    while high - low > _SECOND:
        middle = low + (high - low) / 2
        if middle.astimezone(there).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _day_after(local: datetime, now: datetime) -> datetime:
    return _instant(local.date() + _DAY, 0, local.tzinfo, now)


def _instant(day: date, minute: int, there: tzinfo | None, after: datetime) -> datetime:
    """When a clock shows this next; where it skips it, as if it had not yet gone forward."""
    shown = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=there)
    first = shown.astimezone(UTC)
    return first if first > after else shown.replace(fold=1).astimezone(UTC)


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
