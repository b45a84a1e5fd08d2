"""Ends calls that went quiet: the carrier's last word on them was lost, or never sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from calls.progress import Progress
from conversation.stages import Stage
from storage.base import StaleCall, Storage
from storage.records import CallQuery, CallRecord

log = logging.getLogger(__name__)

# A call that is up sends a webhook every minute or two, since each question waits for seconds only.
QUIET = timedelta(minutes=20)
# While an operator talks nothing is sent. The carrier ends such a call after four hours
# (twilio.com/docs/voice/twiml/dial, timeLimit).
QUIET_IN_HANDOVER = timedelta(hours=4, minutes=10)
# Calls looked at in one go.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Sweep:
    """Ends what went quiet. Done twice, or killed in its middle, it does no harm."""

    storage: Storage
    progress: Progress
    clock: Callable[[], datetime]

    def work(self, stop: Event) -> None:
        """End every call that is open and quiet, until there is none or `stop` is set."""
        now = self.clock()
        offset = 0  # past those that stay open
        while not stop.is_set():
            query = CallQuery(open_only=True, quiet_since=now - QUIET, limit=BATCH, offset=offset)
            found = self.storage.calls(query)
            offset += sum(not self._end(call, now) for call in found if not stop.is_set())
            if len(found) < BATCH:
                return

    def _end(self, call: CallRecord, now: datetime) -> bool:
        in_handover = call.stage == Stage.HANDOVER
        if in_handover and now - call.updated_at < QUIET_IN_HANDOVER:
            return False
        try:
            self.progress.give_up(call)
        except StaleCall:
            return False  # something happened in it
        log.info("call went quiet and was ended", extra={"call_id": call.call_id})
        return True
