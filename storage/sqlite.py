"""Calls in one SQLite file. Several processes of one machine may share it; not over a network."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from storage import codec
from storage.base import Condition, DuplicateCall, StaleCall, StorageError
from storage.records import (
    CallEvent,
    CallQuery,
    CallRecord,
    ClipRecord,
    CollectedRecord,
    TurnRecord,
    changed,
)
from storage.search import CallBrief, CallSearch, Pulse
from storage.sqlite_file import SqliteFile
from storage.sqlite_search import PULSE, count_statement, json_list, page_statement


def _list(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def _insert(table: str, columns: Sequence[str], verb: str = "INSERT") -> str:
    return f"{verb} INTO {table} ({_list(columns)}) VALUES ({_list(['?'] * len(columns))})"


_INSERT_CALL = _insert("calls", (*codec.CALL_COLUMNS, "duration_ms"))
_KEPT_VERSION = "WHERE call_id = ? AND version = ? - 1"
_UPDATE_PLAIN = (
    f"UPDATE calls SET {_list([f'{name} = ?' for name in codec.PLAIN_COLUMNS])} {_KEPT_VERSION} "
    f"AND {' AND '.join(f'{name} IS ?' for name in codec.INDEXED_COLUMNS)}"
)
_UPDATE_WHOLE = (
    "UPDATE calls SET duration_ms = ?, "
    f"{_list([f'{name} = ?' for name in (*codec.PLAIN_COLUMNS, *codec.INDEXED_COLUMNS)])} "
    f"{_KEPT_VERSION}"
)
_SELECT_CALL = f"SELECT {_list(codec.CALL_COLUMNS)} FROM calls"
_CALL_BY_ID = f"{_SELECT_CALL} WHERE call_id = ?"
_CALL_BY_CARRIER = f"{_SELECT_CALL} WHERE carrier_id = ?"
_KEEP_TURN = _insert("turns", codec.TURN_COLUMNS, "INSERT OR REPLACE")
_SELECT_TURNS = f"SELECT {_list(codec.TURN_COLUMNS)} FROM turns WHERE call_id = ? ORDER BY turn"
_KEEP_COLLECTED = _insert("collected", codec.COLLECTED_COLUMNS, "INSERT OR REPLACE")
_SELECT_COLLECTED = f"SELECT {_list(codec.COLLECTED_COLUMNS)} FROM collected"
_COLLECTED_BY_CALL = f"{_SELECT_COLLECTED} WHERE call_id = ?"
_COLLECTED_BY_CALLS = f"{_SELECT_COLLECTED} WHERE call_id IN (SELECT value FROM json_each(?))"
_ADD_EVENT = _insert("events", codec.EVENT_COLUMNS) + " ON CONFLICT (call_id, key) DO NOTHING"
_SELECT_EVENTS = (
    f"SELECT {_list(codec.EVENT_COLUMNS)} FROM events WHERE call_id = ? ORDER BY sequence, arrival"
)
_KEEP_CLIP = _insert("clips", codec.CLIP_COLUMNS) + " ON CONFLICT (key) DO NOTHING"
_CLIP_BY_KEY = f"SELECT {_list(codec.CLIP_COLUMNS)} FROM clips WHERE key = ?"
_FORGET_CLIPS = "DELETE FROM clips WHERE created_at < ?"
_PROBE = "UPDATE probe SET checks = checks + 1 RETURNING checks"


class SqliteStorage(SqliteFile):
    """A store in one file."""

    def create_call(self, call: CallRecord) -> None:
        row = codec.call_row(call)
        with self._write() as connection:
            try:
                insert_call(connection, row)
            except sqlite3.IntegrityError as error:
                raise duplicate(call.call_id, call.carrier_id) from error

    def load_call(self, call_id: str) -> CallRecord | None:
        with self._read() as connection:
            row = connection.execute(_CALL_BY_ID, (call_id,)).fetchone()
        return None if row is None else codec.call_record(row)

    def find_call(self, carrier_id: str) -> CallRecord | None:
        with self._read() as connection:
            row = connection.execute(_CALL_BY_CARRIER, (carrier_id,)).fetchone()
        return None if row is None else codec.call_record(row)

    def save_call(
        self,
        call: CallRecord,
        turn: TurnRecord | None = None,
        collected: CollectedRecord | None = None,
    ) -> CallRecord:
        saved = changed(call, version=call.version + 1)
        row = codec.call_row(saved)
        turn_row = None if turn is None else codec.turn_row(turn)
        collected_row = None if collected is None else codec.collected_row(collected)
        with self._write() as connection:
            try:
                kept = update_call(connection, row)
            except sqlite3.IntegrityError as error:
                raise duplicate(call.call_id, call.carrier_id) from error
            if not kept:
                raise _not_saved(connection, call)
            if turn_row is not None:
                keep_turn(connection, turn_row)
            if collected_row is not None:
                keep_collected(connection, collected_row)
        return saved

    def calls(self, query: CallQuery) -> Sequence[CallRecord]:
        statement = _search(
            _SELECT_CALL,
            {
                "agent = :agent": query.agent is not None,
                "outcome = :outcome": query.outcome is not None,
                "ended_at IS NULL": query.open_only,
                "updated_at < :quiet_since": query.quiet_since is not None,
            },
            "ORDER BY created_at DESC, rowid DESC LIMIT :limit OFFSET :offset",
        )
        values = {
            "agent": query.agent,
            "outcome": query.outcome,
            "quiet_since": query.quiet_since and codec.moment_text(query.quiet_since),
            "limit": query.limit,
            "offset": query.offset,
        }
        with self._read() as connection:
            rows = connection.execute(statement, values).fetchall()
        return [codec.call_record(row) for row in rows]

    def search(self, query: CallSearch) -> Sequence[CallBrief]:
        statement, values = page_statement(query)
        with self._read() as connection:
            rows = connection.execute(statement, values).fetchall()
        briefs = [codec.call_brief(row) for row in rows]
        return briefs if query.before_place is None else briefs[::-1]

    def count(self, query: CallSearch, most: int) -> int:
        statement, values = count_statement(query, most)
        with self._read() as connection:
            found = int(connection.execute(statement, values).fetchone()[0])
        return min(found, most)

    def pulse(self, most: int) -> Sequence[Pulse]:
        with self._read() as connection:
            rows = connection.execute(PULSE, {"most": most}).fetchall()
        return [Pulse(one, datetime.fromisoformat(at), bool(is_open)) for one, at, is_open in rows]

    def turns(self, call_id: str) -> Sequence[TurnRecord]:
        with self._read() as connection:
            rows = connection.execute(_SELECT_TURNS, (call_id,)).fetchall()
        return codec.turn_records(rows)

    def collected(self, call_id: str) -> CollectedRecord | None:
        with self._read() as connection:
            row = connection.execute(_COLLECTED_BY_CALL, (call_id,)).fetchone()
        return None if row is None else codec.collected_record(row)

    def collected_by(self, call_ids: Sequence[str]) -> Mapping[str, CollectedRecord]:
        with self._read() as connection:
            rows = connection.execute(_COLLECTED_BY_CALLS, (json_list(call_ids),)).fetchall()
        found = map(codec.collected_record, rows)
        return {one.call_id: one for one in found}

    def find_collected(
        self, agent: str | None, since: datetime | None, limit: int
    ) -> Sequence[CollectedRecord]:
        statement = _search(
            _SELECT_COLLECTED,
            {
                "agent = :agent": agent is not None,
                "collected_at >= :since": since is not None,
            },
            "ORDER BY collected_at DESC, rowid DESC LIMIT :limit",
        )
        values = {"agent": agent, "since": since and codec.moment_text(since), "limit": limit}
        with self._read() as connection:
            rows = connection.execute(statement, values).fetchall()
        return [codec.collected_record(row) for row in rows]

    def add_event(self, event: CallEvent) -> bool:
        row = codec.event_row(event)
        with self._write() as connection:
            return keep_event(connection, row)

    def events(self, call_id: str) -> Sequence[CallEvent]:
        with self._read() as connection:
            rows = connection.execute(_SELECT_EVENTS, (call_id,)).fetchall()
        return [codec.event_record(row) for row in rows]

    def delete_call(self, call_id: str) -> bool:
        with self._write() as connection:
            return delete_call(connection, call_id)

    def keep_clip(self, clip: ClipRecord) -> None:
        row = codec.clip_row(clip)
        with self._write() as connection:
            keep_clip(connection, row)

    def load_clip(self, key: str) -> ClipRecord | None:
        with self._read() as connection:
            row = connection.execute(_CLIP_BY_KEY, (key,)).fetchone()
        return None if row is None else codec.clip_record(row)

    def forget_clips(self, before: datetime) -> int:
        moment = codec.moment_text(before)
        with self._write() as connection:
            return connection.execute(_FORGET_CLIPS, (moment,)).rowcount

    def check(self) -> Condition:
        self._check_place()
        with self._write() as connection:
            if connection.execute(_PROBE).fetchall() == []:
                raise StorageError(f"{self._path} takes no writes: its probe row is missing.")
        return "ok"


def insert_call(connection: sqlite3.Connection, row: codec.Row) -> None:
    """Write a new call. IntegrityError when its id or carrier id is taken."""
    connection.execute(_INSERT_CALL, (*row, codec.duration_ms(row)))


def keep_turn(connection: sqlite3.Connection, row: codec.Row) -> None:
    """Write a turn over the one with its number."""
    connection.execute(_KEEP_TURN, row)


def keep_collected(connection: sqlite3.Connection, row: codec.Row) -> None:
    """Write what a call collected over what it had collected."""
    connection.execute(_KEEP_COLLECTED, row)


def keep_event(connection: sqlite3.Connection, row: codec.Row) -> bool:
    """Write a callback; False, and nothing done, when its key is known."""
    return connection.execute(_ADD_EVENT, row).rowcount == 1


def delete_call(connection: sqlite3.Connection, call_id: str) -> bool:
    """Delete a call and all that belongs to it; False when there was none.

    What of it is owed to a database elsewhere goes too: it must not come back to life.
    """
    # Words of people do not stay behind in pages that are free now: they are overwritten.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("DELETE FROM outbox WHERE call_id = ?", (call_id,))
    connection.execute("DELETE FROM events WHERE call_id = ?", (call_id,))
    # Turns and what was collected go with it (ON DELETE CASCADE).
    deleted = connection.execute("DELETE FROM calls WHERE call_id = ?", (call_id,)).rowcount
    connection.execute("PRAGMA secure_delete = OFF")
    return deleted == 1


def keep_clip(connection: sqlite3.Connection, row: codec.Row) -> bool:
    """Write how a clip is made; False, and nothing done, when its key is known."""
    return connection.execute(_KEEP_CLIP, row).rowcount == 1


def update_call(connection: sqlite3.Connection, row: codec.Row) -> bool:
    """Write a call over its former version; False, and nothing done, when that is not kept."""
    key = codec.call_key(row)
    plain = (*codec.plain_values(row), *key, *codec.indexed_values(row))
    if connection.execute(_UPDATE_PLAIN, plain).rowcount == 1:
        return True
    indexed = (*codec.plain_values(row), *codec.indexed_values(row))
    whole = (codec.duration_ms(row), *indexed, *key)
    return connection.execute(_UPDATE_WHOLE, whole).rowcount == 1


def _search(select: str, conditions: Mapping[str, bool], order: str) -> str:
    wanted = [condition for condition, applies in conditions.items() if applies]
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    return f"{select}{where} {order}"


def duplicate(call_id: str, carrier_id: str | None) -> DuplicateCall:
    """The error for a call whose id or carrier id is taken."""
    return DuplicateCall(f"Call {call_id} or carrier id {carrier_id} is already kept.")


def _not_saved(connection: sqlite3.Connection, call: CallRecord) -> StorageError:
    row = connection.execute("SELECT version FROM calls WHERE call_id = ?", (call.call_id,))
    kept = row.fetchone()
    if kept is None:
        return StorageError(f"Call {call.call_id} is not kept; create it before saving it.")
    return StaleCall(f"Call {call.call_id} is at version {kept[0]}, not {call.version}.")
