"""Text messages through Twilio: sent by REST, received and reported by webhook."""

from __future__ import annotations

import re
from typing import Annotated, NotRequired
from xml.sax.saxutils import escape

import requests
from pydantic import Field
from twilio.base.exceptions import TwilioException, TwilioRestException
from typing_extensions import TypedDict

from providers.errors import ProviderTimeout, ProviderUnavailable
from providers.telephony.base import Webhook
from providers.telephony.messaging import (
    TEXT_MOST,
    MessageNotice,
    MessageOrder,
    MessageRefusal,
    MessageRefused,
    MessageStatus,
    MessageTurn,
)
from providers.telephony.twilio.client import NAME, Rest
from providers.telephony.twilio.document import REPORT_AGAIN
from providers.telephony.twilio.webhooks import read_text, read_value

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

# https://www.twilio.com/docs/api/errors: what each refusal of a message asks us to mend.
_REASONS = {
    MessageRefusal.NUMBER: {21211, 21401, 21421, 21604, 21612, 21614, 21624, 21635, 63024},
    MessageRefusal.OPTED_OUT: {21610},
    MessageRefusal.NOT_ALLOWED: {10002, 21408, 21608, 21612, 30034, 573002},
    MessageRefusal.ACCOUNT: {10001, 20003, 20005, 20008, 20404, 21212, 21603, 21606, 21659, 21660},
    MessageRefusal.TEXT: {21602, 21617, 21619},
}
_REASON = {code: reason for reason, codes in _REASONS.items() for code in codes}
_MEND = {
    MessageRefusal.NUMBER: "The carrier cannot send messages to this number.",
    MessageRefusal.OPTED_OUT: "This person wrote STOP to the carrier: it sends them nothing.",
    MessageRefusal.NOT_ALLOWED: "The carrier's account may not send messages there.",
    MessageRefusal.ACCOUNT: (
        "The carrier does not accept this account or number for messages: check "
        "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER."
    ),
    MessageRefusal.TEXT: f"The carrier takes texts of 1 to {TEXT_MOST} characters.",
    MessageRefusal.OTHER: "The carrier refused the message.",
}
# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
_STATUSES = {
    "accepted": MessageStatus.ACCEPTED,
    "scheduled": MessageStatus.ACCEPTED,
    "queued": MessageStatus.ACCEPTED,
    "sending": MessageStatus.ACCEPTED,
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "partially_delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.DELIVERED,
    "undelivered": MessageStatus.UNDELIVERED,
    "failed": MessageStatus.FAILED,
    "canceled": MessageStatus.FAILED,
    "receiving": MessageStatus.RECEIVED,
    "received": MessageStatus.RECEIVED,
}


Sid = Annotated[str, Field(pattern=rf"^{_SID.pattern}$")]
Somebody = Annotated[str, Field(pattern="^[!-~]", examples=["+919876543210"])]


class MessageForm(TypedDict):
    """A message that came in; of many parameters those that are read."""

    MessageSid: Sid
    From: Somebody
    To: Somebody
    Body: NotRequired[str]
    NumMedia: NotRequired[Annotated[str, Field(description="How many pictures and sounds.")]]
    OptOutType: NotRequired[
        Annotated[str, Field(description="STOP, START or HELP, when Twilio has answered it.")]
    ]


class MessageStatusForm(TypedDict):
    """What became of a message; of many parameters those that are read."""

    MessageSid: Sid
    MessageStatus: Annotated[str, Field(json_schema_extra={"enum": sorted(_STATUSES)})]
    ErrorCode: NotRequired[str]


class MessagesRest(Rest):
    """The part of the REST interface that sends messages. Safe to use from many threads."""

    def send(self, order: MessageOrder) -> str:
        """Send a message; its SID. ProviderError when that fails."""
        if self._missing:
            message = f"Messages cannot be sent yet: set {', '.join(self._missing)}."
            raise ProviderUnavailable("telephony", NAME, message, "not_set_up")
        try:
            sent = self._client.messages.create(
                to=order.to,
                from_=self._line,
                body=order.text,
                status_callback=order.status + REPORT_AGAIN,
            )
        except TwilioRestException as error:
            raise _answered(error) from error
        except requests.ReadTimeout as error:
            message = "The carrier did not answer in time; the message may arrive all the same."
            raise ProviderTimeout("telephony", NAME, message) from error
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise self._translated(error) from error
        if not sent.sid:
            raise ProviderUnavailable("telephony", NAME, "The carrier's answer names no message.")
        return str(sent.sid)


def _answered(error: TwilioRestException) -> Exception:
    code = int(error.code or 0)
    if error.status == 429 or error.status >= 500:
        message = f"The carrier is overloaded or broken for now (HTTP {error.status})."
        return ProviderUnavailable("telephony", NAME, message, str(code or error.status))
    unauthorised = error.status in (401, 403) and code not in _REASON
    other = MessageRefusal.ACCOUNT if unauthorised else MessageRefusal.OTHER
    reason = _REASON.get(code, other)
    return MessageRefused(NAME, _MEND[reason], str(code or error.status), reason)


def read_message(webhook: Webhook) -> MessageTurn:
    """A message that came in. ValueError when it, its sender or our number is not named."""
    sender, line = read_value(webhook, "From"), read_value(webhook, "To")
    if not sender or not line:
        raise ValueError("From or To is missing")
    media = read_value(webhook, "NumMedia")
    opted = read_value(webhook, "OptOutType")
    return MessageTurn(
        carrier_id=_sid(webhook),
        sender=sender,
        line_number=line,
        text=read_text(webhook, "Body", TEXT_MOST),
        media=int(media) if re.fullmatch(r"[0-9]{1,3}", media) else 0,
        # https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
        is_answered=bool(opted),
        asks_for=opted.lower(),
    )


def read_status(webhook: Webhook) -> MessageNotice:
    """What became of a message. ValueError when it or its status is not named."""
    written = read_value(webhook, "MessageStatus") or read_value(webhook, "SmsStatus")
    status = _STATUSES.get(written)
    if status is None:
        raise ValueError("MessageStatus is missing or not known")
    return MessageNotice(_sid(webhook), status, read_value(webhook, "ErrorCode"))


def answer(text: str) -> str:
    """TwiML that sends `text` back; nothing when it is empty."""
    message = f"<Message>{escape(text)}</Message>" if text else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'


def _sid(webhook: Webhook) -> str:
    for name in ("MessageSid", "SmsSid", "SmsMessageSid"):
        sid = read_value(webhook, name)
        if _SID.fullmatch(sid):
            return sid
    raise ValueError("MessageSid is missing or not the id of a message")
