"""Tables of the analytics page, and what may be asked of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from calls.analytics import Answer, Question
from calls.figures import Figures
from console.analytics import read_wanted
from console.analytics_tables import Table, csv_of, start_of, tables_of

TODAY = date(2026, 11, 20)


def test_nothing_sent_is_the_last_thirty_days() -> None:
    wanted = read_wanted({}, TODAY)
    assert wanted.question == Question(date(2026, 10, 22), TODAY)
    assert wanted.address() == ""


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"from": "x"}, {"from"}),
        ({"to": "2026-02-30"}, {"to"}),
        ({"from": "2026-11-21"}, {"from"}),
        ({"from": "2020-01-01"}, {"from"}),
        ({"from": "x", "to": "y"}, {"from", "to"}),
        ({"to": "0001-01-01", "from": "0001-01-01"}, set()),
    ],
)
def test_days_that_cannot_be_are_named(sent: dict[str, str], wrong: set[str]) -> None:
    assert set(read_wanted(sent, TODAY).problems) == wrong


def test_what_was_asked_stays_in_the_address() -> None:
    wanted = read_wanted({"agent": "Pizza", "from": "2026-11-01", "other": "1"}, TODAY)
    assert wanted.question.agent == "pizza"
    assert wanted.address(fresh="1") == "agent=Pizza&from=2026-11-01&fresh=1"


def test_a_cell_that_would_be_a_formula_is_a_text() -> None:
    table = Table("t", "T", "", "shares", ("", "Calls"), [("=1+1", 2), ("-x", -3), ("வணக்கம்", None)])
    assert csv_of(table).decode("utf-8-sig").splitlines() == [
        ",Calls",
        "'=1+1,2",
        "'-x,-3",
        "வணக்கம்,",
    ]


@pytest.mark.parametrize(("days", "first"), [(30, "Day"), (300, "Week")])
def test_many_days_are_shown_by_week(days: int, first: str) -> None:
    question = Question(date.fromordinal(TODAY.toordinal() - days), TODAY)
    nothing = Figures({})
    at = datetime(2026, 11, 20, tzinfo=UTC)
    answer = Answer(question, nothing, {}, {}, {}, at, 0)
    calls = tables_of(answer)["calls"]
    assert calls.head[0] == first
    assert not calls.has_figures
    assert start_of("2026-W47") == "2026-11-16"
