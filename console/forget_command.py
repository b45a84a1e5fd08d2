"""`flask forget +91…`: removes a person everywhere, after showing what that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from access.audit import Audit
from access.entrance import as_person
from access.pseudonyms import pseudonym
from audio_cache.keys import instance_secret
from calls.erasing import Erasing
from calls.forgetting import Forgetting, NotANumber, Traces
from calls.recordings import Recordings
from settings import Settings, SettingsError, load_settings
from storage import open_stores
from storage.base import StorageError

WHO = as_person("command line")
LEFT = (
    "Not removed by this: log files, which hold no numbers and no words unless LOG_PII was 1; "
    "backups; what the carrier and the makers of models and voices keep themselves; clips of "
    "sentences with values in them, which go {days} days after they were last heard; lists of rows "
    "that an import left out, which go 90 days after it."
)


@click.command("forget")
@click.argument("number")
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and remove nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(number: str, dry_run: bool, yes: bool) -> None:
    """Remove the person with NUMBER everywhere: calls, words, fields, recordings, traces.

    What was counted stays counted, without words. It cannot be undone.
    """
    with _opened() as (settings, forgetting, audit, secret):
        try:
            traces = forgetting.find(number)
        except NotANumber as error:
            raise click.ClickException(str(error)) from error
        _show(traces)
        if traces.is_none:
            return
        if dry_run:
            click.echo("Nothing was removed: this was a dry run.")
            return
        if not yes:
            click.confirm("Remove all of this for good?", abort=True)
        subject = pseudonym(secret, traces.numbers[0])
        audit.note(WHO, "forget person", subject, calls=len(traces.calls))
        deleted = forgetting.forget(traces)
        click.echo(f"Removed: {deleted} calls. In the audit log: {subject}.")
        click.echo(LEFT.format(days=settings.clip_days))
        if traces.live:
            raise click.ClickException(
                f"{len(traces.live)} calls go on: hang them up, and run this again."
            )


COMMANDS: list[click.Command] = [forget]


def _show(traces: Traces) -> None:
    if traces.listed:
        click.echo(f"do-not-call lists  {len(traces.listed)} (the number stays on them)")
    if traces.is_none:
        click.echo(f"Nothing {'else ' if traces.listed else ''}is kept of this number.")
        return
    click.echo(f"calls              {len(traces.calls)}")
    if traces.calls:
        first, last = traces.calls[0].created_at, traces.calls[-1].created_at
        click.echo(f"  from             {first:%Y-%m-%d} to {last:%Y-%m-%d}")
    click.echo(f"calls that go on   {len(traces.live)}")
    click.echo(f"recordings         {traces.recordings}")
    click.echo(f"leads of campaigns {traces.leads}")
    click.echo(f"text messages      {traces.messages}")
    click.echo(f"news of webhooks   {len(traces.news)}")
    click.echo(f"audit log entries  {traces.entries} (with imports; the number is masked)")


@contextmanager
def _opened() -> Iterator[tuple[Settings, Forgetting, Audit, bytes]]:
    """What is kept, where the server keeps it; says plainly what is wrong."""
    try:
        settings = load_settings()
        secret = instance_secret(settings.secret_key, Path(settings.data_dir))
        stores = open_stores(settings)
    except (SettingsError, StorageError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        message = f"DATA_DIR: {settings.data_dir} cannot be used: {error.strerror or error}"
        raise click.ClickException(message) from error
    register = stores.register
    try:
        recordings = Recordings(register, stores.objects, _now)
        erasing = Erasing(stores.storage, stores.facts, recordings, stores.deliveries, register)
        forgetting = Forgetting(
            erasing, stores.storage, register, stores.leads, stores.do_not_call, _now
        )
        yield settings, forgetting, Audit(register, _now), secret
    except StorageError as error:
        raise click.ClickException(
            f"{error} What was not removed is still there: run this again."
        ) from error
    finally:
        stores.close()


def _now() -> datetime:
    return datetime.now(UTC)
