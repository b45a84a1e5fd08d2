"""Keeps what the carrier reports of a call, and closes calls whose line is down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from calls.bookkeeping import Bookkeeping
from calls.recordings import Recordings
from calls.turns import Turns, UnknownAgent
from conversation.state import Outcome
from providers.telephony.base import ENDED_STATUSES, CallNotice, NoticeKind
from storage.base import StaleCall, Storage
from storage.records import CallEvent, CallRecord

log = logging.getLogger(__name__)

# Saves that may be lost to a turn of the same call before something is wrong.
SAVES_MOST = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """Takes the carrier's callbacks. Safe to use from many threads and processes."""

    storage: Storage
    turns: Turns
    clock: Callable[[], datetime]
    books: Bookkeeping = field(default_factory=Bookkeeping)
    recordings: Recordings | None = None  # None: nobody fetches them
    # Told of the id of a campaign's call whose line is down, each time that is reported. Returns
    # soon; what it misses it is told again when the fact of the call is made (`insights.py`).
    line_down: Callable[[str], object] | None = None

    def report(self, notice: CallNotice, call_id: str | None = None) -> bool:
        """Keep a notice; False when its call is not known or it was kept before.

        `call_id` is ours, where the callback's address names it: a notice can be faster than the
        answer that tells us the carrier's id.
        """
        call = self._call(notice, call_id)
        if call is None:
            extra = {"kind": str(notice.kind), "carrier_id": notice.carrier_id}
            log.warning("callback for a call that is not known", extra=extra)
            if self.recordings is not None and notice.kind is NoticeKind.RECORDING:
                self.recordings.note_stray(call_id, notice)
            return False
        if notice.status:
            self._move_on(call, notice)
        if self.recordings is not None and notice.kind is NoticeKind.RECORDING:
            self.recordings.note(call, notice)
            if self.storage.load_call(call.call_id) is None:  # it was deleted while we told of it
                self.recordings.erase_all(call.call_id)
                return False
        if notice.status in ENDED_STATUSES and call.campaign_id and self.line_down is not None:
            self.line_down(call.call_id)
        # Last: if the process dies before, a repetition does all of it again.
        return self.storage.add_event(
            CallEvent(
                call_id=call.call_id,
                key=notice.key,
                kind=str(notice.kind),
                at=self.clock(),
                sequence=notice.sequence,
                data=notice.data,
            )
        )

    def give_up(self, call: CallRecord) -> None:
        """End a call whose line went down without anybody saying so.

        StaleCall when something happens in it after all.
        """
        if call.carrier_id is not None and call.answer:
            self._end(call, call.carrier_id, "")
            return
        now = self.clock()
        outcome = str(Outcome.FAILED)  # nobody ever heard the agent
        self.storage.save_call(replace(call, outcome=outcome, ended_at=now, updated_at=now))
        self.books.call_ended(call.agent, outcome)

    def _call(self, notice: CallNotice, call_id: str | None) -> CallRecord | None:
        call = self.storage.load_call(call_id) if call_id else None
        if call is not None and call.carrier_id in (None, notice.carrier_id):
            return call
        return self.storage.find_call(notice.carrier_id)

    def _move_on(self, call: CallRecord, notice: CallNotice) -> None:
        """Keep the status unless a later one is known; end the call when it is over."""
        for _ in range(SAVES_MOST):
            if not _is_news(call, notice):
                return
            before = call
            changed = self._with_status(call, notice)
            try:
                call = self.storage.save_call(changed)
                break
            except StaleCall:
                fresh = self.storage.load_call(call.call_id)
                if fresh is None:
                    return
                call = fresh
        else:
            raise StaleCall(f"call {call.call_id} is being changed too fast to be saved")
        if changed.outcome is not None and before.outcome is None:
            self.books.call_ended(call.agent, changed.outcome)
        if notice.status in ENDED_STATUSES:
            extra = {"call_id": call.call_id, "status": notice.status}
            log.info("line is down", extra=extra)
            if call.outcome is None:
                self._end(call, notice.carrier_id, notice.status)

    def _end(self, call: CallRecord, carrier_id: str, reason: str) -> None:
        try:
            self.turns.end(carrier_id, self.clock(), reason)
        except (UnknownAgent, ValueError):
            # Its agent's file went away, or another version kept its state. It is over anyway.
            now = self.clock()
            outcome = str(Outcome.ABANDONED)
            self.storage.save_call(replace(call, outcome=outcome, ended_at=now, updated_at=now))
            self.books.call_ended(call.agent, outcome)

    def _with_status(self, call: CallRecord, notice: CallNotice) -> CallRecord:
        now = self.clock()
        changed = replace(
            call,
            status=notice.status,
            status_sequence=max(notice.sequence, call.status_sequence),
            carrier_id=call.carrier_id or notice.carrier_id,
            updated_at=now,
        )
        if notice.status not in ENDED_STATUSES or call.answer or call.outcome is not None:
            return changed
        # Nobody ever heard the agent: there is no conversation to end.
        return replace(changed, outcome=str(Outcome.FAILED), ended_at=now)


def was_unanswered(call: CallRecord) -> bool:
    """Whether a call that is over was never answered, and the agent never heard."""
    return not call.answer and call.status in ENDED_STATUSES - {"completed"}


def _is_news(call: CallRecord, notice: CallNotice) -> bool:
    over = notice.status in ENDED_STATUSES
    if call.status in ENDED_STATUSES:
        # What is over stays over; but a process may have died between the word and the end, and
        # an order that seemed to have failed may have rung all the same.
        return over and call.outcome is None
    return over or notice.sequence > call.status_sequence
