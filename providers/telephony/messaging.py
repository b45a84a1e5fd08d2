"""Text messages, as the role of the carrier has them: what is sent, what comes in, what became."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from agents.schema import MESSAGE_LENGTH
from providers.errors import ProviderRefused

if TYPE_CHECKING:
    from providers.telephony.base import Webhook

TEXT_MOST = MESSAGE_LENGTH


class MessageStatus(StrEnum):
    """Where a message is. A later one is never followed by an earlier one."""

    QUEUED = "queued"  # kept here, and not known to the carrier yet
    SENDING = "sending"  # being given to the carrier; or nobody knows whether it was
    ACCEPTED = "accepted"  # the carrier has it
    SENT = "sent"  # and has passed it on
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # it was passed on and did not arrive
    FAILED = "failed"  # it was never passed on
    RECEIVED = "received"  # it came in


class MessageRefusal(StrEnum):
    """Why a carrier will not send a message."""

    NUMBER = "number"  # it cannot be sent there
    OPTED_OUT = "opted_out"  # that person wrote STOP to the carrier
    NOT_ALLOWED = "not_allowed"  # the account may not
    ACCOUNT = "account"  # account, secret or our own number are not accepted
    TEXT = "text"  # it is empty or too long
    OTHER = "other"


class MessageRefused(ProviderRefused):
    """The carrier will not send this message."""

    def __init__(self, provider: str, message: str, code: str, reason: MessageRefusal) -> None:
        super().__init__("telephony", provider, message, code)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class MessageOrder:
    """A message to be sent."""

    to: str  # E.164
    text: str  # 1 to TEXT_MOST characters
    status: str  # where the carrier tells what becomes of it; absolute


@dataclass(frozen=True, slots=True)
class MessageTurn:
    """A message that somebody sent to one of our numbers."""

    carrier_id: str
    sender: str  # E.164, or what the carrier calls a sender without a number
    line_number: str  # ours
    text: str
    media: int = 0  # pictures and sounds that came with it, which are not kept
    is_answered: bool = False  # it was STOP, START or HELP, and the carrier answered by itself
    asks_for: str = ""  # which of them, in lower case: carriers may know words that we do not


@dataclass(frozen=True, slots=True)
class MessageNotice:
    """What became of a message that was sent."""

    carrier_id: str
    status: MessageStatus
    error: str = ""  # the carrier's code; "" for none


class Messaging(Protocol):
    """The part of a carrier that sends text messages. Called from many threads at once."""

    def send_message(self, order: MessageOrder) -> str:
        """Send a message from our line; the carrier's id of it. ProviderError when it will not.

        MessageRefused, and ProviderUnavailable before anything was sent, are certain: it does not
        arrive. After a ProviderTimeout it may.
        """

    message_form: object  # the form of a message that came in, as a type that pydantic knows
    message_status_form: object  # the same of what became of one

    def read_message(self, webhook: Webhook) -> MessageTurn:
        """A message that came in. ValueError, naming it, on a missing part."""

    def read_message_status(self, webhook: Webhook) -> MessageNotice:
        """What became of a message. ValueError as above."""

    def message_answer(self, text: str) -> str:
        """The answer to the webhook of a message: a document that sends `text`; "" sends none."""
