"""The JSON routes of campaigns: made, changed, started and stopped, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import orjson
from flask import Blueprint, Response, g, request
from pydantic import Field, TypeAdapter, ValidationError

from access.scopes import Scope
from campaigns.book import IllegalMove, Overtaken, UnknownCampaign
from campaigns.campaign import Campaign, CampaignRules, CampaignStatus
from campaigns.control import POSSIBLE, Action, BadMoment, CannotDo, Control, moment_of
from campaigns.report import Dials, Report
from campaigns.standing import FILLS, Standing
from campaigns.written import RulesRefused
from services import Services
from transports.campaign_shapes import (
    CampaignAnswer,
    CampaignProgress,
    Campaigns,
    DialFigures,
    Dialling,
    Schedule,
)
from transports.described import (
    Body,
    Operation,
    Query,
    Tag,
    Whole,
    described,
)
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "campaigns"
LIST_MOST, LIST_USUAL = 1_000, 100
SKIP_MOST = 1_000_000

PATH = {"campaign_id": "The campaign."}
UNKNOWN = {404: ("unknown_campaign",)}
_INVALID = {400: ("bad_json",), 422: ("invalid_campaign",)}
_NOT_NOW = {**UNKNOWN, 409: ("not_now", "no_leads", "unknown_agent", "after_end")}


class CampaignsQuery(Query):
    """Which campaigns."""

    status_filter: CampaignStatus | None = None
    """Only those that stand there."""
    skip: Whole = Field(0, ge=0, le=SKIP_MOST)
    """How many to leave out."""
    limit: Whole = Field(LIST_USUAL, ge=1, le=LIST_MOST)
    """How many at most."""


class PatchQuery(Query):
    """What the change is based on."""

    version: Whole | None = Field(None, ge=1)
    """`version` of the campaign as you know it; 409 when it was changed since."""


EXAMPLE = {"name": "Rates of November", "agent": "logistics", "country": "IN"}
LIST = Operation("Campaigns, newest first", Tag.CAMPAIGNS, {200: Campaigns}, query=CampaignsQuery)
POST = Operation(
    "Make a campaign",
    Tag.CAMPAIGNS,
    {201: CampaignAnswer},
    about="As a draft: add leads, then start it. Everything that is wrong is told at once.",
    body=Body(CampaignRules, example=EXAMPLE),
    errors=_INVALID,
)
GET = Operation("One campaign", Tag.CAMPAIGNS, {200: CampaignAnswer}, path=PATH, errors=UNKNOWN)
PATCH = Operation(
    "Change rules of a campaign",
    Tag.CAMPAIGNS,
    {200: CampaignAnswer},
    about="Send what is to be different (RFC 7396); null is the usual value again. While it runs, "
    "the change holds for everybody who is rung from the next second on.",
    query=PatchQuery,
    path=PATH,
    body=Body(Mapping[str, object], example={"hours": {"closes": "18:00"}}),
    errors={**_INVALID, **UNKNOWN, 409: ("not_now", "overtaken")},
)
DELETE = Operation(
    "Delete a campaign",
    Tag.CAMPAIGNS,
    {204: None},
    about="Nobody of it is rung any more, and it is in no list. Its leads are forgotten after 30 "
    "days, until when their attempts count against the limits of others.",
    path=PATH,
    errors=_NOT_NOW,
)
SCHEDULE = Operation(
    "Have a campaign start by itself",
    Tag.CAMPAIGNS,
    {200: CampaignAnswer},
    path=PATH,
    body=Body(Schedule),
    errors={**_NOT_NOW, 400: ("bad_json",), 422: ("missing_field", "bad_moment")},
)
UNSCHEDULE = Operation(
    "Have it not start by itself",
    Tag.CAMPAIGNS,
    {200: CampaignAnswer},
    about="It is a draft again.",
    path=PATH,
    errors=_NOT_NOW,
)
PROGRESS = Operation(
    "How a campaign goes",
    Tag.CAMPAIGNS,
    {200: CampaignProgress},
    about="Leads by what became of them, and why nobody is being rung.",
    path=PATH,
    errors=UNKNOWN,
)
DIALLING = Operation(
    "What came of its attempts",
    Tag.CAMPAIGNS,
    {200: Dialling},
    about="In all, by hour and by attempt; each adds up to the whole.",
    path=PATH,
    errors=UNKNOWN,
)
_STEPS = {
    Action.START: ("Start a campaign", "Also one that is over, when leads were added."),
    Action.PAUSE: ("Pause it", "Within a second nobody is rung any more; calls go on."),
    Action.RESUME: ("Go on with it", ""),
    Action.CANCEL: ("Cancel it for good", "Calls go on; whoever waits is not rung."),
}


def campaigns_blueprint(services: Services) -> Blueprint:
    """/campaigns and what is below it but leads, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    _add_book(blueprint, services)
    _add_steps(blueprint, services)
    _add_figures(blueprint, services)
    return blueprint


