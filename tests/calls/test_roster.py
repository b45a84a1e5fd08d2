"""Who answers: files, what was published in their place, several processes, an absent register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.loader import AgentFileError, read_text
from calls.editing import Editing
from calls.roster import AgentFiles, Roster, Source, agent_of
from calls.states import state_of
from calls.versions import Overtaken, State, Version, Writing
from conversation.state import new_state
from storage.base import StorageError
from storage.records import CallRecord
from storage.register import Entry, EntryQuery
from storage.sqlite_register import SqliteRegister
from tests.waiting import wait_until

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
FILE = """agent: rates
name: Rates
goal: Collect a rate.
languages: [en-IN]
say: {welcome: "Hello.", thanks: "Thanks.", goodbye: "Bye."}
fields:
  charge: {kind: number, ask: "How much?"}
"""
EDITED = FILE.replace("Hello.", "Good day.")
DEPLOYED = FILE.replace("Hello.", "Welcome.")
NEW = FILE.replace("agent: rates", "agent: parcel")


class Away:
    """A register that nobody reaches."""

    def put(self, entry: Entry) -> Entry:
        raise StorageError("away")

    def get(self, kind: str, key: str) -> Entry | None:
        raise StorageError("away")

    def find(self, query: EntryQuery) -> Sequence[Entry]:
        raise StorageError("away")

    def count(self, query: EntryQuery) -> int:
        raise StorageError("away")

    def delete(self, kind: str, key: str) -> bool:
        raise StorageError("away")

    def close(self) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One agent's file."""
    folder = tmp_path / "agents"
    folder.mkdir()
    (folder / "rates.yaml").write_text(FILE)
    return folder


@contextmanager
def process(folder: Path) -> Iterator[Roster]:
    """The roster of another process on the same machine."""
    register = SqliteRegister(folder.parent / "calls.db")
    roster = Roster(AgentFiles(folder), register)
    yield roster
    roster.close()
    register.close()


@pytest.fixture
def roster(folder: Path) -> Iterator[Roster]:
    with process(folder) as roster:
        wait_until(lambda: roster.versions.count("rates"))  # its file was seen
        yield roster


def publish(roster: Roster, text: str, name: str = "rates") -> Version:
    """What the page does."""
    standing = roster.standing(name)
    based_on = standing.based_on if standing else ""
    version = read_text(text.encode()).version
    made = roster.versions.save(Writing(name, text, version, based_on, "Asha"))
    roster.versions.publish(made, based_on, "Asha")
    roster.refresh()
    return made


def greeting(roster: Roster, name: str = "rates") -> str:
    return roster[name].say["welcome"]["en-IN"]


def begun(roster: Roster) -> CallRecord:
    """A call that has just begun with what is in force."""
    agent = roster["rates"]
    state = new_state(agent, NOW)
    return CallRecord(
        call_id="c1",
        carrier_id="CA1",
        agent=agent.agent,
        agent_version=agent.version,
        direction="inbound",
        caller_number="+919876543210",
        line_number="+914400000000",
        stage=str(state.stage),
        language=state.language,
        outcome=None,
        created_at=NOW,
        updated_at=NOW,
        state=state.to_dict(),
    )


def test_without_publications_the_files_answer(roster: Roster) -> None:
    standing = roster.standing("rates")

    assert list(roster) == ["rates"]
    assert standing is not None
    assert (standing.source, standing.text, standing.published) == (Source.FILE, FILE, None)


def test_what_is_published_answers_instead_of_the_file(roster: Roster) -> None:
    made = publish(roster, EDITED)

    standing = roster.standing("rates")
    assert greeting(roster) == "Good day."
    assert standing is not None
    assert (standing.source, standing.text) == (Source.PAGE, EDITED)
    assert standing.published is not None
    assert standing.published.number == made.number
    assert not standing.is_overtaken


def test_a_draft_answers_nobody(roster: Roster) -> None:
    roster.versions.save(Writing("rates", EDITED, "x", "", "Asha"))
    roster.refresh()

    assert greeting(roster) == "Hello."


def test_a_file_that_changed_since_is_in_force_and_the_edit_waits(
    roster: Roster, folder: Path
) -> None:
    publish(roster, EDITED)
    (folder / "rates.yaml").write_text(DEPLOYED)
    roster.refresh()

    standing = roster.standing("rates")
    assert greeting(roster) == "Welcome."
    assert standing is not None
    assert standing.is_overtaken


def test_the_edit_is_published_again_on_top_of_the_new_file(roster: Roster, folder: Path) -> None:
    publish(roster, EDITED)
    (folder / "rates.yaml").write_text(DEPLOYED)
    roster.refresh()
    publish(roster, EDITED)

    assert greeting(roster) == "Good day."


def test_the_file_as_it_was_brings_back_what_was_published_for_it(
    roster: Roster, folder: Path
) -> None:
    publish(roster, EDITED)
    for text in (DEPLOYED, FILE):
        (folder / "rates.yaml").write_text(text)
        roster.refresh()

    assert greeting(roster) == "Good day."


def test_an_agent_needs_no_file(roster: Roster) -> None:
    publish(roster, NEW, "parcel")

    standing = roster.standing("parcel")
    assert list(roster) == ["parcel", "rates"]
    assert standing is not None
    assert (standing.file, standing.source) == (None, Source.PAGE)


def test_a_file_that_comes_later_is_in_force(roster: Roster, folder: Path) -> None:
    publish(roster, NEW, "parcel")
    (folder / "parcel.yaml").write_text(NEW.replace("Hello.", "From the file."))
    roster.refresh()

    assert greeting(roster, "parcel") == "From the file."


