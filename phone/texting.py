"""Text messages of the carrier on this machine: takes orders, tells what became, has people write.

Sources: twilio.com/docs/messaging/api/message-resource (parameters, statuses, errors 21211, 21408,
21602, 21603, 21604, 21610, 21612, 21614, 21617), twilio.com/docs/iam/test-credentials (the numbers
that cannot be sent to), twilio.com/docs/messaging/guides/webhook-request (what the app is sent).
"""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from flask import Flask, Response, jsonify, request

from phone.clock import CallClock
from phone.faults import Refused, WebhookFault
from phone.leg import API_VERSION
from phone.orders import read_address
from phone.webhook import Courier

TEXT_MOST = 1600
PART_CHARACTERS = 153  # of the letters that SMS has; others take more
# Who cannot be sent to, as with Twilio's credentials for tests.
_REFUSED = {
    "+15005550001": (21211, "The 'To' number +15005550001 is not a valid phone number."),
    "+15005550002": (21612, "The 'To' phone number is not currently reachable."),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for the region."),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
# Takes the message and never gets it.
UNREACHABLE = "+15005550008"
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke"})
START_WORDS = frozenset({"start", "unstop", "yes"})


@dataclass
class Text:
    """A message, either way."""

    sid: str
    account: str
    from_number: str
    to_number: str
    body: str
    direction: str  # inbound | outbound-api | outbound-reply
    created_at: datetime
    callback: str = ""
    status: str = "queued"
    error_code: int | None = None

    def resource(self) -> dict[str, object]:
        """As the REST interface shows it."""
        at = format_datetime(self.created_at.replace(microsecond=0))
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "api_version": API_VERSION,
            "from": self.from_number,
            "to": self.to_number,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "num_segments": str(max(1, math.ceil(len(self.body) / PART_CHARACTERS))),
            "num_media": "0",
            "messaging_service_sid": None,
            "price": None,
            "price_unit": "USD",
            "date_created": at,
            "date_updated": at,
            "date_sent": at if self.status in ("sent", "delivered") else None,
            "uri": f"/{API_VERSION}/Accounts/{self.account}/Messages/{self.sid}.json",
            "subresource_uris": {},
        }


Person = Callable[[Text], str]
"""Somebody who gets a message; what they write back, "" for nothing."""


@dataclass
class Texting:
    """The messages of one account. For any number of threads."""

    courier: Callable[[], Courier]
    inbound: str = ""  # where the app is told of what people write; "": nobody can
    people: dict[str, Person] = field(default_factory=dict)  # number → who has it
    watch: Callable[[Text], None] | None = None  # told of each message that the app sends
    _texts: dict[str, Text] = field(default_factory=dict, init=False)
    _stopped: set[tuple[str, str]] = field(default_factory=set, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def add_to(self, app: Flask) -> None:
        """The routes of messages."""
        path = f"/{API_VERSION}/Accounts/<account>/Messages"
        app.add_url_rule(f"{path}.json", "send_text", self._create, methods=["POST"])
        app.add_url_rule(f"{path}/<sid>.json", "text", self._fetch, methods=["GET"])

    def all(self) -> list[Text]:
        """Every message, oldest first."""
        with self._lock:
            return list(self._texts.values())

    def write(self, number: str, line: str, text: str, account: str = "") -> str:
        """Somebody writes to our number; what they are answered, "" for nothing.

        WebhookFault when the app does not take it.
        """
        came = Text(_sid(), account, number, line, text, "inbound", CallClock().now())
        came.status = "received"
        self._keep(came)
        word = text.strip().casefold()
        with self._lock:
            if word in STOP_WORDS:
                self._stopped.add((line, number))
            elif word in START_WORDS:
                self._stopped.discard((line, number))
        answer = self.courier().send(self.inbound, _inbound_form(came))
        reply = reply_in(answer.body)
        if reply:
            kept = Text(_sid(), account, line, number, reply, "outbound-reply", CallClock().now())
            kept.status = "delivered"
            self._keep(kept)
        return reply

    def _create(self, account: str) -> tuple[Response, int]:
        form = request.form
        to, from_, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        self._check(to, from_, body)
        callback = read_address(form.to_dict(flat=False), "StatusCallback")
        text = Text(_sid(), account, from_, to, body, "outbound-api", CallClock().now(), callback)
        self._keep(text)
        answer = jsonify(text.resource()), 201
        threading.Thread(target=self._deliver, args=(text,), name="text", daemon=True).start()
        return answer

    def _check(self, to: str, from_: str, body: str) -> None:
        if not to:
            raise Refused(400, 21604, "A 'To' phone number is required.")
        if not from_:
            raise Refused(400, 21603, "A 'From' phone number is required.")
        if to in _REFUSED:
            raise Refused(400, *_REFUSED[to])
        if not (to.startswith("+") and to[1:].isdecimal()):
            raise Refused(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if not body:
            raise Refused(400, 21602, "Message body is required.")
        if len(body) > TEXT_MOST:
            raise Refused(400, 21617, "The concatenated message body exceeds 1600 characters.")
        if (from_, to) in self._stopped:
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")

    def _deliver(self, text: Text) -> None:
        """Tell the app how it goes, and have the person read it."""
        if self.watch is not None:
            self.watch(text)
        last = "undelivered" if text.to_number == UNREACHABLE else "delivered"
        for status in ("sent", last):
            text.status = status
            text.error_code = 30003 if status == "undelivered" else None
            self._report(text)
        person = self.people.get(text.to_number)
        if person is None or last != "delivered":
            return
        said = person(text)
        if said and self.inbound:
            try:
                self.write(text.to_number, text.from_number, said, text.account)
            except WebhookFault:
                return  # kept with the courier's deliveries

    def _report(self, text: Text) -> None:
        if not text.callback:
            return
        form = {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "AccountSid": text.account,
            "From": text.from_number,
            "To": text.to_number,
            "MessageStatus": text.status,
            "SmsStatus": text.status,
            "ApiVersion": API_VERSION,
        }
        if text.error_code is not None:
            form["ErrorCode"] = str(text.error_code)
        try:
            self.courier().send(text.callback, form)
        except WebhookFault:
            return  # the carrier tells of it once

    def _fetch(self, account: str, sid: str) -> Response:
        with self._lock:
            text = self._texts.get(sid)
        if text is None:
            raise Refused(404, 20404, f"The requested resource {request.path} was not found")
        return jsonify(text.resource())

    def _keep(self, text: Text) -> None:
        with self._lock:
            self._texts[text.sid] = text


def reply_in(document: bytes) -> str:
    """What a document has the carrier write back. WebhookFault when it cannot be read."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise WebhookFault(12100, str(error), "") from error
    if root.tag != "Response" or any(child.tag != "Message" for child in root):
        raise WebhookFault(12200, "only <Message> in <Response>", "")
    return "\n".join("".join(child.itertext()) for child in root)


def _inbound_form(text: Text) -> Mapping[str, str]:
    return {
        "MessageSid": text.sid,
        "SmsSid": text.sid,
        "SmsMessageSid": text.sid,
        "AccountSid": text.account,
        "From": text.from_number,
        "To": text.to_number,
        "Body": text.body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
    }


def _sid() -> str:
    return "SM" + secrets.token_hex(16)
