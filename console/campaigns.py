"""/console/campaigns: the list, one campaign and how it goes, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, g, request, url_for

from access.roles import Role
from campaigns.advice import notices
from campaigns.book import Overtaken, UnknownCampaign
from campaigns.campaign import Campaign, CampaignRules, CampaignStatus
from campaigns.control import Action, BadMoment, CannotDo, moment_of
from campaigns.imports import ImportKind
from campaigns.people import countries_of
from campaigns.standing import REASONS, told
from console.campaign_again import add_asking_again
from console.campaign_files import add_files
from console.campaign_form import CampaignForm, form_of, local_text, read_form
from console.campaign_leads import add_leads
from console.campaign_parts import Sent, campaign_of, to_campaign
from console.campaign_trial import add_trial
from console.campaign_uploads import FAULTS, add_uploads
from console.pages import needs, page, page_blueprint, refusal, sent_to
from services import Services

NAME = "campaigns"
LIST_A_PAGE = 50
PAGES_MOST = 10_000
IMPORTS_SHOWN = 5
RECALLS_SHOWN = 5
# What a campaign is given when a form is begun.
_FIRST = CampaignRules(name="New campaign", agent="new")
_SAID = {
    Action.START: "Started.",
    Action.PAUSE: "Paused: within a second nobody is rung any more.",
    Action.RESUME: "It goes on.",
    Action.CANCEL: "Canceled: nobody who waits is rung any more.",
    Action.UNSCHEDULE: "It does not start by itself.",
    Action.DELETE: "Deleted.",
}


def campaign_pages(services: Services, uploaded: Callable[[], Sent]) -> Blueprint:
    """The pages; `uploaded` is the file of a request."""
    blueprint = page_blueprint(NAME, services)
    _add_list(blueprint, services)
    _add_form(blueprint, services)
    _add_page(blueprint, services)
    _add_steps(blueprint, services)
    add_leads(blueprint, services)
    add_uploads(blueprint, services, uploaded)
    add_files(blueprint, services)
    add_asking_again(blueprint, services)
    add_trial(blueprint, services)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services) -> None:
    book, reports = services.campaigns, services.campaign_desk.reports

    @blueprint.get("/campaigns")
    def campaigns() -> Response:
        status = _status(request.args.get("status", ""))
        number = _page_number(request.args.get("page", ""))
        found = book.find(status, (number - 1) * LIST_A_PAGE, LIST_A_PAGE)
        is_part = request.headers.get("HX-Target") == "campaigns"
        return page(
            "campaigns_list.html" if is_part else "campaigns.html",
            campaigns=[(one, reports.fates(one.campaign_id)) for one in found],
            total=book.count(status),
            status=status or "",
            statuses=list(CampaignStatus),
            number=number,
            a_page=LIST_A_PAGE,
        )


def _status(text: str) -> CampaignStatus | None:
    return CampaignStatus(text) if text in set(CampaignStatus) else None


def _page_number(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= PAGES_MOST:
        return int(text[:6])
    return 1


def _add_form(blueprint: Blueprint, services: Services) -> None:
    book, writer = services.campaigns, services.campaign_desk.writer
    countries = services.settings.start_call_countries

    def shown(form: CampaignForm, campaign: Campaign | None, status: int = 200) -> Response:
        return page(
            "campaign_form.html",
            status,
            form=form,
            campaign=campaign,
            agents=sorted(services.agents),
            countries=countries,
            account=services.settings,
        )

    @blueprint.get("/campaigns/new")
    @needs(Role.OPERATOR)
    def new_campaign() -> Response:
        first = _FIRST.model_copy(update={"country": countries[0]})
        form = form_of(first)
        return shown(CampaignForm({**form.written, "name": "", "agent": ""}, form.days), None)

    @blueprint.post("/campaigns/new")
    @needs(Role.OPERATOR)
    def make_campaign() -> Response:
        rules, form = read_form(request.form, writer)
        if rules is None:
            return shown(form, None, 422)
        campaign = book.add(rules, g.person.email or g.person.name)
        services.audit.note(g.person, "make campaign", campaign.campaign_id, name=rules.name)
        flash("The campaign is made. Add the people to be rung.", "good")
        return to_campaign(campaign.campaign_id)

    @blueprint.get("/campaigns/<campaign_id>/edit")
    @needs(Role.OPERATOR)
    def edit_campaign(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        return shown(form_of(campaign.rules), campaign)

    @blueprint.post("/campaigns/<campaign_id>/edit")
    @needs(Role.OPERATOR)
    def change_campaign(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        rules, form = read_form(request.form, writer, campaign.rules)
        if rules is None:
            return shown(form, campaign, 422)
        made = rules.model_copy(update={"starts_at": campaign.rules.starts_at})
        version = request.form.get("version", "")
        try:
            services.audit.note(g.person, "change campaign", campaign_id, name=rules.name)
            book.change(campaign_id, lambda _: made, int(version) if version.isdigit() else None)
        except Overtaken as error:
            flash(f"{error} Look at it again; nothing was changed.", "warn")
        except ValueError as error:
            return refusal(409, str(error))
        else:
            flash("Changed. It holds for everybody who is rung from now on.", "good")
        return to_campaign(campaign_id)


def _add_page(blueprint: Blueprint, services: Services) -> None:
    desk = services.campaign_desk

    @blueprint.get("/campaigns/<campaign_id>")
    def campaign(campaign_id: str) -> Response:
        found = campaign_of(services, campaign_id)
        allowed = services.settings.start_call_countries
        countries = countries_of(found.rules, allowed)
        zone, possible = desk.zone(found), desk.control.possible(found)
        state = ".".join((found.status, *possible))
        is_part = request.headers.get("HX-Target") == "standing"
        answer = page(
            "campaign_standing.html" if is_part else "campaign.html",
            campaign=found,
            standing=desk.standing(found),
            report=desk.reports.report(campaign_id),
            imports=services.imports.of(campaign_id, ImportKind.LEADS, IMPORTS_SHOWN),
            possible=possible,
            state=state,
            notices=notices(found.rules, desk.writer.law, countries[:1]),
            zone=zone,
            starts_at=_starts_at(found, zone),
            ends_at=told(found.rules.ends_at, zone) if found.rules.ends_at else "",
            reasons=REASONS,
            faults=FAULTS,
            askable=desk.askable_ones(campaign_id),
            recalls=() if is_part else desk.asking.recalls.of(campaign_id, RECALLS_SHOWN),
        )
        if is_part and request.args.get("state") != state:
            answer.headers["HX-Refresh"] = "true"  # what may be done with it has changed
        return answer


def _starts_at(campaign: Campaign, zone: str) -> str:
    at = campaign.rules.starts_at
    return local_text(at, zone) if at else ""


def _add_steps(blueprint: Blueprint, services: Services) -> None:
    control = services.campaign_desk.control

    @blueprint.post("/campaigns/<campaign_id>/do/<action>")
    @needs(Role.OPERATOR)
    def do(campaign_id: str, action: str) -> Response:
        if action not in _SAID:
            abort(404)
        services.audit.note(g.person, f"{action} campaign", campaign_id)
        try:
            control.do(Action(action), campaign_id)
        except UnknownCampaign:
            abort(404, "There is no such campaign.")
        except CannotDo as error:
            flash(str(error), "bad")
            return to_campaign(campaign_id)
        flash(_SAID[Action(action)], "good")
        if action == Action.DELETE:
            return sent_to(url_for("console-campaigns.campaigns"))
        return to_campaign(campaign_id)

    @blueprint.post("/campaigns/<campaign_id>/schedule")
    @needs(Role.OPERATOR)
    def schedule(campaign_id: str) -> Response:
        zone = request.form.get("timezone", "").strip()
        try:
            starts_at = moment_of(request.form.get("starts_at", ""), zone)
            services.audit.note(
                g.person, "schedule campaign", campaign_id, starts_at=starts_at.isoformat()
            )
            control.schedule(campaign_id, starts_at)
        except UnknownCampaign:
            abort(404, "There is no such campaign.")
        except (BadMoment, CannotDo) as error:
            flash(str(error), "bad")
        else:
            flash(f"It starts by itself at {told(starts_at, zone)}.", "good")
        return to_campaign(campaign_id)
