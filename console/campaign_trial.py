"""/console/campaigns/…/trial: whoever runs a campaign hears it on a telephone of their own."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, request

from access.roles import Role
from calls.numbers import NumberRefused, read_number
from calls.outbound import OrderFailed
from campaigns.barring import Listed
from campaigns.trial import NoAgent, NoSuchLead
from console.campaign_parts import campaign_of, to_lead, to_preview
from console.pages import needs
from services import Services

_LONGEST = 200


def add_trial(blueprint: Blueprint, services: Services) -> None:
    """The button; who presses it, and whose words are said, is in the audit log."""
    trials = services.campaign_desk.trials
    countries = services.settings.start_call_countries

    @blueprint.post("/campaigns/<campaign_id>/trial")
    @needs(Role.OPERATOR)
    def try_campaign(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        try:
            lead = trials.lead_of(campaign, request.form.get("lead_id", "")[:_LONGEST])
            number = read_number(request.form.get("number", "")[:_LONGEST], countries)
            services.audit.note(g.person, "try campaign", campaign_id, lead=lead and lead.lead_id)
            trials.ring(campaign, lead, number)
        except NoSuchLead:
            abort(404, "This campaign has no such lead.")
        except (NumberRefused, NoAgent, Listed, OrderFailed) as error:
            flash(str(error), "bad")
        else:
            flash(f"Ringing {number}. Pick up.", "good")
        if lead is not None and "lead_id" in request.form:
            return to_lead(lead)
        return to_preview(campaign_id)
