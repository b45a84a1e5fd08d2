"""A call that is being executed: what every verb needs of it. Not here: the verbs, the loop."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from phone.caller import (
    Caller,
    HangsUp,
    Heard,
    Listening,
    MakesNoise,
    Move,
    Presses,
    Speaks,
    StaysSilent,
)
from phone.clock import CallClock, speech_s
from phone.detection import Detection, form_of
from phone.faults import WebhookFault
from phone.leg import Leg
from phone.live_habits import Live
from phone.progress import Progress
from phone.studio import STUDIO
from phone.tape import Report, Tape, Tapes
from phone.transcript import Entry, Transcript, Who
from phone.twiml import Node
from phone.webhook import Courier


@dataclass(frozen=True, slots=True)
class GoTo:
    """Leave the document for the one at `url`."""

    url: str
    form: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Inline:
    """Leave the document for this one, given over the REST interface."""

    verbs: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The call is over, with the status that the carrier will report."""

    status: str = "completed"


Next = GoTo | Inline | End | None  # None: the verb after this one


class CallerHungUp(Exception):
    """The person put the phone down."""


class Interrupted(Exception):
    """The REST interface ended or redirected the call."""

    def __init__(self, to: GoTo | Inline | End) -> None:
        super().__init__()
        self.to = to


@dataclass
class Execution:
    """The state of a call between and during verbs. Used by one thread, but for `interrupt`."""

    leg: Leg
    courier: Courier
    caller: Caller
    progress: Progress
    transcript: Transcript = field(default_factory=Transcript)
    document_url: str = ""  # relative addresses start here
    tapes: Tapes = field(default_factory=Tapes)
    live: Live = field(default_factory=Live)
    detection: Detection | None = None  # who listens for machines; None: nobody
    _interruptions: queue.SimpleQueue[GoTo | Inline | End] = field(
        default_factory=queue.SimpleQueue
    )

    @property
    def clock(self) -> CallClock:
        """The time in the call."""
        return self.courier.clock

    @property
    def is_answered(self) -> bool:
        """Somebody is on the line."""
        return self.leg.status == "in-progress"

    def answer(self) -> None:
        """Somebody is on the line from now on. An inbound call reports nothing but its end."""
        if self.leg.direction == "inbound":
            self.leg.status = "in-progress"
        else:
            self.progress.reach("in-progress")

    def interrupt(self, to: GoTo | Inline | End) -> None:
        """End or redirect the call from another thread, at the next verb or caller's move."""
        self._interruptions.put(to)

    def check_interruption(self) -> None:
        """Interrupted when the REST interface wants something else."""
        self._tell_who_answered()
        if not self._interruptions.empty():
            raise Interrupted(self._interruptions.get())

    def _tell_who_answered(self) -> None:
        """The carrier's word on it, when it is time: the app may want the call elsewhere then."""
        if self.detection is None or not self.is_answered:
            return
        word = self.detection.tick(self.clock.now())
        wanted = self.detection.wanted
        if word is None or wanted is None:
            return
        self.note(Who.EVENT, f"the carrier says who answered: {word.answered_by}")
        try:
            self.courier.send(wanted.told_at, form_of(self.leg, word), wanted.method)
        except WebhookFault as fault:
            self.note(Who.FAULT, f"{fault} ({fault.url})")

    def resolve(self, url: str) -> str:
        """An address in the document as an absolute one; "" is the document's own."""
        return urljoin(self.document_url, url) if url else self.document_url

    def note(self, who: Who, text: str, language: str = "") -> None:
        """Keep something that happened."""
        self.transcript.add(Entry(who, text, language, self.clock.now()))

    def hear(self, heard: Heard) -> None:
        """The agent's words or recording reach the caller; takes no time by itself."""
        self.note(Who.AGENT, heard.text, heard.language)
        self.caller.hears(heard)

    def say(self, text: str, language: str, voice: str = "") -> float:
        """Let the caller hear `text`; the seconds it takes, not yet passed."""
        self.hear(Heard(text, language, voice))
        return speech_s(text)

    def listen(self, listening: Listening) -> Move:
        """What the caller does now, noted. Raises Interrupted when the call was taken elsewhere."""
        move = self.caller.moves(listening)
        self.acted(move, listening.language)
        self.check_interruption()
        return move

    def acted(self, move: Move, language: str) -> None:
        """Note what the caller does. CallerHungUp when that is the end."""
        match move:
            case Speaks():
                self.note(Who.CALLER, move.text, language)
            case Presses():
                self.note(Who.CALLER, f"#{move.keys}")
            case MakesNoise():
                self.note(Who.CALLER, "(noise)")
            case StaysSilent():
                self.note(Who.CALLER, "(silence)")
            case HangsUp():
                self.note(Who.CALLER, "(hangs up)")
                raise CallerHungUp

    def start_recording(self, report: Report, courier: Courier | None = None) -> Tape:
        """Record both sides from now to the end of the call.

        From another thread than the call's with a courier of its own.
        """
        tape = Tape(self.clock.now(), report)
        self.tapes.running.append(tape)
        self.note(Who.EVENT, "the call is recorded from here on")
        self._report(tape, "in-progress", courier or self.courier)
        return tape

    def end_recordings(self) -> None:
        """The call is over: what was recorded can be fetched, and its callback says so."""
        for tape in self.tapes.running:
            tape.ended_at = self.clock.now()
            STUDIO.keep(self.leg.account, tape)
            self._report(tape, "completed", self.courier)
        self.tapes.running.clear()

    def _report(self, tape: Tape, status: str, courier: Courier) -> None:
        report = tape.report
        if not report.url or status not in report.events:
            return
        form = self.leg.form() | tape.told(STUDIO.url(self.leg.account, tape.sid), status)
        try:
            courier.send(self.resolve(report.url), form, report.method)
        except WebhookFault as fault:
            self.note(Who.FAULT, f"{fault} ({fault.url})")

    def follow(self, node: Node, form: Mapping[str, str]) -> Next:
        """Where a verb's `action` leads: the next verb when it has none."""
        if not node.get("action"):
            return None
        return GoTo(self.resolve(node.get("action")), form, node.get("method", "POST"))
