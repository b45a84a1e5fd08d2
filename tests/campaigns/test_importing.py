"""Imports, whole: what is kept, what is told of the rest, and who goes on after a kill."""

from __future__ import annotations

import csv
import io
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

import campaigns.importing as work
from campaigns.book import Campaigns
from campaigns.campaign import CampaignRules, CampaignStatus
from campaigns.import_process import new_id, now, open_importer
from campaigns.import_rounds import ImportRounds, clear
from campaigns.importing import Taken
from campaigns.imports import (
    Import,
    ImportKind,
    ImportStatus,
    Order,
    file_of,
    lead_id,
    problems_of,
)
from settings import Settings
from storage import open_register
from storage.do_not_call import DoNotCall, Source
from storage.leads import LeadQuery, LeadStatus
from tests.storage.mongod import Mongod
from tests.waiting import wait_until

RULES = CampaignRules(name="Rates", agent="logistics")
ALL = 10_000


class House:
    """An importer, its campaigns, and what it works on."""

    def __init__(self, settings: Settings, at_end: ExitStack) -> None:
        self.settings = settings
        self.importer = open_importer(settings, at_end)
        register = open_register(settings)
        at_end.callback(register.close)
        self.campaigns = Campaigns(register, now, new_id)
        self.campaign_id = self.campaigns.add(RULES).campaign_id

    def begin(
        self, content: str, kind: ImportKind = ImportKind.LEADS, campaign: str = ""
    ) -> Import:
        campaign_id = campaign or (self.campaign_id if kind is ImportKind.LEADS else "")
        order = Order(kind, campaign_id, "C:\\leads.csv", "IN", "asha@example.org")
        return self.importer.imports.begin(order, io.BytesIO(content.encode()))

    def claim(self, one: Import, lease: str = "me") -> Import:
        claimed = self.importer.claim(one.import_id, lease)
        assert claimed is not None
        return claimed

    def run(self, content: str, kind: ImportKind = ImportKind.LEADS, campaign: str = "") -> Import:
        return self.importer.run(self.claim(self.begin(content, kind, campaign)), lambda: False)

    def numbers(self) -> list[str]:
        found = self.importer.leads.find(LeadQuery(self.campaign_id, limit=ALL))
        return [lead.number for lead in found]

    def problems(self, import_id: str) -> list[list[str]]:
        text = b"".join(self.importer.imports.problems(import_id)).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))[1:]


