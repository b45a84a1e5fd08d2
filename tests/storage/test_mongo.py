"""MongoDB: the contract of a store, and what only several documents can suffer."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from storage.base import Storage
from storage.mongo import MongoStorage
from tests.storage.contract import StorageContract
from tests.storage.mongod import Mongod


def database_of(place: Path) -> str:
    return "t" + hashlib.sha256(str(place).encode()).hexdigest()[:20]


class OnMongod(StorageContract):
    """Each place has its own database on one server."""

    @pytest.fixture(autouse=True)
    def _server(self, shared_mongod: Mongod) -> None:
        self.server = shared_mongod

    def variables(self, place: Path) -> Mapping[str, str]:
        return {
            "DATA_DIR": str(place / "data"),
            "MONGODB_URI": self.server.uri(database_of(place)),
        }


class TestFailover(OnMongod):
    """What processes open when they are given an address: MongoDB behind the journal."""


class TestMongo(OnMongod):
    """MongoDB alone."""

    def open(self, place: Path) -> Storage:
        store = MongoStorage(self.variables(place)["MONGODB_URI"])
        store.connect()
        return store

    def writer(self, place: Path, *order: str) -> subprocess.Popen[str]:
        return super().writer(place, "--bare", *order)
