"""The JSON interface's files: what a campaign brought home, and who would be rung now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from flask import Blueprint, Response, g
from typing_extensions import TypedDict

from access.scopes import Scope
from access.sight import sight_of_programs
from calls.sheets import CONTENT_TYPES
from campaigns.campaign import Campaign
from campaigns.exports import SHEET_LEADS_MOST, Exports, TooLargeForSheet, TooManyExports, What
from campaigns.preview import Preview, PreviewRow
from services import Services
from transports.campaigns import PATH, UNKNOWN, campaign_of
from transports.described import Operation, Query, Tag, Text, described, shape
from transports.errors import ApiError, file_answer, json_answer
from transports.guard import api_blueprint

NAME = "exports"


class ExportQuery(Query):
    """In which form."""

    format: Literal["csv", "xlsx"] = "csv"
    """CSV in UTF-8, or a sheet."""


@shape
class LeadAhead(TypedDict):
    """One lead, and what the gate says of it."""

    lead_id: str
    phone_number: str
    variables: Mapping[str, str]
    zones: Sequence[str]
    reason: str
    """Why they are not rung now; empty when they may be."""
    until: datetime | None
    """When that is over; null: never, or they may be rung."""
    detail: str
    """Which rule it is, in words."""


@shape
class PreviewAnswer(TypedDict):
    """What would happen if the campaign ran now."""

    leads: int
    """That wait to be rung."""
    looked_at: int
    """Of them; the counts below are of these."""
    now: int
    """May be rung at this moment."""
    later: Mapping[str, int]
    """Reason, and how many may be rung at another hour."""
    never: Mapping[str, int]
    """Reason, and how many are refused for good."""
    not_taken: Mapping[str, int]
    """Reason, and how many rows of files are no leads."""
    opens_at: datetime | None
    """When the first of those who wait may be rung."""
    first: Sequence[LeadAhead]


_FILES = Text(tuple(one.partition(";")[0] for one in CONTENT_TYPES.values()))
_SUMMARIES = {
    What.RESULTS: "What became of each lead, as a file",
    What.TRANSCRIPTS: "What was said in a campaign's calls, as a file",
    What.LEADS: "The leads of a campaign, as a file",
}
PREVIEW = Operation(
    "Who would be rung now, who later, who never, and why",
    Tag.CAMPAIGNS,
    {200: PreviewAnswer},
    path=PATH,
    errors=UNKNOWN,
)


def exports_blueprint(services: Services) -> Blueprint:
    """/exports/campaigns/<id>/results, transcripts and leads, and the preview."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ)
    desk = services.campaign_desk

    @blueprint.get("/campaigns/<campaign_id>/preview")
    @described(PREVIEW)
    def preview(campaign_id: str) -> Response:
        return json_answer(_preview(desk.previews.of(campaign_of(services, campaign_id))))

    def add(what: What, summary: str) -> None:
        operation = Operation(
            summary,
            Tag.CAMPAIGNS,
            {200: _FILES},
            about="CSV is sent while it is read; a sheet is made before, of "
            f"{SHEET_LEADS_MOST:,} leads at most. No cell is run as a formula.",
            query=ExportQuery,
            path=PATH,
            errors={**UNKNOWN, 422: ("too_large_for_sheet",), 503: ("too_many_exports",)},
        )

        @described(operation)
        def export(campaign_id: str, query: ExportQuery) -> Response:
            campaign = campaign_of(services, campaign_id)
            services.audit.note(g.person, f"export {what}", campaign_id, form=query.format)
            return _file(desk.exports, what, query.format, campaign)

        rule = f"/exports/campaigns/<campaign_id>/{what}"
        blueprint.add_url_rule(rule, str(what), export, methods=["GET"])

    for what, summary in _SUMMARIES.items():
        add(what, summary)
    return blueprint


def _file(exports: Exports, what: What, form: str, campaign: Campaign) -> Response:
    try:
        file = exports.file(what, form, campaign, sight_of_programs(g.person))
    except TooManyExports:
        message = "Other exports are under way: try again in a minute."
        raise ApiError(503, "too_many_exports", message, headers={"Retry-After": "60"}) from None
    except TooLargeForSheet as error:
        details = {"field": "format"}
        raise ApiError(422, "too_large_for_sheet", str(error), details=details) from None
    answer = file_answer(file.chunks, file.content_type, file.name)
    answer.call_on_close(file.close)
    return answer


def _preview(found: Preview) -> PreviewAnswer:
    return {
        "leads": found.leads,
        "looked_at": found.looked_at,
        "now": found.now,
        "later": found.later,
        "never": found.never,
        "not_taken": found.not_taken,
        "opens_at": found.opens_at,
        "first": [_ahead(one) for one in found.first],
    }


def _ahead(one: PreviewRow) -> LeadAhead:
    lead, verdict = one.lead, one.verdict
    return {
        "lead_id": lead.lead_id,
        "phone_number": lead.number,
        "variables": lead.variables,
        "zones": lead.zones,
        "reason": "" if verdict.reason is None else str(verdict.reason),
        "until": verdict.until,
        "detail": verdict.detail,
    }
