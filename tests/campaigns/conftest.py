"""Streets for the tests of the dialer: one exchange for all, stores of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from phone.exchange import Exchange
from storage.leads import Leads
from storage.mongo_leads import MongoLeads
from storage.sqlite_leads import SqliteLeads
from tests.campaigns.street import Street
from tests.storage import mongod as real
from tests.storage.conftest import shared_mongod as shared_mongod  # a fixture


@pytest.fixture(scope="session")
def carrier() -> Iterator[tuple[Exchange, str]]:
    """The carrier's REST side, and where it is."""
    exchange = Exchange()
    yield exchange, exchange.open()
    exchange.close()


@pytest.fixture
def street(tmp_path: Path, carrier: tuple[Exchange, str]) -> Iterator[Street]:
    """All in one SQLite file."""
    yield from _opened(tmp_path, SqliteLeads(tmp_path / "calls.db"), carrier)


@pytest.fixture(params=["sqlite", "mongo"])
def any_street(
    request: pytest.FixtureRequest, tmp_path: Path, carrier: tuple[Exchange, str]
) -> Iterator[Street]:
    """Leads in either kind of store."""
    leads: Leads = SqliteLeads(tmp_path / "calls.db")
    if request.param == "mongo":
        leads.close()
        server: real.Mongod = request.getfixturevalue("shared_mongod")
        leads = MongoLeads(server.uri(f"street_{uuid4().hex[:12]}"))
    yield from _opened(tmp_path, leads, carrier)


def _opened(folder: Path, leads: Leads, carrier: tuple[Exchange, str]) -> Iterator[Street]:
    exchange, address = carrier
    exchange.mishaps.clear()
    street = Street(folder, leads, exchange, address)
    yield street
    street.close()
