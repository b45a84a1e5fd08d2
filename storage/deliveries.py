"""The contract of the deliveries: what customers' own addresses are to be told, until they know.

Every backend passes the same suite (tests/storage/contract_deliveries.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from storage.records import JsonObject

# Deliveries that `forget_before` forgets at once.
FORGOTTEN_MOST = 5_000


class DeliveryStatus(StrEnum):
    """Where a delivery is."""

    WAITING = "waiting"  # to be tried at `due_at` or later
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; can be brought back by hand


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one address."""

    delivery_id: str  # the same for the same event and address, so that it is kept once
    endpoint_id: str
    event: str  # call.completed, …
    body: JsonObject
    created_at: datetime
    due_at: datetime
    status: DeliveryStatus = DeliveryStatus.WAITING
    tries: int = 0
    answer: int = 0  # HTTP status of the last try; 0: there was no answer
    error: str = ""  # of the last try, in words
    tried_at: datetime | None = None  # the last time; when it died, if it never was
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Which deliveries, newest first."""

    endpoint_id: str | None = None
    status: str | None = None
    event: str | None = None
    after: tuple[datetime, str] | None = None  # (created_at, delivery_id) of the last seen
    limit: int = 50


class Deliveries(Protocol):
    """Where they are kept. Safe for many threads, processes and machines."""

    def add(self, delivery: Delivery) -> bool:
        """Keep a new one; False when it is kept already, in whatever state."""

    def get(self, delivery_id: str) -> Delivery | None:
        """The delivery, or None."""

    def claim(self, now: datetime, until: datetime) -> Delivery | None:
        """Take the one that could have been taken longest; None when none is due.

        Until `until` nobody else gets it; then it can be taken again. As quick with a million.
        """

    def save(self, delivery: Delivery) -> None:
        """Keep what became of a try, over what was kept; what was forgotten stays forgotten."""

    def put_off(
        self, endpoint_id: str, now: datetime, until: datetime, since: datetime, most: int
    ) -> int:
        """Have what is due for an address wait until then; how many, `most` at most.

        Only what was added after `since`: what is older is taken one by one.
        """

    def find(self, query: DeliveryQuery) -> Sequence[Delivery]:
        """A page of deliveries."""

    def counts(self, endpoint_id: str) -> Mapping[str, int]:
        """Status → how many."""

    def forget_before(self, moment: datetime) -> int:
        """Forget what was delivered, or died, before; how many, FORGOTTEN_MOST at most."""

    def forget_call(self, call_id: str) -> int:
        """Forget what tells of a call (`body["call_id"]`)."""

    def about(self, number: str) -> Sequence[str]:
        """Ids of those that tell of a number, of whichever call or of none. All are looked at."""

    def forget(self, delivery_ids: Sequence[str]) -> int:
        """Forget some; how many there were."""

    def forget_endpoint(self, endpoint_id: str, most: int) -> int:
        """Forget what was meant for an address that is gone."""

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""
