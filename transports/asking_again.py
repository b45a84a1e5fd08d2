"""POST /campaigns/…/ask-again: has people asked about again who were refused or given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, NotRequired

from flask import Blueprint, Response, g
from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from access.scopes import Scope
from campaigns.asking_again import NobodyToAsk
from campaigns.recalls import BY_HAND, Cause, Recall
from services import Services
from transports.campaigns import PATH, UNKNOWN, campaign_of, sent_object
from transports.described import Body, Operation, Tag, described, shape
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "asking-again"

Word = Annotated[str, Field(json_schema_extra={"enum": sorted(BY_HAND)})]


@shape
class AskAgain(TypedDict):
    """Whom to ask about again."""

    reasons: NotRequired[Annotated[list[Word], Field(min_length=1, max_length=len(BY_HAND))]]
    """Why they were refused, or how the last attempt on those given up has ended; any when absent.
    Nobody who opted out is among them."""


@shape
class RecallAnswer(TypedDict):
    """People who are asked about again."""

    recall_id: str
    campaign_id: str
    cause: Cause
    """by_hand; rules: the campaign has other ones; countries: more of them may be rung."""
    reasons: Sequence[str]
    at: datetime
    by: str
    asked: int
    """Who are due again, so far."""
    left: int
    """Who stay as they were, so far: what held them back is as it was."""
    is_over: bool


@shape
class AskedAgain(RecallAnswer):
    """That was ordered; it is done in the background."""

    matching: int
    """People whom it is about."""


class RecallsAnswer(TypedDict):
    """When people of a campaign were asked about again, newest first."""

    recalls: Sequence[RecallAnswer]


POST = Operation(
    "Ask again about people who were refused or given up",
    Tag.CAMPAIGNS,
    {202: AskedAgain},
    about="Those for whom what stood in the way is different now are due again, and go through the "
    "same checks as everybody; the others stay as they are. To ring those who were not reached "
    "once more, give the campaign more attempts first (`retries.attempts_most`): that alone has "
    "them asked about again, as every change of its rules does. Of a campaign that is over, start "
    "it afterwards.",
    path=PATH,
    body=Body(AskAgain, example={"reasons": ["broken", "machine"]}),
    errors={
        **UNKNOWN,
        400: ("bad_json",),
        409: ("not_now", "nobody"),
        422: ("bad_reasons",),
    },
)
GET = Operation(
    "When people were asked about again",
    Tag.CAMPAIGNS,
    {200: RecallsAnswer},
    about="The last 20 times, by whom or by what, and how far that is.",
    path=PATH,
    errors=UNKNOWN,
)


def asking_again_blueprint(services: Services) -> Blueprint:
    """/campaigns/…/ask-again, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    desk = services.campaign_desk

    @blueprint.post("/campaigns/<campaign_id>/ask-again")
    @described(POST)
    def ask_again(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        words = _words(sent_object())
        matching = desk.askable(campaign_id, words)
        if not matching:
            message = "Nobody of this campaign was refused or given up for these reasons."
            raise ApiError(409, "nobody", message)
        services.audit.note(g.person, "ask again", campaign_id, reasons=words, leads=matching)
        try:
            ordered = desk.asking.order(campaign, words, g.person.email or g.person.name)
        except NobodyToAsk as error:
            raise ApiError(409, "not_now", str(error)) from None
        answer: AskedAgain = {**_answer(ordered), "matching": matching}
        return json_answer(answer, 202)

    @blueprint.get("/campaigns/<campaign_id>/ask-again")
    @described(GET)
    def asked_again(campaign_id: str) -> Response:
        campaign_of(services, campaign_id)
        answer: RecallsAnswer = {
            "recalls": [_answer(one) for one in desk.asking.recalls.of(campaign_id)]
        }
        return json_answer(answer)

    return blueprint


_SENT: TypeAdapter[AskAgain] = TypeAdapter(AskAgain)


def _words(body: Mapping[str, object]) -> list[str]:
    """The reasons that were sent, each once. ApiError 422."""
    try:
        words = _SENT.validate_python(body).get("reasons", list(BY_HAND))
    except ValidationError:
        words = [""]
    if any(word not in BY_HAND for word in words):
        message = f"Send reasons as some of {', '.join(BY_HAND)}."
        raise ApiError(422, "bad_reasons", message, details={"field": "reasons"})
    return list(dict.fromkeys(words))


def _answer(recall: Recall) -> RecallAnswer:
    return {
        "recall_id": recall.recall_id,
        "campaign_id": recall.campaign_id,
        "cause": recall.cause,
        "reasons": recall.words,
        "at": recall.at,
        "by": recall.by,
        "asked": recall.asked,
        "left": recall.left,
        "is_over": recall.ended_at is not None,
    }