def campaign_of(services: Services, campaign_id: str) -> Campaign:
    """The campaign of an address. ApiError 404."""
    campaign = services.campaigns.get(campaign_id)
    if campaign is None:
        raise unknown()
    return campaign


def unknown() -> ApiError:
    """No campaign of this id."""
    return ApiError(404, "unknown_campaign", "There is no campaign of this id.")


def sent_object() -> Mapping[str, object]:
    """The JSON object that was sent. ApiError 400."""
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        raise ApiError(400, "bad_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_json", "Send a JSON object.")
    return body


def _add_book(blueprint: Blueprint, services: Services) -> None:
    book, desk = services.campaigns, services.campaign_desk
    writer, control = desk.writer, desk.control

    @blueprint.get("/campaigns")
    @described(LIST)
    def campaigns(query: CampaignsQuery) -> Response:
        found = book.find(query.status_filter, query.skip, query.limit)
        page: Campaigns = {
            "campaigns": [_answer(control, one) for one in found],
            "total": book.count(query.status_filter),
        }
        return _dumped(page)

    @blueprint.post("/campaigns")
    @described(POST)
    def make_campaign() -> Response:
        try:
            rules = writer.read(sent_object())
        except RulesRefused as error:
            raise _invalid(error) from None
        campaign = book.add(rules, g.person.email or g.person.name)
        services.audit.note(g.person, "make campaign", campaign.campaign_id, name=rules.name)
        return _answered(control, campaign, 201)

    @blueprint.get("/campaigns/<campaign_id>")
    @described(GET)
    def campaign(campaign_id: str) -> Response:
        return _answered(control, campaign_of(services, campaign_id))

    @blueprint.patch("/campaigns/<campaign_id>")
    @described(PATCH)
    def change_campaign(campaign_id: str, query: PatchQuery) -> Response:
        patch = sent_object()

        def edit(rules: CampaignRules) -> CampaignRules:
            return writer.changed(rules, patch)

        services.audit.note(g.person, "change campaign", campaign_id, rules=sorted(patch))
        return _answered(control, _tried(lambda: book.change(campaign_id, edit, query.version)))

    @blueprint.delete("/campaigns/<campaign_id>")
    @described(DELETE)
    def delete_campaign(campaign_id: str) -> Response:
        services.audit.note(g.person, "delete campaign", campaign_id)
        _tried(lambda: control.do(Action.DELETE, campaign_id))
        return Response(status=204)


def _add_steps(blueprint: Blueprint, services: Services) -> None:
    control = services.campaign_desk.control

    def add(action: Action, summary: str, about: str) -> None:
        operation = Operation(
            summary,
            Tag.CAMPAIGNS,
            {200: CampaignAnswer},
            about=about,
            path=PATH,
            errors=_NOT_NOW,
        )

        @described(operation)
        def step(campaign_id: str) -> Response:
            services.audit.note(g.person, f"{action} campaign", campaign_id)
            return _answered(control, _tried(lambda: control.do(action, campaign_id)))

        rule = f"/campaigns/<campaign_id>/{action}"
        blueprint.add_url_rule(rule, f"{action}_campaign", step, methods=["POST"])

    for action, (summary, about) in _STEPS.items():
        add(action, summary, about)

    @blueprint.post("/campaigns/<campaign_id>/schedule")
    @described(SCHEDULE)
    def schedule_campaign(campaign_id: str) -> Response:
        wanted = _schedule(sent_object())
        try:
            starts_at = moment_of(wanted["starts_at"], wanted["timezone"])
            services.audit.note(
                g.person, "schedule campaign", campaign_id, starts_at=starts_at.isoformat()
            )
            return _answered(control, _tried(lambda: control.schedule(campaign_id, starts_at)))
        except BadMoment as error:
            raise ApiError(422, "bad_moment", str(error)) from None

    @blueprint.delete("/campaigns/<campaign_id>/schedule")
    @described(UNSCHEDULE)
    def unschedule_campaign(campaign_id: str) -> Response:
        services.audit.note(g.person, "unschedule campaign", campaign_id)
        return _answered(control, _tried(lambda: control.do(Action.UNSCHEDULE, campaign_id)))


