"""POST /console/campaigns/…/ask-again: the form below a campaign's figures."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, request

from access.roles import Role
from campaigns.asking_again import NobodyToAsk
from campaigns.campaign import CampaignRules, Retries
from campaigns.recalls import BY_HAND
from console.campaign_parts import campaign_of, to_campaign
from console.pages import needs
from services import Services

ATTEMPTS_MOST = 10


def add_asking_again(blueprint: Blueprint, services: Services) -> None:
    """What is done with the form."""
    desk = services.campaign_desk

    @blueprint.post("/campaigns/<campaign_id>/ask-again")
    @needs(Role.OPERATOR)
    def ask_again(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        words = [word for word in BY_HAND if word in request.form.getlist("reasons")]
        matching = desk.askable(campaign_id, words)
        if not matching:
            flash("Choose whom to ask about again.", "bad")
            return to_campaign(campaign_id)
        attempts = _attempts(request.form.get("attempts_most", ""))
        by = g.person.email or g.person.name
        services.audit.note(g.person, "ask again", campaign_id, reasons=words, leads=matching)
        try:
            if attempts != campaign.rules.retries.attempts_most:
                campaign = services.campaigns.change(
                    campaign_id, lambda rules: _with_attempts(rules, attempts)
                )
            desk.asking.order(campaign, words, by)
        except NobodyToAsk as error:
            flash(str(error), "bad")
        except ValueError as error:
            abort(409, str(error))
        else:
            flash(
                f"{matching:,} are looked at, in the background. Who is not held back any more is "
                "due again, at an hour that is lawful there.",
                "good",
            )
        return to_campaign(campaign_id)


def _attempts(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= ATTEMPTS_MOST:
        return int(text[:4])
    abort(422, f"Write 1 to {ATTEMPTS_MOST} attempts.")


def _with_attempts(rules: CampaignRules, attempts: int) -> CampaignRules:
    retries = Retries.model_validate({**dict(rules.retries), "attempts_most": attempts})
    return rules.model_copy(update={"retries": retries})
