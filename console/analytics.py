"""/console/analytics: what many calls add up to, drawn, as tables and as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from calls.analytics import DAYS_MOST, Question
from console.analytics_tables import busy_level, csv_of, hours_table, start_of, tables_of
from console.pages import page, page_blueprint
from services import Services

# Days of the links above the figures, and how many are shown at first.
SPANS, USUAL = (7, 30, 90, 365), 30
NAME_MOST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: the question, what was written, and what is wrong with it."""

    question: Question
    written: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)

    def address(self, **changes: str) -> str:
        """The query of the same page with changes; "" takes one out."""
        kept = {name: value for name, value in {**self.written, **changes}.items() if value}
        return urlencode(kept)


def analytics_blueprint(services: Services) -> Blueprint:
    """The page and its tables."""
    blueprint = page_blueprint("analytics", services)
    analytics, clock = services.analytics, services.clock

    @blueprint.get("/analytics", endpoint="analytics")
    def shown() -> Response:
        today = clock().date()
        wanted = read_wanted(request.args, today)
        answer = analytics.answer(wanted.question, fresh=request.args.get("fresh") == "1")
        slots = answer.hours()
        return page(
            "analytics.html",
            422 if wanted.problems else 200,
            wanted=wanted,
            answer=answer,
            total=answer.total,
            tables=tables_of(answer),
            hours=hours_table(answer),
            level=busy_level(slots),
            start_of=start_of,
            agents=sorted({*services.agents, *answer.agents}),
            spans=[(days, _span(wanted, days, today)) for days in SPANS],
        )

    @blueprint.get("/analytics/<name>.csv")
    def table(name: str) -> Response:
        wanted = read_wanted(request.args, clock().date())
        if wanted.problems:
            abort(422, " ".join(wanted.problems.values()))
        answer = analytics.answer(wanted.question)
        found = {**tables_of(answer), "hours": hours_table(answer)}.get(name)
        if found is None:
            abort(404, "There is no such table.")
        question = wanted.question
        file = f"{name}-{question.first}-{question.last}.csv"
        return Response(
            csv_of(found),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )

    return blueprint


def read_wanted(sent: Mapping[str, str], today: date) -> Wanted:
    """The question in an address; what cannot be read is named and left out."""
    names = ("agent", "campaign", "from", "to")
    written = {name: sent.get(name, "").strip()[:NAME_MOST] for name in names}
    problems: dict[str, str] = {}
    last = _day(written["to"], "to", problems) or today
    first = _day(written["from"], "from", problems)
    try:
        usual = last - timedelta(days=USUAL - 1)
    except OverflowError:
        usual = last
    first = first or usual
    if first > last:
        problems["from"] = "This day is after the last one."
    elif (last - first).days >= DAYS_MOST:
        problems["from"] = f"At most {DAYS_MOST} days can be added up."
    if problems:
        first, last = today - timedelta(days=USUAL - 1), today
    agent, campaign = written["agent"].lower() or None, written["campaign"] or None
    return Wanted(Question(first, last, agent, campaign), written, problems)


def _day(raw: str, name: str, problems: dict[str, str]) -> date | None:
    if not raw:
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        problems[name] = "Write a day such as 2026-11-20."
        return None


def _span(wanted: Wanted, days: int, today: date) -> tuple[str, bool]:
    """The address of the last so many days, and whether it is these that are shown."""
    first = today - timedelta(days=days - 1)
    question = wanted.question
    is_shown = question.last == today and question.first == first
    sent = "" if days == USUAL else first.isoformat()
    return wanted.address(**{"from": sent, "to": ""}), is_shown
