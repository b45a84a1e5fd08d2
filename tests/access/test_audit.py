"""The audit log: what is noted, what is refused, what waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access.audit import SAME_LOOK, Audit, entries_of
from access.roles import LOCAL, Person, Role
from storage.base import DatabaseAway
from storage.register import Entry, EntryQuery, Register
from storage.sqlite_register import SqliteRegister

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ASHA = Person("p1", "asha@acme.example", "Asha", Role.OPERATOR)


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The moment it was set to."""
        return self.now


@dataclass
class Leaving:
    """A register that can be away."""

    behind: Register
    is_away: bool = False
    tried: list[Entry] = field(default_factory=list)

    def put(self, entry: Entry) -> Entry:
        """Keep, unless away."""
        self.tried.append(entry)
        if self.is_away:
            raise DatabaseAway("The database does not answer.")
        return self.behind.put(entry)

    def get(self, kind: str, key: str) -> Entry | None:
        """As the register behind."""
        return self.behind.get(kind, key)

    def find(self, query: EntryQuery) -> list[Entry]:
        """As the register behind."""
        return list(self.behind.find(query))

    def count(self, query: EntryQuery) -> int:
        """As the register behind."""
        return self.behind.count(query)

    def delete(self, kind: str, key: str) -> bool:
        """As the register behind."""
        return self.behind.delete(kind, key)

    def close(self) -> None:
        """As the register behind."""
        self.behind.close()


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Leaving]:
    opened = Leaving(SqliteRegister(tmp_path / "calls.db"))
    yield opened
    opened.close()


def test_what_somebody_did_is_found_with_who_and_when(register: Leaving) -> None:
    audit = Audit(register, Clock())

    audit.note(ASHA, "export calls", "agent=pizza", rows=12)

    (entry,) = audit.find(entries_of())
    assert (entry.who, entry.role, entry.at) == ("asha@acme.example", "operator", NOW)
    assert (entry.action, entry.subject, entry.details) == (
        "export calls",
        "agent=pizza",
        {"rows": 12},
    )


def test_somebody_without_an_address_is_called_by_name(register: Leaving) -> None:
    audit = Audit(register, Clock())

    audit.note(LOCAL, "delete recording", "call-1")
    audit.note(None, "sign in refused", "stranger@acme.example")

    assert {entry.who for entry in audit.find(entries_of())} == {"This machine", ""}


def test_entries_are_found_by_person_action_and_time(register: Leaving) -> None:
    clock = Clock()
    audit = Audit(register, clock)
    audit.note(ASHA, "export calls", "a")
    clock.now += timedelta(hours=1)
    audit.note(ASHA, "see call", "b")
    audit.note(LOCAL, "see call", "c")

    def subjects(query: EntryQuery) -> list[str]:
        assert audit.count(replace(query, limit=1)) == len(audit.find(query)) + query.offset
        return [entry.subject for entry in audit.find(query)]

    assert subjects(entries_of(who="asha@acme.example")) == ["b", "a"]
    assert set(subjects(entries_of(action="see call"))) == {"b", "c"}
    assert subjects(entries_of(before=NOW + timedelta(minutes=1))) == ["a"]
    assert subjects(entries_of(who="asha@acme.example", since=NOW + timedelta(minutes=1))) == ["b"]
    assert subjects(replace(entries_of(), limit=1, offset=2)) == ["a"]


def test_what_cannot_be_noted_is_refused(register: Leaving) -> None:
    register.is_away = True

    with pytest.raises(DatabaseAway):
        Audit(register, Clock()).note(ASHA, "delete recording", "call-1")


def test_a_look_that_cannot_be_noted_is_noted_later(
    register: Leaving, caplog: pytest.LogCaptureFixture
) -> None:
    audit = Audit(register, Clock())
    register.is_away = True
    audit.seen(ASHA, "see call", "call-1")
    assert "a look is not in the audit log yet" in caplog.messages

    register.is_away = False
    audit.note(ASHA, "export calls", "all")

    assert {entry.subject for entry in audit.find(entries_of())} == {"call-1", "all"}


def test_looking_again_is_the_same_look_for_a_while(register: Leaving) -> None:
    clock = Clock()
    audit = Audit(register, clock)

    for after in (timedelta(0), SAME_LOOK / 2, SAME_LOOK):
        clock.now = NOW + after
        audit.seen(ASHA, "see call", "call-1")
    audit.seen(LOCAL, "see call", "call-1")

    assert [entry.at for entry in audit.find(entries_of(who=ASHA.email))] == [NOW + SAME_LOOK, NOW]
    assert audit.count(entries_of(who="This machine")) == 1


def test_a_very_long_subject_is_cut(register: Leaving) -> None:
    audit = Audit(register, Clock())

    audit.note(ASHA, "see call", "x" * 10_000)

    assert len(audit.find(entries_of())[0].subject) == 300
