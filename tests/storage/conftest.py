"""MongoDB servers for the tests of the stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.mongo import MongoStorage
from tests.storage import mongod as real


@pytest.fixture(scope="session")
def shared_mongod() -> Iterator[real.Mongod]:
    """One server for all tests of a process that do it no harm; each has its own database."""
    with real.running() as server:
        yield server


@pytest.fixture
def mongod() -> Iterator[real.Mongod]:
    """A server of the test's own, running, to be killed."""
    with real.running() as server:
        yield server


@pytest.fixture
def database(mongod: real.Mongod) -> Iterator[MongoStorage]:
    """The database without the journal before it: what any other machine sees."""
    with closing(MongoStorage(mongod.uri())) as made:
        yield made
