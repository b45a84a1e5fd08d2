"""The JSON routes of uploaded tables: leads, do-not-call numbers, what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from flask import Blueprint, Response, g
from pydantic import Field
from typing_extensions import TypedDict

from access.scopes import Scope
from calls.sheets import CONTENT_TYPES
from campaigns.campaign import CampaignStatus
from campaigns.exports import SAMPLE
from campaigns.imports import Import, ImportKind, Order, UnknownImport
from campaigns.people import countries_of
from services import Services
from transports.campaigns import PATH, UNKNOWN, campaign_of
from transports.described import Body, Operation, Query, Tag, Text, Whole, described, shape
from transports.errors import ApiError, file_answer, json_answer
from transports.guard import api_blueprint
from transports.uploads import NO_FILE, Upload, uploaded

NAME = "imports"
CSV = "text/csv"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST_MOST, LIST_USUAL = 100, 20

CampaignId = Annotated[str, Field(max_length=100, examples=["4f0c"])]


@shape
class ImportAnswer(TypedDict):
    """One uploaded table, and how far it is."""

    import_id: str
    kind: Literal["leads", "do_not_call"]
    campaign_id: str
    """Whose leads or list; empty for the do-not-call list of all campaigns."""
    file_name: str
    size_bytes: int
    status: Literal["waiting", "running", "done", "failed", "canceled"]
    share: float
    """How much of the file was read, 0 to 1."""
    rows: int
    """Rows so far, without the row of names."""
    added: int
    """Of them, how many are new leads or numbers."""
    skipped: Mapping[str, int]
    """Why others were not taken, and how many; /problems has each."""
    columns: Sequence[str]
    """What sentences may say of a lead: {name}."""
    notes: Sequence[str]
    """What you should know about the file."""
    failure: str
    """Why the file could not be read, and what to do; empty when it could."""
    created_at: datetime
    ended_at: datetime | None
    by: str
    """Who sent it."""


@shape
class ImportList(TypedDict):
    """Imports, newest first."""

    imports: Sequence[ImportAnswer]


@shape
class UploadForm(TypedDict):
    """A table as a form sends it."""

    file: Annotated[str, Field(json_schema_extra={"format": "binary"})]
    """CSV (any separator and letters) or XLSX, with a row of names; one column is called phone."""


class UploadQuery(Query):
    """What the table is called."""

    name: Annotated[str, Field(max_length=300, examples=["leads.csv"])] = ""
    """Of the file, when it is the whole body."""


class ListUpload(UploadQuery):
    """Which list, and what the table is called."""

    campaign_id: CampaignId = ""
    """Whose do-not-call list; that of all campaigns when absent."""


class ImportsQuery(Query):
    """How many are wanted."""

    limit: Whole = Field(LIST_USUAL, ge=1, le=LIST_MOST)
    """How many at most."""


_ID = {"import_id": "The import."}
_BODY = Body(UploadForm, ("multipart/form-data", CSV, SHEET))
_SENT = {
    400: ("bad_form",),
    408: ("too_slow",),
    413: ("file_too_large",),
    422: (NO_FILE,),
    503: ("too_many_uploads",),
    507: ("no_room",),
}
UPLOAD_LEADS = Operation(
    "Add the leads of a table to a campaign",
    Tag.CAMPAIGNS,
    {202: ImportAnswer},
    about="The rows are read in the background: ask the import how far it is. All columns but the "
    "number become variables; timezone, state, country, consent and consent_at are understood.",
    query=UploadQuery,
    path=PATH,
    body=_BODY,
    errors={**_SENT, **UNKNOWN, 409: ("campaign_is_over",)},
)
UPLOAD_LIST = Operation(
    "Add the numbers of a table to a do-not-call list",
    Tag.CAMPAIGNS,
    {202: ImportAnswer},
    query=ListUpload,
    body=_BODY,
    errors={**_SENT, **UNKNOWN},
)
IMPORTS = Operation(
    "Tables that were uploaded to a campaign",
    Tag.CAMPAIGNS,
    {200: ImportList},
    query=ImportsQuery,
    path=PATH,
    errors=UNKNOWN,
)
IMPORT = Operation(
    "One uploaded table",
    Tag.CAMPAIGNS,
    {200: ImportAnswer},
    path=_ID,
    errors={404: ("unknown_import",)},
)
CANCEL = Operation(
    "Stop reading a table",
    Tag.CAMPAIGNS,
    {200: ImportAnswer},
    about="What was added by then stays.",
    path=_ID,
    errors={404: ("unknown_import",)},
)
PROBLEMS = Operation(
    "Rows of a table that were not taken: line, column, reason, what to do",
    Tag.CAMPAIGNS,
    {200: Text((CSV,))},
    about="Empty until the import is over.",
    path=_ID,
    errors={404: ("unknown_import",)},
)
CSV_SAMPLE = Operation("A table of leads to begin with", Tag.CAMPAIGNS, {200: Text((CSV,))})


def imports_blueprint(services: Services) -> Blueprint:
    """Uploads of tables and what became of them, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE)
    _add_uploads(blueprint, services)
    _add_imports(blueprint, services)
    return blueprint


