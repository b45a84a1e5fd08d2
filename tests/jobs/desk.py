"""Webhooks over a store of their own, with a clock that is moved."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from jobs.endpoints import Endpoint, Endpoints, EventName
from jobs.outside import Outside
from jobs.webhooks import Webhooks
from storage.deliveries import Delivery, DeliveryQuery
from storage.sqlite_deliveries import SqliteDeliveries
from storage.sqlite_register import SqliteRegister
from tests.waiting import wait_until

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DATA = {"call_id": "c1", "outcome": "completed"}


class Desk:
    """Webhooks over a store of their own, with a clock that is moved."""

    def __init__(self, folder: Path) -> None:
        self.now = AT
        self.stop = Event()
        self.file = folder / "calls.db"
        self.register = SqliteRegister(self.file)
        self.deliveries = SqliteDeliveries(self.file)
        self.webhooks = self.another()

    def another(self) -> Webhooks:
        """Of another process over the same store."""
        outside = Outside(allows_here=True)
        endpoints = Endpoints(self.register, outside, lambda: self.now)
        return Webhooks(endpoints, self.deliveries, outside, lambda: self.now)

    def add(self, url: str, *events: EventName) -> Endpoint:
        return self.webhooks.endpoints.add(url, events, "", "")

    def emit(self, key: str = "c1", event: EventName = EventName.CALL_COMPLETED) -> int:
        return self.webhooks.emit(event, key, DATA, self.now)

    def work(self) -> None:
        self.webhooks.work(self.stop)

    def of(self, endpoint: Endpoint) -> Delivery:
        """The newest for an address."""
        found = self.deliveries.find(DeliveryQuery(endpoint_id=endpoint.endpoint_id))
        return found[0]

    def tried(self, endpoint: Endpoint, tries: int) -> Delivery:
        """The newest, once it was tried so often."""
        self.work()
        wait_until(lambda: self.of(endpoint).tries == tries)
        return self.of(endpoint)
