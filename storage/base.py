"""The contract of a store. Every backend passes the same suite (tests/storage/contract.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from storage.records import (
    CallEvent,
    CallQuery,
    CallRecord,
    ClipRecord,
    CollectedRecord,
    TurnRecord,
)
from storage.search import CallBrief, CallSearch, Pulse

Condition = Literal["ok", "journal", "no journal"]


class StorageError(Exception):
    """The store could not do what was asked. Says what is wrong and what to do."""

    is_worded_by_us = True  # logs may show the text: nothing personal is in it


class StaleCall(StorageError):
    """Someone saved this call first; load it again and decide anew."""


class DuplicateCall(StorageError):
    """A call with this id or carrier id is already kept."""


class DatabaseAway(StorageError):
    """The database cannot be reached, or does not answer in time; it may have had the write."""


class Storage(Protocol):
    """Where calls are kept. Safe for use from many threads; several processes may share one."""

    def create_call(self, call: CallRecord) -> None:
        """Keep a new call (`version` 0). DuplicateCall when its id or carrier id is known."""

    def load_call(self, call_id: str) -> CallRecord | None:
        """The call, or None when it is not known."""

    def find_call(self, carrier_id: str) -> CallRecord | None:
        """The call that the carrier knows as `carrier_id`, or None."""

    def save_call(
        self,
        call: CallRecord,
        turn: TurnRecord | None = None,
        collected: CollectedRecord | None = None,
    ) -> CallRecord:
        """Keep the call, and in the same step its turn and what it collected.

        `call.version` is the version that was loaded; the record returned has the next one.
        StaleCall, with nothing written, when the kept version is another. A turn with the same
        number replaces the former; what was collected is one record a call. A call's agent,
        direction, campaign, lead and `created_at` never change. DuplicateCall when the carrier id
        is another call's; StorageError when the call was never created.
        """

    def calls(self, query: CallQuery) -> Sequence[CallRecord]:
        """Calls that match, newest first."""

    def search(self, query: CallSearch) -> Sequence[CallBrief]:
        """A page of the calls that match, without what is large in them.

        StorageError when it takes too long; then nothing is wrong with the store.
        """

    def count(self, query: CallSearch, most: int) -> int:
        """How many calls match, whatever page is wanted; `most` stands for that and more."""

    def pulse(self, most: int) -> Sequence[Pulse]:
        """The newest calls that go on, and the newest of all; at most so many of each."""

    def turns(self, call_id: str) -> Sequence[TurnRecord]:
        """The turns of a call in order; what a turn tells of the one before stands there."""

    def collected(self, call_id: str) -> CollectedRecord | None:
        """What the call collected, or None when it has not ended yet."""

    def collected_by(self, call_ids: Sequence[str]) -> Mapping[str, CollectedRecord]:
        """`collected` of many calls by their ids; those that collected nothing are not in it."""

    def find_collected(
        self, agent: str | None, since: datetime | None, limit: int
    ) -> Sequence[CollectedRecord]:
        """What calls collected, newest first; of one agent and since a moment when given."""

    def add_event(self, event: CallEvent) -> bool:
        """Keep a callback of the carrier. False when one with its key was kept before."""

    def events(self, call_id: str) -> Sequence[CallEvent]:
        """The callbacks of a call, ordered by sequence number, then by arrival."""

    def delete_call(self, call_id: str) -> bool:
        """Forget a call, its turns, what it collected and its callbacks; False when not kept.

        Killed midway, it is still kept and can be deleted again. What this machine still owes the
        database of it is not sent any more; what another machine owes is refused there when it
        comes.
        """

    def keep_clip(self, clip: ClipRecord) -> None:
        """Keep how a clip is made; a second time with the same key does nothing."""

    def load_clip(self, key: str) -> ClipRecord | None:
        """How the clip is made, or None when it is not known."""

    def forget_clips(self, before: datetime) -> int:
        """Forget clips kept before a moment; how many those were."""

    def check(self) -> Condition:
        """Prove that the store can be read and written; StorageError when it cannot.

        "journal": the database is away, or has not caught up; meanwhile this machine keeps it all.
        "no journal": it is the other way round, because the disk here is full or broken.
        """

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""
