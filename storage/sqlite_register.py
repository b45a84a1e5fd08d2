"""The register in the SQLite file of the calls."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from storage import codec
from storage.register import Entry, EntryQuery, StaleEntry
from storage.sqlite_file import SqliteFile

_COLUMNS = "kind, key, body, created_at, updated_at, version"
_INSERT = f"INSERT INTO register ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING"
_UPDATE = (
    "UPDATE register SET body = ?, updated_at = ?, version = version + 1 "
    "WHERE kind = ? AND key = ? AND version = ? RETURNING created_at"
)
_GET = f"SELECT {_COLUMNS} FROM register WHERE kind = ? AND key = ?"
_DELETE = "DELETE FROM register WHERE kind = ? AND key = ?"
_NAME = re.compile(r"[a-z_]+")
# What entries are looked for by, often and among very many, in the order in which it names few. The
# database would rather read all of a kind now and then.
_INDEXED = ("carrier_id", "number", "status", "who", "action")


class SqliteRegister(SqliteFile):
    """A register in the file `path`; that of `SqliteStorage` may be the same."""

    def put(self, entry: Entry) -> Entry:
        body = codec.document_text(entry.body)
        created, updated = codec.moment_text(entry.created_at), codec.moment_text(entry.updated_at)
        with self._write() as connection:
            if entry.version == 0:
                row = (entry.kind, entry.key, body, created, updated)
                kept = connection.execute(_INSERT, row).rowcount == 1
            else:
                changes = (body, updated, entry.kind, entry.key, entry.version)
                before = connection.execute(_UPDATE, changes).fetchone()
                kept = before is not None
                created = before[0] if kept else created
        if not kept:
            raise StaleEntry(f"The {entry.kind} {entry.key} was changed meanwhile: load it again.")
        moments = datetime.fromisoformat(created), datetime.fromisoformat(updated)
        return Entry(entry.kind, entry.key, entry.body, *moments, entry.version + 1)

    def get(self, kind: str, key: str) -> Entry | None:
        with self._read() as connection:
            row = connection.execute(_GET, (kind, key)).fetchone()
        return None if row is None else _entry(row)

    def find(self, query: EntryQuery) -> Sequence[Entry]:
        where, values = _conditions(query)
        order = "ASC" if query.oldest_first else "DESC"
        statement = (
            f"SELECT {_COLUMNS} FROM {_table(query)} WHERE {where} "
            f"ORDER BY created_at {order}, key {order} LIMIT ? OFFSET ?"
        )
        with self._read() as connection:
            rows = connection.execute(statement, [*values, query.limit, query.offset]).fetchall()
        return [_entry(row) for row in rows]

    def count(self, query: EntryQuery) -> int:
        where, values = _conditions(query)
        statement = f"SELECT COUNT(*) FROM {_table(query)} WHERE {where}"
        with self._read() as connection:
            return int(connection.execute(statement, values).fetchone()[0])

    def delete(self, kind: str, key: str) -> bool:
        with self._write() as connection:
            return connection.execute(_DELETE, (kind, key)).rowcount == 1


def _table(query: EntryQuery) -> str:
    index = next((name for name in _INDEXED if query.where.get(name) is not None), None)
    return f"register INDEXED BY register_by_{index}" if index else "register"


def _conditions(query: EntryQuery) -> tuple[str, list[Any]]:
    conditions = ["kind = ?"]
    values: list[Any] = [query.kind]
    for moment, comparison in ((query.since, ">="), (query.before, "<")):
        if moment is not None:
            conditions.append(f"created_at {comparison} ?")
            values.append(codec.moment_text(moment))
    for name, wanted in query.where.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is no name to look for")
        # The name stands in the statement, or no index on it would be used.
        # `=` tells that it is not NULL, without which a partial index cannot be used.
        comparison = "IS" if wanted is None else "="
        conditions.append(f"json_extract(body, '$.\"{name}\"') {comparison} ?")
        # JSON has truth values where SQLite has 1 and 0.
        values.append(int(wanted) if isinstance(wanted, bool) else wanted)
    return " AND ".join(conditions), values


def _entry(row: sqlite3.Row | tuple[Any, ...]) -> Entry:
    kind, key, body, created, updated, version = row
    moments = datetime.fromisoformat(created), datetime.fromisoformat(updated)
    return Entry(kind, key, orjson.loads(body), *moments, version)
