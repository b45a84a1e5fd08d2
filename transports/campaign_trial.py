"""POST /campaigns/…/trial-call: hear a campaign on a telephone of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, NotRequired

from flask import Blueprint, Response, g, request
from pydantic import Field
from typing_extensions import TypedDict

from access.nearness import is_from_here
from access.scopes import Scope
from calls.outbound import OrderFailed
from campaigns.barring import Listed
from campaigns.trial import NoAgent, NoSuchLead
from services import Services
from transports.campaigns import PATH, campaign_of, sent_object
from transports.described import BAD_PARAMETER, Body, Operation, Tag, described, shape
from transports.errors import ApiError
from transports.guard import api_blueprint, called_address
from transports.orders import listed, number_to_ring, order_failed, ordered
from transports.shapes import Ordered

NAME = "campaign-trial"


@shape
class TrialOrder(TypedDict):
    """Who tries a campaign."""

    phone_number: Annotated[str, Field(pattern=r"\S", examples=["+919876543210"])]
    """Your own: E.164, or as it is written in a country of START_CALL_COUNTRIES."""
    lead_id: NotRequired[Annotated[str, Field(max_length=100)]]
    """Whose words are said; the first lead's when left out."""


TRIAL = Operation(
    "Hear a campaign yourself",
    Tag.CAMPAIGNS,
    {201: Ordered},
    about="Rings your own number as a lead would be rung, with a lead's words, at any hour, and "
    "whether the campaign runs or not. No figure, lead or attempt knows of the call.",
    path=PATH,
    body=Body(TrialOrder),
    errors={
        400: ("bad_json", "number_refused"),
        403: ("number_not_allowed", "do_not_call"),
        404: ("unknown_campaign", "unknown_lead"),
        409: ("no_agent",),
        422: ("missing_field", "bad_number", BAD_PARAMETER),
        429: ("too_many_calls",),
        502: ("carrier_account", "carrier_refused"),
        503: ("carrier_unavailable",),
        504: ("carrier_timeout",),
    },
)


def campaign_trial_blueprint(services: Services, limit: Callable[[str], None]) -> Blueprint:
    """/campaigns/…/trial-call, behind the token; `limit` counts the rings of a number."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    trials = services.campaign_desk.trials
    countries = services.settings.start_call_countries

    @blueprint.post("/campaigns/<campaign_id>/trial-call")
    @described(TRIAL)
    def trial_call(campaign_id: str) -> Response:
        campaign, sent = campaign_of(services, campaign_id), sent_object()
        number = number_to_ring(sent, countries)
        try:
            lead = trials.lead_of(campaign, _lead_id(sent))
        except NoSuchLead:
            message = "This campaign has no lead of this id."
            raise ApiError(404, "unknown_lead", message) from None
        limit(number)
        if not is_from_here(request):
            services.address.hint(called_address(request))
        services.audit.note(g.person, "try campaign", campaign_id, lead=lead and lead.lead_id)
        try:
            return ordered(trials.ring(campaign, lead, number))
        except NoAgent as error:
            raise ApiError(409, "no_agent", str(error)) from None
        except Listed as error:
            raise listed(error) from None
        except OrderFailed as failure:
            raise order_failed(failure) from failure

    return blueprint


def _lead_id(sent: Mapping[str, object]) -> str:
    """The id that was sent; empty when it was left out."""
    lead_id = sent.get("lead_id", "")
    if not isinstance(lead_id, str):
        message = "Send lead_id as a text, or leave it out."
        raise ApiError(422, BAD_PARAMETER, message, details={"field": "lead_id"})
    return lead_id
