"""/console/audit: who did what, found by person, action and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for

from access.audit import entries_of
from console.pages import page
from services import Services

FILTERS = ("who", "action", "since", "until")
ENTRIES_A_PAGE = 50
PAGES_MOST = 100_000
# Looked through for names to choose from.
LATEST = 300


def add_audit(blueprint: Blueprint, services: Services) -> None:
    """The list; nothing here can be changed."""
    audit = services.audit

    @blueprint.get("/audit")
    def audit_log() -> Response:
        wrong: dict[str, str] = {}
        since = _day("since", wrong)
        until = _day("until", wrong)
        number = _page_number(wrong)
        who, action = (request.args.get(name, "").strip()[:200] for name in ("who", "action"))
        latest = audit.find(replace(entries_of(), limit=LATEST))
        values: dict[str, object] = {
            "people": sorted({entry.who for entry in latest if entry.who}),
            "actions": sorted({entry.action for entry in latest}),
            "problems": wrong,
        }
        if wrong:
            return page("audit.html", 422, entries=[], total=0, number=1, **values)
        end = until + timedelta(days=1) if until else None
        query = entries_of(who or None, action or None, since, end)
        total = audit.count(query)
        offset = (number - 1) * ENTRIES_A_PAGE
        entries = audit.find(replace(query, limit=ENTRIES_A_PAGE, offset=offset))
        values |= {
            "entries": entries,
            "total": total,
            "first": offset + 1,
            "number": number,
            "newer": _address(number - 1) if number > 1 else "",
            "older": _address(number + 1) if offset + len(entries) < total and entries else "",
        }
        return page("audit.html", **values)


def _day(name: str, wrong: dict[str, str]) -> datetime | None:
    """A day of the address, in UTC as all moments here; what is none goes to `wrong`."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if not 2000 <= day.year < 9000:
        wrong[name] = "Write a day such as 2026-11-20."
        return None
    return datetime.combine(day, time(), UTC)


def _page_number(wrong: dict[str, str]) -> int:
    text = request.args.get("page", "1")
    if text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= PAGES_MOST:
        return int(text)
    wrong["page"] = f"Write a page from 1 to {PAGES_MOST}."
    return 1


def _address(number: int) -> str:
    kept: dict[str, Any] = {name: request.args[name] for name in FILTERS if name in request.args}
    return url_for("console-people.audit_log", page=number, **kept)
