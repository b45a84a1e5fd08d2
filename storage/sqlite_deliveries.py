"""Deliveries in the SQLite file of the calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import islice
from sqlite3 import Connection

from storage.campaign_rows import DELIVERY_COLUMNS, delivery_of, delivery_row, micros
from storage.codec import Row
from storage.deliveries import FORGOTTEN_MOST, Delivery, DeliveryQuery, DeliveryStatus
from storage.sqlite_file import SqliteFile
from storage.sqlite_search import json_list

# Deliveries that are written in one transaction, for calls share the file.
CHUNK = 250

_COLUMNS = ", ".join(DELIVERY_COLUMNS)
_ADD = (
    f"INSERT INTO deliveries ({_COLUMNS}) VALUES ({', '.join('?' * len(DELIVERY_COLUMNS))}) "
    "ON CONFLICT DO NOTHING"
)
_SAVE = (
    f"UPDATE deliveries SET {', '.join(f'{name} = ?' for name in DELIVERY_COLUMNS[1:])} "
    "WHERE delivery_id = ?"
)
_GET = f"SELECT {_COLUMNS} FROM deliveries WHERE delivery_id = ?"
_FREE = (
    f"SELECT {_COLUMNS} FROM deliveries INDEXED BY deliveries_due WHERE status = 'waiting' "
    "AND free_at <= ? ORDER BY free_at LIMIT 1"
)
_TAKE = "UPDATE deliveries SET lease_until = ?, free_at = ? WHERE delivery_id = ?"
_PUT_OFF = (
    "UPDATE deliveries SET due_at = ?, free_at = ? WHERE delivery_id IN ("
    "SELECT delivery_id FROM deliveries INDEXED BY deliveries_due WHERE status = 'waiting' "
    "AND free_at <= ? AND endpoint_id = ? AND created_at > ? LIMIT ?)"
)
_RUN = (
    f"SELECT created_at, delivery_id, {_COLUMNS} FROM deliveries INDEXED BY {{index}} "
    "WHERE {endpoint}status = :status AND (:event IS NULL OR event = :event) "
    "AND (created_at, delivery_id) < (:at, :after) ORDER BY created_at DESC, delivery_id DESC"
)
_RUN_OF_ANY = _RUN.format(index="deliveries_by_status", endpoint="")
_RUN_OF_ONE = _RUN.format(
    index="deliveries_of_endpoint", endpoint="endpoint_id = :endpoint_id AND "
)
_COUNTS = (
    "SELECT status, COUNT(*) FROM deliveries INDEXED BY deliveries_of_endpoint "
    "WHERE endpoint_id = ? GROUP BY status"
)
_SOME = (
    "DELETE FROM deliveries WHERE delivery_id IN (SELECT delivery_id FROM deliveries {} LIMIT ?)"
)
_FORGET_OLD = _SOME.format("INDEXED BY deliveries_over WHERE status <> 'waiting' AND tried_at < ?")
_FORGET_ENDPOINT = _SOME.format("INDEXED BY deliveries_of_endpoint WHERE endpoint_id = ?")
_FORGET_CALL = (
    "DELETE FROM deliveries INDEXED BY deliveries_of_call WHERE call_id = ? AND call_id <> ''"
)
# As JSON has it: a longer number has others in it.
_ABOUT = "SELECT delivery_id FROM deliveries WHERE instr(body, '\"' || ? || '\"') > 0"
_FORGET = "DELETE FROM deliveries WHERE delivery_id IN (SELECT value FROM json_each(?))"
_LATEST = 2**62


class SqliteDeliveries(SqliteFile):
    """Deliveries in the file `path`, which is that of the calls."""

    def add(self, delivery: Delivery) -> bool:
        row = delivery_row(delivery)
        with self._write() as connection:
            return connection.execute(_ADD, row).rowcount == 1

    def get(self, delivery_id: str) -> Delivery | None:
        with self._read() as connection:
            row = connection.execute(_GET, (delivery_id,)).fetchone()
        return None if row is None else delivery_of(row)

    def claim(self, now: datetime, until: datetime) -> Delivery | None:
        at, lease_until = (micros(now),), micros(until)
        with self._read() as connection:  # when nothing is due, nobody waits for the lock
            if connection.execute(_FREE, at).fetchone() is None:
                return None
        with self._write() as connection:
            row = connection.execute(_FREE, at).fetchone()
            if row is None:
                return None
            delivery = replace(delivery_of(row), lease_until=until)
            connection.execute(_TAKE, (lease_until, lease_until, delivery.delivery_id))
        return delivery

    def save(self, delivery: Delivery) -> None:
        row = delivery_row(delivery)
        with self._write() as connection:
            connection.execute(_SAVE, (*row[1:], row[0]))

    def put_off(
        self, endpoint_id: str, now: datetime, until: datetime, since: datetime, most: int
    ) -> int:
        values = (micros(until), micros(until), micros(now), endpoint_id, micros(since))
        return self._in_chunks(_PUT_OFF, values, most)

    def find(self, query: DeliveryQuery) -> Sequence[Delivery]:
        with self._read() as connection:
            return [delivery_of(row) for row in islice(_found(connection, query), query.limit)]

    def counts(self, endpoint_id: str) -> Mapping[str, int]:
        with self._read() as connection:
            return dict(connection.execute(_COUNTS, (endpoint_id,)).fetchall())

    def forget_before(self, moment: datetime) -> int:
        return self._in_chunks(_FORGET_OLD, (micros(moment),), FORGOTTEN_MOST)

    def forget_call(self, call_id: str) -> int:
        with self._write() as connection:
            # Words of people do not stay behind in pages that are free now.
            connection.execute("PRAGMA secure_delete = ON")
            try:
                return connection.execute(_FORGET_CALL, (call_id,)).rowcount
            finally:
                connection.execute("PRAGMA secure_delete = OFF")

    def about(self, number: str) -> Sequence[str]:
        with self._read() as connection:
            return [found for (found,) in connection.execute(_ABOUT, (number,))]

    def forget(self, delivery_ids: Sequence[str]) -> int:
        forgotten = 0
        for start in range(0, len(delivery_ids), CHUNK):
            some = json_list(delivery_ids[start : start + CHUNK])
            with self._write() as connection:
                connection.execute("PRAGMA secure_delete = ON")
                try:
                    forgotten += connection.execute(_FORGET, (some,)).rowcount
                finally:
                    connection.execute("PRAGMA secure_delete = OFF")
        return forgotten

    def forget_endpoint(self, endpoint_id: str, most: int) -> int:
        return self._in_chunks(_FORGET_ENDPOINT, (endpoint_id,), most)

    def _in_chunks(self, statement: str, values: Sequence[object], most: int) -> int:
        done = 0
        while done < most:
            wanted = min(CHUNK, most - done)
            with self._write() as connection:
                changed = connection.execute(statement, (*values, wanted)).rowcount
            done += changed
            if changed < wanted:
                break
        return done


def _found(connection: Connection, query: DeliveryQuery) -> Iterator[Row]:
    """Rows that match, newest first: those of each status are in this order, and are merged."""
    at, delivery_id = query.after or (None, "")
    values = {
        "endpoint_id": query.endpoint_id,
        "event": query.event,
        "at": _LATEST if at is None else micros(at),
        "after": delivery_id,
    }
    statement = _RUN_OF_ANY if query.endpoint_id is None else _RUN_OF_ONE
    statuses = [str(one) for one in DeliveryStatus] if query.status is None else [query.status]
    runs = [connection.execute(statement, {**values, "status": one}) for one in statuses]
    for row in merge(*runs, reverse=True):
        yield row[2:]
