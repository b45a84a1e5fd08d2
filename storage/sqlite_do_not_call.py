"""The do-not-call lists in the SQLite file of the calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from sqlite3 import Connection
from time import sleep

from storage.campaign_rows import ENTRY_COLUMNS, entry_of, entry_row, micros
from storage.codec import Row
from storage.do_not_call import OWN, DoNotCall, DoNotCallQuery, Source
from storage.spellings import asked_by, barred_with, spellings
from storage.sqlite_file import PAUSE_S, SqliteFile
from storage.sqlite_search import json_list

# Entries that are written in one transaction, for calls share the file.
CHUNK = 500

_COLUMNS = ", ".join(ENTRY_COLUMNS)
_OWN = ", ".join(f"'{one}'" for one in sorted(OWN))
_ADD = (
    f"INSERT INTO do_not_call ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (number, campaign_id) DO UPDATE SET source = excluded.source, at = excluded.at, "
    "words = excluded.words, call_id = excluded.call_id "
    f"WHERE excluded.source IN ({_OWN}) AND source NOT IN ({_OWN})"
)
_ALSO = (
    "UPDATE do_not_call SET who = ? WHERE number = ? AND campaign_id = ? "
    f"AND who = '' AND source IN ({_OWN})"
)
_THESE = "number IN (SELECT value FROM json_each(?))"
_REMOVE = f"DELETE FROM do_not_call WHERE {_THESE} AND campaign_id = ?"
_OF = (
    f"SELECT {_COLUMNS} FROM do_not_call WHERE {_THESE} AND campaign_id IN ('', ?) "
    "ORDER BY campaign_id LIMIT 1"
)
_AMONG = f"SELECT DISTINCT number FROM do_not_call WHERE {_THESE} AND campaign_id IN ('', ?)"
_ON_LIST = f"SELECT number FROM do_not_call WHERE {_THESE} AND campaign_id = ?"
_OF_NUMBER = (
    f"SELECT at, number, campaign_id, {_COLUMNS} FROM do_not_call "
    "WHERE number IN (SELECT value FROM json_each(:numbers)) "
    "ORDER BY at DESC, number DESC, campaign_id DESC"
)
_ANY_LIST = (
    f"SELECT at, number, campaign_id, {_COLUMNS} FROM do_not_call INDEXED BY do_not_call_by_source "
    "WHERE source = :source AND (at, number, campaign_id) < (:at, :after, :after_campaign) "
    "ORDER BY at DESC, number DESC, campaign_id DESC"
)
_ONE_LIST = (
    "SELECT at, number, campaign_id, "
    f"{_COLUMNS} FROM do_not_call INDEXED BY do_not_call_of_campaign "
    "WHERE campaign_id = :campaign_id AND source = :source AND (at, number) < (:at, :after) "
    "ORDER BY at DESC, number DESC"
)
_COUNT = "SELECT COUNT(*) FROM do_not_call"
_COUNT_OF = (
    "SELECT COUNT(*) FROM do_not_call INDEXED BY do_not_call_of_campaign WHERE campaign_id = ?"
)
_FORGET_WORDS = (  # that others bar them, too, stays true
    "UPDATE do_not_call SET words = '', who = '', call_id = '', source = "
    f"CASE WHEN who <> '' AND source IN ({_OWN}) THEN '{Source.BY_HAND}' ELSE source END "
    f"WHERE {_THESE} "
    "AND (words <> '' OR who <> '' OR call_id <> '')"
)
_SOURCE, _WHO = ENTRY_COLUMNS.index("source"), ENTRY_COLUMNS.index("who")
_LATEST = 2**62


class SqliteDoNotCall(SqliteFile):
    """Do-not-call lists in the file `path`, which is that of the calls."""

    def add(self, entries: Sequence[DoNotCall]) -> int:
        # In the table's order, so that those written together stand together.
        rows = sorted((entry_row(one) for one in entries), key=itemgetter(0, 1))
        added = 0
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            with self._write() as connection:
                added += connection.executemany(_ADD, some).rowcount
                connection.executemany(_ALSO, (_also(row) for row in some if _is_of_others(row)))
            sleep(PAUSE_S)
        return added

    def remove(self, number: str, campaign_id: str) -> bool:
        these = json_list(spellings(number))
        with self._write() as connection:
            return connection.execute(_REMOVE, (these, campaign_id)).rowcount > 0

    def of(self, number: str, campaign_id: str) -> DoNotCall | None:
        these = json_list(barred_with(number))
        with self._read() as connection:
            row = connection.execute(_OF, (these, campaign_id)).fetchone()
        return None if row is None else entry_of(row)

    def among(self, numbers: Sequence[str], campaign_id: str) -> set[str]:
        asked = asked_by(numbers)
        with self._read() as connection:
            found = connection.execute(_AMONG, (json_list(list(asked)), campaign_id))
            return {number for (listed,) in found for number in asked[listed]}

    def on_list(self, numbers: Sequence[str], campaign_id: str) -> set[str]:
        asked = asked_by(numbers, spellings)
        with self._read() as connection:
            found = connection.execute(_ON_LIST, (json_list(list(asked)), campaign_id))
            return {number for (listed,) in found for number in asked[listed]}

    def find(self, query: DoNotCallQuery) -> Sequence[DoNotCall]:
        with self._read() as connection:
            return [entry_of(row) for row in islice(_found(connection, query), query.limit)]

    def count(self, campaign_id: str | None = None) -> int:
        with self._read() as connection:
            if campaign_id is None:
                found = connection.execute(_COUNT)
            else:
                found = connection.execute(_COUNT_OF, (campaign_id,))
            return int(found.fetchone()[0])

    def forget_words(self, number: str) -> int:
        with self._write() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            try:
                return connection.execute(_FORGET_WORDS, (json_list(spellings(number)),)).rowcount
            finally:
                connection.execute("PRAGMA secure_delete = OFF")


def _is_of_others(row: Row) -> bool:
    return bool(row[_WHO]) and row[_SOURCE] not in OWN


def _also(row: Row) -> Row:
    return row[_WHO], row[0], row[1]


def _found(connection: Connection, query: DoNotCallQuery) -> Iterator[Row]:
    """Rows that match, newest first. The entries of each source are in this order: they are merged,
    and none is read to its end."""
    at, number, campaign_id = query.after or (None, "", "")
    values = {
        "at": _LATEST if at is None else micros(at),
        "after": number,
        "after_campaign": campaign_id,
        "campaign_id": query.campaign_id,
        "numbers": json_list(() if query.number is None else spellings(query.number)),
    }
    if query.number is not None:
        last = (values["at"], number, campaign_id)
        for row in connection.execute(_OF_NUMBER, values):
            entry = row[3:]
            is_wanted = query.campaign_id in (None, row[2]) and query.source in (None, entry[2])
            if is_wanted and row[:3] < last:
                yield entry
        return
    statement = _ANY_LIST if query.campaign_id is None else _ONE_LIST
    sources = [str(one) for one in Source] if query.source is None else [query.source]
    runs = [connection.execute(statement, {**values, "source": one}) for one in sources]
    for row in merge(*runs, reverse=True):
        yield row[3:]
