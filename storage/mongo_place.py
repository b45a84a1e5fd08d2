"""A part of a MongoDB database with indexes of its own, made at its first use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pymongo
from pymongo import IndexModel, ReadPreference, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import ServerSelectionTimeoutError

from storage.base import DatabaseAway
from storage.mongo_client import DATABASE, open_client
from storage.mongo_documents import Document
from storage.mongo_errors import explained

_KEPT_ON_DISK = WriteConcern("majority", j=True)
# Of collections that are new with their indexes: there is nothing in them.
MAKING_INDEXES_S = 30.0
# The driver looks for a lost server twice a second while somebody waits for it.
AWAY_S = 0.8


def index_place(columns: Sequence[str], values: Iterable[Any]) -> list[tuple[str, Any]]:
    """Where an index of the columns has the values, for `min` and `max` of a cursor."""
    return list(zip(columns, values, strict=True))


class MongoPlace:
    """Collections of the database that `uri` names. Nothing is connected before the first use."""

    def __init__(
        self, uri: str, timeout_s: float, indexes: Mapping[str, Sequence[IndexModel]]
    ) -> None:
        self._client = open_client(uri, timeout_s)
        self._database = self._client.get_default_database(
            DATABASE, read_preference=ReadPreference.PRIMARY, write_concern=_KEPT_ON_DISK
        )
        self._indexes = indexes
        self._is_ready = self._was_away = False

    def __getitem__(self, name: str) -> Collection[Document]:
        return self._database[name]

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Errors as ours. Of a database that was away the last time nobody expects much: else every
        page and every round would wait for seconds, one after another."""
        try:
            with explained():
                self._make_indexes()
                with self._patience():
                    yield
        except DatabaseAway as error:
            self._was_away = isinstance(error.__cause__, ServerSelectionTimeoutError)
            raise
        self._was_away = False

    def close(self) -> None:
        """Let go of the connections. Safe to call twice."""
        self._client.close()

    def _patience(self) -> AbstractContextManager[object]:
        return pymongo.timeout(AWAY_S) if self._was_away else nullcontext()

    def _make_indexes(self) -> None:
        if self._is_ready:
            return
        with self._patience():
            self._client.admin.command("ping")
        with pymongo.timeout(MAKING_INDEXES_S):
            for name, indexes in self._indexes.items():
                self._database[name].create_indexes(list(indexes))
        self._is_ready = True
