"""Ending a call by hand: the carrier hangs up, or a call is closed whose end nobody reported."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls.progress import Progress
from providers.errors import ProviderError
from providers.telephony.base import ENDED_STATUSES, Telephony
from storage.base import StaleCall, Storage
from storage.records import CallRecord

log = logging.getLogger(__name__)

# A call in which nothing has happened for so long may be closed: a caller's turn takes seconds.
QUIET = timedelta(minutes=2)


class CannotEnd(Exception):
    """The call cannot be ended so; the message says why.

    `status` is that of an HTTP answer: 404 unknown, 409 over or not yet up, 503 try again.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class CallEnds:
    """Ends calls that go on. Safe to use from many threads."""

    storage: Storage
    telephony: Telephony
    progress: Progress
    clock: Callable[[], datetime]

    def can_be_closed(self, call: CallRecord) -> bool:
        """Whether the call is open and so quiet that its end may have gone unreported."""
        return call.ended_at is None and self.clock() - call.updated_at >= QUIET

    def hang_up(self, call_id: str) -> None:
        """Have the carrier hang up; its report ends the call. CannotEnd says why not."""
        call = self._open_call(call_id)
        if call.status in ENDED_STATUSES:
            raise CannotEnd(409, "The line of this call is down already.")
        if call.carrier_id is None:
            raise CannotEnd(409, "The carrier has not taken this call yet: try again in a moment.")
        try:
            self.telephony.end_call(call.carrier_id)
        except ProviderError as error:
            extra = {"call_id": call_id, "code": error.code}
            log.warning("the carrier did not hang up", exc_info=error, extra=extra)
            message = f"The carrier did not hang up. {error}"
            raise CannotEnd(409 if error.permanent else 503, message) from error

    def close(self, call_id: str) -> None:
        """Close a call that has gone quiet. CannotEnd when it goes on, or is over."""
        call = self._open_call(call_id)
        if not self.can_be_closed(call):
            raise CannotEnd(409, "Something has just happened in this call: hang up instead.")
        try:
            self.progress.give_up(call)
        except StaleCall:
            raise CannotEnd(409, "Something has just happened in this call: look again.") from None

    def _open_call(self, call_id: str) -> CallRecord:
        call = self.storage.load_call(call_id)
        if call is None:
            raise CannotEnd(404, "No call is kept under this id.")
        if call.ended_at is not None:
            raise CannotEnd(409, "This call is over.")
        return call
