"""Who a call is between and what the carrier says of it in every webhook.

The parameters are those of twilio.com/docs/voice/twiml (request parameters); that the first
request of an inbound call alone carries CallToken and StirVerstat was seen in published requests.
Cities, states and postal codes are always empty here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import phonenumbers

API_VERSION = "2010-04-01"
FINAL_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def new_sid(prefix: str) -> str:
    """An id as the carrier makes them: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


def country(number: str) -> str:
    """The ISO country of an E.164 number; "" when it is none."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""


@dataclass
class Leg:
    """One call as the carrier keeps it. `status` moves; the rest stays."""

    account: str
    from_number: str
    to_number: str
    direction: str  # inbound | outbound-api | outbound-dial
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: str = "queued"
    parent_sid: str = ""
    duration_s: int = 0  # from answer to end

    @property
    def is_over(self) -> bool:
        """The call has reached a status that it will keep."""
        return self.status in FINAL_STATUSES

    def form(self) -> dict[str, str]:
        """The parameters that every webhook of this call carries."""
        form = {
            "CallSid": self.sid,
            "AccountSid": self.account,
            "ApiVersion": API_VERSION,
            "CallStatus": self.status,
            "Direction": self.direction,
        }
        for side, number in (("From", self.from_number), ("To", self.to_number)):
            other = {"From": "Caller", "To": "Called"}[side]
            for name in (side, other):
                form[name] = number
                form[f"{name}City"] = form[f"{name}State"] = form[f"{name}Zip"] = ""
                form[f"{name}Country"] = country(number)
        if self.parent_sid:
            form["ParentCallSid"] = self.parent_sid
        return form

    def first_form(self) -> dict[str, str]:
        """`form`, with what only the first request of a call carries."""
        form = self.form()
        if self.direction == "inbound":
            form["StirVerstat"] = "TN-Validation-Passed-A"
            form["CallToken"] = f'{{"parentCallInfoToken":"{uuid.uuid4().hex}"}}'
        return form
