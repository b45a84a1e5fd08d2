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
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from sqlite3 import Connection
from time import monotonic, monotonic_ns, sleep
from typing import TypeVar

from storage.campaign_rows import LEAD_COLUMNS, lead_row
from storage.codec import Row
from storage.leads import Lead
from storage.sqlite_file import PAUSE_S
from storage.sqlite_search import json_list
from storage.sqlite_waiting import Waiting

Key = int | str
# A number and a place.
Number = tuple[Key, int]

Item = TypeVar("Item")
Write = Callable[[], AbstractContextManager[Connection]]

# What a transaction may take. After it whoever waited has the file for as long; where nobody
# does it is left to them all the same now and then, should they be unable to tell.
HOLD_S = 0.003
_PAUSES = 1.0
_REST_EVERY_S = 0.1
ROWS_LEAST, ROWS_MOST = 32, 512
_NUMBER = 1 + LEAD_COLUMNS.index("number")  # after the place

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
    """How many rows fit into a transaction that nobody has to wait for; when the next may be."""

    waiting: Waiting
    rows: int = ROWS_LEAST
    _began_ns: int = 0
    _free_until: float = 0.0
    _rested_at: float = 0.0

    def parts(self, items: Sequence[Item]) -> Iterator[Sequence[Item]]:
        """As many as fit, and then as many as fit after that."""
        start = 0
        while start < len(items):
            some = items[start : start + self.rows]
            yield some
            start += len(some)

    def rest(self) -> None:
        """Leave the file to those who wait for it, if they have not had it for long enough yet."""
        now = monotonic()
        is_due = now - self._rested_at > _REST_EVERY_S
        if now < self._free_until and (is_due or self.waiting.since(self._began_ns)):
            sleep(self._free_until - now)
            self._rested_at = monotonic()
        self._began_ns = monotonic_ns()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Round what is done in a transaction."""
        began = monotonic()
        yield
        ended = monotonic()
        self.took(ended - began)
        self._free_until = ended + max(PAUSE_S, (ended - began) * _PAUSES)

    def took(self, seconds: float) -> None:
        """Go by what the last took."""
        if seconds > HOLD_S:
            self.rows = max(ROWS_LEAST, self.rows // 2)
        elif seconds < HOLD_S / 2:
            self.rows = min(ROWS_MOST, self.rows * 2)


@dataclass(slots=True)
class Adding:
    """Leads of one campaign that are added."""

    campaign_id: str
    leads: Sequence[Lead]
    added: int = 0
    _campaign: int = 0
    _first: int = 0  # place
    _changes: int = 0
    _left_out: set[int] = field(default_factory=set)  # places

    def at_once(self, connection: Connection) -> None:
        """In one transaction."""
        rows = self._rows()
        self._begin(connection)
        self._put_down(connection, self._numbers())
        self._keep(connection, self._placed(rows))

    def in_steps(self, write: Write, numbers_pace: Pace, rows_pace: Pace) -> None:
        """In many, each opened by `write`."""
        rows = self._rows()
        with write() as connection:
            self._begin(connection)
        for some in numbers_pace.parts(self._numbers()):
            numbers_pace.rest()
            with write() as connection, numbers_pace.held():
                self._put_down(connection, some)
        for some_rows in rows_pace.parts(self._placed(rows)):
            rows_pace.rest()
            with write() as connection, rows_pace.held():
                self._keep(connection, some_rows)

    def _rows(self) -> list[Row]:
        """Their values, before anything is written: StorageError for what cannot be kept."""
        return [lead_row(lead)[:-1] for lead in self.leads]

    def _placed(self, rows: Sequence[Row]) -> list[Row]:
        """With places, and as their first version; without those who are left out."""
        left_out = self._left_out
        placed = enumerate(rows, self._first)
        return [(place, *row, 1) for place, row in placed if place not in left_out]

    def _begin(self, connection: Connection) -> None:
        """Have places for them."""
        connection.execute(_CAMPAIGN, (self.campaign_id,))
        self._campaign = connection.execute(_KEY_OF_CAMPAIGN, (self.campaign_id,)).fetchone()[0]
        ((free, self._changes),) = connection.execute(_PLACES, (len(self.leads),)).fetchall()
        self._first = free - len(self.leads)

    def _numbers(self) -> list[Number]:
        """The numbers with their places, in the order of their table."""
        numbers = [(number_key(one.number), at) for at, one in enumerate(self.leads, self._first)]
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
            if is_there or 0 <= its_place - self._first < len(self.leads):
                self._left_out.add(place)
                continue
            connection.execute(_TAKE_OVER, (self._campaign, key, place))
            connection.execute(CHANGED)
            kept[key] = place, False
            self._changes += 1

    def _keep(self, connection: Connection, rows: Sequence[Row]) -> None:
        if connection.execute(_CHANGES).fetchone()[0] != self._changes:
            keys = [(number_key(row[_NUMBER]), row[0]) for row in rows]
            kept = self._kept(connection, keys)
            mine = {place for key, place in keys if kept.get(key, (0, False))[0] == place}
            rows = [row for row in rows if row[0] in mine]
        for some in _sized(rows):
            values = list(chain.from_iterable(some))
            self.added += connection.execute(_leads_statement(len(some)), values).rowcount

    def _kept(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> dict[Key, tuple[int, bool]]:
        """Those that are put down: with which place, and whether a lead is there."""
        values = self._campaign, json_list([key for key, _ in numbers])
        found = connection.execute(_KEPT, values)
        return {key: (place, bool(is_there)) for key, place, is_there in found}


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
