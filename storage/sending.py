"""Brings what the journal has accepted to the database: at once, or later, and always in order."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from storage.base import DatabaseAway, StaleCall, StorageError
from storage.changes import Change
from storage.gathering import Gathering
from storage.journal import Journal, Kept, Owed
from storage.remote import BEHIND_S, Remote
from storage.sqlite_file import FileUnusable

log = logging.getLogger(__name__)

# Requests that are sent together, one lot at a time. A database that is 50 ms away takes 2,500 a
# second that way.
_TOGETHER = 128
# Changes that are read and sent together while catching up, and how many of one call. The latter
# is well below the number of tokens that a database remembers of a call, or it would refuse to
# have them again, and what they leave in the call has to fit into it.
BATCH = 512
BATCH_OF_CALL = 32


class Sending:
    """Sends changes of `journal` to `remote`."""

    def __init__(self, remote: Remote, journal: Journal) -> None:
        self._remote = remote
        self._journal = journal
        self._requests: Gathering[Owed, bool] = Gathering(self._send_all, _TOGETHER)

    def send(self, kept: Kept) -> bool:
        """Send a change that nobody has been told about yet: a refusal is the answer to it."""
        if kept.follows:
            with self._remote.patiently():
                return self._send_in_order(kept.owed.change)
        try:
            if self._requests.ask(kept.owed):
                return True
        except DatabaseAway:
            raise
        except StorageError:
            self._journal.withdraw(kept.owed)
            raise
        with self._remote.patiently():
            return self._send_own(kept.owed)

    def send_unkept(self, change: Change) -> bool:
        """Send a change that is not in the journal, after those of its call that are."""
        with self._remote.patiently() as database:
            for owed in self._owed_before(change):
                if not self._has_taken(owed):
                    raise StaleCall(f"Call {change.call_id} has been saved by another machine.")
                self._journal.settle([owed])
            return database.apply(change)

    def send_batch(self, owed: Sequence[Owed]) -> None:
        """Send changes that have been accepted, the oldest first."""
        batch = self._journal.still_owed(_first_of(owed))
        with self._remote.database.within(BEHIND_S):
            known = self._remote.database.apply_all([one.change for one in batch])
        self._journal.settle([one for one, is_known in zip(batch, known, strict=True) if is_known])
        for one, is_known in zip(batch, known, strict=True):
            # What follows one that was refused is owed no longer.
            if is_known or not self._journal.still_owed([one]):
                continue
            with self._remote.database.within(BEHIND_S):
                if self._has_taken(one):
                    self._journal.settle([one])
        self._journal.tidy()
        with self._remote.database.within(BEHIND_S):
            self._remote.database.land()

    def _send_all(self, owed: Sequence[Owed]) -> Sequence[bool]:
        """Send changes of as many requests; whether each is known to be written."""
        with self._remote.patiently() as database:
            known = database.apply_all([one.change for one in owed])
        self._journal.settle([one for one, is_known in zip(owed, known, strict=True) if is_known])
        return known

    def _send_in_order(self, change: Change) -> bool:
        """Send all that is owed of a call up to `change`, the newest; what the database says."""
        for owed in self._left_of(change.call_id):
            if owed.change.token == change.token:
                return self._send_own(owed)
            if not self._has_taken(owed):
                return self._send_in_order(change)  # which may have been set aside with it
            self._journal.settle([owed])
        # Not there any more: another thread has sent it, or has found that it cannot be.
        if self._journal.was_refused(change):
            raise StaleCall(f"Call {change.call_id} has been saved by another machine.")
        return True

    def _left_of(self, call_id: str) -> Sequence[Owed]:
        """What is owed of a call when the first of it have been sent together."""
        owed = self._journal.owed(call_id)
        first = _first_of(owed)
        known = self._remote.database.apply_all([one.change for one in first])
        self._journal.settle([one for one, is_known in zip(first, known, strict=True) if is_known])
        return self._journal.owed(call_id)

    def _send_own(self, owed: Owed) -> bool:
        try:
            is_new = self._remote.database.apply(owed.change)
        except DatabaseAway:
            raise
        except StorageError:
            self._journal.withdraw(owed)
            raise
        self._journal.settle([owed])
        return is_new

    def _has_taken(self, owed: Owed) -> bool:
        """Send a change that has been accepted: a refusal is for a person to look at.

        False when it was refused, and what follows it is owed no longer.
        """
        try:
            self._remote.database.apply(owed.change)
        except DatabaseAway:
            raise
        except StorageError as error:
            log.exception(
                "the database refused a change that had been accepted; it is set aside in the "
                "journal",
                extra={"call_id": owed.change.call_id, "kind": owed.change.kind},
            )
            self._journal.set_aside(owed, str(error))
            return False
        return True

    def _owed_before(self, change: Change) -> Sequence[Owed]:
        try:
            return self._journal.owed(change.call_id)
        except FileUnusable:
            return ()  # the database sees by the version whether something is missing


def _first_of(owed: Sequence[Owed]) -> Sequence[Owed]:
    """The first BATCH_OF_CALL of each call."""
    of_call: Counter[str] = Counter()
    first = []
    for one in owed:
        of_call[one.change.call_id] += 1
        if of_call[one.change.call_id] <= BATCH_OF_CALL:
            first.append(one)
    return first
