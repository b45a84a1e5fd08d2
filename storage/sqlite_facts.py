"""The facts in the SQLite file of the calls."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from storage import codec
from storage.facts import (
    CallFact,
    DayPart,
    Days,
    bounded,
    fact_from,
    fact_text,
    tallies_of,
)
from storage.sqlite_file import SqliteFile

_UNREAD = (
    "SELECT call_id FROM calls INDEXED BY calls_unread "
    "WHERE ended_at IS NOT NULL AND fact_version <> version AND updated_at < ? "
    "ORDER BY created_at DESC LIMIT ?"
)
_KEEP = (
    "INSERT OR REPLACE INTO facts (call_id, day, agent, campaign, body, tallies) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_READ = "UPDATE calls SET fact_version = ? WHERE call_id = ?"
_GET = "SELECT body FROM facts WHERE call_id = ?"
_FORGET = "DELETE FROM facts WHERE call_id = ? RETURNING day"
_MARK = (
    "INSERT INTO fact_days (day, mark, parts) VALUES (?, ?, '[]') "
    "ON CONFLICT (day) DO UPDATE SET mark = excluded.mark"
)
_STALE = "SELECT day FROM fact_days WHERE mark IS NOT NULL ORDER BY day DESC LIMIT ?"
_ADD_UP = (
    "SELECT agent, campaign, tally.key, SUM(tally.value) "
    "FROM facts, json_each(facts.tallies) AS tally WHERE day = ? GROUP BY 1, 2, 3"
)
_ADDED_UP = "UPDATE fact_days SET mark = NULL, parts = ? WHERE day = ? AND mark = ?"
_DAYS = "SELECT day, mark, parts FROM fact_days WHERE day BETWEEN ? AND ? ORDER BY day"


class SqliteFacts(SqliteFile):
    """Facts in the file `path`, which is that of the calls."""

    def unread(self, before: datetime, limit: int) -> Sequence[str]:
        with self._read() as connection:
            wanted = (codec.moment_text(before), limit)
            return [call_id for (call_id,) in connection.execute(_UNREAD, wanted)]

    def keep(self, facts: Sequence[CallFact]) -> None:
        rows = [
            (one.call_id, one.day, one.agent, one.campaign, fact_text(one), _tallies_text(one))
            for one in facts
        ]
        with self._write() as connection:
            connection.executemany(_KEEP, rows)
            connection.executemany(_READ, [(one.call_version, one.call_id) for one in facts])
            _mark(connection, {one.day for one in facts})

    def get(self, call_id: str) -> CallFact | None:
        with self._read() as connection:
            row = connection.execute(_GET, (call_id,)).fetchone()
        return None if row is None else fact_from(row[0])

    def forget(self, call_id: str) -> bool:
        with self._write() as connection:
            row = connection.execute(_FORGET, (call_id,)).fetchone()
            if row is not None:
                _mark(connection, row)
        return row is not None

    def stale_days(self, limit: int) -> Sequence[str]:
        with self._read() as connection:
            return [day for (day,) in connection.execute(_STALE, (limit,))]

    def add_up(self, day: str) -> bool:
        # Without holding the lock for as long as it takes: calls go on meanwhile.
        with self._read() as connection:
            row = connection.execute(_DAYS, (day, day)).fetchone()
            if row is None or row[1] is None:
                return True
            parts: dict[tuple[str, str], dict[str, int]] = {}
            for agent, campaign, name, number in connection.execute(_ADD_UP, (day,)):
                parts.setdefault((agent, campaign), {})[name] = number
        text = orjson.dumps([[*key, bounded(tallies)] for key, tallies in parts.items()]).decode()
        with self._write() as connection:
            return connection.execute(_ADDED_UP, (text, day, row[1])).rowcount == 1

    def days(self, first: str, last: str) -> Days:
        with self._read() as connection:
            rows = connection.execute(_DAYS, (first, last)).fetchall()
        parts = [DayPart(day, *one) for day, _, text in rows for one in orjson.loads(text)]
        return Days(parts, [day for day, mark, _ in reversed(rows) if mark is not None])


def _tallies_text(fact: CallFact) -> str:
    return codec.document_text(tallies_of(fact))


def _mark(connection: sqlite3.Connection, days: Iterable[str]) -> None:
    mark = secrets.token_hex(8)
    connection.executemany(_MARK, [(day, mark) for day in days])