@pytest.fixture(params=["sqlite", "mongodb"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    uri = ""
    if request.param == "mongodb":
        mongod: Mongod = request.getfixturevalue("shared_mongod")
        uri = mongod.uri(f"imports_{new_id()[:12]}")
    with ExitStack() as at_end:
        yield House(Settings(data_dir=str(tmp_path), mongodb_uri=uri), at_end)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as at_end:
        yield House(Settings(data_dir=str(tmp_path)), at_end)


def number(place: int) -> str:
    return f"+9198765{place:05}"


def table(places: range) -> str:
    return "name,phone\n" + "".join(f"P{place},{number(place)}\n" for place in places)


def test_every_row_becomes_a_lead_or_is_told(house: House) -> None:
    barred = DoNotCall(number(3), "", Source.BY_HAND, now())
    house.importer.do_not_call.add([barred])
    house.run(table(range(1)))
    rows = table(range(5)) + f"=1+1,{number(1)}\n@SUM(A1),12\n"
    ended = house.run(rows)
    assert ended.status is ImportStatus.DONE
    assert (ended.rows, ended.added, ended.share) == (7, 3, 1.0)
    assert ended.file_name == "leads.csv"
    assert ended.skipped == {
        "duplicate_in_campaign": 1,
        "do_not_call": 1,
        "duplicate_in_file": 1,
        "no_such_number": 1,
    }
    told = house.problems(ended.import_id)
    assert [(row[0], row[2], row[4]) for row in told] == [
        ("2", "duplicate_in_campaign", f"'{number(0)}"),
        ("5", "do_not_call", f"'{number(3)}"),
        ("7", "duplicate_in_file", f"'{number(1)}"),
        ("8", "no_such_number", "12"),
    ]
    assert told[2][3] == "Line 3 has the same number."
    assert house.numbers() == [number(place) for place in (0, 1, 2, 4)]
    lead = house.importer.leads.get(lead_id(ended.import_id, 3))
    assert lead is not None
    assert (lead.variables, lead.zones, lead.line) == ({"name": "P1"}, ("Asia/Kolkata",), 3)


def test_numbers_that_are_not_to_be_rung_are_kept_once(house: House) -> None:
    campaign = house.campaign_id
    first = house.run(f"{number(1)}\n{number(2)}\n{number(1)}\n", ImportKind.DO_NOT_CALL, campaign)
    assert (first.rows, first.added, first.skipped) == (3, 2, {"duplicate_in_file": 1})
    entry = house.importer.do_not_call.of(number(1), campaign)
    assert entry is not None
    assert (entry.source, entry.words, entry.by) == (Source.UPLOAD, "leads.csv", "asha@example.org")
    again = house.run(f"{number(1)}\n", ImportKind.DO_NOT_CALL, campaign)
    assert (again.added, again.skipped) == (0, {"do_not_call": 1})


def test_a_list_bars_whoever_is_on_it_whatever_they_take_back_themselves(house: House) -> None:
    lists = house.importer.do_not_call
    lists.add([DoNotCall(number(1), "", Source.MESSAGE, now(), "STOP")])
    told = house.run(f"{number(1)}\n", ImportKind.DO_NOT_CALL, "")
    assert (told.added, told.skipped) == (0, {"do_not_call": 1})
    entry = lists.of(number(1), "")
    assert entry is not None
    assert (entry.source, entry.by) == (Source.MESSAGE, "asha@example.org")
    # The campaign's own list is another one.
    own = house.run(f"{number(1)}\n", ImportKind.DO_NOT_CALL, house.campaign_id)
    assert (own.added, own.skipped) == (1, {})


def stopping_after(chunks: int) -> Iterator[bool]:
    yield from [False] * chunks
    while True:
        yield True


def test_an_import_that_was_stopped_goes_on_where_it_was(here: House) -> None:
    content = table(range(work.CHUNK + 10)) + f"X,{number(0)}\n"
    begun = here.begin(content)
    stop = stopping_after(0)
    stopped = here.importer.run(here.claim(begun), lambda: next(stop))
    assert (stopped.status, stopped.rows) == (ImportStatus.RUNNING, work.CHUNK)
    ended = here.importer.run(here.claim(stopped, "another"), lambda: False)
    assert (ended.rows, ended.added) == (work.CHUNK + 11, work.CHUNK + 10)
    assert ended.skipped == {"duplicate_in_file": 1}
    assert len(here.problems(ended.import_id)) == 1


def kept_and_not_put_down(house: House) -> Import:
    """As a process leaves it that died between keeping a chunk's leads and putting that down."""
    content = table(range(30)) + f"X,{number(0)}\nY,x\n"
    before = house.begin(content)
    taken = house.claim(before)
    house.importer.run(taken, lambda: False)
    ended = house.importer.imports.get(before.import_id)
    assert ended is not None
    with io.BytesIO(content.encode()) as file:
        house.importer.objects.keep(file_of(before.import_id), file)
    long_ago = now().replace(year=2020)
    return house.importer.imports.put(
        replace(taken, version=ended.version, lease="dead", lease_until=long_ago)
    )


def test_rows_that_a_dead_process_kept_are_counted_and_no_doubles(here: House) -> None:
    dead = kept_and_not_put_down(here)
    ended = here.importer.run(here.claim(dead, "another"), lambda: False)
    assert (ended.rows, ended.added) == (32, 30)
    assert ended.skipped == {"duplicate_in_file": 1, "not_a_number": 1}
    assert len(here.numbers()) == 30


def test_another_machine_tells_again_what_was_told_on_a_disk_it_has_not(here: House) -> None:
    content = "name,phone\nX,1\n" + "".join(f"P,{number(place)}\n" for place in range(work.CHUNK))
    stop = stopping_after(0)
    stopped = here.importer.run(here.claim(here.begin(content)), lambda: next(stop))
    elsewhere = replace(here.importer, folder=here.importer.folder / "elsewhere")
    claimed = elsewhere.claim(stopped.import_id, "another")
    assert claimed is not None
    ended = elsewhere.run(claimed, lambda: False)
    assert (ended.rows, ended.added) == (work.CHUNK + 1, work.CHUNK)
    assert ended.skipped == {"no_such_number": 1} or ended.skipped == {"not_a_number": 1}
    assert len(here.problems(ended.import_id)) == 1


def test_a_file_over_which_three_processes_died_is_given_up(here: House) -> None:
    one = here.begin(table(range(1)))
    for turn in range(work.TRIES_MOST):
        dead = here.claim(here.importer.imports.get(one.import_id) or one, f"dead {turn}")
        here.importer.imports.put(replace(dead, lease_until=now()))
    assert here.importer.claim(one.import_id, "last") is None
    given_up = here.importer.imports.get(one.import_id)
    assert given_up is not None
    assert given_up.status is ImportStatus.FAILED


def test_a_claimed_import_is_nobody_elses(here: House) -> None:
    one = here.begin(table(range(1)))
    mine = here.claim(one)
    assert here.importer.claim(one.import_id, "another") is None
    here.importer.imports.cancel(one.import_id)
    with pytest.raises(Taken):
        here.importer.run(mine, lambda: False)
    assert list(here.importer.folder.iterdir()) == []
    assert here.importer.objects.size(file_of(one.import_id)) is None


def test_a_canceled_campaign_takes_nobody(here: House) -> None:
    one = here.begin(table(range(1)))
    here.campaigns.move(here.campaign_id, CampaignStatus.CANCELED)
    with pytest.raises(Taken):
        here.importer.run(here.claim(one), lambda: False)
    kept = here.importer.leads.find(LeadQuery(here.campaign_id))
    assert [lead.status for lead in kept] == [LeadStatus.CANCELED]  # it was just being kept
    found = here.importer.imports.get(one.import_id)
    assert found is not None
    assert found.status is ImportStatus.CANCELED
    assert here.importer.objects.size(file_of(one.import_id)) is None


def test_a_broken_file_fails_in_words(here: House) -> None:
    ended = here.run("name,city\nA,B\n")
    assert ended.status is ImportStatus.FAILED
    assert "call it phone" in ended.failure
    assert here.importer.objects.size(file_of(ended.import_id)) is None


def test_a_large_file_is_read_by_a_process_of_its_own(here: House) -> None:
    begun = here.begin(table(range(4_000)))
    rounds = ImportRounds(here.importer, here.settings)
    small = here.begin(table(range(5_000, 5_001)))
    stop = Event()

    def is_over() -> bool:
        rounds.work(stop)
        found = here.importer.imports.get(begun.import_id)
        return found is not None and found.is_over

    wait_until(is_over, 30)
    rounds.close()
    assert len(here.numbers()) == 4_001
    done = here.importer.imports.get(small.import_id)
    assert done is not None
    assert done.status is ImportStatus.DONE


def test_a_process_that_is_stuck_is_ended_before_another_reads_the_file(here: House) -> None:
    begun = here.begin(table(range(4_000)))
    rounds = ImportRounds(here.importer, here.settings)
    stop = Event()
    rounds.work(stop)
    (stuck,) = rounds._children.values()
    stuck.send_signal(signal.SIGSTOP)

    rounds.importer = replace(here.importer, clock=lambda: now() + 2 * work.LEASE)
    rounds.work(stop)
    assert stuck.poll() == -signal.SIGKILL

    rounds.importer = here.importer

    def is_over() -> bool:
        rounds.work(stop)
        found = here.importer.imports.get(begun.import_id)
        return found is not None and found.is_over

    wait_until(is_over, 30)
    rounds.close()
    assert len(here.numbers()) == 4_000


def test_a_process_whose_starter_dies_lets_go(here: House) -> None:
    """Its input ends; what it was told to do there is nobody's by then."""
    child = subprocess.run(
        [sys.executable, "-m", "campaigns.import_process"],
        input=work_order(here, here.begin(table(range(1)))),
        timeout=30,
        check=False,
    )
    assert child.returncode == 0


def work_order(house: House, one: Import) -> bytes:
    return pickle.dumps((house.settings, one.import_id, "a lease that is over"))


def test_forgetting_a_campaign_takes_its_files(here: House) -> None:
    ended = here.run(f"name,phone\nA,12\nB,{number(1)}\n")
    assert here.problems(ended.import_id)
    assert here.importer.imports.forget(here.campaign_id) == 1
    assert here.importer.objects.size(problems_of(ended.import_id)) is None


def test_what_the_dead_left_on_the_disk_is_deleted(here: House) -> None:
    folder = here.importer.folder
    folder.mkdir()
    for name in ("gone.upload", "open.upload"):
        (folder / name).touch()
    clear(folder, {"open"}, time.time() + 1)
    assert [file.name for file in folder.iterdir()] == ["open.upload"]
