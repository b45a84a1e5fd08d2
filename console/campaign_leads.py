"""/console/campaigns/…/leads: the table, one lead with its attempts, who was not rung and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, g, request, url_for

from access.roles import Role
from calls.numbers import NumberRefused
from campaigns.barring import barred_number
from campaigns.people import PersonRefused, countries_of, place_of, read_place
from campaigns.standing import REASONS
from console.campaign_parts import campaign_of
from console.pages import needs, page, sent_to
from services import Services
from storage.leads import LeadQuery, LeadStatus, Result

T = TypeVar("T")

LEADS_A_PAGE = 50
REFUSALS_A_PAGE = 100
# Columns of the table besides what every lead has: the first of its variables.
COLUMNS_MOST = 3
FILTERS = ("status", "result", "reason", "number")
_LONGEST = 200


def add_leads(blueprint: Blueprint, services: Services) -> None:
    """The pages; people's numbers are on them, so they are for operators."""
    _add_table(blueprint, services)
    _add_person(blueprint, services)
    _add_lead(blueprint, services)
    _add_refusals(blueprint, services)


def _add_table(blueprint: Blueprint, services: Services) -> None:
    desk, kept = services.campaign_desk, services.leads

    @blueprint.get("/campaigns/<campaign_id>/leads")
    @needs(Role.OPERATOR)
    def leads(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        services.audit.seen(g.person, "see leads", campaign_id)
        written = {name: request.args.get(name, "").strip()[:_LONGEST] for name in FILTERS}
        after = request.args.get("after", "")[:_LONGEST]
        countries = countries_of(campaign.rules, services.settings.start_call_countries)
        problems: dict[str, str] = {}
        query = LeadQuery(
            campaign_id,
            status=_one_of(written, "status", LeadStatus, problems),
            result=_one_of(written, "result", Result, problems),
            reason=written["reason"] or None,
            number=_read(written, "number", lambda text: barred_number(text, countries), problems),
            after=_read({"after": after}, "after", read_place, problems),
            limit=LEADS_A_PAGE + 1,
        )
        found = () if problems else kept.find(query)
        shown = found[:LEADS_A_PAGE]
        fates = desk.reports.fates(campaign_id)
        set_ones = {name: value for name, value in written.items() if value}
        has_more = len(found) > LEADS_A_PAGE
        more = urlencode({**set_ones, "after": place_of(shown[-1])}) if has_more else ""
        return page(
            "campaign_leads.html",
            422 if problems else 200,
            campaign=campaign,
            leads=shown,
            total=fates.matching(query.status, query.result, query.reason),
            columns=_columns([one.variables for one in shown]),
            written=written,
            problems=problems,
            next_query=more,
            first_query=urlencode(set_ones) if after else None,
            statuses=[(one, one.replace("_", " ")) for one in LeadStatus],
            results=[(one, one.replace("_", " ")) for one in Result],
            reasons=REASONS,
        )


def _add_person(blueprint: Blueprint, services: Services) -> None:
    desk = services.campaign_desk

    @blueprint.post("/campaigns/<campaign_id>/leads")
    @needs(Role.OPERATOR)
    def add_lead(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        columns = {"phone": request.form.get("phone", "")[:_LONGEST]}
        name = request.form.get("name", "").strip()[:_LONGEST]
        if name:
            columns["name"] = name
        services.audit.note(g.person, "add leads", campaign_id, leads=1)
        try:
            added = desk.people.add(campaign, [columns])
        except PersonRefused as error:
            flash(str(error), "bad")
        else:
            if added.added:
                flash("Added.", "good")
            for one in added.problems:
                flash(one.message, "bad")
        return sent_to(url_for("console-campaigns.leads", campaign_id=campaign_id))


def _add_lead(blueprint: Blueprint, services: Services) -> None:
    kept = services.leads

    @blueprint.get("/campaigns/<campaign_id>/leads/<lead_id>")
    @needs(Role.OPERATOR)
    def lead(campaign_id: str, lead_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        found = kept.get(lead_id)
        if found is None or found.campaign_id != campaign_id:
            abort(404, "This campaign has no such lead.")
        services.audit.seen(g.person, "see lead", lead_id)
        return page(
            "campaign_lead.html",
            campaign=campaign,
            lead=found,
            attempts=kept.attempts_of(lead_id),
            refusals=kept.refusals(campaign_id, lead_id, REFUSALS_A_PAGE),
            barred=services.do_not_call.of(found.number, campaign_id),
            reasons=REASONS,
        )


def _add_refusals(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/campaigns/<campaign_id>/refusals")
    def refusals(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        before = _moment(request.args.get("before", ""))
        found = services.leads.refusals(campaign_id, None, REFUSALS_A_PAGE, before)
        older = found[-1].at.isoformat() if len(found) == REFUSALS_A_PAGE else ""
        return page(
            "campaign_refusals.html",
            campaign=campaign,
            refusals=found,
            older=older,
            is_first=before is None,
            reasons=REASONS,
        )


def _columns(rows: list[Mapping[str, str]]) -> list[str]:
    """The variables that get a column of their own, in the order in which they came."""
    names = {name: None for row in rows for name in row}
    return list(names)[:COLUMNS_MOST]


def _one_of(
    written: Mapping[str, str], name: str, words: type[LeadStatus | Result], wrong: dict[str, str]
) -> str | None:
    if not written[name]:
        return None
    if written[name] not in list(words):
        wrong[name] = f"Choose one of: {', '.join(words)}."
        return None
    return written[name]


def _read(
    written: Mapping[str, str], name: str, read: Callable[[str], T], wrong: dict[str, str]
) -> T | None:
    if not written[name]:
        return None
    try:
        return read(written[name])
    except (ValueError, NumberRefused) as error:
        wrong[name] = str(error)
        return None


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
