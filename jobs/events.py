"""What customers are told of calls, and when: from the end of each, whichever way it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calls.message_book import Message
from calls.message_words import Wish
from calls.states import has_opted_out
from conversation.state import Outcome
from jobs.endpoints import EventName
from jobs.webhooks import Webhooks
from storage.base import Storage
from storage.leads import Leads, Result
from storage.records import CallRecord, JsonObject

# What is no conversation.
_FAILED = {None, str(Outcome.FAILED), str(Outcome.MACHINE)}


@dataclass(frozen=True, slots=True)
class CallNews:
    """Tells of calls that ended. Told twice of the same, it does no harm."""

    webhooks: Webhooks
    storage: Storage
    leads: Leads

    def ended(self, call: CallRecord) -> None:
        """Tell of one. StorageError: once more, later."""
        if call.ended_at is None or not self.webhooks.endpoints.all() or self._never_was(call):
            return
        told = self._told(call)
        is_failed = call.outcome in _FAILED
        first = EventName.CALL_FAILED if is_failed else EventName.CALL_COMPLETED
        self.webhooks.emit(first, call.call_id, told, call.ended_at)
        if call.outcome == Outcome.HANDED_OVER:
            event = EventName.CALL_HANDED_OVER
            self.webhooks.emit(event, call.call_id, told, call.ended_at)
        if has_opted_out(call):
            lead = {
                "number": call.caller_number,
                "call_id": call.call_id,
                "campaign_id": call.campaign_id,
                "lead_id": call.lead_id,
                "by": "call",
            }
            self.webhooks.emit(EventName.LEAD_OPTED_OUT, call.call_id, lead, call.ended_at)

    def _never_was(self, call: CallRecord) -> bool:
        """Whether the carrier never had the order: nobody was rung, no attempt is counted, and the
        lead is rung later. While a carrier is away it is tried again every minute."""
        if not call.campaign_id or call.carrier_id is not None:
            return False
        attempt = self.leads.attempt(call.call_id)
        return attempt is not None and attempt.result == Result.NOT_PLACED

    def _told(self, call: CallRecord) -> JsonObject:
        collected = self.storage.collected(call.call_id)
        ended_at = call.ended_at
        assert ended_at is not None
        return {
            "call_id": call.call_id,
            "agent": call.agent,
            "direction": call.direction,
            "number": call.caller_number,
            "line": call.line_number,
            "campaign_id": call.campaign_id,
            "lead_id": call.lead_id,
            "language": call.language,
            "outcome": call.outcome or str(Outcome.FAILED),
            "status": call.status,
            "began_at": call.created_at.isoformat(),
            "ended_at": ended_at.isoformat(),
            "data": {} if collected is None else dict(collected.data),
        }


@dataclass(frozen=True, slots=True)
class MessageNews:
    """Tells of text messages that came in. Told twice of the same, it does no harm."""

    webhooks: Webhooks

    def received(self, message: Message) -> None:
        """Tell of one. StorageError: once more, when the carrier brings it again."""
        told = {
            "message_id": message.message_id,
            "number": message.number,
            "line": message.line_number,
            "text": message.text,
            "wish": message.wish,
        }
        key, at = message.message_id, message.created_at
        self.webhooks.emit(EventName.MESSAGE_RECEIVED, key, told, at)
        if message.wish == Wish.STOP:
            lead = {
                "number": message.number,
                "call_id": "",
                "campaign_id": "",
                "lead_id": "",
                "by": "message",
            }
            self.webhooks.emit(EventName.LEAD_OPTED_OUT, key, lead, at)


@dataclass(frozen=True, slots=True)
class CampaignNews:
    """Tells of campaigns that are over, by what any campaign has."""

    webhooks: Webhooks

    def completes(
        self, campaign_id: str, name: str, agent: str, version: int, at: datetime
    ) -> None:
        """Tell of one, once for each time that it stood so. StorageError: once more, later."""
        told = {"campaign_id": campaign_id, "name": name, "agent": agent}
        event = EventName.CAMPAIGN_COMPLETED
        self.webhooks.emit(event, f"{campaign_id} {version}", told, at)
