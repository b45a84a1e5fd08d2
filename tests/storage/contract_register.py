"""What every register must do. A backend's test module inherits RegisterContract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from settings import read_settings
from storage import open_register
from storage.base import StorageError
from storage.register import Entry, EntryQuery, Register, StaleEntry

AT = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)


def entry(key: str, after_s: float = 0, **body: object) -> Entry:
    """A new person."""
    at = AT + timedelta(seconds=after_s)
    return Entry("person", key, body, at, at)


def keys(found: list[Entry] | object) -> list[str]:
    """The keys of what was found, in order."""
    assert isinstance(found, list)
    return [one.key for one in found]


class RegisterContract:
    """The behaviour of a register."""

    def variables(self, place: Path) -> Mapping[str, str]:
        """Environment variables with which a process opens the register of `place`."""
        raise NotImplementedError

    @pytest.fixture
    def register(self, tmp_path: Path) -> Iterator[Register]:
        opened = open_register(read_settings(self.variables(tmp_path)))
        yield opened
        opened.close()

    def test_what_was_put_is_there_for_another_process(
        self, register: Register, tmp_path: Path
    ) -> None:
        body: dict[str, Any] = {
            "name": "Asha",
            "age": 41,
            "left": None,
            "tags": ["a", {"b": 1.5}],
            "is_on": True,
        }

        kept = register.put(entry("asha", **body))

        other = open_register(read_settings(self.variables(tmp_path)))
        assert kept.version == 1
        assert other.get("person", "asha") == kept
        assert kept.body == body
        assert kept.created_at == AT
        other.close()

    def test_what_was_never_put_is_not_there(self, register: Register) -> None:
        assert register.get("person", "nobody") is None
        assert register.delete("person", "nobody") is False
        assert register.find(EntryQuery("person")) == []

    def test_an_entry_is_changed_by_whoever_loaded_its_last_version(
        self, register: Register
    ) -> None:
        first = register.put(entry("asha", role="viewer"))
        later = AT + timedelta(hours=1)
        changed = Entry("person", "asha", {"role": "admin"}, later, later, first.version)

        second = register.put(changed)

        assert (second.version, second.created_at, second.updated_at) == (2, AT, later)
        assert register.get("person", "asha") == second
        with pytest.raises(StaleEntry):
            register.put(changed)
        assert register.get("person", "asha") == second

    def test_a_new_entry_does_not_replace_one_that_is_there(self, register: Register) -> None:
        register.put(entry("asha", role="viewer"))

        with pytest.raises(StaleEntry):
            register.put(entry("asha", role="admin"))

    def test_a_deleted_entry_is_not_changed_back_to_life(self, register: Register) -> None:
        kept = register.put(entry("asha"))

        assert register.delete("person", "asha") is True
        assert register.get("person", "asha") is None
        with pytest.raises(StaleEntry):
            register.put(kept)

    def test_entries_are_found_newest_first(self, register: Register) -> None:
        for number, key in enumerate(("first", "b", "a", "last")):
            register.put(entry(key, after_s=min(number, 2)))
        register.put(Entry("api_token", "other", {}, AT, AT))

        assert keys(register.find(EntryQuery("person"))) == ["last", "a", "b", "first"]
        assert keys(register.find(EntryQuery("person", limit=2, offset=1))) == ["a", "b"]
        assert register.find(EntryQuery("person", limit=0)) == []
        assert register.count(EntryQuery("person", limit=1)) == 4

    def test_entries_are_found_oldest_first(self, register: Register) -> None:
        for key, after_s in (("b", 1.0), ("a", 1.0), ("old", 0.0), ("new", 2.0)):
            register.put(entry(key, after_s, status="queued"))

        for where in ({}, {"status": "queued"}):
            query = EntryQuery("person", where, limit=2, oldest_first=True)
            assert keys(register.find(query)) == ["old", "a"]
            assert keys(register.find(replace(query, offset=2))) == ["b", "new"]

    def test_entries_are_found_by_their_values(self, register: Register) -> None:
        register.put(entry("one", role="admin", is_on=True, level=1))
        register.put(entry("two", 1, role="admin", is_on=False, level=2))
        register.put(entry("three", 2, role="viewer", gone=None))

        def found(**where: str | int | bool | None) -> list[str]:
            return keys(register.find(EntryQuery("person", where)))

        assert found(role="admin") == ["two", "one"]
        assert found(role="admin", is_on=True) == ["one"]
        assert found(is_on=False) == ["two"]
        assert found(level=2) == ["two"]
        assert found(level=None) == ["three"]
        assert found(gone=None) == ["three", "two", "one"]
        assert found(role="' OR 1=1 --") == []
        assert register.count(EntryQuery("person", {"role": "admin"})) == 2

    def test_entries_are_found_by_their_age(self, register: Register) -> None:
        for number, key in enumerate(("a", "b", "c")):
            register.put(entry(key, after_s=number))
        second = AT + timedelta(seconds=1)

        assert keys(register.find(EntryQuery("person", since=second))) == ["c", "b"]
        assert keys(register.find(EntryQuery("person", before=second))) == ["a"]

    @pytest.mark.parametrize("body", [{"name": object()}, {"name": "\ud800"}])
    def test_what_is_no_json_is_refused(
        self, register: Register, body: Mapping[str, object]
    ) -> None:
        with pytest.raises(StorageError):
            register.put(Entry("person", "x", body, AT, AT))

        assert register.get("person", "x") is None

    def test_a_closed_register_says_so(self, register: Register) -> None:
        register.close()
        register.close()

        with pytest.raises(StorageError):
            register.get("person", "asha")
