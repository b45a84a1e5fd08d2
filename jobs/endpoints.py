"""Customers' addresses that are told of events: kept in the register, few and seldom changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from jobs.outside import NotAllowed, Outside
from jobs.signing import new_secret
from storage.register import Entry, EntryQuery, Register, StaleEntry

KIND = "webhook"
ENDPOINTS_MOST = 20
# Two who add one at the same moment may both be let in: those beyond are told all the same.
FOUND_MOST = 2 * ENDPOINTS_MOST
ABOUT_MOST = 120
# Tries at one that others change at the same moment.
TRIES = 8
# After so many tries in a row that failed an address is left alone for a while, twice as long
# each time: a million deliveries to a server that is away are no million requests.
FAILURES_BORNE = 5
# How long a secret signs beside the one that took its place, and how many do.
FORMER_KEPT = timedelta(hours=24)
FORMER_MOST = 8
REST, REST_MOST = timedelta(seconds=10), timedelta(minutes=15)


class EventName(StrEnum):
    """What customers can be told of."""

    CALL_COMPLETED = "call.completed"  # it was a conversation, however it ended
    CALL_FAILED = "call.failed"  # nobody was reached, or a fault ended it
    CALL_HANDED_OVER = "call.handed_over"  # besides call.completed
    LEAD_OPTED_OUT = "lead.opted_out"
    CAMPAIGN_COMPLETED = "campaign.completed"
    MESSAGE_RECEIVED = "message.received"
    PING = "ping"  # asked for, to try an address


# For forms and documents.
ABOUT = {
    EventName.CALL_COMPLETED: "a conversation is over",
    EventName.CALL_FAILED: "a call reached nobody, or broke",
    EventName.CALL_HANDED_OVER: "an operator took a call",
    EventName.LEAD_OPTED_OUT: "somebody asked not to be rung again",
    EventName.CAMPAIGN_COMPLETED: "a campaign has nobody left to ring",
    EventName.MESSAGE_RECEIVED: "a text message came in",
}


@dataclass(frozen=True, slots=True)
class FormerSecret:
    """A secret that signs beside the present one, until whoever checks has changed over."""

    secret: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address."""

    endpoint_id: str
    url: str
    events: tuple[str, ...]  # empty: every one
    secret: str
    created_at: datetime
    about: str = ""
    by: str = ""
    is_on: bool = True
    note: str = ""  # why it is off, when nobody switched it off
    failures: int = 0  # tries that failed, in a row
    rests_until: datetime | None = None
    former: tuple[FormerSecret, ...] = ()  # the last one first
    version: int = 0

    @property
    def noted(self) -> str:
        """Which one it is, for the audit log: path and query are the secret of many receivers."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc} {self.endpoint_id}"

    def wants(self, event: str) -> bool:
        """Whether it is to be told."""
        return self.is_on and (not self.events or event in self.events)

    def former_at(self, now: datetime) -> Sequence[FormerSecret]:
        """Those that still sign."""
        return [one for one in self.former if one.until > now]

    def secrets_at(self, now: datetime) -> Sequence[str]:
        """All that sign, the present one first."""
        return [self.secret, *(one.secret for one in self.former_at(now))]


class TooMany(ValueError):
    """There are as many as there may be."""


class Endpoints:
    """Safe for use from many threads and processes."""

    def __init__(self, register: Register, outside: Outside, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._outside = outside
        self._clock = clock

    def add(self, url: str, events: Sequence[str], about: str, by: str) -> Endpoint:
        """A new one, with a secret. NotAllowed, TooMany say what is wrong."""
        self._outside.check(url)
        if self._register.count(EntryQuery(KIND)) >= ENDPOINTS_MOST:
            raise TooMany(f"There are {ENDPOINTS_MOST} webhooks: delete one first.")
        wanted = tuple(str(one) for one in EventName if one in events)
        now = self._clock()
        made = Endpoint(
            uuid.uuid4().hex, url, wanted, new_secret(), now, about.strip()[:ABOUT_MOST], by
        )
        return self._put(made)

    def all(self) -> Sequence[Endpoint]:
        """Newest first."""
        return [_read(one) for one in self._register.find(EntryQuery(KIND, limit=FOUND_MOST))]

    def get(self, endpoint_id: str) -> Endpoint | None:
        """The one, or None."""
        kept = self._register.get(KIND, endpoint_id)
        return None if kept is None else _read(kept)

    def remove(self, endpoint_id: str) -> bool:
        """Nothing more is sent there; False when there was none."""
        return self._register.delete(KIND, endpoint_id)

    def switch(self, endpoint_id: str, is_on: bool, note: str = "") -> Endpoint | None:
        """Switch it on or off; None when there is none."""
        return self._changed(
            endpoint_id,
            lambda kept: replace(kept, is_on=is_on, note=note, failures=0, rests_until=None),
        )

    def rotate(self, endpoint_id: str) -> Endpoint | None:
        """Give it another secret; the one before signs, too, for a day. None when there is none."""
        secret, now = new_secret(), self._clock()

        def renewed(kept: Endpoint) -> Endpoint:
            last = FormerSecret(kept.secret, now + FORMER_KEPT)
            former = (last, *kept.former_at(now))[:FORMER_MOST]
            return replace(kept, secret=secret, former=former)

        return self._changed(endpoint_id, renewed)

    def failed(self, endpoint: Endpoint) -> None:
        """A try failed: after some in a row it is left alone for a while."""
        failures = endpoint.failures + 1
        rests_until = None
        if failures >= FAILURES_BORNE:
            rest = min(REST * 2 ** min(failures - FAILURES_BORNE, 20), REST_MOST)
            rests_until = self._clock() + rest
        with suppress(StaleEntry):  # another try says so, too
            self._put(replace(endpoint, failures=failures, rests_until=rests_until))

    def worked(self, endpoint: Endpoint) -> None:
        """A try was good."""
        if endpoint.failures or endpoint.rests_until is not None:
            with suppress(StaleEntry):
                self._put(replace(endpoint, failures=0, rests_until=None))

    def _changed(self, endpoint_id: str, edit: Callable[[Endpoint], Endpoint]) -> Endpoint | None:
        """Change one; None when there is none. Tries meanwhile may change it, too."""
        for left in reversed(range(TRIES)):
            kept = self.get(endpoint_id)
            if kept is None:
                return None
            try:
                return self._put(edit(kept))
            except StaleEntry:
                if not left:
                    raise
        raise AssertionError("not reached")

    def _put(self, one: Endpoint) -> Endpoint:
        body = {
            "url": one.url,
            "events": list(one.events),
            "secret": one.secret,
            "about": one.about,
            "by": one.by,
            "is_on": one.is_on,
            "note": one.note,
            "failures": one.failures,
            "rests_until": one.rests_until and one.rests_until.isoformat(),
            "former": [
                {"secret": old.secret, "until": old.until.isoformat()} for old in one.former
            ],
        }
        now = self._clock()
        return _read(
            self._register.put(Entry(KIND, one.endpoint_id, body, one.created_at, now, one.version))
        )


def _read(kept: Entry) -> Endpoint:
    body = kept.body
    rests_until, events = body.get("rests_until"), body.get("events")
    return Endpoint(
        endpoint_id=kept.key,
        url=str(body["url"]),
        events=tuple(events) if isinstance(events, list) else (),
        secret=str(body["secret"]),
        created_at=kept.created_at,
        about=str(body.get("about", "")),
        by=str(body.get("by", "")),
        is_on=bool(body.get("is_on", True)),
        note=str(body.get("note", "")),
        failures=int(str(body.get("failures", 0))),
        rests_until=datetime.fromisoformat(str(rests_until)) if rests_until else None,
        former=tuple(_former(body.get("former"))),
        version=kept.version,
    )


def _former(kept: object) -> Iterator[FormerSecret]:
    for one in kept if isinstance(kept, list) else ():
        yield FormerSecret(str(one["secret"]), datetime.fromisoformat(str(one["until"])))


__all__ = ["ABOUT", "Endpoint", "Endpoints", "EventName", "NotAllowed", "TooMany"]
