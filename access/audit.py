"""The audit log: who saw, exported, changed or deleted what, and who signed in. Entries stay."""

from __future__ import annotations

import logging
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from access.roles import Person
from storage.base import StorageError
from storage.records import JsonObject
from storage.register import Entry, EntryQuery, Register

log = logging.getLogger(__name__)

KIND = "audit"
# Looking at the same thing again within this time is the same look: pages refresh by themselves.
SAME_LOOK = timedelta(minutes=10)
# Looks that wait for the register, and looks that are remembered as noted, per process.
WAITING_MOST, REMEMBERED_MOST = 1_000, 4_096
SUBJECT_MOST = 300


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log."""

    entry_id: str
    at: datetime
    person_id: str  # "" when nobody was known, as at a sign-in that failed
    who: str  # e-mail, or what a token is called
    role: str
    action: str
    subject: str
    details: Mapping[str, object]


class Audit:
    """Notes what was done. Safe for use from many threads; processes share the register."""

    def __init__(self, register: Register, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._clock = clock
        self._lock = Lock()
        self._waiting: deque[Entry] = deque(maxlen=WAITING_MOST)
        self._looks: OrderedDict[tuple[str, str, str], datetime] = OrderedDict()

    def note(self, person: Person | None, action: str, subject: str, **details: object) -> None:
        """Note what `person` (None: nobody who is known) is about to do, or has done.

        `action` is verb and thing, such as "export calls"; `subject` says which, such as a
        call_id. Details are JSON-able and hold no secrets and nothing a caller said.

        StorageError when it cannot be noted: then it must not be done.
        """
        self._register.put(self._entry(person, action, subject, details))
        self._catch_up()

    def seen(self, person: Person | None, action: str, subject: str, **details: object) -> None:
        """Note that `person` looked at something; a page is read even when that cannot be noted.

        The same look again within SAME_LOOK is not noted again. What the register misses is kept
        in this process until it is back, and logged as an error.
        """
        entry = self._entry(person, action, subject, details)
        look = (str(entry.body["person_id"]), action, subject)
        with self._lock:
            before = self._looks.get(look)
            if before is not None and entry.created_at - before < SAME_LOOK:
                return
            self._looks[look] = entry.created_at
            self._looks.move_to_end(look)
            if len(self._looks) > REMEMBERED_MOST:
                self._looks.popitem(last=False)
        try:
            self._register.put(entry)
        except StorageError as error:
            log.error("a look is not in the audit log yet", exc_info=error, extra={"did": action})
            with self._lock:
                self._waiting.append(entry)
            return
        self._catch_up()

    def find(self, query: EntryQuery) -> Sequence[AuditEntry]:
        """Entries, newest first; `query` as made by `entries_of`."""
        return [_audit_entry(one) for one in self._register.find(query)]

    def count(self, query: EntryQuery) -> int:
        """How many match, whatever limit and offset say."""
        return self._register.count(query)

    def _entry(
        self, person: Person | None, action: str, subject: str, details: Mapping[str, object]
    ) -> Entry:
        now = self._clock()
        body: JsonObject = {
            "person_id": person.person_id if person else "",
            "who": (person.email or person.name) if person else "",
            "role": str(person.role) if person else "",
            "action": action,
            "subject": subject[:SUBJECT_MOST],
            "details": dict(details),
        }
        return Entry(KIND, uuid.uuid4().hex, body, now, now)

    def _catch_up(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                entry = self._waiting.popleft()
            try:
                self._register.put(entry)
            except StorageError:
                with self._lock:
                    self._waiting.appendleft(entry)
                return


def entries_of(
    who: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
) -> EntryQuery:
    """The entries of somebody (as in `AuditEntry.who`), of an action, of a time; all when None."""
    where: dict[str, str | int | bool | None] = {}
    if who is not None:
        where["who"] = who
    if action is not None:
        where["action"] = action
    return EntryQuery(KIND, where, since, before)


def _audit_entry(entry: Entry) -> AuditEntry:
    body = entry.body
    details = body.get("details")
    return AuditEntry(
        entry_id=entry.key,
        at=entry.created_at,
        person_id=str(body.get("person_id", "")),
        who=str(body.get("who", "")),
        role=str(body.get("role", "")),
        action=str(body.get("action", "")),
        subject=str(body.get("subject", "")),
        details=details if isinstance(details, dict) else {},
    )