def test_a_withdrawn_version_leaves_the_call_to_the_file(roster: Roster) -> None:
    made = publish(roster, EDITED)

    assert roster.versions.withdraw("rates", made.based_on)
    roster.refresh()
    assert greeting(roster) == "Hello."
    assert not roster.versions.withdraw("rates", made.based_on)


def test_a_file_that_breaks_stays_as_it_was_and_the_problem_is_told(
    roster: Roster, folder: Path
) -> None:
    (folder / "rates.yaml").write_text("agent: rates\nname: [")
    roster.refresh()

    standing = roster.standing("rates")
    assert greeting(roster) == "Hello."
    assert standing is not None
    assert standing.problems[0].line > 0


def test_a_file_that_goes_takes_its_agent_along(roster: Roster, folder: Path) -> None:
    (folder / "parcel.yaml").write_text(NEW)
    roster.refresh()
    assert "parcel" in roster
    (folder / "parcel.yaml").unlink()
    roster.refresh()

    assert list(roster) == ["rates"]


def test_an_empty_folder_changes_nothing(roster: Roster, folder: Path) -> None:
    (folder / "rates.yaml").unlink()
    roster.refresh()

    assert greeting(roster) == "Hello."


def test_files_that_cannot_be_used_are_refused_at_the_start(folder: Path) -> None:
    (folder / "broken.yaml").write_text("agent: [")

    with pytest.raises(AgentFileError, match=r"broken\.yaml:1"):
        AgentFiles(folder)


def test_other_processes_take_a_version_up_by_themselves(roster: Roster, folder: Path) -> None:
    with process(folder) as other:
        publish(roster, EDITED)
        wait_until(lambda: greeting(other) == "Good day.")


def test_who_published_is_shown_it_by_any_process_at_once(roster: Roster, folder: Path) -> None:
    with process(folder) as other:
        for text in (EDITED, DEPLOYED, NEW.replace("parcel", "rates")) * 3:
            publish(roster, text)
            standing = Editing(other).standing("rates")
            assert standing is not None
            assert standing.text == text


def test_how_agents_stand_is_told_while_the_register_is_away(folder: Path) -> None:
    roster = Roster(AgentFiles(folder), Away())

    assert [one.text for one in Editing(roster).standings()] == [FILE]
    roster.close()


def test_a_process_that_starts_later_knows_what_is_published(roster: Roster, folder: Path) -> None:
    publish(roster, EDITED)

    with process(folder) as other:
        assert greeting(other) == "Good day."


def test_without_the_register_the_files_answer(folder: Path) -> None:
    roster = Roster(AgentFiles(folder), Away())

    assert greeting(roster) == "Hello."
    assert roster.register_is_away
    with pytest.raises(StorageError):
        roster.refresh()
    roster.close()


def test_a_start_without_the_register_goes_on_as_this_machine_knew_it(
    roster: Roster, folder: Path, tmp_path: Path
) -> None:
    publish(roster, EDITED)
    copy = tmp_path / "roster.json"
    register = SqliteRegister(tmp_path / "calls.db")
    Roster(AgentFiles(folder), register, copy=copy).close()
    register.close()

    away = Roster(AgentFiles(folder), Away(), copy=copy)
    assert greeting(away) == "Good day."
    away.close()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"texts": [1], "agents": {}}'])
def test_a_copy_that_is_broken_counts_as_none(folder: Path, tmp_path: Path, content: str) -> None:
    copy = tmp_path / "roster.json"
    copy.write_text(content)

    away = Roster(AgentFiles(folder), Away(), copy=copy)
    assert greeting(away) == "Hello."
    away.close()


def test_every_text_that_was_in_force_is_kept(roster: Roster, folder: Path) -> None:
    first = roster["rates"].version
    wait_until(lambda: roster.versions.text("rates", first) is not None)
    (folder / "rates.yaml").write_text(DEPLOYED)
    wait_until(lambda: greeting(roster) == "Welcome.")
    second = roster["rates"].version
    wait_until(lambda: roster.versions.count("rates") == 2)

    assert roster.versions.text("rates", first) == FILE
    assert roster.versions.text("rates", second) == DEPLOYED
    assert [one.state for one in roster.versions.of("rates")] == [State.FILE, State.FILE]


def test_a_call_goes_on_with_the_version_it_began_with(roster: Roster) -> None:
    call = begun(roster)
    publish(roster, EDITED)

    agent = agent_of(roster, call)
    assert agent is not None
    assert agent.say["welcome"]["en-IN"] == "Hello."


def test_a_process_that_did_not_know_the_version_soon_does(roster: Roster, folder: Path) -> None:
    call = begun(roster)
    wait_until(lambda: roster.versions.text("rates", call.agent_version) is not None)
    publish(roster, EDITED)

    with process(folder) as other:
        agent = agent_of(other, call)
        assert agent is not None  # as it is now
        wait_until(lambda: other.of_version("rates", call.agent_version) is not None)


def test_a_state_that_another_version_left_is_fitted_to_its_own(roster: Roster) -> None:
    call = begun(roster)
    wider = read_text((FILE + '  weight: {kind: number, ask: "How heavy?"}\n').encode())
    mixed = CallRecord(**{**call.__dict__, "state": state_of(wider, call).to_dict()})

    assert state_of(roster["rates"], mixed).asking in (None, "charge")


def test_who_saves_on_top_of_an_older_version_is_told(roster: Roster) -> None:
    seen = roster.versions.save(Writing("rates", EDITED, "a", "", "Asha"))
    roster.versions.save(Writing("rates", FILE, "b", "", "Ben"), seen.number)

    with pytest.raises(Overtaken) as told:
        roster.versions.save(Writing("rates", DEPLOYED, "c", "", "Asha"), seen.number)
    assert told.value.newest.author == "Ben"
