"""Files of leads: sent from a page, what became of their rows, and who would be rung now."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, g, url_for

from access.roles import Role
from calls.sheets import CONTENT_TYPES
from campaigns.campaign import CampaignStatus
from campaigns.imports import Import, ImportKind, Order, UnknownImport
from campaigns.people import countries_of
from console.campaign_parts import (
    Sent,
    after_upload,
    campaign_of,
    file_answer,
    to_campaign,
)
from console.pages import needs, sent_to
from services import Services
from storage.objects import ObjectsAway

# intake.Fault → what people are told of it.
FAULTS = {
    "no_number": "without a number",
    "not_a_number": "no telephone number",
    "no_such_number": "a number that does not exist",
    "shortened_by_spreadsheet": "a number shortened by a spreadsheet",
    "country_not_allowed": "of a country that is not rung from here",
    "costly": "a number that charges extra",
    "duplicate_in_file": "there twice in the file",
    "duplicate_in_campaign": "in the campaign already",
    "do_not_call": "on a do-not-call list",
    "bad_timezone": "an unknown time zone",
    "bad_state": "an unknown state",
    "bad_date": "a date that cannot be read",
    "bad_country": "an unknown country",
    "too_long": "a text that is too long",
    "quote_never_closed": "a quote that is never closed",
    "too_many_cells": "more cells than columns",
}


def add_uploads(blueprint: Blueprint, services: Services, uploaded: Callable[[], Sent]) -> None:
    """Sending a file, its problems, its end, and the preview."""
    imports = services.imports

    @blueprint.post("/campaigns/<campaign_id>/upload")
    @needs(Role.OPERATOR)
    def upload_leads(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        if campaign.status is CampaignStatus.CANCELED:
            abort(409, "A canceled campaign takes nobody any more.")
        upload = uploaded()
        country = countries_of(campaign.rules, services.settings.start_call_countries)[0]
        begin_import(services, upload, ImportKind.LEADS, campaign_id, country)
        return after_upload(url_for("console-campaigns.campaign", campaign_id=campaign_id))

    @blueprint.get("/imports/<import_id>/problems.csv")
    @needs(Role.OPERATOR)
    def import_problems(import_id: str) -> Response:
        one = _import(imports.get(import_id))
        services.audit.note(g.person, "export problems", import_id)
        try:
            chunks = imports.problems(import_id)
        except UnknownImport:
            abort(404, "There is no such file.")
        return file_answer(chunks, CONTENT_TYPES["csv"], f"problems-{one.import_id[:8]}.csv")

    @blueprint.post("/imports/<import_id>/cancel")
    @needs(Role.OPERATOR)
    def cancel_import(import_id: str) -> Response:
        one = _import(imports.get(import_id))
        services.audit.note(g.person, "cancel import", import_id)
        imports.cancel(import_id)
        flash("No more rows of this file are read. Those that were read stay.", "good")
        return to_place(one)


def begin_import(
    services: Services, upload: Sent, kind: ImportKind, campaign_id: str, country: str
) -> None:
    """Keep a file to be read in the background, and say so on the next page."""
    subject = campaign_id or "all campaigns"
    services.audit.note(g.person, f"upload {kind}", subject, size_bytes=upload.size_bytes)
    order = Order(kind, campaign_id, upload.name, country, g.person.email or g.person.name)
    try:
        with upload.open() as content:
            services.imports.begin(order, content)
    except ObjectsAway:
        abort(503, "The file cannot be kept now. Try again in a minute.")
    flash("The file is here. Its rows are read now.", "good")


def to_place(one: Import) -> Response:
    """To the page of what a file was sent to."""
    if one.kind is ImportKind.LEADS:
        return to_campaign(one.campaign_id)
    return sent_to(url_for("console-do-not-call.do_not_call"))


def _import(one: Import | None) -> Import:
    if one is None:
        abort(404, "There is no such file.")
    return one
