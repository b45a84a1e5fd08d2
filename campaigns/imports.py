"""Imports of uploaded files as they are kept: what was asked, how far it is, what came of it.

The file, and the rows that could not be taken, are among the objects; the rest is in the register.
Not here: reading a file (`intake.py`), the work itself (`importing.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from settings import Settings
from storage.objects import Objects
from storage.records import JsonObject
from storage.register import Entry, EntryQuery, Register, StaleEntry

log = logging.getLogger(__name__)

KIND = "import"
# Names of files as they are shown; the rest is cut.
NAME_MOST = 200
# Somebody else saves the same import at the same moment: tried again so often.
TRIES = 8


class ImportKind(StrEnum):
    """What the rows of a file become."""

    LEADS = "leads"
    DO_NOT_CALL = "do_not_call"


class ImportStatus(StrEnum):
    """Where an import is."""

    WAITING = "waiting"  # for a process that reads it; after a kill again
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # `failure` says why; what was added by then stays
    CANCELED = "canceled"


OPEN = (ImportStatus.WAITING, ImportStatus.RUNNING)


class UnknownImport(LookupError):
    """No import of this id."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done with a file."""

    kind: ImportKind
    campaign_id: str  # whose leads, or whose do-not-call list; "": the list of all campaigns
    file_name: str  # as it was called by whoever sent it
    country: str  # whose national numbers the file has (ISO 3166)
    by: str = ""  # who sent it


@dataclass(frozen=True, slots=True)
class Import:
    """One file, and what became of its rows. Rows are those after the header that hold anything."""

    import_id: str
    kind: ImportKind
    campaign_id: str
    file_name: str
    country: str
    size_bytes: int
    status: ImportStatus
    created_at: datetime
    updated_at: datetime
    by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    read_bytes: int = 0  # of size_bytes, so far
    rows: int = 0  # so far
    added: int = 0  # leads or numbers that are new
    skipped: Mapping[str, int] = field(default_factory=dict)  # intake.Fault → rows
    columns: Sequence[str] = ()  # as variables are called
    notes: Sequence[str] = ()  # what whoever sent the file should know, in sentences
    failure: str = ""  # why it failed, in sentences
    first: Sequence[Mapping[str, str]] = ()  # the first rows that were added; personal
    problems_bytes: int = 0  # of the file of problems, so far
    tries: int = 0  # of processes that read it; those that ended as they should do not count
    lease: str = ""  # the process that reads it
    lease_until: datetime | None = None
    machine: str = ""  # which took the file
    waits_since: datetime | None = None  # others look for that machine
    version: int = 0

    @property
    def is_over(self) -> bool:
        """Nothing more will come of it."""
        return self.status not in OPEN

    @property
    def share(self) -> float:
        """How much of the file was read, 0 to 1."""
        if self.status is ImportStatus.DONE:
            return 1.0
        return min(1.0, self.read_bytes / self.size_bytes) if self.size_bytes else 0.0


