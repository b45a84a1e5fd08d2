"""The tables of the analytics page, each shown, drawn and taken home as CSV. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from calls.analytics import WEEKDAYS, Answer, Slot
from calls.figures import Figures
from calls.ledger import ITEM_NAMES

Cell = str | int | float | None
ROWS_MOST = 12  # of a table of shares
BUSY_LEVELS = 5
# Every week of it is shown when there are more days than a chart can tell apart.
WEEKS_FROM_DAYS = 100
# What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `kind` says how it is drawn: lines, bars or a stack of bars over time;
    shares as bars in the rows."""

    name: str  # in its address
    title: str
    about: str
    kind: str  # lines | bars | stack | shares | hours
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]  # the first cell of each is what the others are of
    unit: str = ""  # "" | s | ms | $
    empty: str = ""  # said in place of a table without rows

    @property
    def most(self) -> float:
        """The largest number in the second column, for the bars of shares."""
        return max((float(row[1] or 0) for row in self.rows), default=0.0)

    @property
    def has_figures(self) -> bool:
        """Whether anything is there to be drawn."""
        return any(cell for row in self.rows for cell in row[1:])


def tables_of(answer: Answer) -> dict[str, Table]:
    """All tables by name, in the order of the page."""
    number = (answer.question.last - answer.question.first).days + 1
    by_week = number > WEEKS_FROM_DAYS
    periods = answer.by_week() if by_week else answer.by_day()
    first = "Week" if by_week else "Day"
    tables = [*_over_time(first, periods), *_shares(answer)]
    return {table.name: table for table in tables}


def hours_table(answer: Answer) -> Table:
    """Calls by hour of the week."""
    slots = answer.hours()
    rows: list[Sequence[Cell]] = [
        (weekday, *(slot.calls for slot in slots[24 * number : 24 * number + 24]))
        for number, weekday in enumerate(WEEKDAYS)
    ]
    head = ("Weekday", *(f"{hour:02}" for hour in range(24)))
    return Table("hours", "Busiest hours", "Calls by weekday and hour, UTC.", "hours", head, rows)


