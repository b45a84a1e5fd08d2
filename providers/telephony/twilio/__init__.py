"""Twilio as a carrier: webhooks, TwiML and REST behind the role's contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from agents.schema import Agent
from conversation.actions import Action
from conversation.events import HandoverResult
from providers.telephony.base import (
    CallerTurn,
    CallNotice,
    CallOrder,
    Connection,
    Links,
    NoticeKind,
    PartialTurn,
    RelayEnd,
    RelayWire,
    StreamWire,
    Webhook,
)
from providers.telephony.detection import Verdict
from providers.telephony.messaging import MessageNotice, MessageOrder, MessageTurn
from providers.telephony.numbers import LineAddresses, OwnNumber
from providers.telephony.placed import PlacedCall
from providers.telephony.twilio import connect, document, messages, webhooks
from providers.telephony.twilio.client import NAME, Rest
from providers.telephony.twilio.document import Documents
from providers.telephony.twilio.media_stream import MediaStream
from providers.telephony.twilio.recordings import RecordingsRest
from providers.telephony.twilio.relay import RelayMessages, read_end
from providers.telephony.twilio.relay_noun import CarriersOwn, RelayNouns, Resold
from providers.telephony.twilio.signature import Signatures
from settings import Settings


class Twilio:
    """The carrier Twilio with one account and one line."""

    name = NAME
    document_type = "text/xml; charset=utf-8"
    setup = "TWILIO_AUTH_TOKEN"

    stream: StreamWire = MediaStream()
    relay: RelayWire = RelayMessages()
    message_form: object = messages.MessageForm
    message_status_form: object = messages.MessageStatusForm

    def __init__(self, settings: Settings, resold: Resold | None = None) -> None:
        self._relay_nouns = RelayNouns(resold or CarriersOwn())
        self._signatures = Signatures(settings.twilio_auth_token, settings.twilio_shared_keys)
        self._documents = Documents(settings.twilio_phone_number)
        self._rest = Rest(settings)
        self._recordings = RecordingsRest(settings)
        self._messages = messages.MessagesRest(settings)
        self.line_number = self._rest.line_number

    def verify(self, webhook: Webhook) -> None:
        """BadSignature unless Twilio sent exactly this."""
        self._signatures.check(webhook)

    def read_turn(self, webhook: Webhook) -> CallerTurn:
        """What the caller did. ValueError when the call is not named."""
        return webhooks.read_turn(webhook)

    def read_partial(self, webhook: Webhook) -> PartialTurn:
        """A part of an utterance. ValueError when the call is not named."""
        return webhooks.read_partial(webhook)

    def read_handover(self, webhook: Webhook) -> tuple[HandoverResult, CallNotice]:
        """How reaching the operator ended. ValueError when the call is not named."""
        return webhooks.read_handover(webhook)

    def read_relay_end(self, webhook: Webhook) -> RelayEnd:
        """What became of a ConversationRelay. ValueError when the call is not named."""
        return read_end(webhook)

    def read_verdict(self, webhook: Webhook) -> Verdict | None:
        """Who answered, when the webhook says it."""
        return webhooks.read_verdict(webhook)

    def read_notice(self, kind: NoticeKind, webhook: Webhook) -> CallNotice:
        """A callback as a notice. ValueError when the call is not named."""
        return webhooks.read_notice(kind, webhook)

    def document(self, agent: Agent, actions: Sequence[Action], links: Links) -> str:
        """The actions as TwiML."""
        return self._documents.answer(agent, actions, links)

    def connect_stream(self, connection: Connection) -> str:
        """TwiML with `<Connect><Stream>`."""
        return connect.stream(connection)

    def connect_relay(self, agent: Agent, connection: Connection) -> str:
        """TwiML with `<Connect><ConversationRelay>`."""
        noun = self._relay_nouns.noun(agent, connection)
        return connect.connected(noun, connection, action=connection.ended)

    def apology(self, text: str, language: str) -> str:
        """TwiML that says `text` and hangs up."""
        return document.apology(text, language)

    def detour(self, text: str, language: str, to: str) -> str:
        """TwiML that says `text` and goes on at `to`."""
        return document.detour(text, language, to)

    def place_call(self, order: CallOrder) -> str:
        """Ring someone; the call's SID. ProviderError when that fails."""
        return self._rest.place_call(order)

    def find_calls(self, to: str, since: datetime) -> Sequence[PlacedCall]:
        """Calls from our line to a number. ProviderError when that fails."""
        return self._rest.find_calls(to, since)

    def call_status(self, carrier_id: str) -> PlacedCall | None:
        """How a call stands; None for none. ProviderError when that fails."""
        return self._rest.call_status(carrier_id)

    def end_call(self, carrier_id: str) -> None:
        """Hang up. ProviderError when that fails."""
        self._rest.end_call(carrier_id)

    def redirect_call(self, carrier_id: str, to: str) -> None:
        """Have a live call go on at another address. ProviderError when that fails."""
        self._rest.redirect_call(carrier_id, to)

    def numbers(self) -> Sequence[OwnNumber]:
        """The account's numbers. ProviderError when that fails."""
        return self._rest.numbers()

    def assign_number(self, number_id: str, addresses: LineAddresses) -> None:
        """Let calls of a number come here. ProviderError when that fails."""
        self._rest.assign_number(number_id, addresses)

    def start_recording(self, carrier_id: str, callback: str) -> str:
        """Record both sides from now on; the recording's SID. ProviderError when that fails."""
        return self._rest.start_recording(carrier_id, callback)

    def fetch_recording(self, url: str) -> AbstractContextManager[Iterator[bytes]]:
        """A recording as a WAV file, in pieces. ProviderError when that fails."""
        return self._recordings.fetch(url)

    def delete_recording(self, url: str) -> None:
        """Delete a recording, or find that it is gone. ProviderError when that fails."""
        self._recordings.delete(url)

    def send_message(self, order: MessageOrder) -> str:
        """Send a text message; its SID. ProviderError when that fails."""
        return self._messages.send(order)

    def read_message(self, webhook: Webhook) -> MessageTurn:
        """A message that came in. ValueError when it is not named."""
        return messages.read_message(webhook)

    def read_message_status(self, webhook: Webhook) -> MessageNotice:
        """What became of a message. ValueError when it is not named."""
        return messages.read_status(webhook)

    def message_answer(self, text: str) -> str:
        """TwiML with `<Message>`, or none in it."""
        return messages.answer(text)
