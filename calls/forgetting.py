"""Forgets a person: every call with their number, and their number wherever else it stands.

But for the do-not-call lists: who asked not to be rung would be rung again by the next upload. The
number stays there, without what was said, by whom, or in which call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
import phonenumbers
from phonenumbers import NumberParseException

from calls.erasing import Erasing
from calls.message_book import KIND as MESSAGE
from storage.base import Storage, StorageError
from storage.do_not_call import DoNotCall, DoNotCallLists, DoNotCallQuery
from storage.leads import Leads
from storage.register import Entry, EntryQuery, Register, StaleEntry
from storage.search import CallBrief, CallSearch, NumberMatch, NumberPart
from storage.spellings import spellings

# Calls and entries looked at in one go.
BATCH = 500
# Beyond it calls of a person are not counted.
CALLS_MOST = 1_000
# Kinds of entries of the register that may name whom somebody rang or looked for, or show rows of a
# file.
IMPORT = "import"
KINDS = ("audit", IMPORT)
FORGOTTEN = "[forgotten]"
_WRITTEN = re.compile(r"\+[1-9]\d{6,14}")
_SEPARATORS = re.compile(r"[\s().-]")


class NotANumber(ValueError):
    """What was given is no whole number of a person; says what to write."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What is kept of a person."""

    numbers: tuple[str, ...]  # the ways in which carriers write the number
    calls: tuple[CallBrief, ...]  # that have ended
    live: tuple[CallBrief, ...]  # that go on
    recordings: int
    entries: int  # of the audit log and of imports, that name the number
    leads: int  # of campaigns
    listed: tuple[DoNotCall, ...]  # on do-not-call lists, where the number stays
    messages: int = 0  # text messages to and from them
    news: tuple[str, ...] = ()  # deliveries of webhooks that tell of them

    @property
    def is_none(self) -> bool:
        """Nothing is kept that would be deleted."""
        told = any(one.words or one.by or one.call_id for one in self.listed)
        return not (
            self.calls
            or self.live
            or self.recordings
            or self.entries
            or self.leads
            or self.messages
            or self.news
            or told
        )


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Finds and deletes what is kept of a person. Leads and lists have numbers in E.164 only."""

    erasing: Erasing
    storage: Storage
    register: Register
    leads: Leads
    do_not_call: DoNotCallLists
    clock: Callable[[], datetime]

    def find(self, number: str) -> Traces:
        """What is kept of who has this number. Changes nothing.

        NotANumber; StorageError, too, while some of it cannot be seen.
        """
        numbers = ways_to_write(number)
        self._check_all_is_here()
        found = {call.call_id: call for one in numbers for call in self._calls_of(one)}
        calls = sorted(found.values(), key=lambda call: call.created_at)
        self._check_all_is_here()
        recordings = self.erasing.recordings
        return Traces(
            numbers=numbers,
            calls=tuple(call for call in calls if call.ended_at is not None),
            live=tuple(call for call in calls if call.ended_at is None),
            recordings=sum(len(recordings.shown_of_call(call.call_id)) for call in calls),
            entries=sum(1 for _ in self._entries(numbers)),
            leads=len(self.leads.of_number(numbers[0])),
            listed=tuple(self.do_not_call.find(DoNotCallQuery(number=numbers[0]))),
            messages=sum(1 for _ in self._messages(numbers)),
            news=tuple(self._news(numbers)),
        )

    def count_calls(self, number: str) -> int:
        """How many calls are kept of who has this number. NotANumber."""
        whole = (NumberMatch(NumberPart.WHOLE, one) for one in ways_to_write(number))
        return sum(self.storage.count(CallSearch(caller=one), CALLS_MOST) for one in whole)

    def forget(self, traces: Traces) -> int:
        """Delete what was found; how many calls that were. Safe to repeat when it fails midway.

        Calls that go on are left: they would be written anew with the caller's next word. So are
        leads meanwhile, or another campaign would ring who is on the line.
        """
        deleted = sum(self.erasing.erase(call.call_id) for call in traces.calls)
        if not traces.live:
            self.leads.forget(traces.numbers[0])
        self.do_not_call.forget_words(traces.numbers[0])
        for message in list(self._messages(traces.numbers)):
            self.register.delete(message.kind, message.key)
        # After the messages, of which they tell; some may have been added meanwhile.
        self.erasing.deliveries.forget(self._news(traces.numbers))
        for entry in list(self._entries(traces.numbers)):
            self._mask(entry, traces.numbers)
        return deleted

    def _check_all_is_here(self) -> None:
        # While the database is away, or behind, the journal answers, which knows the last day only.
        if self.storage.check() == "journal":
            raise StorageError(
                "The database is away or has not caught up, so not every call can be found. "
                "Try again when /health/ready says database: ok."
            )

    def _calls_of(self, number: str) -> Iterator[CallBrief]:
        query = CallSearch(caller=NumberMatch(NumberPart.WHOLE, number), limit=BATCH)
        while True:
            found: Sequence[CallBrief] = self.storage.search(query)
            yield from found
            if len(found) < BATCH:
                return
            query = replace(query, after_place=found[-1].place(query.sort))

    def _messages(self, numbers: Sequence[str]) -> Iterator[Entry]:
        for number in numbers:
            query = EntryQuery(MESSAGE, {"number": number}, limit=BATCH)
            while found := self.register.find(query):
                yield from found
                query = replace(query, offset=query.offset + len(found))

    def _news(self, numbers: Sequence[str]) -> Sequence[str]:
        found = (one for number in numbers for one in self.erasing.deliveries.about(number))
        return list(dict.fromkeys(found))

    def _entries(self, numbers: Sequence[str]) -> Iterator[Entry]:
        for kind in KINDS:
            offset = 0
            while found := self.register.find(EntryQuery(kind, limit=BATCH, offset=offset)):
                for entry in found:
                    if any(number in _text(entry) for number in numbers):
                        yield entry
                offset += len(found)

    def _mask(self, entry: Entry, numbers: Sequence[str]) -> None:
        text = _text(_without_rows(entry, numbers))
        for number in sorted(numbers, key=len, reverse=True):
            text = text.replace(number, FORGOTTEN)
        try:
            self.register.put(replace(entry, body=orjson.loads(text), updated_at=self.clock()))
        except StaleEntry:
            current = self.register.get(entry.kind, entry.key)
            if current is not None:
                self._mask(current, numbers)


def ways_to_write(number: str) -> tuple[str, ...]:
    """How carriers write a number: E.164 of today first. NotANumber for what is none."""
    written = _SEPARATORS.sub("", number)
    if not _WRITTEN.fullmatch(written):
        raise NotANumber("Write the whole number with + and its country: +919876543210.")
    whole = spellings(written)
    ways = [*whole, *(way for one in whole for way in (one[1:], f"00{one[1:]}"))]
    try:
        parsed = phonenumbers.parse(whole[0])
    except NumberParseException:
        return tuple(ways)
    national = phonenumbers.national_significant_number(parsed)
    # Without its country it could be somebody else's abroad, but not in front of a zero here.
    return (*ways, f"0{national}")


def _without_rows(entry: Entry, numbers: Sequence[str]) -> Entry:
    """An import shows the first rows of its file, with names and all."""
    rows = entry.body.get("first")
    if entry.kind != IMPORT or not isinstance(rows, list):
        return entry
    others = [
        row for row in rows if not any(number in orjson.dumps(row).decode() for number in numbers)
    ]
    return replace(entry, body={**entry.body, "first": others})


def _text(entry: Entry) -> str:
    return orjson.dumps(dict(entry.body)).decode()