def _add_figures(blueprint: Blueprint, services: Services) -> None:
    desk = services.campaign_desk

    @blueprint.get("/campaigns/<campaign_id>/progress")
    @described(PROGRESS)
    def campaign_progress(campaign_id: str) -> Response:
        standing = desk.standing(campaign_of(services, campaign_id))
        if standing.why in ("", FILLS) and (trouble := services.watch.trouble()):
            standing = replace(standing, why=trouble)
        return json_answer(_progress(standing))

    @blueprint.get("/campaigns/<campaign_id>/dialling")
    @described(DIALLING)
    def campaign_dialling(campaign_id: str) -> Response:
        campaign_of(services, campaign_id)
        return json_answer(dialling_of(desk.reports.report(campaign_id)))


def _tried(change: Callable[[], Campaign]) -> Campaign:
    """What was done. ApiError says why it was not."""
    try:
        return change()
    except UnknownCampaign:
        raise unknown() from None
    except RulesRefused as error:
        raise _invalid(error) from None
    except Overtaken as error:
        raise ApiError(409, "overtaken", str(error)) from None
    except IllegalMove as error:
        details = {"status": error.status, "possible": list(POSSIBLE[error.status])}
        raise ApiError(409, "not_now", str(error), details=details) from None
    except CannotDo as error:
        details = {"status": error.status, "possible": list(error.possible)}
        raise ApiError(409, error.code, str(error), details=details) from None


def _invalid(error: RulesRefused) -> ApiError:
    problems = [{"field": one.field, "message": one.message} for one in error.mistakes]
    details = {"field": error.mistakes[0].field, "problems": problems}
    return ApiError(422, "invalid_campaign", str(error), details=details)


_SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)


def _schedule(sent: Mapping[str, object]) -> Schedule:
    try:
        return _SCHEDULE.validate_python(sent)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        example = "2026-11-30T10:00" if field == "starts_at" else "Asia/Kolkata"
        message = f"Send {field} as a text such as {example}."
        raise ApiError(422, "missing_field", message, details={"field": field}) from None


def _answer(control: Control, campaign: Campaign) -> CampaignAnswer:
    return CampaignAnswer(
        **dict(campaign.rules),
        campaign_id=campaign.campaign_id,
        status=campaign.status,
        note=campaign.note,
        possible=control.possible(campaign),
        created_at=campaign.created_at,
        updated_at=campaign.updated_at,
        started_at=campaign.started_at,
        ended_at=campaign.ended_at,
        created_by=campaign.by,
        version=campaign.edition,
    )


def _answered(control: Control, campaign: Campaign, status: int = 200) -> Response:
    return json_answer(_answer(control, campaign).model_dump(mode="json"), status)


_PAGE: TypeAdapter[Campaigns] = TypeAdapter(Campaigns)


def _dumped(page: Campaigns) -> Response:
    return json_answer(_PAGE.dump_python(page, mode="json"))


def _progress(standing: Standing) -> CampaignProgress:
    fates = standing.fates
    results: dict[str, int] = {}
    for (_, result), number in fates.results.items():
        results[result] = results.get(result, 0) + number
    return {
        "campaign_id": standing.campaign.campaign_id,
        "status": standing.campaign.status,
        "leads": fates.total,
        "statuses": {status.value: number for status, number in fates.statuses.items()},
        "results": results,
        "refused": fates.refused,
        "held": fates.held,
        "next_due_at": standing.next_due,
        "why": standing.why,
    }


def dialling_of(report: Report) -> Dialling:
    """What came of attempts, as it is answered."""
    return {
        "total": _figures(report.whole),
        "by_hour": {str(hour): _figures(one) for hour, one in report.by_hour.items()},
        "by_attempt": {str(number): _figures(one) for number, one in report.by_attempt.items()},
    }


def _figures(dials: Dials) -> DialFigures:
    return {
        "dialled": dials.dialled,
        "answered": dials.answered,
        "human": dials.human,
        "machine": dials.machine,
        "unanswered": dials.unanswered,
        "going_on": dials.going_on,
        "completed": dials.completed,
        "qualified": dials.qualified,
        "spoke": dials.spoke,
        "results": {name or "going_on": number for name, number in dials.results.items()},
        "answered_by": dials.verdicts,
        "seconds": round(dials.seconds, 3),
    }