class Imports:
    """Begins and shows imports. Safe for many threads; processes share register and objects."""

    def __init__(
        self,
        register: Register,
        objects: Objects,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        machine: str = "",
    ) -> None:
        self._register = register
        self._objects = objects
        self._clock = clock
        self._new_id = new_id
        self._machine = machine

    def begin(self, order: Order, content: BinaryIO) -> Import:
        """Keep the file `content` (from where it stands to its end) to be read in the background.

        ObjectsAway, StorageError: nothing was kept.
        """
        import_id = self._new_id()
        size = self._objects.keep(file_of(import_id), content)
        now = self._clock()
        begun = Import(
            import_id,
            order.kind,
            order.campaign_id,
            _shown_name(order.file_name),
            order.country,
            size,
            ImportStatus.WAITING,
            now,
            now,
            order.by,
            machine=self._machine,
        )
        return self.put(begun)

    def get(self, import_id: str) -> Import | None:
        """The import as it is now, or None."""
        entry = self._register.get(KIND, import_id)
        return None if entry is None else _import(entry)

    def of(self, campaign_id: str, kind: ImportKind, limit: int = 20) -> Sequence[Import]:
        """Imports into a campaign, or into a do-not-call list, newest first."""
        where = {"campaign_id": campaign_id, "kind": str(kind)}
        return self._found(EntryQuery(KIND, where, limit=limit))

    def fills(self, campaign_id: str) -> bool:
        """Whether a file is still to be read into a campaign."""
        where = {"campaign_id": campaign_id, "kind": str(ImportKind.LEADS)}
        queries = (EntryQuery(KIND, {**where, "status": str(one)}, limit=1) for one in OPEN)
        return any(self._found(query) for query in queries)

    def open(self, limit: int = 100) -> Sequence[Import]:
        """Those that wait or are read, oldest first."""
        found = [
            one
            for status in OPEN
            for one in self._found(EntryQuery(KIND, {"status": str(status)}, limit=limit))
        ]
        return sorted(found, key=lambda one: (one.created_at, one.import_id))

    def before(self, moment: datetime, limit: int = 100) -> Sequence[Import]:
        """Those that were begun before a moment."""
        return self._found(EntryQuery(KIND, before=moment, limit=limit))

    def cancel(self, import_id: str) -> Import:
        """Have no more rows read; what was added stays. UnknownImport; ObjectsAway: try again."""

        def canceled(one: Import) -> Import:
            if one.is_over:
                return one
            return replace(one, status=ImportStatus.CANCELED, ended_at=self._clock())

        kept = self.change(import_id, canceled)
        self._objects.delete(file_of(import_id))  # nobody reads it any more
        return kept

    def problems(self, import_id: str) -> Iterator[bytes]:
        """The rows that were not taken, as CSV: line, column, reason, value. UnknownImport at once.

        Of an import that is not over: none yet.
        """
        if self.get(import_id) is None:
            raise UnknownImport(import_id)
        if self._objects.size(problems_of(import_id)) is None:
            return iter(())
        return self._objects.read(problems_of(import_id))

    def put(self, one: Import) -> Import:
        """Keep an import. StaleEntry when somebody changed it first."""
        body = {
            one_field.name: getattr(one, one_field.name)
            for one_field in fields(Import)
            if one_field.name not in _COLUMNS
        }
        for name in _MOMENTS:
            body[name] = body[name] and body[name].isoformat()
        kept = self._register.put(
            Entry(KIND, one.import_id, body, one.created_at, self._clock(), one.version)
        )
        return replace(one, updated_at=kept.updated_at, version=kept.version)

    def change(self, import_id: str, edit: Callable[[Import], Import]) -> Import:
        """Keep what `edit` makes of the kept import; it may be asked more than once."""
        for tries_left in reversed(range(TRIES)):
            kept = self.get(import_id)
            if kept is None:
                raise UnknownImport(import_id)
            try:
                changed = edit(kept)
                return kept if changed == kept else self.put(changed)
            except StaleEntry:
                if not tries_left:
                    raise
        raise AssertionError("not reached")

    def forget_one(self, import_id: str) -> None:
        """Forget an import with its file and its problems. ObjectsAway."""
        self._objects.delete(file_of(import_id))
        self._objects.delete(problems_of(import_id))
        self._register.delete(KIND, import_id)

    def forget(self, campaign_id: str) -> int:
        """Forget all imports into a campaign with their files; how many."""
        count = 0
        for kind in ImportKind:
            while found := self.of(campaign_id, kind, limit=100):
                for one in found:
                    self.forget_one(one.import_id)
                    count += 1
        return count

    def _found(self, query: EntryQuery) -> Sequence[Import]:
        return [_import(entry) for entry in self._register.find(query)]


def file_of(import_id: str) -> str:
    """The object that is an import's file."""
    return f"imports/{import_id}.upload"


def problems_of(import_id: str) -> str:
    """The object that holds an import's problems."""
    return f"imports/{import_id}.problems.csv"


def importing_folder(settings: Settings) -> Path:
    """Where files are while they are read."""
    return Path(settings.data_dir) / "importing"


def lead_id(import_id: str, line: int) -> str:
    """The id of a lead of a file: the same whoever takes its row, and in the file's order."""
    return f"{import_id[:20]}{line:08x}"


# Columns of an entry, which are not repeated in its body.
_COLUMNS = frozenset({"import_id", "created_at", "updated_at", "version"})


_MOMENTS = ("started_at", "ended_at", "lease_until", "waits_since")


def _shown_name(name: str) -> str:
    # Browsers of old send the whole path.
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else " " for letter in last).strip()[:NAME_MOST]


def _moment(body: JsonObject, name: str) -> datetime | None:
    written = body.get(name)
    return datetime.fromisoformat(str(written)) if written else None


def _import(entry: Entry) -> Import:
    body = dict(entry.body)
    body["kind"], body["status"] = ImportKind(str(body["kind"])), ImportStatus(str(body["status"]))
    for name in _MOMENTS:
        body[name] = _moment(entry.body, name)
    known = {one.name for one in fields(Import)} - _COLUMNS
    return Import(
        import_id=entry.key,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        version=entry.version,
        **{name: value for name, value in body.items() if name in known},  # type: ignore[arg-type]
    )
