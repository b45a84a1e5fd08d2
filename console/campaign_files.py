"""Files of a campaign to take home, a sample of one to send, and who would be rung now."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Semaphore

from flask import Blueprint, Response, abort, g

from access.roles import Role
from access.sight import sight_of_lists
from calls.sheets import CONTENT_TYPES, csv_chunks, file_chunks, sheet_file
from campaigns.exports import Source, What, table_of
from campaigns.preview import Previews
from campaigns.standing import REASONS
from console.campaign_parts import campaign_of
from console.campaign_uploads import FAULTS
from console.pages import needs, page, refusal
from services import Services

EXPORTS_MOST = 2  # at once, of one process
# With a byte order mark, by which Excel knows UTF-8.
SAMPLE = (
    "\ufeffname,phone,city,timezone,consent,consent_at\r\n"
    "Asha Rao,+919876543210,Chennai,Asia/Kolkata,web form,2026-11-20\r\n"
    "Ravi Kumar,98765 43211,Kochi,,,\r\n"
)


def add_files(blueprint: Blueprint, services: Services) -> None:
    """Exports, the sample and the preview, for operators."""
    free = Semaphore(EXPORTS_MOST)
    desk = services.campaign_desk
    countries = frozenset(services.settings.start_call_countries)
    previews = Previews(
        services.leads,
        services.do_not_call,
        services.imports,
        desk.writer.law,
        countries,
        services.clock,
    )

    @blueprint.get("/campaigns/<campaign_id>/preview")
    @needs(Role.OPERATOR)
    def preview(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        services.audit.seen(g.person, "see leads", campaign_id)
        return page(
            "campaign_preview.html",
            campaign=campaign,
            preview=previews.of(campaign),
            reasons=REASONS,
            faults=FAULTS,
        )

    @blueprint.get("/campaigns/sample.csv")
    @needs(Role.OPERATOR)
    def csv_sample() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="leads.csv"'}
        return Response(SAMPLE, content_type=CONTENT_TYPES["csv"], headers=headers)

    @blueprint.get("/campaigns/<campaign_id>/<what>.<form>")
    @needs(Role.OPERATOR)
    def export(campaign_id: str, what: str, form: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        if what not in set(What) or form not in CONTENT_TYPES:
            abort(404, "There is no such file.")
        if not free.acquire(blocking=False):
            return refusal(503, "Other exports are under way: try again in a minute.")
        with ExitStack() as unless_answered:
            unless_answered.callback(free.release)
            services.audit.note(g.person, f"export {what}", campaign_id, form=form)
            sight = sight_of_lists(g.person)
            source = Source(services.leads, services.storage, dict(services.agents), sight)
            table = table_of(What(what), source, campaign)
            chunks = csv_chunks(table) if form == "csv" else file_chunks(sheet_file(table))
            answer = Response(chunks, content_type=CONTENT_TYPES[form])
            answer.call_on_close(unless_answered.pop_all().close)
        name = f"{what}-{services.clock():%Y%m%d-%H%M}.{form}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
