"""The JSON routes of the do-not-call lists: looked at, numbers put on them and taken off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from flask import Blueprint, Response, g
from pydantic import Field, TypeAdapter, ValidationError

from access.roles import Role
from access.scopes import Scope
from calls.numbers import NumberRefused
from campaigns.barring import PLACE_PATTERN, WORDS_MOST, barred_number, place_of, read_place
from services import Services
from storage.do_not_call import OWN, DoNotCall, DoNotCallQuery, Source
from transports.campaign_shapes import Added, Barred, DoNotCallAnswer, DoNotCallPage
from transports.campaigns import campaign_of, sent_object
from transports.described import (
    BAD_PARAMETER,
    Body,
    Operation,
    Query,
    Tag,
    Whole,
    described,
    read_after,
)
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint
from transports.path_forms import add_forms

NAME = "do-not-call"
LIST_MOST, LIST_USUAL = 1_000, 100

PlaceText = Annotated[
    str, Field(pattern=PLACE_PATTERN, examples=["1795165200000000~+919876500000~"])
]
NumberText = Annotated[str, Field(pattern=r"^\+[0-9]{4,15}$", examples=["+919876500000"])]


class ListQuery(Query):
    """Which entries."""

    campaign_id: str | None = Field(None, max_length=64)
    """Only the list of this campaign; `all` for the one of all campaigns."""
    number: NumberText | None = None
    """Only this number: E.164, with its + as %2B."""
    source: Source | None = None
    """Only those that came this way."""
    after: PlaceText | None = None
    """`next` of the page before."""
    limit: Whole = Field(LIST_USUAL, ge=1, le=LIST_MOST)
    """How many at most."""


class RemoveQuery(Query):
    """Which list."""

    campaign_id: str | None = Field(None, max_length=64)
    """The list of this campaign; usually the one of all campaigns."""


PATH = {"number": "E.164, with its + as %2B."}
LIST = Operation(
    "Who is not to be called, newest first",
    Tag.CAMPAIGNS,
    {200: DoNotCallPage},
    query=ListQuery,
    errors={404: ("unknown_campaign",)},
)
POST = Operation(
    "Have numbers not called",
    Tag.CAMPAIGNS,
    {200: Added},
    about="By one campaign, or by none at all. A number that is there already stays as it is.",
    body=Body(Barred),
    errors={
        400: ("bad_json",),
        404: ("unknown_campaign",),
        422: ("missing_field", "bad_number", BAD_PARAMETER),
    },
)
DELETE = Operation(
    "Take a number off a list",
    Tag.CAMPAIGNS,
    {204: None},
    about="One that the person asked for, by voice, keys or message, only an administrator may "
    "take off. Leads who were refused for it are asked about again, but for those who opted out.",
    query=RemoveQuery,
    path=PATH,
    errors={403: ("not_yours_to_remove",), 404: ("unknown_number",)},
)


def do_not_call_blueprint(services: Services) -> Blueprint:
    """/do-not-call, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    add_forms(blueprint)
    _add_list(blueprint, services)
    _add_changes(blueprint, services)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services) -> None:
    lists = services.do_not_call

    @blueprint.get("/do-not-call")
    @described(LIST)
    def do_not_call(query: ListQuery) -> Response:
        campaign_id = "" if query.campaign_id == "all" else query.campaign_id
        if campaign_id:
            campaign_of(services, campaign_id)
        wanted = DoNotCallQuery(
            campaign_id,
            query.number,
            query.source,
            read_after(query.after, read_place),
            query.limit + 1,
        )
        found = lists.find(wanted)
        shown = found[: query.limit]
        page: DoNotCallPage = {
            "do_not_call": [_answer(one) for one in shown],
            "next": place_of(shown[-1]) if len(found) > query.limit else None,
            "total": lists.count(campaign_id),
        }
        return json_answer(page)


def _add_changes(blueprint: Blueprint, services: Services) -> None:
    lists = services.do_not_call
    countries = services.settings.start_call_countries

    @blueprint.post("/do-not-call")
    @described(POST)
    def add_do_not_call() -> Response:
        sent = _sent(sent_object())
        campaign_id = sent.get("campaign_id") or ""
        if campaign_id:
            campaign_of(services, campaign_id)
        numbers = _numbers(sent, countries)
        services.audit.note(
            g.person, "add do-not-call", campaign_id or "all campaigns", numbers=len(numbers)
        )
        by, now = g.person.email or g.person.name, services.clock()
        words = sent.get("words", "")
        added = lists.add(
            [DoNotCall(one, campaign_id, Source.BY_HAND, now, words, by) for one in numbers]
        )
        answer: Added = {"added": added, "known": len(numbers) - added}
        return json_answer(answer)

    @blueprint.delete("/do-not-call/<listed:number>")
    @described(DELETE)
    def remove_do_not_call(number: str, query: RemoveQuery) -> Response:
        campaign_id = query.campaign_id or ""
        found = lists.find(DoNotCallQuery(campaign_id, number))
        if not found:
            raise _not_there()
        if any(one.source in OWN for one in found) and not g.person.may(Role.ADMIN):
            message = "This person asked not to be called: only an administrator may undo that."
            raise ApiError(403, "not_yours_to_remove", message)
        services.audit.note(
            g.person, "remove do-not-call", number, list=campaign_id or "all campaigns"
        )
        if not services.campaign_desk.asking.unlist(number, campaign_id):
            raise _not_there()
        return Response(status=204)


_SENT: TypeAdapter[Barred] = TypeAdapter(Barred)


def _not_there() -> ApiError:
    return ApiError(404, "unknown_number", "This number is not on that list.")


def _sent(body: Mapping[str, object]) -> Barred:
    try:
        sent = _SENT.validate_python(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])[:WORDS_MOST]
        if first["type"] == "extra_forbidden":
            known = ", ".join(Barred.__annotations__)
            message = f"There is no key {field[:40]}: send {known} (words say why)."
            raise ApiError(422, BAD_PARAMETER, message, details={"field": field}) from None
        message = (
            "Send phone_number as a text, or phone_numbers as up to 1000; campaign_id and words "
            "as texts."
        )
        raise ApiError(422, "missing_field", message, details={"field": field}) from None
    if "phone_number" not in sent and not sent.get("phone_numbers"):
        message = "Send phone_number, a number such as +919876543210, or several as phone_numbers."
        raise ApiError(422, "missing_field", message, details={"field": "phone_number"})
    return sent


def _numbers(sent: Barred, countries: Sequence[str]) -> Sequence[str]:
    """The numbers that were sent, each once, as E.164. ApiError 422 names the first bad one."""
    written = list(sent.get("phone_numbers", ()))
    if "phone_number" in sent:
        written.append(sent["phone_number"])
    numbers: dict[str, None] = {}
    for one in written:
        try:
            numbers[barred_number(one, countries)] = None
        except NumberRefused as error:
            message = f"{one[:40]}: {error}"
            raise ApiError(422, "bad_number", message, details={"field": "phone_number"}) from None
    return list(numbers)


def _answer(one: DoNotCall) -> DoNotCallAnswer:
    return {
        "phone_number": one.number,
        "campaign_id": one.campaign_id or None,
        "source": one.source,
        "at": one.at,
        "words": one.words,
        "by": one.by,
        "call_id": one.call_id or None,
    }
