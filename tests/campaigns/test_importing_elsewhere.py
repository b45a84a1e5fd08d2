"""Files that another machine has, and people who are given once more with what they lacked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from campaigns.campaign import CampaignStatus
from campaigns.import_elsewhere import GIVEN_UP, SAID
from campaigns.import_process import now, open_importer
from campaigns.import_rounds import ImportRounds
from campaigns.importing import Importer
from campaigns.imports import Import, ImportKind, ImportStatus, Order, problems_of
from jobs.rounds import Round, Rounds
from settings import Settings
from storage.leads import LeadQuery, LeadStatus
from storage.objects import FolderObjects
from storage.sqlite_register import SqliteRegister

PEOPLE = "phone,name,timezone\n+919876543210,Asha,\n+919876543211,Ravi,Asia/Kolkata\n"


class Machines:
    """Two that share a store, and no files."""

    def __init__(self, folder: Path, at_end: ExitStack) -> None:
        self.passed = timedelta(0)
        self.settings = Settings(data_dir=str(folder))
        first = open_importer(self.settings, at_end)
        self.first = replace(first, clock=self.clock)
        other = folder / "other"
        self.second = replace(self.first, objects=FolderObjects(other), folder=other / "importing")

    def clock(self) -> datetime:
        return now() + self.passed

    def begin(self) -> Import:
        """A file that the first has; of a campaign's do-not-call list, to need no campaign."""
        order = Order(ImportKind.DO_NOT_CALL, "", "a.csv", "IN")
        return self.first.imports.begin(order, io.BytesIO(PEOPLE.encode()))

    def work(self, importer: Importer) -> ImportRounds:
        """A round of one of them."""
        made = ImportRounds(importer, self.settings)
        made.work(Event())
        return made

    def again(self, one: Import) -> Import:
        kept = self.first.imports.get(one.import_id)
        assert kept is not None
        return kept


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as at_end:
        yield Machines(tmp_path, at_end)


def test_a_file_is_left_to_the_machine_that_has_it(machines: Machines) -> None:
    one = machines.begin()
    assert one.machine != ""
    assert machines.work(machines.second).passes()
    assert machines.again(one).status is ImportStatus.WAITING
    assert not machines.work(machines.first).passes()
    assert (machines.again(one).status, machines.again(one).added) == (ImportStatus.DONE, 2)


def test_a_machine_that_does_not_answer_is_told_of_and_then_given_up(machines: Machines) -> None:
    one = machines.begin()
    machines.passed = SAID
    machines.work(machines.second)
    waits = machines.again(one)
    assert waits.status is ImportStatus.WAITING
    assert one.machine in waits.notes[0]

    machines.passed += GIVEN_UP + timedelta(seconds=1)
    assert not machines.work(machines.second).passes()
    ended = machines.again(one)
    assert (ended.status, ended.tries) == (ImportStatus.FAILED, 0)
    assert "send the file again" in ended.failure
    assert one.machine in ended.failure
    assert machines.first.imports.open() == []


def test_one_that_waits_for_its_machine_can_be_canceled_or_goes_on(machines: Machines) -> None:
    canceled, goes_on = machines.begin(), machines.begin()
    machines.passed = SAID
    machines.work(machines.second)
    machines.second.imports.cancel(canceled.import_id)
    machines.work(machines.first)
    assert machines.again(canceled).status is ImportStatus.CANCELED
    assert machines.again(goes_on).status is ImportStatus.DONE
    assert not machines.again(goes_on).notes


def test_a_bucket_that_lost_a_file_says_so_at_once(machines: Machines) -> None:
    one = machines.begin()
    machines.work(replace(machines.second, is_shared=True))
    assert machines.again(one).failure.startswith("The file is gone")


def test_a_round_is_passed_to_whoever_may_do_more(tmp_path: Path) -> None:
    register = SqliteRegister(tmp_path / "calls.db")
    done: list[str] = []
    first, second = Rounds(register), Rounds(register)
    of_first = Round("imports", 1, lambda _: done.append("first"), passes=lambda: True)
    of_second = Round("imports", 1, lambda _: done.append("second"))
    assert first.do(of_first)
    assert second.do(of_second)
    assert not first.do(of_first)
    assert done == ["first", "second"]
    for one in (first, second):
        one.close()
    register.close()


def test_people_who_are_given_again_with_what_they_lacked_are_due(
    machines: Machines,
) -> None:
    importer = replace(machines.first, status_of=_runs)
    order = Order(ImportKind.LEADS, "c1", "a.csv", "IN")

    def read(text: str) -> Import:
        begun = importer.imports.begin(order, io.BytesIO(text.encode()))
        claimed = importer.claim(begun.import_id, "me")
        assert claimed is not None
        return importer.run(claimed, lambda: False)

    assert read("phone,name\n+919876543210,Sat\n+919876543211,Ravi\n").added == 2
    sat, ravi = importer.leads.find(LeadQuery("c1"))
    importer.leads.save(replace(sat, status=LeadStatus.REFUSED, reason="unknown_zone", zones=()))

    again = read("phone,name,timezone\n+919876543210,Sat,Asia/Kolkata\n+919876543211,Ravi,\n")

    assert again.skipped == {"asked_again": 1, "duplicate_in_campaign": 1}
    assert importer.leads.get(ravi.lead_id) == ravi
    due = importer.leads.get(sat.lead_id)
    assert due is not None
    assert (due.status, due.zones) == (LeadStatus.WAITING, ("Asia/Kolkata",))
    assert b"asked_again" in b"".join(importer.objects.read(problems_of(again.import_id)))


def _runs(_: str) -> CampaignStatus:
    return CampaignStatus.RUNNING
