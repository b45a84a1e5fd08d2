"""Finds the dates of an utterance, counted from today. Which one answers a question: `roles`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from conversation.reading.roles import Role, spoken_role
from conversation.reading.tagging import Tagged, tag

_NUMBER = "(?P<day>[on])(?:t?j)?D?"  # 5, 5th, 5ஆம் தேதி, 5-ാം തീയതി
# Behind these a rank counts streets, floors and turns, not days.
_COUNTED = frozenset(
    "street st avenue ave road rd floor block main cross lane drive time one ones thing person "
    "place grade class birthday anniversary option row seat ticket room phase sector stage".split()
)
# What may stand around a number that is the whole answer.
_FILLING = frozenset("its it is be please ok okay yes yeah um uh so just maybe".split())
_MONTH_FIRST = ("US", "CA", "PH")  # regions that write 3/5 for the 5th of March


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in an utterance."""

    value: date
    start: int  # character offsets in the utterance
    end: int
    strong: bool  # it names a date whatever was asked


@dataclass(frozen=True, slots=True)
class _Calendar:
    """From where dates without a year or month are counted, and in which direction."""

    today: date
    region: str
    backwards: bool  # the field is about the past: "the 14th" is the last one

    def of_month(self, day: int, month: int, year: int | None) -> date | None:
        """`day`.`month`., of `year` or the nearest in the direction of the field."""
        if year is not None:
            return _date(year, month, day)
        # Four years further there has been a 29th of February.
        years = range(self.today.year, self.today.year + (-5 if self.backwards else 5), self._step)
        return self._nearest(_date(year, month, day) for year in years)

    def of_day(self, day: int, base: date | None = None) -> date | None:
        """The nearest `day`., from `base`, which is today when none was said before."""
        months = [_first_of_month(base or self.today, self._step * ahead) for ahead in range(3)]
        return self._nearest(
            (_date(first.year, first.month, day) for first in months), base or self.today
        )

    def weekday(self, day: int) -> date | None:
        """The nearest such day, today included."""
        ahead = (day - self.today.weekday()) % 7
        return _shifted(self.today, ahead - 7 if self.backwards and ahead else ahead)

    def weekday_in_week(self, day: int, weeks: int) -> date | None:
        """That day of a week from Monday to Sunday; `weeks` 0 is this one."""
        return _shifted(self.today, day - self.today.weekday() + 7 * weeks)

    @property
    def _step(self) -> int:
        return -1 if self.backwards else 1

    def _nearest(self, days: Iterator[date | None], base: date | None = None) -> date | None:
        base = base or self.today
        for day in days:
            if day and (day <= base if self.backwards else day >= base):
                return day
        return None


Found = tuple[date | None, bool] | None  # the date, None for one that cannot be; strong
Builder = Callable[[Tagged, re.Match[str], _Calendar], Found]


def _date(year: int, month: int, day: int) -> date | None:
    if 1 <= month <= 12 and 1 <= year <= 9999 and 1 <= day <= monthrange(year, month)[1]:
        return date(year, month, day)
    return None


def _first_of_month(base: date, months: int) -> date:
    years, month = divmod(base.month - 1 + months, 12)
    return date(min(max(base.year + years, 1), 9999), month + 1, 1)


def _shifted(base: date, days: int) -> date | None:
    try:
        return base + timedelta(days=days)
    except OverflowError:
        return None


def _whole(tagged: Tagged, index: int) -> int:
    """The number at `index`, or -1 for what is no day, month or count."""
    value = tagged.number(index)
    return int(value) if value == int(value) and 0 <= value < 10_000 else -1


def _year(tagged: Tagged, match: re.Match[str]) -> int | None:
    """The year of the match: 2019, "twenty nineteen"."""
    start, end = match.span("year")
    if start < 0:
        return None
    numbers = [_whole(tagged, index) for index in range(start, end)]
    year = numbers[0] if len(numbers) == 1 else numbers[0] * 100 + numbers[1]
    return year if 1900 <= year < 2100 else None


def _end(tagged: Tagged, match: re.Match[str]) -> int:
    """Where the match ends, without a number behind it that is no year: "March 5, 3 people"."""
    has_year = "year" in match.re.groupindex and match["year"]
    return match.start("year") if has_year and _year(tagged, match) is None else match.end()


