"""Makes the indexes of lists, behind the calls where there are many calls already.

Whoever reaches the database may wait for two seconds, and a build that is given up is begun anew:
indexes of a million calls would never be made, and the database would seem to be away.
"""

from __future__ import annotations

import logging
from threading import Lock, Thread

import pymongo
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from storage.mongo_documents import Document
from storage.mongo_search import SEARCH_INDEXES

log = logging.getLogger(__name__)

# Calls whose indexes are made at once, in some milliseconds.
AT_ONCE_MOST = 2_000
# What all of them may take when there are more.
MAKING_S = 3600.0


class SearchIndexes:
    """The indexes of `storage.mongo_search` on a collection of calls."""

    def __init__(self, calls: Collection[Document], at_once_most: int = AT_ONCE_MOST) -> None:
        self._calls = calls
        self._at_once_most = at_once_most
        self._lock = Lock()
        self._thread: Thread | None = None

    def make(self) -> None:
        """Make those that are missing, or begin to. Until they are there nobody can look."""
        if self._calls.estimated_document_count() <= self._at_once_most:
            self._calls.create_indexes(SEARCH_INDEXES)
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                # In no request's time: a thread begins without its limits.
                self._thread = Thread(target=self._make, name="indexes", daemon=True)
                self._thread.start()

    def _make(self) -> None:
        try:
            with pymongo.timeout(MAKING_S):
                self._calls.create_indexes(SEARCH_INDEXES)
        except PyMongoError as error:  # the next time that the database is reached
            reason = type(error).__name__
            log.warning("the indexes of lists are not made", extra={"reason": reason})
