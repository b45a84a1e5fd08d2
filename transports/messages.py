"""Text messages: programs send and read them, the carrier brings them in and says what became."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from flask import Blueprint, Response, g, request
from pydantic import Field
from typing_extensions import TypedDict

from access.nearness import is_from_here
from access.scopes import Scope
from calls.message_book import Message, MessageQuery
from calls.messages import Barred, KeyUsed, SendingFailed
from calls.numbers import NumberRefused, read_number
from jobs.events import MessageNews
from providers.errors import ProviderError, ProviderTimeout
from providers.telephony.messaging import (
    TEXT_MOST,
    MessageRefusal,
    MessageRefused,
    MessageStatus,
)
from services import Services
from storage.do_not_call import OWN
from transports.campaigns import sent_object
from transports.described import Body, Operation, Query, Tag, Text, Whole, described, shape
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint, called_address, carrier_blueprint
from transports.limits import message_limit
from transports.path_forms import add_forms
from transports.webform import FORM

NAME, CARRIER_NAME = "messages", "message-webhooks"
LIST_MOST, LIST_USUAL = 500, 50
OFFSET_MOST = 100_000
DOCUMENT = "text/xml; charset=utf-8"

_KEY = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)
_REFUSED = {
    MessageRefusal.NUMBER: (400, "number_refused"),
    MessageRefusal.OPTED_OUT: (403, "opted_out"),
    MessageRefusal.NOT_ALLOWED: (403, "number_not_allowed"),
    MessageRefusal.ACCOUNT: (502, "carrier_account"),
    MessageRefusal.TEXT: (422, "bad_text"),
    MessageRefusal.OTHER: (502, "carrier_refused"),
}

log = logging.getLogger(__name__)


@shape
class MessageOrdered(TypedDict):
    """A message to be sent."""

    phone_number: Annotated[str, Field(pattern=r"\S", examples=["+919876543210"])]
    """E.164, or as it is written in a country of START_CALL_COUNTRIES."""
    text: Annotated[str, Field(min_length=1, max_length=TEXT_MOST)]
    """What is sent."""
    key: NotRequired[Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")] | None]
    """Of your choice: the same message with the same key is sent once."""


@shape
class OneMessage(TypedDict):
    """One text message."""

    message_id: str
    direction: str
    """inbound or outbound."""
    phone_number: str
    """Of the person."""
    line_number: str
    """Ours."""
    text: str
    status: MessageStatus
    created_at: datetime
    updated_at: datetime
    carrier_id: str | None
    """null: the carrier has not named it."""
    call_id: str | None
    """The call that it follows."""
    wish: str | None
    """What it asked for: stop, start or help."""
    media: int
    """Pictures and sounds that came with it, which are not kept."""
    error: str | None
    """The carrier's code, or why it was not sent."""


@shape
class MessagePage(TypedDict):
    """Some messages, newest first."""

    messages: list[OneMessage]
    total: int


class MessagesQuery(Query):
    """Which messages are wanted."""

    number: Annotated[str, Field(pattern=r"^\+[0-9]{1,15}$")] | None = None
    """Only to and from this number, E.164."""
    direction: Literal["inbound", "outbound"] | None = None
    """Only those that came in, or went out."""
    status: MessageStatus | None = None
    """Only those of which this is known."""
    call_id: Annotated[str, Field(max_length=64)] | None = None
    """Only those that follow this call."""
    limit: Whole = Field(LIST_USUAL, ge=1, le=LIST_MOST)
    """How many at most."""
    offset: Whole = Field(0, ge=0, le=OFFSET_MOST)
    """How many to leave out."""


class StatusQuery(Query):
    """What the address says that we gave the carrier with a message."""

    message_id: str = ""
    """Our id of the message."""


SEND = Operation(
    summary="Send a text message",
    tag=Tag.MESSAGES,
    about="The answer comes when the carrier has it. Who asked for no calls or messages gets none.",
    answers={201: OneMessage},
    body=Body(MessageOrdered),
    errors={
        400: ("bad_json", "number_refused"),
        403: ("number_not_allowed", "opted_out", "do_not_call"),
        409: ("key_used",),
        422: ("missing_field", "bad_number", "bad_text", "bad_key"),
        429: ("too_many_messages",),
        502: ("carrier_account", "carrier_refused"),
        503: ("carrier_unavailable",),
        504: ("carrier_timeout",),
    },
)
LIST = Operation(
    summary="Text messages, newest first",
    tag=Tag.MESSAGES,
    answers={200: MessagePage},
    query=MessagesQuery,
)
ONE = Operation(
    summary="One text message",
    tag=Tag.MESSAGES,
    answers={200: OneMessage},
    path={"message_id": "Our id of the message, or the carrier's."},
    errors={404: ("unknown_message",)},
)
INBOUND = Operation(
    summary="Somebody sent a text message",
    tag=Tag.CARRIER,
    answers={200: Text((DOCUMENT,))},
    errors={400: ("bad_callback",)},
)
STATUS = Operation(
    summary="Something became of a text message",
    tag=Tag.CARRIER,
    answers={204: None},
    query=StatusQuery,
    errors={400: ("bad_callback",)},
)


