"""The contract of the register: what people at the console keep, as JSON documents under a key.

People, tokens, versions of agents, recordings, the audit log: few, small, seldom written. Calls are
not among them (`base.py`): they go on while the database is away, and this does not.
Every backend passes the same suite (tests/storage/contract_register.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from storage.base import StorageError
from storage.records import JsonObject


class StaleEntry(StorageError):
    """Somebody changed this entry first; load it again and decide anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a kind."""

    kind: str  # letters and _: person, api_token, agent_version, …
    key: str  # unique within its kind; at most 200 characters
    body: JsonObject
    created_at: datetime  # of the first version
    updated_at: datetime
    version: int = 0  # 0: not kept yet; every put counts it up


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries of a kind are wanted, newest (`created_at`, then key) first or last."""

    kind: str
    # Top-level name in the body → the text, number, truth value or None it equals there. None
    # matches a name that is absent too.
    where: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    since: datetime | None = None  # `created_at` at or after
    before: datetime | None = None  # `created_at` before
    limit: int = 100
    offset: int = 0
    oldest_first: bool = False


class Register(Protocol):
    """Where entries are kept. Safe for use from many threads; several processes may share one."""

    def put(self, entry: Entry) -> Entry:
        """Keep an entry; what is returned has the next version.

        `entry.version` is the version that was loaded, 0 for a new one. StaleEntry, with nothing
        written, when another is kept. `created_at` never changes.
        """

    def get(self, kind: str, key: str) -> Entry | None:
        """The entry, or None when it is not known."""

    def find(self, query: EntryQuery) -> Sequence[Entry]:
        """Entries that match."""

    def count(self, query: EntryQuery) -> int:
        """How many match, whatever limit and offset say."""

    def delete(self, kind: str, key: str) -> bool:
        """Forget an entry; False when it was not known."""

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""
