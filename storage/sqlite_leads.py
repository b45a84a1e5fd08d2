"""Leads in the SQLite file of the calls.

Calls share the file, and its one lock for writing: nothing here holds it for more than some
milliseconds. What is done to many leads is done in steps of CHUNK.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import islice
from pathlib import Path
from sys import maxsize
from time import sleep

from storage import sqlite_lead_statements as sql
from storage.campaign_rows import (
    LEAD_COLUMNS,
    attempt_of,
    attempt_row,
    lead_of,
    lead_row,
    micros,
    micros_or_none,
    moment_of,
    refusal_of,
    refusal_row,
    zones_text,
)
from storage.codec import Row
from storage.leads import (
    NEVER,
    PUT_OFF,
    PUT_OFF_REASON,
    Attempt,
    Counts,
    Lead,
    LeadQuery,
    LeadStatus,
    Numbers,
    Refusal,
    StaleLead,
    Tally,
    grouped_by_lead,
)
from storage.sqlite_file import BUSY_TIMEOUT_S, PAUSE_S, SqliteFile
from storage.sqlite_lead_adding import CHANGED, Adding, Pace, number_key
from storage.sqlite_search import json_list

# Leads that are changed in one transaction: some 10 ms.
CHUNK = 250
# The same of those that are added, and claimed, or put off, because their number is being rung.
FEW = 100
_CLAIMED_MOST = _PUT_OFF_MOST = 50

_VERSION = LEAD_COLUMNS.index("version")


class SqliteLeads(SqliteFile):
    """Leads in the file `path`, which is that of the calls."""

    def __init__(
        self, path: Path, durability: str = "process", busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        super().__init__(path, durability, busy_timeout_s)
        self._paces = Pace(self._waiting), Pace(self._waiting)

    def add(self, leads: Sequence[Lead]) -> int:
        of_campaigns: dict[str, list[Lead]] = {}
        for lead in leads:
            of_campaigns.setdefault(lead.campaign_id, []).append(lead)
        added = 0
        for campaign_id, some in of_campaigns.items():
            adding = Adding(campaign_id, some)
            if len(some) <= FEW:
                with self._write() as connection:
                    adding.at_once(connection)
            else:
                adding.in_steps(self._write, *self._paces)
            added += adding.added
        return added

    def known(self, campaign_id: str, numbers: Sequence[str]) -> set[str]:
        with self._read() as connection:
            keys = json_list([number_key(number) for number in numbers])
            found = connection.execute(sql.KNOWN, (campaign_id, keys))
            return {number for (number,) in found}

    def get(self, lead_id: str) -> Lead | None:
        with self._read() as connection:
            row = connection.execute(sql.GET, (lead_id,)).fetchone()
        return None if row is None else lead_of(row)

    def some(self, lead_ids: Sequence[str]) -> Sequence[Lead]:
        with self._read() as connection:
            return [lead_of(row) for row in connection.execute(sql.SOME, (json_list(lead_ids),))]

    def of_number(self, number: str) -> Sequence[Lead]:
        with self._read() as connection:
            found = connection.execute(sql.OF_NUMBER, (number_key(number),))
            return [lead_of(row) for row in found]

    def find(self, query: LeadQuery) -> Sequence[Lead]:
        with self._read() as connection:
            places = [place for _, _, place in islice(_found(connection, query), query.limit)]
            rows = connection.execute(sql.AT_PLACES, (json_list(places),)).fetchall()
        return [lead_of(row) for row in rows]

    def counts(self, campaign_id: str) -> Counts:
        with self._read() as connection:
            rows = connection.execute(sql.COUNTS, (campaign_id,))
            return {(status, result, reason): number for status, result, reason, number in rows}

    def claim(self, campaign_id: str, now: datetime, lease: str, until: datetime) -> Lead | None:
        return next(iter(self.claim_many(campaign_id, now, lease, until, 1)), None)

    def claim_many(
        self, campaign_id: str, now: datetime, lease: str, until: datetime, most: int
    ) -> Sequence[Lead]:
        claimed: list[Lead] = []
        due = (campaign_id, micros(now))
        while len(claimed) < most:
            with self._read() as connection:  # when nobody is due, nobody waits for the lock
                if connection.execute(sql.DUE, (*due, 1)).fetchone() is None:
                    break
            with self._write() as connection:
                for _ in range(_PUT_OFF_MOST):
                    wanted = min(most - len(claimed), _CLAIMED_MOST)
                    rows = connection.execute(sql.DUE, (*due, wanted)).fetchall()
                    if not rows:
                        return claimed
                    claimed += _claimed(connection, rows, now, lease, until)
                    if len(claimed) == most or wanted == _CLAIMED_MOST:
                        break
        return claimed

    def save(self, lead: Lead) -> Lead:
        with self._write() as connection:
            try:
                return _saved(connection, lead)
            except sqlite3.IntegrityError as error:
                message = "The number of this lead is being rung by another campaign."
                raise StaleLead(message) from error

    def save_many(self, leads: Sequence[Lead]) -> int:
        rows = [dict(zip(LEAD_COLUMNS, lead_row(lead), strict=True)) for lead in leads]
        saved = 0
        for start in range(0, len(rows), CHUNK):
            with self._write() as connection:
                # A number that is being rung elsewhere stays as it is.
                some = rows[start : start + CHUNK]
                saved += connection.executemany(sql.SAVE_OR_IGNORE, some).rowcount
            sleep(PAUSE_S)
        return saved

    def begin(self, lead: Lead, attempt: Attempt) -> Lead:
        begun = replace(
            lead,
            call_id=attempt.call_id,
            attempts=lead.attempts + 1,
            updated_at=attempt.started_at,
        )
        with self._write() as connection:
            saved = _saved(connection, begun)
            connection.execute(sql.ADD_ATTEMPT, attempt_row(attempt))
        return saved

    def keep_attempt(self, attempt: Attempt) -> None:
        row = attempt_row(attempt)
        with self._write() as connection:
            connection.execute(sql.KEEP_ATTEMPT, (*row[1:], row[0]))

    def attempt(self, call_id: str) -> Attempt | None:
        with self._read() as connection:
            row = connection.execute(sql.ATTEMPT, (call_id,)).fetchone()
        return None if row is None else attempt_of(row)

    def some_attempts(self, call_ids: Sequence[str]) -> Sequence[Attempt]:
        with self._read() as connection:
            rows = connection.execute(sql.SOME_ATTEMPTS, (json_list(call_ids),))
            return [attempt_of(row) for row in rows]

    def attempts_by_lead(self, lead_ids: Sequence[str]) -> Mapping[str, Sequence[Attempt]]:
        with self._read() as connection:
            rows = connection.execute(sql.ATTEMPTS_BY_LEAD, (json_list(lead_ids),))
            return grouped_by_lead(map(attempt_of, rows))

    def attempts_of(self, lead_id: str) -> Sequence[Attempt]:
        with self._read() as connection:
            return [attempt_of(row) for row in connection.execute(sql.ATTEMPTS_OF, (lead_id,))]

    def rung(self, numbers: Sequence[str], since: datetime) -> Mapping[str, Numbers]:
        with self._read() as connection:
            rows = connection.execute(sql.RUNG, (micros(since), json_list(numbers))).fetchall()
        found = {
            number: Numbers(day, in_all, moment_of(last)) for number, day, in_all, last in rows
        }
        return {number: found.get(number, NEVER) for number in numbers}

    def expired(self, now: datetime, most: int) -> Sequence[Lead]:
        with self._read() as connection:
            rows = connection.execute(sql.EXPIRED, (micros(now), most)).fetchall()
        return [lead_of(row) for row in rows]

    def ringing(self) -> Mapping[str, int]:
        with self._read() as connection:
            return dict(connection.execute(sql.RINGING).fetchall())

    def in_call(self) -> int:
        with self._read() as connection:
            count: int = connection.execute(sql.IN_CALL).fetchone()[0]
        return count

    def next_due(self, campaign_id: str) -> datetime | None:
        with self._read() as connection:
            due = connection.execute(sql.NEXT_DUE, (campaign_id,)).fetchone()[0]
        return None if due is None else moment_of(due)

    def hold(self, campaign_id: str, refusal: Refusal, now: datetime, most: int) -> int:
        if refusal.until is None:
            raise ValueError("leads are held until a moment")
        at, until = micros(now), micros(refusal.until)
        changes = (until, str(refusal.reason), at)
        held = (campaign_id, zones_text(refusal.zones), refusal.country, at)
        return self._in_chunks(sql.HOLD, (*changes, *held), most)

    def cancel(self, campaign_id: str, now: datetime, most: int) -> int:
        return self._in_chunks(sql.CANCEL, (micros(now), campaign_id), most)

    def refuse(self, refusal: Refusal) -> None:
        row = refusal_row(refusal)
        with self._write() as connection:
            connection.execute(sql.REFUSE, row)

    def refusals(
        self, campaign_id: str, lead_id: str | None, limit: int, before: datetime | None = None
    ) -> Sequence[Refusal]:
        values = {
            "campaign_id": campaign_id,
            "lead_id": lead_id,
            "before": micros_or_none(before),
            "limit": limit,
        }
        statement = sql.refusals_statement(lead_id is not None, before is not None)
        with self._read() as connection:
            rows = connection.execute(statement, values).fetchall()
            if rows and len(rows) == limit:  # the last moment whole, or a page would begin in it
                moment = rows[-1][2]
                same = sql.refusals_at(lead_id is not None)
                others = connection.execute(same, {**values, "at": moment}).fetchall()
                rows = [row for row in rows if row[2] != moment] + others
        return [refusal_of(row) for row in rows]

    def tallies(self, campaign_id: str) -> Sequence[Tally]:
        with self._read() as connection:
            rows = connection.execute(sql.TALLIES, (campaign_id,)).fetchall()
        return [
            Tally(attempt, hour, result, by, bool(spoke), bool(qualified), count, seconds)
            for attempt, hour, result, by, spoke, qualified, count, seconds in rows
        ]

    def delete(self, campaign_id: str, most: int) -> int:
        deleted = 0
        while deleted < most:
            with self._write() as connection:
                wanted = min(CHUNK, most - deleted)
                leads = connection.execute(sql.SOME_OF_CAMPAIGN, (campaign_id, wanted)).fetchall()
                _delete(connection, [lead_id for (lead_id,) in leads])
            sleep(PAUSE_S)
            deleted += len(leads)
            if len(leads) < wanted:
                # What is of no lead, or of one that was forgotten.
                for statement in sql.DELETE_REST:
                    self._in_chunks(statement, (campaign_id,), maxsize)
                self._delete_numbers(campaign_id)
                break
        return deleted

    def _delete_numbers(self, campaign_id: str) -> None:
        left = CHUNK
        while left == CHUNK:
            with self._write() as connection:
                left = connection.execute(sql.DELETE_NUMBERS, (campaign_id, CHUNK)).rowcount
                connection.execute(CHANGED)
            sleep(PAUSE_S)

    def forget_over(self, campaign_id: str, most: int) -> int:
        forgotten = 0
        while forgotten < most:
            with self._write() as connection:
                wanted = min(CHUNK, most - forgotten)
                leads = connection.execute(sql.SOME_OVER, (campaign_id, wanted)).fetchall()
                _delete(connection, [lead_id for (lead_id,) in leads])
            sleep(PAUSE_S)
            forgotten += len(leads)
            if len(leads) < wanted:
                self._in_chunks(sql.DELETE_REFUSALS, (campaign_id,), maxsize)
                break
        return forgotten

    def forget(self, number: str) -> int:
        with self._write() as connection:
            # Nothing of a person stays behind in pages that are free now.
            connection.execute("PRAGMA secure_delete = ON")
            try:
                key = number_key(number)
                found = connection.execute(sql.OF_NUMBER, (key,)).fetchall()
                _delete(connection, [row[0] for row in found])
                connection.execute(sql.FORGET_NUMBER, (key,))
                connection.execute(CHANGED)
                connection.execute("DELETE FROM attempts WHERE number = ?", (number,))
            finally:
                connection.execute("PRAGMA secure_delete = OFF")
        return len(found)

    def _in_chunks(self, statement: str, values: Row, most: int) -> int:
        done = 0
        while done < most:
            wanted = min(CHUNK, most - done)
            with self._write() as connection:
                changed = connection.execute(statement, (*values, wanted)).rowcount
            sleep(PAUSE_S)
            done += changed
            if changed < wanted:
                break
        return done


def _saved(connection: sqlite3.Connection, lead: Lead) -> Lead:
    row = dict(zip(LEAD_COLUMNS, lead_row(lead), strict=True))
    if connection.execute(sql.SAVE, row).rowcount != 1:
        raise StaleLead("This lead was changed or forgotten meanwhile: load it again.")
    return replace(lead, version=lead.version + 1)


def _claimed(
    connection: sqlite3.Connection, rows: Sequence[Row], now: datetime, lease: str, until: datetime
) -> list[Lead]:
    """Those of the leads in the rows who were claimed: the others are put off."""
    claimed = []
    for row in rows:
        lead = replace(
            lead_of(row),
            status=LeadStatus.RINGING,
            lease=lease,
            lease_until=until,
            updated_at=now,
        )
        try:
            claimed.append(_saved(connection, lead))
        except sqlite3.IntegrityError:  # its number is being rung
            later = (micros(now + PUT_OFF), PUT_OFF_REASON, micros(now), lead.lead_id)
            connection.execute(sql.PUT_OFF, later)
    return claimed


def _found(connection: sqlite3.Connection, query: LeadQuery) -> Iterator[tuple[int, str, int]]:
    """Where the leads stand that match, in the order of the list.

    Each combination of status, result and reason is a run of the index that is in this order.
    There are some dozens, and they are merged without any being read to its end.
    """
    after = (micros(query.after[0]), query.after[1]) if query.after else (-(2**62), "")
    if query.number is not None:
        values = query.campaign_id, number_key(query.number)
        found = connection.execute(sql.ONE_OF_CAMPAIGN, values).fetchone()
        if found is not None and found[:3] in _runs(connection, query) and found[3:5] > after:
            yield found[3:]
        return
    runs = [
        connection.execute(sql.RUN, (query.campaign_id, *run, *after))
        for run in _runs(connection, query)
    ]
    yield from merge(*runs)


def _runs(connection: sqlite3.Connection, query: LeadQuery) -> list[tuple[str, str, str]]:
    """The combinations of status, result and reason that there are and that match."""
    runs = []
    last: tuple[str, str, str] | None = ("", "", "")  # before any: no status is empty
    while last is not None:
        last = connection.execute(sql.NEXT_RUN, (query.campaign_id, *last)).fetchone()
        if last is not None:
            runs.append(last)
    wanted = query.status, query.result, query.reason
    return [
        run
        for run in runs
        if all(one is None or one == kept for one, kept in zip(wanted, run, strict=True))
    ]


def _delete(connection: sqlite3.Connection, lead_ids: Sequence[str]) -> None:
    for statement in sql.DELETE_LEADS:
        connection.execute(statement, (json_list(lead_ids),))