def messages_blueprint(services: Services) -> Blueprint:
    """/messages, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.MESSAGES_READ, Scope.MESSAGES_WRITE)
    add_forms(blueprint)
    messages = services.messages
    countries = services.settings.start_call_countries
    limit = message_limit(services.settings)

    @blueprint.post("/messages")
    @described(SEND)
    def send_message() -> Response:
        sent = sent_object()
        number = _number(sent, countries)
        text, key = _text(sent), _key(sent)
        if not is_from_here(request):
            services.address.hint(called_address(request))
        if messages.asked_for(g.person.name, key) is None:  # asked again, nothing is sent
            limit(number)
        services.audit.note(g.person, "send message", number)
        try:
            message = messages.send(number, text, g.person.name, key)
        except Barred as error:
            raise _barred(error) from error
        except KeyUsed as error:
            raise ApiError(409, "key_used", str(error), details={"field": "key"}) from error
        except SendingFailed as failure:
            raise _failed(failure) from failure
        return json_answer(message_answer(message), 201)

    @blueprint.get("/messages")
    @described(LIST)
    def list_messages(query: MessagesQuery) -> Response:
        wanted = MessageQuery(
            query.number, query.direction, query.status, query.call_id, query.limit, query.offset
        )
        page: MessagePage = {
            "messages": [message_answer(one) for one in messages.book.find(wanted)],
            "total": messages.book.count(wanted),
        }
        return json_answer(page)

    @blueprint.get("/messages/<message:message_id>")
    @described(ONE)
    def one_message(message_id: str) -> Response:
        message = messages.book.get(message_id) or messages.book.of_carrier(message_id)
        if message is None:
            raise ApiError(404, "unknown_message", "No message is kept under this id.")
        return json_answer(message_answer(message))

    return blueprint


def message_webhooks(services: Services) -> Blueprint:
    """What the carrier says of messages, behind its signature. Told twice, it counts once."""
    blueprint = carrier_blueprint(CARRIER_NAME, services)
    telephony, messages = services.telephony, services.messages

    @blueprint.post("/messages/inbound")
    @described(replace(INBOUND, body=Body(telephony.message_form, (FORM,))))
    def inbound_message() -> Response:
        try:
            came = telephony.read_message(g.webhook)
        except ValueError as error:
            log.warning("message refused", extra={"reason": str(error)[:200]})
            raise ApiError(400, "bad_callback", str(error)) from error
        message, answer = messages.received(came)
        MessageNews(services.webhooks).received(message)
        return Response(telephony.message_answer(answer), content_type=DOCUMENT)

    @blueprint.post("/message-events/status")
    @described(replace(STATUS, body=Body(telephony.message_status_form, (FORM,))))
    def message_status(query: StatusQuery) -> Response:
        try:
            notice = telephony.read_message_status(g.webhook)
        except ValueError as error:
            log.warning("callback refused", extra={"kind": "message", "reason": str(error)[:200]})
            raise ApiError(400, "bad_callback", str(error)) from error
        messages.report(notice, query.message_id[:64])
        return Response(status=204)

    return blueprint


def message_answer(message: Message) -> OneMessage:
    """A message as JSON has it."""
    return {
        "message_id": message.message_id,
        "direction": message.direction,
        "phone_number": message.number,
        "line_number": message.line_number,
        "text": message.text,
        "status": MessageStatus(message.status),
        "created_at": message.created_at,
        "updated_at": message.updated_at,
        "carrier_id": message.carrier_id or None,
        "call_id": message.call_id or None,
        "wish": message.wish or None,
        "media": message.media,
        "error": message.error or None,
    }


def _number(sent: Mapping[str, object], countries: tuple[str, ...]) -> str:
    written = sent.get("phone_number")
    details = {"field": "phone_number"}
    if not isinstance(written, str) or not written.strip():
        message = "Send phone_number: a number such as +919876543210."
        raise ApiError(422, "missing_field", message, details=details)
    try:
        return read_number(written.strip(), countries)
    except NumberRefused as error:
        status, code = (422, "bad_number") if error.allowed else (403, "number_not_allowed")
        raise ApiError(status, code, str(error), details=details) from error


def _text(sent: Mapping[str, object]) -> str:
    text = sent.get("text")
    details = {"field": "text"}
    if text is None:
        raise ApiError(422, "missing_field", "Send text: what is sent.", details=details)
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT_MOST or "\x00" in text:
        message = f"Send text as 1 to {TEXT_MOST} characters."
        raise ApiError(422, "bad_text", message, details=details)
    return text.strip()


def _key(sent: Mapping[str, object]) -> str:
    key = sent.get("key")
    if key is None:
        return ""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        message = "Send key as 1 to 128 letters, digits and signs without spaces."
        raise ApiError(422, "bad_key", message, details={"field": "key"})
    return key


def _barred(error: Barred) -> ApiError:
    """Whose own wish that is, or who put the number on the list, is told apart."""
    source = error.entry.source
    code = "opted_out" if source in OWN else "do_not_call"
    details = {"field": "phone_number", "source": str(source)}
    return ApiError(403, code, str(error), details=details)


def _failed(failure: SendingFailed) -> ApiError:
    status, code = _status(failure.error)
    details = {"message_id": failure.message.message_id, "carrier_code": failure.error.code}
    headers = {"Retry-After": "5"} if status == 503 else {}
    return ApiError(status, code, str(failure), details=details, headers=headers)


def _status(error: ProviderError) -> tuple[int, str]:
    match error:
        case MessageRefused(reason=reason):
            return _REFUSED[reason]
        case ProviderTimeout():
            return 504, "carrier_timeout"
        case _:
            return 503, "carrier_unavailable"
