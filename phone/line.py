"""A call from the first webhook to the last: fetches documents, executes them, falls back.

Sources: twilio.com/docs/voice/twiml (execution, end of a document), twilio.com/docs/usage/webhooks/
voice-webhooks (fallback address with ErrorCode and ErrorUrl). General knowledge: what is said when
nothing works, and that a second failure on the fallback address ends the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from phone.caller import PickUp
from phone.detection import form_of
from phone.dial import RING_S
from phone.execution import (
    CallerHungUp,
    End,
    Execution,
    GoTo,
    Inline,
    Interrupted,
    Next,
)
from phone.faults import CallFault, WebhookFault
from phone.transcript import Who
from phone.twiml import Node, read_document
from phone.verbs import answers, execute

APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
DOCUMENTS_MOST = 500  # the carrier lets documents redirect for ever; a test should not wait for it


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the carrier asks what to do with a call."""

    voice: str
    voice_method: str = "POST"
    fallback: str = ""
    fallback_method: str = "POST"


@dataclass
class Line:
    """One call. `run_inbound` or `run_outbound` once; `call.interrupt` from any thread."""

    call: Execution
    addresses: Addresses
    inline: tuple[Node, ...] | None = None  # the first document, when it was given with the order
    ring_s: int = 60  # how long an outbound call rings

    def run_inbound(self) -> None:
        """The caller has dialled; returns when the call is over."""
        self.call.leg.status = "ringing"
        self._run()

    def run_outbound(self) -> None:
        """Ring the caller as ordered, and talk when they pick up."""
        call = self.call
        call.progress.reach("initiated")
        call.progress.reach("ringing")
        try:
            call.check_interruption()
            picked_up = call.caller.picks_up(call.leg.from_number)
            call.note(Who.EVENT, f"rings {call.leg.to_number}: {picked_up.value}")
            call.check_interruption()
        except Interrupted:  # a call that only rings can be ended, and nothing else
            self._finish("canceled")
            return
        if picked_up is not PickUp.ANSWERED:
            call.clock.advance(self.ring_s if picked_up is PickUp.NO_ANSWER else RING_S)
            self._finish(picked_up.value)
            return
        call.clock.advance(RING_S)
        call.answer()
        self._run(self._listened())

    def _listened(self) -> dict[str, str]:
        """What a call that is held until it is known who answered tells in its first request."""
        call = self.call
        word = call.detection.begin(call.clock.now()) if call.detection is not None else None
        if word is None:
            return {}
        call.note(Who.EVENT, f"the carrier says who answered: {word.answered_by}")
        call.clock.advance(word.after_s)
        return form_of(call.leg, word)

    def _run(self, told: Mapping[str, str] | None = None) -> None:
        started_at = self.call.clock.now()
        form = self.call.leg.first_form() | dict(told or {})
        first = GoTo(self.addresses.voice, form, self.addresses.voice_method)
        goes_to: Next = Inline(self.inline) if self.inline is not None else first
        documents = 0
        while isinstance(goes_to, GoTo | Inline):
            documents += 1
            if documents > DOCUMENTS_MOST:
                self.call.note(Who.FAULT, f"more than {DOCUMENTS_MOST} documents in one call")
                break
            goes_to = self._step(goes_to)
        answered = self.call.is_answered
        if answered:
            talked = self.call.clock.now() - started_at
            self.call.leg.duration_s = round(talked.total_seconds())
        status = goes_to.status if isinstance(goes_to, End) else "completed"
        self._finish(status if answered or status != "completed" else "no-answer")

    def _step(self, goes_to: GoTo | Inline) -> Next:
        """One document, from fetching it to where it leads."""
        try:
            verbs = self._fetch(goes_to) if isinstance(goes_to, GoTo) else goes_to.verbs
            return self._execute(verbs)
        except Interrupted as interrupted:
            return interrupted.to
        except CallerHungUp:
            return End()
        except CallFault as fault:
            return self._fall_back(fault, goes_to)

    def _fetch(self, goes_to: GoTo) -> tuple[Node, ...]:
        form = self.call.leg.form() | dict(goes_to.form)
        form["CallStatus"] = self.call.leg.status
        answer = self.call.courier.ask(goes_to.url, form, goes_to.method)
        self.call.document_url = answer.url
        return read_document(answer.body, answer.content_type)

    def _execute(self, verbs: tuple[Node, ...]) -> Next:
        for node in verbs:
            self.call.check_interruption()
            if not self.call.is_answered and answers(node):
                self.call.answer()
            goes_to = execute(self.call, node)
            if goes_to is not None:
                return goes_to
        return End()

    def _fall_back(self, fault: CallFault, goes_to: GoTo | Inline) -> Next:
        """The fallback address, once; then the carrier's own apology."""
        self.call.note(Who.FAULT, str(fault))
        failed_url = goes_to.url if isinstance(goes_to, GoTo) else ""
        if isinstance(fault, WebhookFault):
            failed_url = fault.url
        form = {"ErrorCode": str(fault.code), "ErrorUrl": failed_url}
        fallback = self.addresses.fallback
        if fallback and "ErrorCode" not in getattr(goes_to, "form", {}):
            return GoTo(fallback, form, self.addresses.fallback_method)
        self.call.clock.play(self.call.say(APPLICATION_ERROR, "en-US"))
        return End("completed" if self.call.is_answered else "failed")

    def _finish(self, status: str) -> None:
        self.call.progress.reach(status)
        self.call.end_recordings()
        self.call.courier.close()
