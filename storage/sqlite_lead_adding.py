"""Adding leads to SQLite: many of them, in short transactions that write few pages.

A number stands in a campaign once. Numbers come in no order, and an index of them is written all
over; so they have a small table of their own, and those of many leads are written in its order:

1. The leads get places (rowids) that none had before.
2. Each number that its campaign has not is put down with the place of its lead.
3. The leads are kept, in their own order: those whose numbers are put down with their places.

Whoever reads goes from the number to the lead in its place; if none is there, nobody has it. That
is left by who dies between 2 and 3, and the next who adds the number takes it over. Whoever takes
over or deletes a number counts up `lead_places.changes`: those who are at 3 look again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from sqlite3 import Connection
from time import perf_counter, sleep
from typing import TypeVar

from storage.campaign_rows import LEAD_COLUMNS
from storage.codec import Row
from storage.sqlite_file import PAUSE_S
from storage.sqlite_search import json_list

Key = int | str
# A number and a place.
Number = tuple[Key, int]

Item = TypeVar("Item")

# What a transaction may take. After it whoever else writes has the file for twice as long: SQLite
# does not queue them, but has them look now and then, and they would find it taken each time.
HOLD_S = 0.004
_PAUSES = 2.0
ROWS_LEAST, ROWS_MOST = 32, 512
_NUMBER = LEAD_COLUMNS.index("number")

_CAMPAIGN = "INSERT INTO lead_campaigns (campaign_id) VALUES (?) ON CONFLICT DO NOTHING"
_KEY_OF_CAMPAIGN = "SELECT campaign FROM lead_campaigns WHERE campaign_id = ?"
_PLACES = "UPDATE lead_places SET free = free + ? WHERE one = 1 RETURNING free, changes"
_CHANGES = "SELECT changes FROM lead_places WHERE one = 1"
CHANGED = "UPDATE lead_places SET changes = changes + 1 WHERE one = 1"
_KEPT = (
    "SELECT n.number, n.place, EXISTS (SELECT 1 FROM leads WHERE place = n.place) "
    "FROM json_each(?2) CROSS JOIN lead_numbers n ON n.campaign = ?1 AND n.number = json_each.value"
)
_TAKE_OVER = "UPDATE lead_numbers SET place = ?3 WHERE campaign = ?1 AND number = ?2"


def number_key(number: str) -> Key:
    """A number as it stands in `lead_numbers`."""
    digits = number[1:]
    is_plain = number[:1] == "+" and digits.isdecimal() and digits.isascii()
    return int(digits) if is_plain and digits[0] != "0" and len(digits) < 19 else number


@dataclass(slots=True)
class Pace:
    """How many rows fit into a transaction that nobody has to wait for."""

    rows: int = ROWS_LEAST

    def took(self, seconds: float) -> float:
        """Go by what the last took; how long to leave the file to others."""
        if seconds > HOLD_S:
            self.rows = max(ROWS_LEAST, self.rows // 2)
        elif seconds < HOLD_S / 2:
            self.rows = min(ROWS_MOST, self.rows * 2)
        return max(PAUSE_S, seconds * _PAUSES)


@dataclass(slots=True)
class Adding:
    """Leads of one campaign that are added; `rows` are values of LEAD_COLUMNS."""

    campaign_id: str
    rows: Sequence[Row]
    added: int = 0
    _campaign: int = 0
    _first: int = 0  # place
    _changes: int = 0
    _left_out: set[int] = field(default_factory=set)  # places

    def at_once(self, connection: Connection) -> None:
        """In one transaction."""
        numbers = self._begun(connection)
        self._put_down(connection, numbers)
        self._keep(connection, list(enumerate(self.rows, self._first)))

    def in_steps(
        self,
        write: Callable[[], AbstractContextManager[Connection]],
        numbers_pace: Pace,
        rows_pace: Pace,
    ) -> None:
        """In many, each opened by `write`."""
        with write() as connection:
            numbers = self._begun(connection)
        _paced(numbers, numbers_pace, write, self._put_down)
        _paced(list(enumerate(self.rows, self._first)), rows_pace, write, self._keep)

    def _begun(self, connection: Connection) -> list[Number]:
        """The numbers with their places, in the order of their table."""
        connection.execute(_CAMPAIGN, (self.campaign_id,))
        self._campaign = connection.execute(_KEY_OF_CAMPAIGN, (self.campaign_id,)).fetchone()[0]
        ((free, self._changes),) = connection.execute(_PLACES, (len(self.rows),)).fetchall()
        self._first = free - len(self.rows)
        numbers = [(number_key(row[_NUMBER]), at) for at, row in enumerate(self.rows, self._first)]
        try:
            numbers.sort()
        except TypeError:  # texts among them
            numbers.sort(key=lambda one: (isinstance(one[0], str), one))
        return numbers

    def _put_down(self, connection: Connection, numbers: Sequence[Number]) -> None:
        done = 0
        for some in _sized(numbers):
            values = (self._campaign, *chain.from_iterable(some))
            done += connection.execute(_numbers_statement(len(some)), values).rowcount
        if done == len(numbers):
            return
        kept = self._kept(connection, numbers)
        for key, place in numbers:
            its_place, is_there = kept[key]
            if its_place == place:
                continue
            if is_there or 0 <= its_place - self._first < len(self.rows):
                self._left_out.add(place)
                continue
            connection.execute(_TAKE_OVER, (self._campaign, key, place))
            connection.execute(CHANGED)
            kept[key] = place, False
            self._changes += 1

    def _keep(self, connection: Connection, leads: Sequence[tuple[int, Row]]) -> None:
        if self._left_out:
            leads = [one for one in leads if one[0] not in self._left_out]
        if connection.execute(_CHANGES).fetchone()[0] != self._changes:
            keys = [(number_key(row[_NUMBER]), place) for place, row in leads]
            kept = self._kept(connection, keys)
            mine = {place for key, place in keys if kept.get(key, (0, False))[0] == place}
            leads = [one for one in leads if one[0] in mine]
        for some in _sized(leads):
            values = [value for place, row in some for value in (place, *row)]
            self.added += connection.execute(_leads_statement(len(some)), values).rowcount

    def _kept(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> dict[Key, tuple[int, bool]]:
        """Those that are put down: with which place, and whether a lead is there."""
        values = self._campaign, json_list([key for key, _ in numbers])
        found = connection.execute(_KEPT, values)
        return {key: (place, bool(is_there)) for key, place, is_there in found}


def _paced(
    items: Sequence[Item],
    pace: Pace,
    write: Callable[[], AbstractContextManager[Connection]],
    work: Callable[[Connection, Sequence[Item]], None],
) -> None:
    start = 0
    while start < len(items):
        some = items[start : start + pace.rows]
        with write() as connection:
            began = perf_counter()
            work(connection, some)
            took = perf_counter() - began
        start += len(some)
        sleep(pace.took(took))


def _sized(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Parts of a few sizes: for each there is a statement, which the connection has prepared."""
    start, size = 0, ROWS_MOST
    while start < len(items):
        if size <= len(items) - start:
            yield items[start : start + size]
            start += size
        else:
            size //= 2


@cache
def _numbers_statement(count: int) -> str:
    # One statement for many rows: between rows, each thread would wait for the others here.
    return (
        "INSERT INTO lead_numbers (campaign, number, place) VALUES "
        f"{', '.join(['(?1, ?, ?)'] * count)} ON CONFLICT DO NOTHING"
    )


@cache
def _leads_statement(count: int) -> str:
    one = f"({', '.join('?' * (1 + len(LEAD_COLUMNS)))})"
    return (
        f"INSERT INTO leads (place, {', '.join(LEAD_COLUMNS)}) VALUES "
        f"{', '.join([one] * count)} ON CONFLICT DO NOTHING"
    )
