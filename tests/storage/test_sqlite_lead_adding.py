"""Leads that are added to SQLite by many who die or meet on the way; files from before."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

import pytest

from storage.campaign_rows import LEAD_COLUMNS, lead_row
from storage.leads import Lead, LeadQuery
from storage.migrations import migrate, steps
from storage.sqlite_lead_adding import ROWS_LEAST, Adding, Pace, number_key
from storage.sqlite_leads import SqliteLeads
from storage.sqlite_waiting import Waiting
from tests.storage.lead_samples import NOW, a_lead

NOBODY = Waiting(Path(os.devnull) / "calls.db")
Write = Callable[[], AbstractContextManager[Connection]]


@pytest.fixture
def leads(tmp_path: Path) -> Iterator[SqliteLeads]:
    with closing(SqliteLeads(tmp_path / "calls.db")) as opened:
        yield opened


class DiedError(Exception):
    """As a killed process leaves the file: what was committed stays, and no more comes."""


def some(count: int) -> list[Lead]:
    return [a_lead(line) for line in range(count)]


def adding(leads: Sequence[Lead]) -> Adding:
    return Adding(leads[0].campaign_id, leads)


def go(one: Adding, write: Write) -> int:
    one.in_steps(write, Pace(NOBODY), Pace(NOBODY))
    return one.added


def before(transaction: int, write: Write, happens: Callable[[], None]) -> Write:
    """`write`, before whose such-and-such transaction, from 0, something happens."""
    begun = iter(range(1000))

    @contextmanager
    def writing() -> Iterator[Connection]:
        if next(begun) == transaction:
            happens()
        with write() as connection:
            yield connection

    return writing


def dies() -> None:
    raise DiedError


def numbers(leads: SqliteLeads) -> list[str]:
    return [lead.number for lead in leads.find(LeadQuery("diwali", limit=1000))]


# One transaction for places, two or three for numbers, as many for leads.
COUNT = 3 * ROWS_LEAST


@pytest.mark.parametrize("transaction", [1, 2, 3, 4])
def test_who_dies_over_leads_is_followed_by_somebody_who_adds_them_all(
    leads: SqliteLeads, transaction: int
) -> None:
    people = some(COUNT)
    with pytest.raises(DiedError):
        go(adding(people), before(transaction, leads._write, dies))
    there = numbers(leads)
    assert there == [lead.number for lead in people[: len(there)]]
    assert leads.known("diwali", [lead.number for lead in people]) == set(there)

    assert leads.add(people) == COUNT - len(there)
    assert numbers(leads) == [lead.number for lead in people]
    assert leads.add([replace(lead, lead_id=f"again {lead.lead_id}") for lead in people]) == 0


def test_one_person_whom_the_dead_did_not_add_can_be_added(leads: SqliteLeads) -> None:
    people = some(COUNT)
    with pytest.raises(DiedError):
        go(adding(people), before(3, leads._write, dies))
    by_hand = a_lead(1, lead_id="by hand")
    assert leads.of_number(by_hand.number) == []
    assert leads.add([by_hand]) == 1
    assert leads.add(people) == COUNT - 1
    assert [lead.lead_id for lead in leads.of_number(by_hand.number)] == ["by hand"]


@pytest.mark.parametrize("transaction", [1, 2, 3, 4])
def test_two_who_add_the_same_people_add_each_of_them_once(
    leads: SqliteLeads, transaction: int
) -> None:
    others = [replace(lead, lead_id=f"other {lead.line:04}") for lead in reversed(some(COUNT))]
    added: list[int] = []

    def come_between() -> None:
        added.append(go(adding(others), leads._write))

    added.append(go(adding(some(COUNT)), before(transaction, leads._write, come_between)))
    assert sum(added) == COUNT
    assert len(set(numbers(leads))) == len(numbers(leads)) == COUNT
    assert leads.known("diwali", [lead.number for lead in others]) == set(numbers(leads))


@pytest.mark.parametrize("transaction", [2, 3, 4])
def test_a_campaign_that_is_deleted_meanwhile_gets_nobody_who_cannot_be_found(
    leads: SqliteLeads, transaction: int
) -> None:
    people = some(COUNT)

    def is_deleted() -> None:
        leads.delete("diwali", 10_000)

    go(adding(people), before(transaction, leads._write, is_deleted))
    there = leads.find(LeadQuery("diwali", limit=1000))
    assert [leads.of_number(lead.number) for lead in there] == [[lead] for lead in there]
    assert leads.delete("diwali", 10_000) == len(there)
    assert leads.add(people) == COUNT


def test_somebody_forgotten_meanwhile_can_be_added_again(leads: SqliteLeads) -> None:
    people = some(COUNT)

    def is_forgotten() -> None:
        leads.forget(people[0].number)

    assert go(adding(people), before(3, leads._write, is_forgotten)) == COUNT - 1
    assert people[0].number not in numbers(leads)
    assert leads.add(people[:1]) == 1


def test_places_are_never_given_twice(leads: SqliteLeads) -> None:
    leads.add(some(5))
    leads.delete("diwali", 10)
    leads.add(some(1))
    with leads._read() as connection:
        assert connection.execute("SELECT place FROM leads").fetchall() == [(6,)]


def test_leads_of_before_are_found_by_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    old = [
        a_lead(line, number=number) for line, number in enumerate(("+919876543210", "odd", "+0"))
    ]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, steps()[:9])
        columns = ", ".join(LEAD_COLUMNS)
        marks = ", ".join("?" * len(LEAD_COLUMNS))
        for lead in old:
            values = lead_row(replace(lead, version=1))
            connection.execute(f"INSERT INTO leads ({columns}) VALUES ({marks})", values)

    with closing(SqliteLeads(path)) as leads:
        for lead in old:
            assert leads.of_number(lead.number) == [replace(lead, version=1)]
            assert leads.add([replace(lead, lead_id="another")]) == 0
        new = a_lead(7)
        assert leads.add([new]) == 1
        assert leads.claim("diwali", NOW, "me", NOW) is not None
        assert len(leads.find(LeadQuery("diwali"))) == 4


def test_numbers_are_kept_apart() -> None:
    written = ["+919876543210", "919876543210", "+0919", "0919", "+", "", "+9 1", "+٩", "+1" * 30]
    keys = [number_key(one) for one in written]
    assert keys[0] == 919876543210
    assert len(set(keys)) == len(written)
    assert keys[1:] == written[1:]


def test_transactions_get_shorter_when_they_take_long() -> None:
    pace = Pace(NOBODY)
    for _ in range(10):
        pace.took(0.0001)
    quick = pace.rows
    pace.took(0.05)
    assert pace.rows == quick / 2
    for _ in range(10):
        pace.took(0.05)
    assert pace.rows == ROWS_LEAST


def test_numbers_go_with_their_leads(leads: SqliteLeads) -> None:
    odd = a_lead(2, number="odd")
    leads.add([*some(2), odd, a_lead(0, "pongal")])
    leads.delete("diwali", 1)
    leads.forget(odd.number)
    with leads._read() as connection:
        kept = connection.execute("SELECT number FROM lead_numbers ORDER BY 1").fetchall()
    assert kept == [(number_key(a_lead(line).number),) for line in range(2)]
