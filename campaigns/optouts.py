"""Puts who asked not to be rung again on the list of all campaigns, with the words they said."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from calls.states import has_opted_out
from storage.base import Storage, StorageError
from storage.do_not_call import DoNotCall, DoNotCallLists, Source
from storage.records import CallRecord, TurnRecord
from storage.spellings import one_spelling

log = logging.getLogger(__name__)

WORDS_MOST = 500  # characters of what was said that are kept

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OptOuts:
    """Notes opt-outs, whoever rang whom. Noted twice, an opt-out is there once."""

    lists: DoNotCallLists
    clock: Callable[[], datetime]

    def note(self, call: CallRecord, turns: Sequence[TurnRecord]) -> bool:
        """Bar the caller of a call in which they opted out; True when that is news.

        False, with nothing done, for every other call, and for callers without a number.
        StorageError when it cannot be kept: call again.
        """
        if not has_opted_out(call) or not _NUMBER.fullmatch(call.caller_number):
            return False
        said = _last_said(turns)
        by_keys = said is not None and said.caller_by == "keys"
        entry = DoNotCall(
            number=one_spelling(call.caller_number),
            campaign_id="",
            source=Source.KEYS if by_keys else Source.HEARD,
            at=call.ended_at or self.clock(),
            words=said.caller[:WORDS_MOST] if said is not None else "",
            call_id=call.call_id,
        )
        return self.lists.add([entry]) > 0

    def ended(self, storage: Storage) -> Callable[[CallRecord], None]:
        """What is told of every call that ended, and notes those that opted out."""

        def told(call: CallRecord) -> None:
            if has_opted_out(call):
                self.note(call, storage.turns(call.call_id))

        return told

    def at_once(self, storage: Storage) -> Callable[[CallRecord], None]:
        """The same, told as soon as a call has its outcome: who asks not to be rung again is on the
        list before they are promised it. A store that is away does not spoil their last turn."""
        tell = self.ended(storage)

        def told(call: CallRecord) -> None:
            try:
                tell(call)
            except StorageError:
                extra = {"call_id": call.call_id}
                log.warning("an opt-out is noted later", exc_info=True, extra=extra)

        return told


def _last_said(turns: Sequence[TurnRecord]) -> TurnRecord | None:
    """The turn in which the caller opted out: the last that was theirs."""
    theirs = [turn for turn in turns if turn.caller.strip()]
    return max(theirs, key=lambda turn: turn.turn, default=None)