def busy_level(slots: Sequence[Slot]) -> Callable[[int], int]:
    """How busy a number of calls is beside the busiest hour: 0, nobody, to BUSY_LEVELS."""
    most = max((slot.calls for slot in slots), default=0)
    return lambda calls: -(-calls * BUSY_LEVELS // most) if most else 0


def csv_of(table: Table) -> bytes:
    """A table as CSV, in UTF-8, with nothing that a spreadsheet takes for a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(table.head)
    for row in table.rows:
        writer.writerow(
            f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
            for cell in row
        )
    return written.getvalue().encode("utf-8-sig")


def start_of(period: str) -> str:
    """The day on which a period begins: 2026-11-16 for 2026-W47."""
    if "W" not in period:
        return period
    year, _, week = period.partition("-W")
    return date.fromisocalendar(int(year), int(week), 1).isoformat()


def _rows(
    periods: Mapping[str, Figures], *read: Callable[[Figures], Cell]
) -> list[tuple[Cell, ...]]:
    return [(period, *(one(figures) for one in read)) for period, figures in periods.items()]


def _over_time(first: str, periods: Mapping[str, Figures]) -> list[Table]:
    return [_calls(first, periods), *_measures(first, periods)]


def _calls(first: str, periods: Mapping[str, Figures]) -> Table:
    return Table(
        "calls",
        "Calls",
        "By how they ended. Unfinished: somebody was on the line and did not get to the end.",
        "stack",
        (first, "Completed", "Handed over", "Unfinished", "Not connected", "All"),
        _rows(
            periods,
            lambda f: f.completed,
            lambda f: f.number("outcome/handed_over"),
            lambda f: f.unfinished,
            lambda f: f.number("outcome/failed"),
            lambda f: f.calls,
        ),
    )


def _measures(first: str, periods: Mapping[str, Figures]) -> list[Table]:
    return [
        Table(
            "answers",
            "Time to answer",
            "From the caller's last word to our answer: half of them, 95 % and 99 % came within.",
            "lines",
            (first, "Half", "95 %", "99 %"),
            _rows(
                periods,
                lambda f: f.answer_ms(0.5),
                lambda f: f.answer_ms(0.95),
                lambda f: f.answer_ms(0.99),
            ),
            "ms",
        ),
        Table(
            "sentiment",
            "Sentiment",
            "How pleased callers sounded, from -1 to 1; by a model where there is one, else by the "
            "words of English calls.",
            "lines",
            (first, "Average", "Positive", "Neutral", "Negative"),
            _rows(
                periods,
                lambda f: f.sentiment,
                lambda f: f.moods["positive"],
                lambda f: f.moods["neutral"],
                lambda f: f.moods["negative"],
            ),
        ),
        Table(
            "durations",
            "Length of calls",
            "Of calls in which somebody was on the line.",
            "lines",
            (first, "Average", "Median"),
            _rows(periods, lambda f: f.average_duration_s, lambda f: f.median_duration_s),
            "s",
        ),
        Table(
            "costs",
            "Cost",
            "US dollars; the line is an estimate.",
            "bars",
            (first, "Dollars"),
            _rows(periods, lambda f: f.total_cost),
            "$",
        ),
    ]


def _share(name: str, title: str, about: str, counted: Mapping[str, int], empty: str = "") -> Table:
    rows = [(_spoken(key), number) for key, number in counted.items()]
    return Table(name, title, about, "shares", ("", "Calls"), rows, "", empty)


def _shares(answer: Answer) -> list[Table]:
    total = answer.total
    left = [
        (_place(one.stage, one.field), one.calls, _spoken(one.outcome))
        for one in total.left[:ROWS_MOST]
    ]
    agents = [
        (name, figures.calls, figures.completed, figures.average_duration_s, figures.total_cost)
        for name, figures in sorted(answer.agents.items(), key=lambda one: -one[1].calls)
    ]

    phrases = dict(list(total.phrases.items())[:ROWS_MOST])
    return [
        _share("outcomes", "How calls ended", "", total.of("outcome")),
        Table(
            "left",
            "Where callers left",
            "Calls that did not get to the end: the stage, and what was being asked.",
            "shares",
            ("Stage and field", "Calls", "Outcome"),
            left,
            "",
            "Nobody left before the end.",
        ),
        Table(
            "agents",
            "Agents",
            "",
            "shares",
            ("Agent", "Calls", "Completed", "Average, s", "Cost, USD"),
            agents,
        ),
        _share(
            "phrases",
            "Top phrases",
            "What callers talked of, in two calls or more; no names, numbers or values.",
            phrases,
            "No phrase was in two calls yet.",
        ),
        _share("languages", "Languages", "In which calls ended.", total.of("language")),
        Table(
            "brains",
            "Who read the words",
            "Utterances, by the model or rules that read them.",
            "shares",
            ("", "Utterances"),
            list(total.of("brain").items()),
            "",
            "Nothing was read yet.",
        ),
        _share(
            "emotions",
            "Emotions",
            "Calls in which a model heard them.",
            total.of("emotion"),
            "No model has heard any. Words alone do not tell them.",
        ),
        _items(total),
    ]


def _items(total: Figures) -> Table:
    costs = [
        (ITEM_NAMES.get(item, _spoken(item)), round(money, 4)) for item, money in total.cost.items()
    ]
    return Table("items", "Cost by item", "", "shares", ("", "Dollars"), costs, "$", "Nothing yet.")


def _place(stage: str, asked: str) -> str:
    return f"{_spoken(stage)}: {_spoken(asked)}" if asked else _spoken(stage)


def _spoken(name: str) -> str:
    return name.replace("_", " ")
