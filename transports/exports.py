"""The JSON interface's files: what a campaign brought home, and who would be rung now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from threading import Semaphore
from typing import Literal

from flask import Blueprint, Response, g
from typing_extensions import TypedDict

from access.scopes import Scope
from access.sight import sight_of_call
from calls.sheets import CONTENT_TYPES, csv_chunks, file_chunks, sheet_file
from campaigns.campaign import Campaign
from campaigns.exports import Source, What, table_of
from campaigns.preview import Preview, PreviewRow, Previews
from campaigns.rules import load_law
from services import Services
from transports.described import Operation, Query, Tag, Text, described, shape
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "exports"
EXPORTS_MOST = 2  # at once, of one process: each holds a thread for as long as its reader likes


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


_PATH = {"campaign_id": "The campaign."}
_ERRORS = {404: ("unknown_campaign",), 503: ("too_many_exports",)}
_ABOUT = "Sent while it is read. No cell is run as a formula."
_FILES = Text(tuple(one.partition(";")[0] for one in CONTENT_TYPES.values()))
OPERATIONS = {
    What.RESULTS: Operation(
        "What became of each lead, as a file",
        Tag.CAMPAIGNS,
        {200: _FILES},
        about=_ABOUT,
        query=ExportQuery,
        path=_PATH,
        errors=_ERRORS,
    ),
    What.TRANSCRIPTS: Operation(
        "What was said in a campaign's calls, as a file",
        Tag.CAMPAIGNS,
        {200: _FILES},
        about=_ABOUT,
        query=ExportQuery,
        path=_PATH,
        errors=_ERRORS,
    ),
    What.LEADS: Operation(
        "The leads of a campaign, as a file",
        Tag.CAMPAIGNS,
        {200: _FILES},
        about=_ABOUT,
        query=ExportQuery,
        path=_PATH,
        errors=_ERRORS,
    ),
}
PREVIEW = Operation(
    "Who would be rung now, who later, who never, and why",
    Tag.CAMPAIGNS,
    {200: PreviewAnswer},
    path=_PATH,
    errors={404: ("unknown_campaign",)},
)


def exports_blueprint(services: Services) -> Blueprint:
    """/exports/campaigns/<id>/results, transcripts and leads, and the preview."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ)
    free = Semaphore(EXPORTS_MOST)
    previews = Previews(
        services.leads,
        services.do_not_call,
        services.imports,
        load_law(),
        frozenset(services.settings.start_call_countries),
        services.clock,
    )

    @blueprint.get("/campaigns/<campaign_id>/preview")
    @described(PREVIEW)
    def preview(campaign_id: str) -> Response:
        return json_answer(_preview(previews.of(_campaign(services, campaign_id))))

    @blueprint.get("/exports/campaigns/<campaign_id>/results")
    @described(OPERATIONS[What.RESULTS])
    def results(campaign_id: str, query: ExportQuery) -> Response:
        return _file(services, free, What.RESULTS, campaign_id, query.format)

    @blueprint.get("/exports/campaigns/<campaign_id>/transcripts")
    @described(OPERATIONS[What.TRANSCRIPTS])
    def transcripts(campaign_id: str, query: ExportQuery) -> Response:
        return _file(services, free, What.TRANSCRIPTS, campaign_id, query.format)

    @blueprint.get("/exports/campaigns/<campaign_id>/leads")
    @described(OPERATIONS[What.LEADS])
    def leads(campaign_id: str, query: ExportQuery) -> Response:
        return _file(services, free, What.LEADS, campaign_id, query.format)

    return blueprint


def _file(services: Services, free: Semaphore, what: What, campaign_id: str, form: str) -> Response:
    campaign = _campaign(services, campaign_id)
    if not free.acquire(blocking=False):
        message = "Other exports are under way: try again in a minute."
        raise ApiError(503, "too_many_exports", message, headers={"Retry-After": "60"})
    with ExitStack() as unless_answered:
        unless_answered.callback(free.release)
        services.audit.note(g.person, f"export {what}", campaign_id, form=form)
        sight = sight_of_call(g.person)
        source = Source(services.leads, services.storage, dict(services.agents), sight)
        table = table_of(what, source, campaign)
        chunks = csv_chunks(table) if form == "csv" else file_chunks(sheet_file(table))
        answer = Response(chunks, content_type=CONTENT_TYPES[form])
        answer.call_on_close(unless_answered.pop_all().close)
    name = f"{what}-{services.clock():%Y%m%d-%H%M}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _campaign(services: Services, campaign_id: str) -> Campaign:
    found = services.campaigns.get(campaign_id)
    if found is None:
        raise ApiError(404, "unknown_campaign", "There is no campaign of this id.")
    return found


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
