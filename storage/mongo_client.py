"""The driver's client as we open it: how long it waits, and what it says of a bad address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConfigurationError

from storage.base import StorageError
from storage.mongo_documents import Document

DATABASE = "callwright"  # when the address names none
# Less than the 4 s of silence that a caller may be left with.
TIMEOUT_S = 3.0
# How long the driver looks for a server, opens a connection, and how often it asks for its health:
# the defaults (30 s, 20 s, 10 s) would notice the return of a database too late.
_CLIENT: Mapping[str, Any] = {
    "serverSelectionTimeoutMS": 2000,
    "connectTimeoutMS": 2000,
    "heartbeatFrequencyMS": 1000,
}


def open_client(uri: str, timeout_s: float) -> MongoClient[Document]:
    """A client of the database; nothing is connected before its first operation.

    StorageError when the address cannot be used.
    """
    try:
        return MongoClient(
            uri,
            connect=False,  # names are asked for later: name servers can be away too
            timeoutMS=round(timeout_s * 1000),
            appname="callwright",
            **_CLIENT,
        )
    except (ConfigurationError, ValueError, TypeError):
        # The driver's words would show the address, with its password.
        raise StorageError(
            "MONGODB_URI cannot be used: check its host, its path and its options, and that "
            "signs such as @ and : in the password are written as %40 and %3A."
        ) from None
