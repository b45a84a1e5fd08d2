"""Where text messages are kept: the register, one entry a message. Sends nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from providers.telephony.messaging import MessageStatus
from storage.register import Entry, EntryQuery, Register, StaleEntry

KIND = "message"
# Messages looked at in one go, and goes of one look.
PAGE, PAGES_MOST = 500, 20
# Times somebody else may save a message first before something is wrong.
SAVES_MOST = 8


@dataclass(frozen=True, slots=True)
class Message:
    """One text message, to or from somebody."""

    message_id: str  # ours
    direction: str  # inbound | outbound
    number: str  # of the person
    line_number: str  # ours
    text: str
    status: str  # a MessageStatus
    created_at: datetime
    updated_at: datetime
    carrier_id: str = ""  # "": the carrier has not named it
    call_id: str = ""  # the call that it follows
    by: str = ""  # who sent it, of the people and programs here
    wish: str = ""  # what it asked for: stop, start, help
    media: int = 0  # pictures and sounds that came with it, which are not kept
    error: str = ""  # the carrier's code, or why it was not sent
    tries: int = 0
    due_at: str = ""  # when it is tried again, ISO 8601; "" when it is not
    # Failed, and the carrier never had it: whoever asks again, by the same key, has it sent.
    may_be_sent_again: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which messages, newest first."""

    number: str | None = None
    direction: str | None = None
    status: str | None = None
    call_id: str | None = None
    limit: int = 50
    offset: int = 0


# What statuses may follow one: a late word never takes back a later one.
_ORDER = {
    MessageStatus.QUEUED: 0,
    MessageStatus.SENDING: 1,
    MessageStatus.ACCEPTED: 2,
    MessageStatus.SENT: 3,
    MessageStatus.DELIVERED: 4,
    MessageStatus.UNDELIVERED: 4,
    MessageStatus.FAILED: 4,
    MessageStatus.RECEIVED: 5,
}


@dataclass(frozen=True, slots=True)
class MessageBook:
    """Keeps messages. Safe for many threads, processes and machines."""

    register: Register
    clock: Callable[[], datetime]

    def add(self, message: Message) -> Message | None:
        """Keep a new one; None when there is one with its id already."""
        try:
            return _message(self.register.put(_entry(message)))
        except StaleEntry:
            return None

    def get(self, message_id: str) -> Message | None:
        """The message, or None."""
        entry = self.register.get(KIND, message_id)
        return None if entry is None else _message(entry)

    def of_carrier(self, carrier_id: str) -> Message | None:
        """The message that the carrier calls so, or None."""
        found = self.register.find(EntryQuery(KIND, {"carrier_id": carrier_id}, limit=1))
        return _message(found[0]) if found else None

    def find(self, query: MessageQuery) -> list[Message]:
        """A page of messages."""
        entries = self.register.find(_query(query))
        return [_message(entry) for entry in entries]

    def count(self, query: MessageQuery) -> int:
        """How many there are, whatever the page."""
        return self.register.count(_query(query))

    def due(self, most: int) -> list[Message]:
        """Those that are to be sent now, the oldest first."""
        now = self.clock()
        # None is tried for longer than a day: nobody is written to about last week.
        since = now - timedelta(days=2)
        query = EntryQuery(KIND, {"status": "queued"}, since, limit=PAGE, oldest_first=True)
        ripe: list[Message] = []
        for page in range(PAGES_MOST):
            found = self.register.find(replace(query, offset=page * PAGE))
            waiting = map(_message, found)
            ripe += [one for one in waiting if one.due_at and one.due_at <= now.isoformat()]
            if len(ripe) >= most or len(found) < PAGE:
                break
        return ripe[:most]

    def claim(self, message: Message) -> Message | None:
        """Take one to send it; None when somebody else has, or it was changed."""
        try:
            sending = str(MessageStatus.SENDING)
            tries = message.tries + 1
            return self.save(
                replace(message, status=sending, tries=tries, due_at="", may_be_sent_again=False)
            )
        except StaleEntry:
            return None

    def save(self, message: Message) -> Message:
        """Keep a changed message. StaleEntry when somebody changed it first."""
        return _message(self.register.put(_entry(replace(message, updated_at=self.clock()))))

    def moved(self, message_id: str, status: MessageStatus, **changes: Any) -> Message | None:
        """Keep what became of a message, unless more is known already; None when there is none."""
        for _ in range(SAVES_MOST):
            message = self.get(message_id)
            if message is None:
                return None
            changed = replace(message, **changes)
            if is_later(status, message):
                changed = replace(changed, status=str(status))
            if changed == message:
                return message
            try:
                return self.save(changed)
            except StaleEntry:
                continue
        raise StaleEntry(f"message {message_id} is being changed too fast to be saved")


def is_later(status: MessageStatus, message: Message) -> bool:
    """Whether that is news of a message, and not what was before, or another end of it."""
    return _ORDER[status] > _ORDER[MessageStatus(message.status)]


def id_of(kind: str, name: str) -> str:
    """The same id for the same message, told again; `kind`: "call" for what follows one."""
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:32]


def _query(query: MessageQuery) -> EntryQuery:
    wanted = {
        "number": query.number,
        "direction": query.direction,
        "status": query.status,
        "call_id": query.call_id,
    }
    where = {name: value for name, value in wanted.items() if value is not None}
    return EntryQuery(KIND, where, limit=query.limit, offset=query.offset)


def _entry(message: Message) -> Entry:
    body = asdict(message)
    for name in ("message_id", "created_at", "updated_at", "version"):
        del body[name]
    times = message.created_at, message.updated_at
    return Entry(KIND, message.message_id, body, *times, message.version)


def _message(entry: Entry) -> Message:
    body: dict[str, Any] = dict(entry.body)
    return Message(
        message_id=entry.key,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        version=entry.version,
        **body,
    )
