"""Does one import: reads the file, leaves out what cannot be taken and says why, keeps the rest.

Rows are taken in order and in chunks; after each it is put down how far the import is. Whoever goes
on after a kill reads the file again up to there, so that every row is taken once and told once.
Not here: who does it and when (`import_rounds.py`).
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO

from campaigns.campaign import CampaignStatus
from campaigns.import_problems import heading, lines
from campaigns.imports import (
    Import,
    ImportKind,
    Imports,
    ImportStatus,
    UnknownImport,
    file_of,
    lead_id,
    problems_of,
)
from campaigns.intake import Fault, FileRefused, Problem, Reading, Row, Wanted, read
from campaigns.intake_seen import SeenNumbers
from campaigns.people import lead_of
from campaigns.renewing import Renewing
from storage.do_not_call import DoNotCall, DoNotCallLists, DoNotCallQuery, Source
from storage.leads import Leads
from storage.objects import NoSuchObject, Objects

log = logging.getLogger(__name__)

# Rows that are kept together: a second's. Stores write many numbers with less effort than few.
CHUNK = 20_000
# Who does an import is taken for dead when they have noted nothing for so long.
LEASE = timedelta(seconds=60)
# Processes that may die over a file before it is given up.
TRIES_MOST = 3
FIRST_ROWS = 5
# Leads of one step, so that nobody waits for the store.
CANCELED_AT_ONCE = 500
# Of the rows that are not taken, how many are told one by one.
PROBLEMS_BYTES_MOST = 200_000_000


class Taken(Exception):
    """Somebody else does this import, or it was canceled."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Does imports. `folder` is on this machine, for files that are read."""

    imports: Imports
    objects: Objects
    leads: Leads
    do_not_call: DoNotCallLists
    # Where a campaign stands; None when there is none.
    status_of: Callable[[str], CampaignStatus | None]
    countries: Sequence[str]  # that may be rung
    clock: Callable[[], datetime]
    folder: Path
    is_shared: bool = False  # whether every machine sees the objects
    is_remote: bool = False  # whether leads are kept elsewhere

    def claim(self, import_id: str, lease: str) -> Import | None:
        """Take an import that nobody does, for whoever has this lease; None when somebody does."""

        def claimed(one: Import) -> Import:
            now = self.clock()
            is_free = one.lease_until is None or one.lease_until <= now
            if one.is_over or not is_free:
                return one
            if one.tries >= TRIES_MOST:
                failure = "It was begun three times and not read: see the log, send smaller parts."
                return replace(one, status=ImportStatus.FAILED, failure=failure, ended_at=now)
            return replace(
                one,
                status=ImportStatus.RUNNING,
                started_at=one.started_at or now,
                lease=lease,
                lease_until=now + LEASE,
                waits_since=None,
                tries=one.tries + 1,
            )

        try:
            kept = self.imports.change(import_id, claimed)
        except UnknownImport:
            return None
        return kept if kept.lease == lease and not kept.is_over else None

    def run(self, claimed: Import, stopped: Callable[[], bool]) -> Import:
        """Do a claimed import to its end, or until `stopped`: then others may go on with it.

        Taken when it is not ours any more. StorageError leaves it to be claimed again.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        upload = self.folder / f"{claimed.import_id}.upload"
        problems = self.folder / f"{claimed.import_id}.problems.csv"
        try:
            try:
                self._bring(claimed, upload)
                ended = _Run(self, claimed, upload, problems).to_the_end(stopped)
            except FileRefused as refused:
                ended = self._end(claimed, ImportStatus.FAILED, str(refused))
            except NoSuchObject:
                ended = self._end(claimed, ImportStatus.FAILED, "The file is gone. Send it again.")
        except Taken:
            for file in (upload, upload.with_suffix(".part"), problems):
                file.unlink(missing_ok=True)
            kept = self.imports.get(claimed.import_id)
            if kept is None or kept.is_over:
                self.objects.delete(file_of(claimed.import_id))
            self._cancel_last(claimed)
            raise
        if ended.is_over:
            self._put_away(ended, upload, problems)
        return ended

    def _cancel_last(self, claimed: Import) -> None:
        """Who was just being kept when a campaign was canceled is not rung, either."""
        is_leads = claimed.kind is ImportKind.LEADS
        while is_leads and self.status_of(claimed.campaign_id) in (None, CampaignStatus.CANCELED):
            if not self.leads.cancel(claimed.campaign_id, self.clock(), CANCELED_AT_ONCE):
                return

    def _bring(self, claimed: Import, upload: Path) -> None:
        """Have the file here."""
        if upload.exists() and upload.stat().st_size == claimed.size_bytes:
            return
        part = upload.with_suffix(".part")
        with part.open("wb") as file:
            for piece in self.objects.read(file_of(claimed.import_id)):
                file.write(piece)
        part.replace(upload)

    def _end(self, claimed: Import, status: ImportStatus, failure: str) -> Import:
        def ended(one: Import) -> Import:
            if one.lease != claimed.lease or one.is_over:
                raise Taken
            return replace(
                one,
                status=status,
                failure=failure,
                ended_at=self.clock(),
                lease="",
                lease_until=None,
            )

        return self.imports.change(claimed.import_id, ended)

    def _put_away(self, ended: Import, upload: Path, problems: Path) -> None:
        """Keep the problems where everybody finds them; the file is not needed any more."""
        if problems.exists() and problems.stat().st_size:
            with problems.open("rb") as file:
                self.objects.keep(problems_of(ended.import_id), file)
        self.objects.delete(file_of(ended.import_id))
        for file_here in (upload, problems):
            file_here.unlink(missing_ok=True)
        told = {"import_id": ended.import_id, "rows": ended.rows, "added": ended.added}
        log.info("import ended", extra=told | {"status": str(ended.status)})


class _Run:
    """One go at one import."""

    def __init__(self, importer: Importer, claimed: Import, upload: Path, problems: Path) -> None:
        self._importer = importer
        self._import = claimed
        self._upload = upload
        self._problems = problems
        self._seen = SeenNumbers()
        self._taken = claimed.rows
        if problems.exists() and problems.stat().st_size >= claimed.problems_bytes:
            os.truncate(problems, claimed.problems_bytes)
        elif claimed.rows:  # begun on another machine: what was told there is told again
            self._import = replace(
                claimed, rows=0, added=0, skipped={}, problems_bytes=0, first=(), read_bytes=0
            )
            self._taken = 0
            problems.unlink(missing_ok=True)
        # Up to here rows may be ours that are known already: kept, and not put down.
        self._perhaps_ours = claimed.rows + CHUNK if claimed.rows or claimed.tries > 1 else 0
        self._ours: set[int] = set()  # lines of the chunk
        self._skipped = Counter({Fault(name): n for name, n in self._import.skipped.items()})

    def to_the_end(self, stopped: Callable[[], bool]) -> Import:
        """Take all rows that were not taken."""
        one = self._import
        reading = Reading(one.size_bytes)
        wanted = Wanted(self._countries(), one.kind is ImportKind.DO_NOT_CALL)
        rows = read(self._upload, wanted, reading)
        for row in islice(rows, self._taken):  # what was taken by those before
            if isinstance(row, Row):
                self._seen.put(row.person.number, row.line)
        with self._problems.open("ab") as told:
            if not told.tell():
                told.write(heading())
            if not self._take_all(rows, reading, told, stopped):
                return self._let_go()
        return self._done(reading)

    def _take_all(
        self,
        rows: Iterator[Row | Problem],
        reading: Reading,
        told: IO[bytes],
        stopped: Callable[[], bool],
    ) -> bool:
        """Take all rows; False when stopped. While a chunk is kept elsewhere the next is read."""

        def keep(chunk: Sequence[Row | Problem]) -> None:
            self._take(chunk, told)
            self._note(reading, told)

        with ThreadPoolExecutor(1, thread_name_prefix="import") as keeper:
            kept: Future[None] | None = None
            while chunk := list(islice(rows, CHUNK)):
                if kept is not None:
                    kept.result()
                    if stopped():
                        return False
                kept = keeper.submit(keep, chunk)
                if not self._importer.is_remote:  # two threads at work only hold each other up
                    kept.exception()
            if kept is not None:
                kept.result()
        return True

    def _countries(self) -> Sequence[str]:
        first = self._import.country
        return [first, *(one for one in self._importer.countries if one != first)]

    def _take(self, chunk: Sequence[Row | Problem], told: IO[bytes]) -> None:
        one = self._import
        people = [row for row in chunk if isinstance(row, Row)]
        faults = dict(self._doubles(people))
        is_list = one.kind is ImportKind.DO_NOT_CALL  # which bars also who is on it by their wish
        added = self._keep([row for row in people if is_list or row.line not in faults])
        either = (row if isinstance(row, Problem) else faults.get(row.line) for row in chunk)
        problems = [problem for problem in either if problem is not None]
        self._skipped.update(problem.fault for problem in problems)
        if problems and told.tell() < PROBLEMS_BYTES_MOST:
            told.write(lines(problems))
        missing = FIRST_ROWS - len(one.first)
        if missing > 0:
            shown = [_first(row) for row in people if row.line not in faults][:missing]
            one = replace(one, first=[*one.first, *shown])
        self._import = replace(one, rows=one.rows + len(chunk), added=one.added + added)

    def _doubles(self, people: Sequence[Row]) -> Iterator[tuple[int, Problem]]:
        """Line → problem of those whose number is there already."""
        self._ours.clear()
        one, importer = self._import, self._importer
        numbers = sorted(row.person.number for row in people)  # as stores have them
        is_list, lists = one.kind is ImportKind.DO_NOT_CALL, importer.do_not_call
        known = set() if is_list else importer.leads.known(one.campaign_id, numbers)
        barred = (lists.on_list if is_list else lists.among)(numbers, one.campaign_id)
        again = self._given_again(people, known - barred)
        for row in people:
            number = row.person.number
            before = self._seen.put(number, row.line)
            if before:
                message = f"Line {before} has the same number."
                yield row.line, _problem(row, Fault.DUPLICATE_IN_FILE, message)
            elif number in barred:
                if not (is_list and self._is_ours(row)):
                    message = "This number is on a do-not-call list."
                    yield row.line, _problem(row, Fault.ON_THE_LIST, message)
            elif number in again:
                message = "The campaign has this number; what it lacked it has now, and is rung."
                yield row.line, _problem(row, Fault.ASKED_AGAIN, message)
            elif number in known and not self._is_ours(row):
                message = "The campaign has this number."
                yield row.line, _problem(row, Fault.DUPLICATE_IN_CAMPAIGN, message)

    def _given_again(self, rows: Sequence[Row], numbers: set[str]) -> set[str]:
        """Those of the campaign's numbers that were refused for want of what their row has now."""
        people = [row.person for row in rows if row.person.number in numbers]
        renewing, now = Renewing(self._importer.leads), self._importer.clock()
        return renewing.take(self._import.campaign_id, people, now)

    def _is_ours(self, row: Row) -> bool:
        """Whether somebody before us kept this very row, and died before saying so."""
        one, importer = self._import, self._importer
        if one.rows >= self._perhaps_ours:
            return False
        if one.kind is ImportKind.LEADS:
            is_ours = importer.leads.get(lead_id(one.import_id, row.line)) is not None
        else:
            wanted = DoNotCallQuery(one.campaign_id, row.person.number, Source.UPLOAD, limit=1)
            found = importer.do_not_call.find(wanted)
            is_ours = any(entry.at == one.created_at for entry in found)
        self._ours |= {row.line} if is_ours else set()
        return is_ours

    def _keep(self, people: Sequence[Row]) -> int:
        """Keep them; how many are new, with those that are ours from before."""
        one, importer = self._import, self._importer
        new = [row for row in people if row.line not in self._ours]
        ours = len(people) - len(new)
        if one.kind is ImportKind.DO_NOT_CALL:
            return ours + importer.do_not_call.add([self._entry(row.person.number) for row in new])
        ids = (lead_id(one.import_id, row.line) for row in new)
        return ours + importer.leads.add(
            [
                lead_of(row.person, one.campaign_id, row.line, one.created_at, its_id)
                for row, its_id in zip(new, ids, strict=True)
            ]
        )

    def _entry(self, number: str) -> DoNotCall:
        one = self._import
        return DoNotCall(
            number, one.campaign_id, Source.UPLOAD, one.created_at, one.file_name, one.by
        )

    def _note(self, reading: Reading, told: IO[bytes]) -> None:
        """Put down how far it is, when the problems are on the disk."""
        told.flush()
        self._save(
            replace(
                self._import,
                read_bytes=min(reading.read_bytes, reading.size_bytes),
                columns=list(reading.columns),
                notes=list(reading.notes),
                skipped={str(fault): count for fault, count in self._skipped.items()},
                problems_bytes=told.tell(),
                lease_until=self._importer.clock() + LEASE,
            )
        )

    def _done(self, reading: Reading) -> Import:
        self._save(
            replace(
                self._import,
                status=ImportStatus.DONE,
                read_bytes=reading.size_bytes,
                notes=list(reading.notes),
                ended_at=self._importer.clock(),
                lease="",
                lease_until=None,
            )
        )
        return self._import

    def _let_go(self) -> Import:
        """Let others go on at once: nobody died."""
        one = self._import
        self._save(replace(one, lease="", lease_until=None, tries=one.tries - 1))
        return self._import

    def _save(self, changed: Import) -> None:
        lease = self._import.lease
        if changed.kind is ImportKind.LEADS:
            status = self._importer.status_of(changed.campaign_id)
            if status in (None, CampaignStatus.CANCELED) and not changed.is_over:
                now = self._importer.clock()
                failure = "The campaign takes nobody any more."
                changed = replace(
                    changed, status=ImportStatus.CANCELED, failure=failure, ended_at=now
                )

        def over(kept: Import) -> Import:
            if kept.lease != lease or kept.is_over:
                raise Taken
            return replace(changed, version=kept.version, updated_at=kept.updated_at)

        self._import = self._importer.imports.change(changed.import_id, over)
        if self._import.is_over and self._import.status is ImportStatus.CANCELED:
            raise Taken


def _problem(row: Row, fault: Fault, message: str) -> Problem:
    return Problem(row.line, "", fault, message, row.person.number)


def _first(row: Row) -> dict[str, str]:
    values = islice(row.person.variables.items(), 8)
    return {"number": row.person.number, **{name: value[:60] for name, value in values}}
