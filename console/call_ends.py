"""Ending a call by hand: the carrier hangs up, or a call is closed whose end nobody reported."""

from __future__ import annotations

import logging
from datetime import timedelta

from providers.errors import ProviderError
from providers.telephony.base import ENDED_STATUSES
from services import Services
from storage.base import StaleCall
from storage.records import CallRecord

log = logging.getLogger(__name__)

# A call in which nothing has happened for so long may be closed: a caller's turn takes seconds.
QUIET = timedelta(minutes=2)


class CannotEnd(Exception):
    """The call cannot be ended so; the message says why. `status` is that of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def can_be_closed(services: Services, call: CallRecord) -> bool:
    """Whether the call is open and so quiet that its end may have gone unreported."""
    return call.ended_at is None and services.clock() - call.updated_at >= QUIET


def hang_up(services: Services, call_id: str) -> None:
    """Have the carrier hang up; its report ends the call. CannotEnd says why not."""
    call = _open_call(services, call_id)
    if call.status in ENDED_STATUSES:
        raise CannotEnd(409, "The line of this call is down already.")
    if call.carrier_id is None:
        raise CannotEnd(409, "The carrier has not taken this call yet: try again in a moment.")
    try:
        services.telephony.end_call(call.carrier_id)
    except ProviderError as error:
        extra = {"call_id": call_id, "code": error.code}
        log.warning("the carrier did not hang up", exc_info=error, extra=extra)
        message = f"The carrier did not hang up. {error}"
        raise CannotEnd(409 if error.permanent else 503, message) from error


def close_by_hand(services: Services, call_id: str) -> None:
    """Close a call that has gone quiet. CannotEnd when it goes on, or is over."""
    call = _open_call(services, call_id)
    if not can_be_closed(services, call):
        raise CannotEnd(409, "Something has just happened in this call: hang up instead.")
    try:
        services.progress.give_up(call)
    except StaleCall:
        raise CannotEnd(409, "Something has just happened in this call: look again.") from None


def _open_call(services: Services, call_id: str) -> CallRecord:
    call = services.storage.load_call(call_id)
    if call is None:
        raise CannotEnd(404, "No call is kept under this id.")
    if call.ended_at is not None:
        raise CannotEnd(409, "This call is over.")
    return call
