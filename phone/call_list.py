"""The carrier's list of calls: filters, order and pages as its REST side has them.

Source: twilio.com/docs/voice/api/call-resource#read-multiple-call-resources. Calls that have not
started have no StartTime and are in no span of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from phone.faults import Refused
from phone.leg import API_VERSION, Leg

PAGE_USUAL, PAGE_MOST = 50, 1000
_SPANS = ("StartTime", "EndTime")


class Listed(Protocol):
    """A call that was ordered."""

    leg: Leg
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def status(self) -> str:
        """As the REST side tells it."""

    def resource(self) -> dict[str, object]:
        """As the REST side shows it."""


def page(calls: Iterable[Listed], account: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """A page of the calls, which come newest first, and where the next one is."""
    size = _whole(asked, "PageSize", PAGE_USUAL)
    size = max(1, min(size, PAGE_MOST))
    number = _whole(asked, "Page", 0)
    path = f"/{API_VERSION}/Accounts/{account}/Calls.json"
    found = [call for call in calls if _is_wanted(call, asked)]
    start = number * size
    shown = found[start : start + size]

    def at(other: int) -> str:
        return f"{path}?{urlencode({**asked, 'PageSize': size, 'Page': other})}"

    return {
        "calls": [call.resource() for call in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start + len(shown) - 1, 0),
        "uri": at(number),
        "first_page_uri": at(0),
        "next_page_uri": at(number + 1) if start + size < len(found) else None,
        "previous_page_uri": at(number - 1) if number else None,
    }


def _is_wanted(call: Listed, asked: Mapping[str, str]) -> bool:
    leg = call.leg
    has = {
        "To": leg.to_number,
        "From": leg.from_number,
        "ParentCallSid": leg.parent_sid,
        "Status": call.status,
    }
    if any(asked[name] != value for name, value in has.items() if name in asked):
        return False
    return all(
        _is_within(moment, name, asked)
        for name, moment in zip(_SPANS, (call.started_at, call.ended_at), strict=True)
    )


def _is_within(moment: datetime | None, name: str, asked: Mapping[str, str]) -> bool:
    """Whether a moment is on the day, at or before, at or after what is asked for."""
    on, before, after = (_moment(asked, name + sign) for sign in ("", "<", ">"))
    if moment is None:
        return not (on or before or after)
    return (
        (on is None or moment.date() == on.date())
        and (before is None or moment <= before)
        and (after is None or moment >= after)
    )


def _moment(asked: Mapping[str, str], name: str) -> datetime | None:
    raw = asked.get(name)
    if not raw:
        return None
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise Refused(400, 20001, f"{name} must be YYYY-MM-DD or a moment") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _whole(asked: Mapping[str, str], name: str, usual: int) -> int:
    raw = asked.get(name, "")
    return int(raw) if raw.isdecimal() and len(raw) < 7 else usual
