"""What a process remembers of calls between two webhooks. Whoever lacks it loses time, no more."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from providers.llm.base import Inquiry
from storage.records import CallRecord

# Calls remembered at once; the one that was quiet the longest is forgotten first.
CALLS_MOST = 20_000
# The same for whole records, of a few kilobytes each.
RECORDS_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Reading:
    """An utterance that was read, or is being read."""

    turn: int
    utterance: str
    inquiry: Inquiry


@dataclass(slots=True)
class Note:
    """What is remembered of one call."""

    reading: Reading | None = None  # the last
    save_ms: float | None = None  # how long the last save took


class Notebook:
    """Notes by call. For any number of threads."""

    def __init__(self, calls_most: int = CALLS_MOST) -> None:
        self._calls_most = calls_most
        self._notes: OrderedDict[str, Note] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, call_id: str) -> Note:
        """The note of a call; a new one when there is none."""
        with self._lock:
            note = self._notes.get(call_id)
            if note is None:
                note = self._notes[call_id] = Note()
                if len(self._notes) > self._calls_most:
                    self._notes.popitem(last=False)
            else:
                self._notes.move_to_end(call_id)
            return note

    def save_ms(self, call_id: str) -> float | None:
        """How long the last save of a call took. Makes no note: the call may be over."""
        note = self._notes.get(call_id)
        return None if note is None else note.save_ms

    def drop(self, call_id: str) -> None:
        """Forget a call that is over."""
        with self._lock:
            self._notes.pop(call_id, None)


class LastSaved:
    """Calls as this process saved them last, by the carrier's id. For any number of threads.

    Another process may have saved since: who works on one of these must be ready for StaleCall.
    """

    def __init__(self, records_most: int = RECORDS_MOST) -> None:
        self._records_most = records_most
        self._records: OrderedDict[str, CallRecord] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, carrier_id: str) -> CallRecord | None:
        """The call, if it is remembered."""
        return self._records.get(carrier_id)

    def put(self, call: CallRecord) -> None:
        """Remember a call that was just saved; one that is over is forgotten."""
        if call.carrier_id is None:
            return
        with self._lock:
            self._records.pop(call.carrier_id, None)
            if call.outcome is None:
                self._records[call.carrier_id] = call
                if len(self._records) > self._records_most:
                    self._records.popitem(last=False)

    def drop(self, call: CallRecord) -> None:
        """Forget a call that is over."""
        with self._lock:
            self._records.pop(call.carrier_id or "", None)