def _written(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """2019-03-05, 5/3/2019, 5/3: month first only where that is the custom."""
    piece = tagged.pieces[match.start()]
    parts = [int(part) for part in re.split(r"[/.-]", piece.word)]
    if len(parts) == 3 and parts[0] > 31:
        return _date(*parts), True
    year = parts[2] if len(parts) == 3 else None
    day, month = parts[:2]
    if month > 12 or (day <= 12 and calendar.region in _MONTH_FIRST):
        day, month = month, day
    return calendar.of_month(day, month, year), year is not None


def _day_and_month(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    month = int(tagged.pieces[match.start("month")].value)
    day = _whole(tagged, match.start("day"))
    return calendar.of_month(day, month, _year(tagged, match)), True


def _day_of_month(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """The 5th of this month, the 5th of next month."""
    day = _whole(tagged, match.start("day"))
    which = {"s": 0, "x": 1, "l": -1}.get(match["which"] or "")
    if which is None:
        return calendar.of_day(day), True
    first = _first_of_month(calendar.today, which)
    return _date(first.year, first.month, day), True


def _day_in_week(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """Friday next week, this week Friday."""
    day = int(tagged.pieces[match.start("weekday")].value)
    return calendar.weekday_in_week(day, {"s": 0, "x": 1, "l": -1}[match["which"]]), True


def _weekday(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """Friday, this Friday, next Friday.

    "Next" means the week after this one; where the nearest such day is still in this week, callers
    differ, and the reading is weak.
    """
    day = int(tagged.pieces[match.start("weekday")].value)
    which, today = match["which"], calendar.today
    if which == "x":
        return calendar.weekday_in_week(day, 1), day <= today.weekday()
    if which == "l":
        return _shifted(today, -((today.weekday() - day - 1) % 7) - 1), True
    nearest = calendar.weekday(day)
    pieces = tagged.pieces[match.start() : match.end()]
    if nearest == today and any(piece.word in ("coming", "upcoming") for piece in pieces):
        nearest = _shifted(today, 7)
    return nearest, True


def _relative(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """Today, tomorrow, the day before yesterday, நாளை மறுநாள்."""
    index = match.start("base")
    piece = tagged.pieces[index]
    days = int(piece.value) if piece.tag == "R" else 0
    # One Hindi word says yesterday and tomorrow.
    if calendar.backwards and piece.word in ("कल", "परसों", "kal", "parson"):
        days = -days
    days += bool(match["after"]) - bool(match["before"])
    return _shifted(calendar.today, days), True


def _counted(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """In three days, the day after tomorrow, a week from Friday, two weeks ago, 3 दिन बाद."""
    count = 1
    if match["count"] and match["count"] != "1":
        count = _whole(tagged, match.start("count"))
        if not 0 <= count <= 1_000:
            return None
    groups = match.groupdict()
    base: date | None = calendar.today
    if groups.get("from"):
        piece = tagged.pieces[match.start("from")]
        if piece.tag == "W":
            base = calendar.weekday(int(piece.value))
        elif piece.tag == "R":
            base = _shifted(calendar.today, int(piece.value))
    if groups.get("ago"):
        count = -count
    if match["unit"] == "m":
        first = _first_of_month(calendar.today, count)
        return _date(first.year, first.month, calendar.today.day), True
    return _shifted(base or calendar.today, count * {"d": 1, "w": 7}[match["unit"]]), True


def _day_after(_: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """ "Day after", the day after tomorrow in Indian English, where no other day is said."""
    return _shifted(calendar.today, 2), False


def _end_of_month(_: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    first = _first_of_month(calendar.today, 1 if match["which"] == "x" else 0)
    return _first_of_month(first, 1) - timedelta(days=1), True


def _bare_day(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """The 14th; "first" and the like need more: they also count other things."""
    index = match.start("day")
    day = _whole(tagged, index)
    after = tagged.pieces[match.end()] if match.end() < len(tagged.pieces) else None
    if after is not None and after.word in _COUNTED:
        return None
    if index and tagged.tags[index - 1] == "n":  # 770 9th Avenue
        return None
    in_figures = tagged.text[tagged.pieces[index].start].isdigit()
    if "D" in match[0]:
        return calendar.of_day(day), True
    is_all = not re.search("[^OTtf@.,]", tagged.tags[: match.start()] + tagged.tags[match.end() :])
    is_named = match["the"] or match["on"] == "O"
    is_vague = not is_named or (day <= 3 and (not match["on"] or (after and after.tag == "_")))
    if is_vague and not in_figures and not is_all:
        return None
    return calendar.of_day(day), bool(match["on"] or match["the"]) and (in_figures or day > 3)


def _only_a_number(tagged: Tagged, match: re.Match[str], calendar: _Calendar) -> Found:
    """The answer is a number and nothing else that counts: a day of the month."""
    day = _whole(tagged, match.start("day"))
    others = {piece.word for piece in tagged.pieces if piece.tag == "_"}
    return (calendar.of_day(day), False) if 1 <= day <= 31 and others <= _FILLING else None


# Without one of its letters a pattern need not be tried.
_PATTERNS: tuple[tuple[str, re.Pattern[str], Builder], ...] = tuple(
    (letters, re.compile(pattern), builder)
    for letters, pattern, builder in (
        ("i", "i", _written),
        ("M", rf"T?{_NUMBER}F?T?(?P<month>M)(?:[,F]?(?P<year>n{{1,2}}))?", _day_and_month),
        ("M", r"(?P<month>M)[,T]?(?P<day>[on])(?:t?j)?D?(?:,?(?P<year>n{1,2}))?", _day_and_month),
        ("m", rf"T?{_NUMBER}F?(?P<which>[sxl]|T)m", _day_of_month),
        ("m", r"(?P<which>[sxl])m_?(?P<day>[on])(?:t?j)?D", _day_of_month),
        ("m", r"(?P<which>[sxl])m[,O]?T?(?P<day>o)", _day_of_month),
        ("w", r"(?P<which>[sxl])w[,O]?(?P<weekday>W)", _day_in_week),
        ("w", r"(?P<weekday>W),?[FI]?(?P<which>[sxl])w", _day_in_week),
        ("dwm", r"[IA](?P<count>[n1])F?(?P<unit>[dwm])(?!f)", _counted),
        ("dw", r"(?:(?P<count>[n1])F?)?(?P<unit>[dw])[fA](?P<from>[RWr])", _counted),
        ("g", r"(?P<count>[n1])F?(?P<unit>[dwm])(?P<ago>g)", _counted),
        ("A", r"^[^MRWNowmn]*T?dA(?![fRWMTosxn1])", _day_after),
        ("G", r"(?P<count>[n1])(?P<unit>[dw])G", _counted),
        ("RN", r"(?P<before>T?dB)?(?P<base>R|N)(?P<after>\+)?", _relative),
        ("m", r"(?:e|ld)F?T?(?P<which>[sx])?m", _end_of_month),
        ("W", r"(?P<which>[sxl])?s?(?P<weekday>W)", _weekday),
        ("o", r"(?P<on>[tfOB@A])?(?P<the>T)?(?P<day>o)", _bare_day),
        ("D", r"(?P<on>[tfOB@A])?(?P<the>T)?(?P<day>[on])(?:t?j)?D", _bare_day),
        ("n", r"^[_OTtf@,.]*(?P<day>n)[.,_]*$", _only_a_number),
    )
)


@lru_cache(maxsize=64)
def find_dates(text: str, language: str, today: date, backwards: bool) -> tuple[FoundDate, ...]:
    """Every date in `text`, in order. `backwards`: days without a month or year lie in the past."""
    tagged = tag(text, language)
    calendar = _Calendar(today, language.partition("-")[2], backwards)
    taken = [False] * len(tagged.tags)
    spans: list[tuple[int, int, FoundDate]] = []
    for letters, pattern, builder in _PATTERNS:
        if not any(letter in tagged.tags for letter in letters):
            continue
        for match in pattern.finditer(tagged.tags):
            first, after = match.start(), _end(tagged, match)
            if any(taken[first:after]):
                continue
            found = builder(tagged, match, calendar)
            if found is None:
                continue
            taken[first:after] = [True] * (after - first)
            value, strong = found
            if value is not None:
                start = tagged.pieces[first].start
                end = tagged.pieces[after - 1].end
                spans.append((first, after, FoundDate(value, start, end, strong)))
    return tuple(_settled(tagged, sorted(spans, key=lambda span: span[0]), calendar))


def resolve_day(
    today: date, day: int, month: int | None, year: int | None, backwards: bool
) -> date | None:
    """The day that is meant by what was given of it, counted from `today`; None when none is."""
    calendar = _Calendar(today, "", backwards)
    return calendar.of_day(day) if month is None else calendar.of_month(day, month, year)


def _settled(
    tagged: Tagged, spans: list[tuple[int, int, FoundDate]], calendar: _Calendar
) -> Iterator[FoundDate]:
    """The dates, where a weekday beside its date is one and a later bare day is counted on."""
    kept: list[tuple[int, int, FoundDate]] = []
    if len(spans) == 1 and tagged.tags[spans[0][0] : spans[0][1]] != "W":
        yield spans[0][2]
        return
    for first, after, found in spans:
        if kept and _is_beside(tagged.tags, kept[-1], first):
            _, _, before = kept.pop()
            if before.value.weekday() == found.value.weekday():
                kept.append((first, after, replace(found, start=before.start, strong=True)))
            continue
        kept.append((first, after, found))
    previous: date | None = None
    for first, after, found in kept:
        if tagged.tags[first:after] == "W" and found.value == calendar.today:
            continue  # "Friday" on a Friday: today, or in a week
        if previous and not calendar.backwards and _is_counted_on(tagged, first, after):
            value = calendar.of_day(found.value.day, previous) or found.value
            found = replace(found, value=value)
        previous = found.value
        yield found


def _is_counted_on(tagged: Tagged, first: int, after: int) -> bool:
    """A bare day after another date comes later, unless it is the start of what is planned."""
    if not re.fullmatch(r"[tfOB@A]?T?o", tagged.tags[first:after]):
        return False
    span = tagged.pieces[first]
    return spoken_role(tagged.text, span, 0, span.end) is not Role.START


def _is_beside(tags: str, before: tuple[int, int, FoundDate], first: int) -> bool:
    """Whether one of two neighbours is the weekday of the other: "Friday, the 8th"."""
    between = tags[before[1] : first]
    weekday = tags[before[0] : before[1]].strip("sx") == "W"
    return weekday and re.fullmatch(r"[,j_T]?", between) is not None
