"""/console/do-not-call: numbers that are not rung, found, put on a list, taken off it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, g, request, url_for

from access.roles import Role
from calls.numbers import NumberRefused
from campaigns.barring import WORDS_MOST, barred_number, place_of, read_place
from campaigns.imports import ImportKind
from console.campaign_parts import Sent, after_upload
from console.campaign_uploads import FAULTS, begin_import
from console.pages import needs, page, page_blueprint, sent_to
from services import Services
from storage.do_not_call import OWN, DoNotCall, DoNotCallQuery, Source

NAME = "do-not-call"
ENTRIES_A_PAGE = 50
IMPORTS_SHOWN = 3
_LONGEST = 200


def do_not_call_pages(services: Services, uploaded: Callable[[], Sent]) -> Blueprint:
    """The pages, for operators: whole numbers are on them."""
    blueprint = page_blueprint(NAME, services, Role.OPERATOR)
    _add_list(blueprint, services)
    _add_changes(blueprint, services, uploaded)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services) -> None:
    lists = services.do_not_call
    countries = services.settings.start_call_countries

    @blueprint.get("/do-not-call")
    def do_not_call() -> Response:
        services.audit.seen(g.person, "see do-not-call", "lists")
        names = ("number", "source", "list", "after")
        written = {name: request.args.get(name, "").strip()[:_LONGEST] for name in names}
        problems: dict[str, str] = {}
        query = DoNotCallQuery(limit=ENTRIES_A_PAGE + 1)
        try:
            wanted = written["list"]
            query = DoNotCallQuery(
                campaign_id="" if wanted == "all" else wanted or None,
                number=barred_number(written["number"], countries) if written["number"] else None,
                source=written["source"] if written["source"] in list(Source) else None,
                after=read_place(written["after"]) if written["after"] else None,
                limit=ENTRIES_A_PAGE + 1,
            )
        except NumberRefused as error:
            problems["number"] = str(error)
        except ValueError:
            problems["after"] = "This address of a page cannot be read."
        found = () if problems else lists.find(query)
        shown = found[:ENTRIES_A_PAGE]
        kept = {name: value for name, value in written.items() if value and name != "after"}
        has_more = len(found) > ENTRIES_A_PAGE
        called = {one.campaign_id: _called(services, one.campaign_id) for one in shown}
        return page(
            "do_not_call.html",
            422 if problems else 200,
            entries=shown,
            campaigns=called,
            total=lists.count(query.campaign_id),
            written=written,
            problems=problems,
            sources=list(Source),
            heard=OWN,
            next_query=urlencode({**kept, "after": place_of(shown[-1])}) if has_more else "",
            first_query=urlencode(kept) if written["after"] else None,
            imports=services.imports.of("", ImportKind.DO_NOT_CALL, IMPORTS_SHOWN),
            faults=FAULTS,
        )


def _called(services: Services, campaign_id: str) -> str:
    """What a list is called."""
    if not campaign_id:
        return "All campaigns"
    campaign = services.campaigns.kept(campaign_id)
    return campaign.rules.name if campaign else campaign_id


def _add_changes(blueprint: Blueprint, services: Services, uploaded: Callable[[], Sent]) -> None:
    lists = services.do_not_call
    countries = services.settings.start_call_countries

    @blueprint.post("/do-not-call")
    def add_number() -> Response:
        written = request.form.get("number", "")
        words = request.form.get("words", "").strip()[:WORDS_MOST]
        campaign_id = request.form.get("campaign_id", "")
        if campaign_id and services.campaigns.get(campaign_id) is None:
            abort(404, "There is no such campaign.")
        try:
            number = barred_number(written, countries)
        except NumberRefused as error:
            flash(f"{written[:40]}: {error}", "bad")
            return _to_list()
        services.audit.note(g.person, "add do-not-call", campaign_id or "all campaigns", numbers=1)
        by = g.person.email or g.person.name
        entry = DoNotCall(number, campaign_id, Source.BY_HAND, services.clock(), words, by)
        is_new = lists.add([entry])
        flash("This number is not rung any more." if is_new else "It was on the list.", "good")
        return _to_list()

    @blueprint.post("/do-not-call/remove")
    def remove_number() -> Response:
        number = request.form.get("number", "")[:_LONGEST]
        campaign_id = request.form.get("campaign_id", "")[:_LONGEST]
        found = lists.find(DoNotCallQuery(campaign_id, number))
        if not found:
            abort(404, "This number is not on that list.")
        if any(one.source in OWN for one in found) and not g.person.may(Role.ADMIN):
            abort(403, "This person asked not to be called: only an administrator may undo that.")
        services.audit.note(
            g.person, "remove do-not-call", number, list=campaign_id or "all campaigns"
        )
        services.campaign_desk.asking.unlist(number, campaign_id)
        flash("The number is off the list.", "good")
        return _to_list()

    @blueprint.post("/do-not-call/upload")
    @needs(Role.OPERATOR)
    def upload_numbers() -> Response:
        upload = uploaded()
        begin_import(services, upload, ImportKind.DO_NOT_CALL, "", countries[0])
        return after_upload(url_for("console-do-not-call.do_not_call"))


def _to_list() -> Response:
    return sent_to(url_for("console-do-not-call.do_not_call"))
