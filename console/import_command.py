"""Tables from the command line: `flask import-leads | import-do-not-call`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from uuid import uuid4

import click

from campaigns.book import Campaigns
from campaigns.import_process import new_id, now, open_importer
from campaigns.importing import Taken
from campaigns.imports import Import, ImportKind, Imports, ImportStatus, Order
from campaigns.people import countries_of
from console.call_commands import settings_or_exit
from console.campaign_uploads import FAULTS
from console.commands import WHO
from storage import open_register
from storage.base import StorageError

PROBLEMS_SHOWN = 20  # rows that were not taken
COLUMNS = 5  # of their table
CHUNKS_READ = 16

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command("import-leads")
@click.argument("campaign")
@FILE
def import_leads(campaign: str, file: Path) -> None:
    """Add the leads of FILE (CSV or XLSX) to CAMPAIGN, by its id, and say what was not taken."""
    _import(ImportKind.LEADS, campaign, file)


@click.command("import-do-not-call")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--campaign", default="", help="Id of the campaign whose list it is; else of all.")
def import_do_not_call(file: Path, campaign: str) -> None:
    """Add the numbers of FILE to the do-not-call list of all campaigns, or of one."""
    _import(ImportKind.DO_NOT_CALL, campaign, file)


COMMANDS: list[click.Command] = [import_leads, import_do_not_call]


def _import(kind: ImportKind, campaign_id: str, file: Path) -> None:
    settings = settings_or_exit()
    try:
        with ExitStack() as at_end:
            importer = open_importer(settings, at_end)
            country = settings.start_call_countries[0]
            if campaign_id:
                register = at_end.enter_context(closing(open_register(settings)))
                found = Campaigns(register, now, new_id).get(campaign_id)
                if found is None:
                    raise click.ClickException(f"There is no campaign {campaign_id}.")
                country = countries_of(found.rules, settings.start_call_countries)[0]
            with file.open("rb") as content:
                order = Order(kind, campaign_id, file.name, country, WHO.name)
                begun = importer.imports.begin(order, content)
            claimed = importer.claim(begun.import_id, uuid4().hex)
            if claimed is None:
                click.echo(f"A server reads it: import {begun.import_id}.")
                return
            ended = importer.run(claimed, lambda: False)
            _tell(ended, importer.imports)
    except Taken:
        raise click.ClickException("Somebody canceled this import.") from None
    except StorageError as error:
        raise click.ClickException(str(error)) from error


def _tell(ended: Import, imports: Imports) -> None:
    if ended.status is ImportStatus.FAILED:
        raise click.ClickException(ended.failure)
    for note in ended.notes:
        click.echo(note)
    click.echo(f"{ended.rows:,} rows: {ended.added:,} are new.")
    for fault, count in sorted(ended.skipped.items()):
        click.echo(f"  {count:,} not taken: {FAULTS.get(fault, fault)}")
    problems = imports.problems(ended.import_id)
    for line, column, _, message, value in islice(_rows(problems), 1, 1 + PROBLEMS_SHOWN):
        where = f"line {line}, {column}" if column else f"line {line}"
        click.echo(f"{where}: {message}" + (f" ({value})" if value else ""))
    if sum(ended.skipped.values()) > PROBLEMS_SHOWN:
        click.echo(f"… all: GET /imports/{ended.import_id}/problems, or the campaign's page")


def _rows(problems: Iterator[bytes]) -> Iterator[list[str]]:
    """The first rows of a table that may be very long; the first has the names of the columns."""
    read = b"".join(islice(problems, CHUNKS_READ)).decode("utf-8-sig", "ignore")
    return (row for row in csv.reader(io.StringIO(read, newline="")) if len(row) == COLUMNS)