def _add_uploads(blueprint: Blueprint, services: Services) -> None:
    allowed = services.settings.start_call_countries

    @blueprint.post("/campaigns/<campaign_id>/upload-csv")
    @described(UPLOAD_LEADS)
    def upload_leads(campaign_id: str, query: UploadQuery) -> Response:
        campaign = campaign_of(services, campaign_id)
        if campaign.status is CampaignStatus.CANCELED:
            message = "A canceled campaign takes nobody any more. Make another."
            raise ApiError(409, "campaign_is_over", message)
        country = countries_of(campaign.rules, allowed)[0]
        return _begun(services, ImportKind.LEADS, campaign_id, country, uploaded())

    @blueprint.post("/do-not-call/upload")
    @described(UPLOAD_LIST)
    def upload_list(query: ListUpload) -> Response:
        country = allowed[0]
        if query.campaign_id:
            campaign = campaign_of(services, query.campaign_id)
            country = countries_of(campaign.rules, allowed)[0]
        return _begun(services, ImportKind.DO_NOT_CALL, query.campaign_id, country, uploaded())


def _begun(
    services: Services, kind: ImportKind, campaign_id: str, country: str, upload: Upload
) -> Response:
    order = Order(kind, campaign_id, upload.name, country, g.person.email or g.person.name)
    services.audit.note(g.person, f"upload {kind}", campaign_id, file=order.file_name[:200])
    with upload.open() as content:
        return json_answer(_told(services.imports.begin(order, content)), 202)


def _add_imports(blueprint: Blueprint, services: Services) -> None:
    imports = services.imports

    @blueprint.get("/campaigns/<campaign_id>/imports")
    @described(IMPORTS)
    def of_campaign(campaign_id: str, query: ImportsQuery) -> Response:
        campaign_of(services, campaign_id)
        found = imports.of(campaign_id, ImportKind.LEADS, query.limit)
        answer: ImportList = {"imports": [_told(one) for one in found]}
        return json_answer(answer)

    @blueprint.get("/imports/<import_id>")
    @described(IMPORT)
    def one_import(import_id: str) -> Response:
        found = imports.get(import_id)
        if found is None:
            raise _unknown()
        return json_answer(_told(found))

    @blueprint.delete("/imports/<import_id>")
    @described(CANCEL)
    def cancel(import_id: str) -> Response:
        try:
            canceled = imports.cancel(import_id)
        except UnknownImport:
            raise _unknown() from None
        services.audit.note(g.person, "cancel import", import_id)
        return json_answer(_told(canceled))

    @blueprint.get("/imports/<import_id>/problems")
    @described(PROBLEMS)
    def problems(import_id: str) -> Response:
        try:
            rows = imports.problems(import_id)
        except UnknownImport:
            raise _unknown() from None
        services.audit.note(g.person, "export problems", import_id)  # numbers are in them
        return file_answer(rows, CONTENT_TYPES["csv"], "problems.csv")

    @blueprint.get("/campaigns/templates/csv-sample")
    @described(CSV_SAMPLE)
    def csv_sample() -> Response:
        return file_answer([SAMPLE.encode()], CONTENT_TYPES["csv"], "leads.csv")


def _unknown() -> ApiError:
    return ApiError(404, "unknown_import", "There is no import of this id.")


def _told(one: Import) -> ImportAnswer:
    return {
        "import_id": one.import_id,
        "kind": one.kind.value,
        "campaign_id": one.campaign_id,
        "file_name": one.file_name,
        "size_bytes": one.size_bytes,
        "status": one.status.value,
        "share": round(one.share, 4),
        "rows": one.rows,
        "added": one.added,
        "skipped": one.skipped,
        "columns": one.columns,
        "notes": one.notes,
        "failure": one.failure,
        "created_at": one.created_at,
        "ended_at": one.ended_at,
        "by": one.by,
    }
