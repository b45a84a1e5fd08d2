"""`flask forget`: shows what is kept of a person, asks, and removes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands import create_app
from console.forget_command import forget
from settings import variables
from storage.register import EntryQuery
from tests.calls.keeping import ASHA, OTHER, Keeping, a_keeping, in_file

CLEAN = {name: "" for name, *_ in variables()}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    """What a server keeps."""
    with a_keeping(in_file(tmp_path)) as made:
        yield made


def run(place: Path, *order: str, typed: str = "") -> Result:
    runner = CliRunner(env={**CLEAN, **in_file(place), "SECRET_KEY": "secret"})
    return runner.invoke(forget, [*order], input=typed)


def test_it_is_a_command() -> None:
    assert "forget" in create_app().cli.commands


def test_a_person_is_removed_after_a_yes(kept: Keeping, tmp_path: Path) -> None:
    kept.add("call-1", age=timedelta(days=3))
    kept.add("call-2")
    kept.add("call-9", OTHER)
    kept.note("e1", ASHA)

    result = run(tmp_path, "+91 98765-43210", typed="y\n")

    assert result.exit_code == 0, result.output
    assert "calls              2" in result.output
    assert "recordings         2" in result.output
    assert "audit log entries  1" in result.output
    assert "Removed: 2 calls." in result.output
    assert "clips of sentences" in result.output
    assert not kept.has("call-1")
    assert kept.has("call-9")


def test_the_audit_log_says_that_it_was_done_and_not_to_whom(kept: Keeping, tmp_path: Path) -> None:
    kept.add("call-1")
    run(tmp_path, ASHA, "--yes")
    [entry] = kept.register.find(EntryQuery("audit"))
    assert entry.body["action"] == "forget person"
    assert str(entry.body["subject"]).startswith("person-")
    assert entry.body["details"] == {"calls": 1}
    assert ASHA[1:] not in repr(entry)


@pytest.mark.parametrize(("order", "typed"), [(("--dry-run",), ""), ((), "n\n"), ((), "")])
def test_without_a_yes_nothing_is_removed(
    kept: Keeping, tmp_path: Path, order: tuple[str, ...], typed: str
) -> None:
    kept.add("call-1")
    result = run(tmp_path, ASHA, *order, typed=typed)
    assert "calls              1" in result.output
    assert kept.has("call-1")


def test_a_person_of_whom_nothing_is_kept(kept: Keeping, tmp_path: Path) -> None:
    result = run(tmp_path, ASHA)
    assert (result.exit_code, result.output) == (0, "Nothing is kept of this number.\n")


def test_calls_that_go_on_are_told_and_left(kept: Keeping, tmp_path: Path) -> None:
    kept.live("call-1")
    result = run(tmp_path, ASHA, "--yes")
    assert result.exit_code == 1
    assert "1 calls go on" in result.output
    assert kept.storage.load_call("call-1") is not None


@pytest.mark.parametrize("number", ["98765", "anonymous", "+91"])
def test_half_a_number_is_refused(kept: Keeping, tmp_path: Path, number: str) -> None:
    result = run(tmp_path, number)
    assert result.exit_code == 1
    assert "Write the whole number" in result.output


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    result = run(tmp_path, ASHA)
    assert result.exit_code == 1
    assert "DATA_DIR" in result.output or "cannot be used" in result.output
