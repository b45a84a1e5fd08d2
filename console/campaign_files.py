"""Files of a campaign to take home, a sample of one to send, and who would be rung now."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g

from access.roles import Role
from access.sight import sight_of_lists
from calls.sheets import CONTENT_TYPES
from campaigns.exports import SAMPLE, TooLargeForSheet, TooManyExports, What
from campaigns.standing import REASONS
from console.campaign_parts import campaign_of, file_answer
from console.campaign_uploads import FAULTS
from console.pages import needs, page, refusal
from services import Services


def add_files(blueprint: Blueprint, services: Services) -> None:
    """Exports, the sample and the preview, for operators."""
    desk = services.campaign_desk

    @blueprint.get("/campaigns/<campaign_id>/preview")
    @needs(Role.OPERATOR)
    def preview(campaign_id: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        services.audit.seen(g.person, "see leads", campaign_id)
        return page(
            "campaign_preview.html",
            campaign=campaign,
            preview=desk.previews.of(campaign),
            reasons=REASONS,
            faults=FAULTS,
        )

    @blueprint.get("/campaigns/sample.csv")
    @needs(Role.OPERATOR)
    def csv_sample() -> Response:
        return file_answer([SAMPLE.encode()], CONTENT_TYPES["csv"], "leads.csv")

    @blueprint.get("/campaigns/<campaign_id>/<what>.<form>")
    @needs(Role.OPERATOR)
    def export(campaign_id: str, what: str, form: str) -> Response:
        campaign = campaign_of(services, campaign_id)
        if what not in set(What) or form not in CONTENT_TYPES:
            abort(404, "There is no such file.")
        services.audit.note(g.person, f"export {what}", campaign_id, form=form)
        try:
            file = desk.exports.file(What(what), form, campaign, sight_of_lists(g.person))
        except TooManyExports:
            return refusal(503, "Other exports are under way: try again in a minute.")
        except TooLargeForSheet as error:
            return refusal(422, str(error))
        answer = file_answer(file.chunks, file.content_type, file.name)
        answer.call_on_close(file.close)
        return answer
