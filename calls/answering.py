"""What follows when the carrier tells who answered: talk, hang up, or leave a whole message.

A person who has spoken overrules a verdict; the engine decides who that is, on the call as it is in
that moment (`conversation/machines.py`). Not here: how the carrier listens (`Detecting` only says
what is wanted of it), and the attempt that the dialer keeps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from calls.metrics import Metrics
from calls.progress import Progress, was_unanswered
from calls.turns import Turns, UnknownAgent
from conversation.actions import Say
from conversation.events import MachineAnswered
from conversation.machines import is_persons
from conversation.state import Outcome
from providers.errors import ProviderError
from providers.telephony.base import CallNotice, NoticeKind, Telephony
from providers.telephony.detection import Answerer, MachineDetection, Verdict
from storage.base import Storage
from storage.records import CallEvent, CallRecord, TurnRecord

log = logging.getLogger(__name__)


class Followed(StrEnum):
    """What a verdict led to."""

    TALKS = "talks"
    HUNG_UP = "hung_up"
    MESSAGE = "message"  # is left
    AWAITS = "awaits"  # the end of the machine's greeting
    OVERRULED = "overruled"  # a person had spoken
    IGNORED = "ignored"  # the call was over, or had its verdict


@dataclass(frozen=True, slots=True)
class Detecting:
    """That the carrier listens for machines in a call, and what is done with one."""

    leaves_message: bool = False  # the agent's `voicemail`, after the beep; else it hangs up
    waits: bool = False  # nobody talks until the carrier knows; else the agent does meanwhile
    timeout_s: int = 30
    speech_threshold_ms: int = 2400
    speech_end_threshold_ms: int = 1200
    silence_timeout_ms: int = 5000

    @property
    def word(self) -> str:
        """What is done with a machine, as addresses say it."""
        return LEAVE if self.leaves_message else "hang_up"

    def order(self, told_at: str) -> MachineDetection:
        """What the carrier is asked; `told_at`: where it tells its verdict on a call that goes
        on."""
        return MachineDetection(
            awaits_end=self.leaves_message,
            told_at="" if self.waits else told_at,
            timeout_s=self.timeout_s,
            speech_threshold_ms=self.speech_threshold_ms,
            speech_end_threshold_ms=self.speech_end_threshold_ms,
            silence_timeout_ms=self.silence_timeout_ms,
        )


# In addresses, which the carrier signs: what is done with a machine.
LEAVE = "message"


class NotYet(Exception):
    """The verdict was faster than the call's first webhook: tell it again in a moment."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A verdict, and the callback it came in."""

    verdict: Verdict
    notice: CallNotice
    leaves_message: bool  # what the call was ordered with


