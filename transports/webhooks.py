"""The JSON routes of webhooks out: who is told of events, and what became of each delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NotRequired

from flask import Blueprint, Response, g
from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from access.scopes import Scope
from jobs.endpoints import Endpoint, EventName, TooMany
from jobs.outside import ADDRESS_MOST, NAME_PATTERN, NotAllowed
from jobs.places import PLACE_PATTERN, place_of, read_place
from services import Services
from storage.deliveries import Delivery, DeliveryQuery, DeliveryStatus
from storage.records import JsonObject
from transports.campaigns import sent_object
from transports.described import Body, Operation, Query, Tag, Whole, described, read_after, shape
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "webhooks"


_QUAD = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PORT = r":(0*([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
# What is taken wherever its host is allowed; besides, names in other letters, and IPv6.
ADDRESS_PATTERN = (
    rf"^[Hh][Tt][Tt][Pp][Ss]?://({NAME_PATTERN}|({_QUAD}\.){{3}}{_QUAD})({_PORT})?"
    r"([/?][!-\"$-~]*)?$"
)


@shape
class WebhookOrder(TypedDict):
    """An address that is to be told of events."""

    url: Annotated[
        str,
        Field(json_schema_extra={"pattern": ADDRESS_PATTERN, "maxLength": ADDRESS_MOST}),
    ]
    """https, and public. In local mode http and this machine, too."""
    events: NotRequired[list[EventName]]
    """Which; every one when absent or empty."""
    about: NotRequired[str]
    """What it is for, in your words."""


@shape
class WebhookChange(TypedDict):
    """What is to change."""

    is_on: bool


@shape
class WebhookAnswer(TypedDict):
    """An address that is told of events."""

    webhook_id: str
    url: str
    events: Sequence[str]
    """Empty: every one."""
    about: str
    is_on: bool
    note: str
    """Why it is off, when nobody switched it off."""
    failures: int
    """Tries that failed, in a row."""
    rests_until: datetime | None
    """It failed several times in a row and is left alone until then."""
    former_secret_until: datetime | None
    """The secret before this one signs, too, until then."""
    created_at: datetime
    deliveries: dict[str, int]
    """Status → how many are kept."""


@shape
class NewWebhook(WebhookAnswer):
    """One with its secret, which is shown this once."""

    secret: str
    """Checks signatures: hand it to a library of Standard Webhooks."""


class WebhookList(TypedDict):
    """All of them, newest first."""

    webhooks: Sequence[WebhookAnswer]


@shape
class DeliveryAnswer(TypedDict):
    """One event for one address."""

    delivery_id: str
    """What it is sent with as `webhook-id`."""
    event: str
    status: DeliveryStatus
    """waiting: to be tried at due_at; dead: given up, until it is sent anew."""
    tries: int
    answer: int | None
    """HTTP status of the last try; null when there was none."""
    error: str
    created_at: datetime
    tried_at: datetime | None
    due_at: datetime | None
    body: JsonObject
    """What is sent: type, timestamp, data."""


@shape
class DeliveryPage(TypedDict):
    """Deliveries, newest first."""

    deliveries: Sequence[DeliveryAnswer]
    next: str | None
    """Send it as `after` for the next page; null: there is none."""


class Begun(TypedDict):
    """It is being sent."""

    delivery_id: str


PlaceText = Annotated[str, Field(pattern=PLACE_PATTERN, examples=["1795165200000000~msg_ab12"])]


class DeliveriesQuery(Query):
    """Which deliveries."""

    status: DeliveryStatus | None = None
    event: EventName | None = None
    after: PlaceText | None = None
    """`next` of the page before."""
    limit: Whole = Field(50, ge=1, le=200)
    """How many at most."""


PATH = {"webhook_id": "Id of the webhook."}
ONE_PATH = {**PATH, "delivery_id": "Id of the delivery."}
UNKNOWN = {404: ("unknown_webhook",)}
SENT = {400: ("bad_json",), 422: ("bad_webhook",)}
LIST = Operation("Webhooks", Tag.WEBHOOKS, {200: WebhookList})
POST = Operation(
    "Have an address told of events",
    Tag.WEBHOOKS,
    {201: NewWebhook},
    about="Each event is posted as JSON {type, timestamp, data}, signed after Standard Webhooks, "
    "at least once, and again for a day when it fails.",
    body=Body(WebhookOrder, example={"url": "https://example.com/callwright"}),
    errors={**SENT, 409: ("too_many_webhooks",)},
)
GET = Operation("One webhook", Tag.WEBHOOKS, {200: WebhookAnswer}, path=PATH, errors=UNKNOWN)
PATCH = Operation(
    "Switch a webhook on or off",
    Tag.WEBHOOKS,
    {200: WebhookAnswer},
    path=PATH,
    body=Body(WebhookChange, example={"is_on": True}),
    errors={**SENT, **UNKNOWN},
)
ROTATE = Operation(
    "Give a webhook another secret",
    Tag.WEBHOOKS,
    {200: NewWebhook},
    about="For 24 hours the one before signs, too, in the same header: time to hand the new one to "
    "your server. Libraries of Standard Webhooks take either.",
    path=PATH,
    errors=UNKNOWN,
)
DELETE = Operation(
    "Forget a webhook and what was meant for it",
    Tag.WEBHOOKS,
    {204: None},
    path=PATH,
    errors=UNKNOWN,
)
PING = Operation(
    "Send a ping, to try an address",
    Tag.WEBHOOKS,
    {202: Begun},
    path=PATH,
    errors={404: ("unknown_webhook",), 409: ("webhook_off",)},
)
DELIVERIES = Operation(
    "What became of each event",
    Tag.WEBHOOKS,
    {200: DeliveryPage},
    query=DeliveriesQuery,
    path=PATH,
    errors=UNKNOWN,
)
REPLAY = Operation(
    "Send an event anew, dead or delivered",
    Tag.WEBHOOKS,
    {202: Begun},
    path=ONE_PATH,
    errors={404: ("unknown_webhook", "unknown_delivery")},
)


def webhooks_blueprint(services: Services) -> Blueprint:
    """/webhooks, behind a token that may say where news go."""
    blueprint = api_blueprint(NAME, services, Scope.WEBHOOKS_WRITE)
    _add_webhooks(blueprint, services)
    _add_changes(blueprint, services)
    _add_deliveries(blueprint, services)
    return blueprint


def _add_webhooks(blueprint: Blueprint, services: Services) -> None:
    endpoints = services.webhooks.endpoints

    @blueprint.get("/webhooks")
    @described(LIST)
    def webhooks() -> Response:
        page: WebhookList = {"webhooks": [_answer(services, one) for one in endpoints.all()]}
        return json_answer(page)

    @blueprint.post("/webhooks")
    @described(POST)
    def add_webhook() -> Response:
        try:
            sent = _ORDER.validate_python(sent_object())
            made = endpoints.add(
                sent["url"],
                sent.get("events", []),
                sent.get("about", ""),
                g.person.email or g.person.name,
            )
        except ValidationError as error:
            field = str(error.errors()[0]["loc"][0])
            message = f"Send url as a text and events as a list of: {', '.join(EventName)}."
            raise ApiError(422, "bad_webhook", message, details={"field": field}) from None
        except NotAllowed as error:
            raise ApiError(422, "bad_webhook", str(error), details={"field": "url"}) from error
        except TooMany as error:
            raise ApiError(409, "too_many_webhooks", str(error)) from error
        services.audit.note(g.person, "make webhook", made.noted)
        answer: NewWebhook = {**_answer(services, made), "secret": made.secret}
        return json_answer(answer, 201)

    @blueprint.get("/webhooks/<webhook_id>")
    @described(GET)
    def webhook(webhook_id: str) -> Response:
        return json_answer(_answer(services, _known(services, webhook_id)))


def _add_changes(blueprint: Blueprint, services: Services) -> None:
    @blueprint.patch("/webhooks/<webhook_id>")
    @described(PATCH)
    def switch_webhook(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        try:
            sent = _CHANGE.validate_python(sent_object(), strict=True)
        except ValidationError:
            raise ApiError(422, "bad_webhook", "Send is_on as true or false.") from None
        services.audit.note(g.person, "switch webhook", known.noted, is_on=sent["is_on"])
        switched = services.webhooks.endpoints.switch(webhook_id, sent["is_on"])
        return json_answer(_answer(services, switched or known))

    @blueprint.post("/webhooks/<webhook_id>/rotate-secret")
    @described(ROTATE)
    def rotate_webhook_secret(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        services.audit.note(g.person, "rotate webhook secret", known.noted)
        renewed = services.webhooks.endpoints.rotate(webhook_id)
        if renewed is None:  # somebody deleted it just now
            raise _unknown()
        answer: NewWebhook = {**_answer(services, renewed), "secret": renewed.secret}
        return json_answer(answer)

    @blueprint.delete("/webhooks/<webhook_id>")
    @described(DELETE)
    def remove_webhook(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        services.audit.note(g.person, "delete webhook", known.noted)
        services.webhooks.remove(webhook_id)
        return Response(status=204)

    @blueprint.post("/webhooks/<webhook_id>/ping")
    @described(PING)
    def ping_webhook(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        if not known.is_on:
            raise ApiError(409, "webhook_off", "This webhook is off: switch it on first.")
        services.audit.note(g.person, "ping webhook", known.noted)
        return json_answer({"delivery_id": services.webhooks.ping(known)}, 202)


def _add_deliveries(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/webhooks/<webhook_id>/deliveries")
    @described(DELIVERIES)
    def deliveries(webhook_id: str, query: DeliveriesQuery) -> Response:
        _known(services, webhook_id)
        found = services.deliveries.find(
            DeliveryQuery(
                webhook_id,
                query.status and str(query.status),
                query.event and str(query.event),
                read_after(query.after, read_place),
                query.limit + 1,
            )
        )
        shown = found[: query.limit]
        page: DeliveryPage = {
            "deliveries": [_delivery(one) for one in shown],
            "next": place_of(shown[-1]) if len(found) > query.limit else None,
        }
        return json_answer(page)

    @blueprint.post("/webhooks/<webhook_id>/deliveries/<delivery_id>/replay")
    @described(REPLAY)
    def replay(webhook_id: str, delivery_id: str) -> Response:
        known = _known(services, webhook_id)
        kept = services.deliveries.get(delivery_id)
        if kept is None or kept.endpoint_id != webhook_id:
            raise ApiError(404, "unknown_delivery", "This webhook has no such delivery.")
        services.audit.note(g.person, "replay webhook", known.noted, delivery=delivery_id)
        services.webhooks.replay(delivery_id)
        return json_answer({"delivery_id": delivery_id}, 202)


_ORDER: TypeAdapter[WebhookOrder] = TypeAdapter(WebhookOrder)
_CHANGE: TypeAdapter[WebhookChange] = TypeAdapter(WebhookChange)


def _known(services: Services, webhook_id: str) -> Endpoint:
    known = services.webhooks.endpoints.get(webhook_id)
    if known is None:
        raise _unknown()
    return known


def _unknown() -> ApiError:
    return ApiError(404, "unknown_webhook", "There is no webhook with this id.")


def _answer(services: Services, one: Endpoint) -> WebhookAnswer:
    former = one.former_at(services.clock())
    return {
        "webhook_id": one.endpoint_id,
        "url": one.url,
        "events": one.events,
        "about": one.about,
        "is_on": one.is_on,
        "note": one.note,
        "failures": one.failures,
        "rests_until": one.rests_until,
        "former_secret_until": former[0].until if former else None,
        "created_at": one.created_at,
        "deliveries": dict(services.deliveries.counts(one.endpoint_id)),
    }


def _delivery(one: Delivery) -> DeliveryAnswer:
    return {
        "delivery_id": one.delivery_id,
        "event": one.event,
        "status": one.status,
        "tries": one.tries,
        "answer": one.answer or None,
        "error": one.error,
        "created_at": one.created_at,
        "tried_at": one.tried_at if one.tries else None,
        "due_at": one.due_at if one.status is DeliveryStatus.WAITING else None,
        "body": {name: one.body[name] for name in ("type", "timestamp", "data")},
    }
