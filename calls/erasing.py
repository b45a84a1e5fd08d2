"""Deletes calls with everything that belongs to them: recordings, facts, turns, fields, callbacks,
the text message after them, and what customers' addresses have still to be told of them.

What was counted of them stays counted; nobody can be found in it. Killed anywhere, a call that was
not wholly deleted is still kept, and is found and deleted again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from agents.schema import Agent
from calls.insight import without_words
from calls.message_book import KIND as MESSAGE
from calls.message_book import id_of
from calls.recordings import Recording, Recordings, RecordingStatus
from storage.base import Storage
from storage.deliveries import Deliveries
from storage.facts import Facts
from storage.records import CallRecord
from storage.register import EntryQuery, Register
from storage.search import CallSearch, CallSort

log = logging.getLogger(__name__)

# Calls looked at in one go.
BATCH = 200
# That a recording was deleted is remembered for longer than a carrier repeats its callbacks.
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Erasing:
    """Deletes calls. Safe for use from many threads and processes."""

    storage: Storage
    facts: Facts
    recordings: Recordings
    deliveries: Deliveries
    register: Register  # where messages are

    def erase(self, call_id: str) -> bool:
        """Delete a call; False when it was not kept. StorageError leaves it to be done again."""
        self._erase_rest(call_id)
        # As long as it is kept it is found again, so all else goes before.
        was_kept = self.storage.delete_call(call_id)
        # Whoever had it in hand may have counted it meanwhile, or told of a recording. Who does so
        # later than this finds that it is gone.
        self._erase_rest(call_id)
        return was_kept

    def told(self, call: CallRecord) -> None:
        """After others were told that a call has ended: what they have kept of one that was erased
        meanwhile goes, too."""
        if self.storage.load_call(call.call_id) is None:
            self._erase_rest(call.call_id)

    def _erase_rest(self, call_id: str) -> None:
        self.recordings.erase_all(call_id)
        self.deliveries.forget_call(call_id)
        self.register.delete(MESSAGE, id_of("call", call_id))  # what was sent after it
        self._make_nameless(call_id)

    def _make_nameless(self, call_id: str) -> None:
        """Take the words out of what was counted: the day's sums stay as they are."""
        fact = self.facts.get(call_id)
        if fact is not None and (fact.summary or fact.phrases):
            self.facts.keep([without_words(fact)])


@dataclass(frozen=True, slots=True)
class Retention:
    """Deletes calls that are older than their agent keeps them, and text messages with them."""

    erasing: Erasing
    agents: Mapping[str, Agent]
    clock: Callable[[], datetime]

    def work(self, stop: Event) -> None:
        """Delete every call whose time is over, until there is none or `stop` is set.

        Of an agent that is gone nobody can tell how long: its calls stay.
        """
        for agent in list(self.agents.values()):
            if agent.retention_days is not None and not stop.is_set():
                deleted = self._sweep(agent.agent, timedelta(days=agent.retention_days), stop)
                if deleted:
                    log.info("old calls deleted", extra={"agent": agent.agent, "calls": deleted})
        self._forget_messages(stop)
        self._forget_erased(stop)

    def _forget_messages(self, stop: Event) -> None:
        """Text messages that followed no call. They are no agent's, so the one that keeps calls the
        longest says how long; while one keeps them for good they stay, too."""
        days = [agent.retention_days for agent in self.agents.values()]
        kept_for = [one for one in days if one is not None]
        if not kept_for or len(kept_for) < len(days):
            return
        before = self.clock() - timedelta(days=max(kept_for))
        query = EntryQuery(MESSAGE, {"call_id": ""}, before=before, limit=BATCH, oldest_first=True)
        deleted = 0
        while not stop.is_set() and (found := self.erasing.register.find(query)):
            for one in found:
                self.erasing.deliveries.forget_call(one.key)  # what has still to be told of it
                self.erasing.register.delete(MESSAGE, one.key)
            deleted += len(found)
        if deleted:
            log.info("old messages deleted", extra={"messages": deleted})

    def _forget_erased(self, stop: Event) -> None:
        """Recordings of calls that are gone, and whose deletion nobody contradicts any more."""
        recordings = self.erasing.recordings
        offset = 0  # past those that stay
        while not stop.is_set():
            found = recordings.due(RecordingStatus.ERASED, BATCH, offset)
            old = [one for one in found if self._is_long_gone(one)]
            for one in old:
                recordings.forget(one)
            if len(found) < BATCH:
                return
            offset += len(found) - len(old)

    def _is_long_gone(self, one: Recording) -> bool:
        is_old = one.entry is not None and one.entry.updated_at < self.clock() - REMEMBERED
        return is_old and self.erasing.storage.load_call(one.call_id) is None

    def _sweep(self, agent: str, kept_for: timedelta, stop: Event) -> int:
        deleted = 0
        before = self.clock() - kept_for
        # A call that ended before then began before then, too.
        query = CallSearch(
            agent=agent, before=before, sort=CallSort.CREATED, descending=False, limit=BATCH
        )
        while not stop.is_set():
            found = self.erasing.storage.search(query)
            for call in found:
                if stop.is_set():
                    break
                if call.ended_at is not None and call.ended_at < before:
                    deleted += self.erasing.erase(call.call_id)
            if len(found) < BATCH:
                break
            query = replace(query, after_place=found[-1].place(CallSort.CREATED))
        return deleted