@dataclass(frozen=True, slots=True)
class Answering:
    """Acts on verdicts. Safe to use from many threads and processes."""

    storage: Storage
    telephony: Telephony
    turns: Turns
    progress: Progress
    metrics: Metrics
    clock: Callable[[], datetime]

    def at_start(self, heard: Heard) -> MachineAnswered | None:
        """What a call that was held for the verdict begins with; None: as any other."""
        followed = wanted(heard.verdict, heard.leaves_message, awaits=False)
        if followed is Followed.TALKS:
            return None
        return MachineAnswered(self.clock(), followed is Followed.MESSAGE)

    def note_start(self, heard: Heard, call: CallRecord) -> None:
        """Keep the verdict on a call that has begun."""
        met = call.outcome == Outcome.MACHINE
        followed = wanted(heard.verdict, heard.leaves_message, awaits=False)
        self._keep(heard, call, followed if met or followed is Followed.TALKS else Followed.IGNORED)

    def report(self, heard: Heard, call_id: str | None, message_at: str) -> None:
        """Act on a verdict on a call that goes on; what is left on machines is said at
        `message_at`. Repeated, it changes nothing.

        NotYet; ProviderError when the carrier cannot be told now: it should repeat its callback.
        """
        call = self.storage.load_call(call_id) if call_id else None
        if call is None or call.carrier_id not in (None, heard.notice.carrier_id):
            call = self.storage.find_call(heard.notice.carrier_id)
        if call is None:
            self.progress.report(heard.notice, call_id)  # which says that it is not known
            return
        self._keep(heard, call, self._acted(heard, call, message_at))

    def call_ended(self, call: CallRecord) -> None:
        """Count how right the carrier was: whoever speaks is no machine, who never does may be one.

        For whoever is told of every ended call at least once.
        """
        if was_unanswered(call):
            return
        verdict = verdict_of(self.storage.events(call.call_id))
        if verdict is not None:
            self.metrics.answerer(verdict, has_spoken(self.storage.turns(call.call_id)))

    def _acted(self, heard: Heard, call: CallRecord, message_at: str) -> Followed:
        events = self.storage.events(call.call_id)
        # The first word counts. That it is kept at all says that it was acted on.
        if verdict_of(events) is not None:
            return Followed.IGNORED
        followed = wanted(heard.verdict, heard.leaves_message)
        if followed not in (Followed.HUNG_UP, Followed.MESSAGE):
            return followed
        if call.outcome not in (None, str(Outcome.MACHINE)):
            return Followed.IGNORED
        if call.carrier_id is None:
            raise NotYet(call.call_id)
        met = MachineAnswered(self.clock(), followed is Followed.MESSAGE)
        try:
            reply = self.turns.take(call.carrier_id, None, heard.notice.key, met)
        except UnknownAgent:  # its file went away: there is nothing to say, to whomever
            self._told(call, lambda carrier_id: self.telephony.end_call(carrier_id))
            return Followed.HUNG_UP
        if reply.call.outcome != Outcome.MACHINE:
            return Followed.OVERRULED if reply.call.outcome is None else Followed.IGNORED
        # Only now that the call is kept as over: whatever its socket or its next webhook says from
        # here on, nobody has hung up, and nothing is asked any more.
        if any(isinstance(action, Say) for action in self.turns.current(call.carrier_id).actions):
            self._told(call, lambda one: self.telephony.redirect_call(one, message_at))
            return Followed.MESSAGE
        self._told(call, lambda carrier_id: self.telephony.end_call(carrier_id))
        return Followed.HUNG_UP

    def _told(self, call: CallRecord, tell: Callable[[str], None]) -> None:
        """Have the carrier do it; a line that is down by now needs nothing done."""
        try:
            tell(call.carrier_id or "")
        except ProviderError as error:
            if not error.permanent:
                raise
            extra = {"call_id": call.call_id, "code": error.code}
            log.warning("a machine's call could not be moved", exc_info=error, extra=extra)

    def _keep(self, heard: Heard, call: CallRecord, followed: Followed) -> None:
        notice = replace(heard.notice, data={**heard.notice.data, "followed": str(followed)})
        if self.progress.report(notice, call.call_id):
            self.metrics.verdict(str(heard.verdict.by), str(followed))
            extra = {"call_id": call.call_id, "verdict": str(heard.verdict.by)}
            log.info("the carrier says who answered", extra={**extra, "followed": str(followed)})


def wanted(verdict: Verdict, leaves_message: bool, awaits: bool = True) -> Followed:
    """What a verdict asks for, as long as nobody has spoken.

    `awaits`: another word comes when a machine's greeting is over.
    """
    match verdict.by:
        case Answerer.HUMAN | Answerer.UNKNOWN:
            return Followed.TALKS
        case Answerer.MACHINE if leaves_message:
            return Followed.MESSAGE if verdict.records or not awaits else Followed.AWAITS
        case _:
            return Followed.HUNG_UP


def verdict_of(events: Sequence[CallEvent]) -> str | None:
    """Who answered, by the first word of the carrier that was acted on: human, machine, fax or
    unknown; None when nobody listened for it."""
    ignored = (str(Followed.IGNORED), str(Followed.AWAITS))
    for event in events:
        if event.kind == NoticeKind.AMD and event.data.get("followed") not in ignored:
            return event.data.get("verdict")
    return None


def has_spoken(turns: Sequence[TurnRecord]) -> bool:
    """Whether a person said something, or pressed a key, as the conversation takes it; a machine's
    greeting is neither, of its network's words or its own."""
    return any(
        turn.caller_by == "keys"
        or (
            turn.caller_by == "speech"
            and turn.caller
            and is_persons(turn.caller, bool(turn.accepted))
        )
        for turn in turns
    )
