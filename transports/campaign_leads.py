"""The JSON routes of a campaign's leads: given by hand or as a file, looked at, refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from flask import Blueprint, Response, g
from pydantic import Field, TypeAdapter, ValidationError

from access.scopes import Scope
from campaigns.people import PLACE_PATTERN, PersonRefused, place_of, read_place
from services import Services
from storage.leads import Attempt, Lead, LeadQuery, LeadStatus, Refusal, Result
from transports.campaign_shapes import (
    AddedLeads,
    AttemptAnswer,
    LeadAnswer,
    LeadInFull,
    Leads,
    LeadsSent,
    OneLeadSent,
    RefusalAnswer,
    Refusals,
)
from transports.campaigns import PATH, UNKNOWN, campaign_of, sent_object
from transports.described import (
    BAD_PARAMETER,
    Body,
    Moment,
    Operation,
    Query,
    Tag,
    Whole,
    described,
    read_after,
)
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "campaign-leads"
LIST_MOST, LIST_USUAL = 1_000, 100
LEADS_MOST = 1_000  # of one request; more come as a file
REFUSALS_MOST = 500

PlaceText = Annotated[str, Field(pattern=PLACE_PATTERN, examples=["1795165200000000~0a1b"])]
WholeNumber = Annotated[str, Field(pattern=r"^\+[0-9]{4,15}$", examples=["+919876543210"])]


class LeadsQuery(Query):
    """Which leads."""

    status: LeadStatus | None = None
    """Only those that stand there."""
    result: Result | None = None
    """Only those whose last attempt ended so."""
    reason: str | None = Field(None, max_length=40)
    """Only those that are held back or refused for this."""
    number: WholeNumber | None = None
    """Only this number: E.164, with its + as %2B."""
    after: PlaceText | None = None
    """`next` of the page before."""
    limit: Whole = Field(LIST_USUAL, ge=1, le=LIST_MOST)
    """How many at most."""


class RefusalsQuery(Query):
    """Which refusals."""

    before: Moment | None = None
    """`next` of the page before: only those before this moment."""
    limit: Whole = Field(LIST_USUAL, ge=1, le=REFUSALS_MOST)
    """How many at most."""


LEAD_PATH = {**PATH, "lead_id": "The lead."}
LIST = Operation(
    "Leads of a campaign",
    Tag.CAMPAIGNS,
    {200: Leads},
    about="In the order in which they were added.",
    query=LeadsQuery,
    path=PATH,
    errors={**UNKNOWN, 422: (BAD_PARAMETER,)},
)
EXAMPLE = {"leads": [{"phone": "+919876543210", "name": "Asha", "property_type": "flat"}]}
POST = Operation(
    "Add leads",
    Tag.CAMPAIGNS,
    {200: AddedLeads},
    about="Each is an object like a row of a file: `phone`, and what the agent's sentences say. "
    "Those that cannot be taken are told one by one, and the others are added.",
    path=PATH,
    body=Body(LeadsSent | OneLeadSent, example=EXAMPLE),
    errors={**UNKNOWN, 400: ("bad_json",), 409: ("not_now",), 422: ("bad_leads",)},
)
GET = Operation(
    "One lead with its attempts",
    Tag.CAMPAIGNS,
    {200: LeadInFull},
    path=LEAD_PATH,
    errors={404: ("unknown_campaign", "unknown_lead")},
)
REFUSALS = Operation(
    "Who was not rung, and why",
    Tag.CAMPAIGNS,
    {200: Refusals},
    about="Newest first. Many leads that may not be rung for the same reason share one line.",
    query=RefusalsQuery,
    path=PATH,
    errors=UNKNOWN,
)


def campaign_leads_blueprint(services: Services) -> Blueprint:
    """/campaigns/…/leads and /campaigns/…/refusals, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    _add_list(blueprint, services)
    _add_people(blueprint, services)
    _add_one(blueprint, services)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services) -> None:
    desk, kept = services.campaign_desk, services.leads

    @blueprint.get("/campaigns/<campaign_id>/leads")
    @described(LIST)
    def campaign_leads(campaign_id: str, query: LeadsQuery) -> Response:
        campaign_of(services, campaign_id)
        wanted = LeadQuery(
            campaign_id,
            query.status,
            query.result,
            query.reason,
            query.number,
            read_after(query.after, read_place),
            query.limit + 1,
        )
        found = kept.find(wanted)
        shown = found[: query.limit]
        more = place_of(shown[-1]) if len(found) > query.limit else None
        total = desk.reports.fates(campaign_id).matching(query.status, query.result, query.reason)
        page: Leads = {
            "leads": [_lead(one) for one in shown],
            "next": more,
            "total": len(shown) if query.number else total,
        }
        return json_answer(page)


