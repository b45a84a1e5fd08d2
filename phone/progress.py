"""Tells the app how a call gets on: status callbacks, in order or as they really arrive.

Source: twilio.com/docs/voice/api/call-resource (StatusCallback, StatusCallbackEvent). The events
`initiated`, `ringing`, `answered`, `completed` are asked for by name; every final status comes
under `completed`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from phone.faults import WebhookFault
from phone.leg import FINAL_STATUSES, Leg
from phone.webhook import Courier


class Delivered(StrEnum):
    """How callbacks reach the app."""

    IN_ORDER = "in_order"
    REVERSED = "reversed"  # held back to the end of the call, the last one first


# What the line said to the final status (general knowledge; 486 was seen in a published request).
_SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487"}


@dataclass
class Progress:
    """The status callbacks of one leg. A callback that fails is recorded and changes nothing."""

    courier: Courier
    leg: Leg
    url: str = ""  # "" reports nothing
    events: Sequence[str] = ("completed",)
    method: str = "POST"
    delivered: Delivered = Delivered.IN_ORDER
    sequence: int = 0
    held: list[Mapping[str, str]] = field(default_factory=list)

    def reach(self, status: str) -> None:
        """The leg has got to `status`; tell whoever asked to be told."""
        if self.leg.is_over:
            return
        self.leg.status = status
        event = {"in-progress": "answered"}.get(status, status)
        if status in FINAL_STATUSES:
            event = "completed"
        if self.url and event in self.events:
            self._post(self._form(status))
        self.sequence += 1  # counts what was not asked for, too
        if status in FINAL_STATUSES:
            for form in reversed(self.held):
                self._send(form)
            self.held.clear()

    def _form(self, status: str) -> dict[str, str]:
        form = self.leg.form()
        form["CallStatus"] = status
        form["Timestamp"] = self.courier.clock.stamp()
        form["CallbackSource"] = "call-progress-events"
        form["SequenceNumber"] = str(self.sequence)
        if status in FINAL_STATUSES:
            form["CallDuration"] = str(self.leg.duration_s)
            form["Duration"] = str(math.ceil(self.leg.duration_s / 60))
            form["SipResponseCode"] = _SIP_CODES.get(status, "503")
        return form

    def _post(self, form: Mapping[str, str]) -> None:
        if self.delivered is Delivered.REVERSED:
            self.held.append(form)
        else:
            self._send(form)

    def _send(self, form: Mapping[str, str]) -> None:
        try:
            self.courier.send(self.url, form, self.method)
        except WebhookFault:
            return  # the courier keeps it with the delivery; the carrier goes on, too