def _add_people(blueprint: Blueprint, services: Services) -> None:
    desk = services.campaign_desk

    @blueprint.post("/campaigns/<campaign_id>/leads")
    @described(POST)
    def add_campaign_leads(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        sent = list(_sent(sent_object()))
        services.audit.note(g.person, "add leads", campaign_id, leads=len(sent))
        try:
            added = desk.people.add(campaign, sent)
        except PersonRefused as error:
            details = {"status": campaign.status}
            raise ApiError(409, "not_now", str(error), details=details) from None
        answer: AddedLeads = {
            "added": added.added,
            "asked_again": added.asked_again,
            "lead_ids": added.lead_ids,
            "problems": [
                {
                    "index": one.index,
                    "column": one.column,
                    "reason": one.reason,
                    "message": one.message,
                }
                for one in added.problems
            ],
        }
        return json_answer(answer)


def _add_one(blueprint: Blueprint, services: Services) -> None:
    kept = services.leads

    @blueprint.get("/campaigns/<campaign_id>/leads/<lead_id>")
    @described(GET)
    def campaign_lead(campaign_id: str, lead_id: str) -> Response:
        campaign_of(services, campaign_id)
        lead = kept.get(lead_id)
        if lead is None or lead.campaign_id != campaign_id:
            raise ApiError(404, "unknown_lead", "This campaign has no lead of this id.")
        whole: LeadInFull = {
            **_lead(lead),
            "attempts_made": [_attempt(one) for one in kept.attempts_of(lead_id)],
            "refusals": [_refusal(one) for one in kept.refusals(campaign_id, lead_id, LIST_USUAL)],
        }
        return json_answer(whole)

    @blueprint.get("/campaigns/<campaign_id>/refusals")
    @described(REFUSALS)
    def campaign_refusals(campaign_id: str, query: RefusalsQuery) -> Response:
        campaign_of(services, campaign_id)
        found = kept.refusals(campaign_id, None, query.limit, query.before)
        is_full = len(found) == query.limit
        page: Refusals = {
            "refusals": [_refusal(one) for one in found],
            "next": found[-1].at.isoformat() if is_full else None,
        }
        return json_answer(page)


_SENT: TypeAdapter[LeadsSent] = TypeAdapter(LeadsSent)


def _sent(body: Mapping[str, object]) -> Iterator[Mapping[str, str]]:
    """The columns of each person that was sent, one or many. ApiError 422."""
    sent = body if "leads" in body else {"leads": [body]}
    try:
        leads = _SENT.validate_python(sent)["leads"]
    except ValidationError as error:
        where = ".".join(str(one) for one in error.errors()[0]["loc"])[:120]
        message = (
            f"Send leads as 1 to {LEADS_MOST} objects with texts, such as "
            '{"leads": [{"phone": "+919876543210", "name": "Asha"}]}.'
        )
        raise ApiError(422, "bad_leads", message, details={"field": where}) from None
    for one in leads:
        yield {name: "" if value is None else str(value) for name, value in one.items()}


def _lead(lead: Lead) -> LeadAnswer:
    waits = lead.status is LeadStatus.WAITING
    return {
        "lead_id": lead.lead_id,
        "campaign_id": lead.campaign_id,
        "phone_number": lead.number,
        "variables": dict(lead.variables),
        "status": lead.status,
        "result": lead.result or None,
        "reason": lead.reason or None,
        "attempts": lead.attempts,
        "due_at": lead.due_at if waits else None,
        "zones": list(lead.zones),
        "country": lead.country,
        "consent_basis": lead.consent_basis or None,
        "consent_at": lead.consent_at,
        "line": lead.line or None,
        "created_at": lead.created_at,
        "updated_at": lead.updated_at,
    }


def _attempt(one: Attempt) -> AttemptAnswer:
    return {
        "call_id": one.call_id,
        "attempt": one.attempt,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "result": one.result or None,
        "answered_by": one.answered_by or None,
        "spoke": one.spoke,
        "qualified": one.qualified,
        "seconds": one.seconds,
        "error": one.error or None,
    }


def _refusal(one: Refusal) -> RefusalAnswer:
    return {
        "at": one.at,
        "reason": one.reason,
        "detail": one.detail,
        "until": one.until,
        "lead_id": one.lead_id or None,
        "leads": one.leads,
        "zones": list(one.zones),
    }
