"""People from the command line: `flask people | add-person | reset-link | first-link`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from access.audit import Audit
from access.entrance import Entrance, as_person, open_entrance
from access.people import Account, PersonRefused, normal_email
from access.roles import Role
from audio_cache.keys import instance_secret
from console.first_run import first_link, reached_at
from console.pages import PREFIX
from settings import Settings, SettingsError, load_settings
from storage import open_register
from storage.base import StorageError

WHO = as_person("command line")


@click.command("people")
def people() -> None:
    """Show who may sign in, and with which role."""
    with _entrance() as (_, entrance):
        everybody = entrance.people.all()
        if not everybody:
            click.echo("Nobody has an account yet: flask add-person EMAIL --role admin")
        for one in everybody:
            click.echo(f"{one.email}  {one.role}  {_state(one)}")


@click.command("add-person")
@click.argument("email")
@click.option("--name", default="", help="What they are called.")
@click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default="viewer", show_default=True
)
def add_person(email: str, name: str, role: str) -> None:
    """Let somebody sign in, and print a link with which they set their password."""
    with _entrance() as (settings, entrance):
        try:
            entrance.audit.note(WHO, "add person", normal_email(email), role=role)
            account = entrance.people.add(email, name, Role(role))
        except PersonRefused as refused:
            raise click.ClickException(str(refused)) from refused
        _show_link(settings, entrance, account, "within three days")


@click.command("reset-link")
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a link that sets another password once, and signs out whoever had the old one."""
    with _entrance() as (settings, entrance):
        account = entrance.people.of_email(email)
        if account is None:
            raise click.ClickException(f"There is no {email} here; see: flask people")
        if account.is_disabled:
            raise click.ClickException(f"{account.email} is disabled: a link would open nothing.")
        entrance.audit.note(WHO, "make reset link", account.email)
        lasts = "within an hour" if account.password_hash else "within three days"
        _show_link(settings, entrance, account, lasts)


@click.command("first-link")
def first() -> None:
    """Print the link with which the first administrator is made, while nobody is there."""
    with _entrance() as (settings, entrance):
        if entrance.people.has_anybody():
            raise click.ClickException("Somebody has an account here already; see: flask people")
        click.echo("Whoever opens this link is the administrator; it works once:")
        click.echo(first_link(settings, entrance.links))


COMMANDS: list[click.Command] = [people, add_person, reset_link, first]


def _state(account: Account) -> str:
    if account.is_disabled:
        return "disabled"
    return "active" if account.password_hash else "has set no password"


def _show_link(settings: Settings, entrance: Entrance, account: Account, lasts: str) -> None:
    token = entrance.links.to_set_password(account)
    click.echo(f"For {account.email}; it works once, {lasts}:")
    click.echo(f"{reached_at(settings)}{PREFIX}/set-password?token={token}")


@contextmanager
def _entrance() -> Iterator[tuple[Settings, Entrance]]:
    """Everything about people, where the server keeps it; says plainly what is wrong."""
    try:
        settings = load_settings()
        secret = instance_secret(settings.secret_key, Path(settings.data_dir))
        register = open_register(settings)
    except (SettingsError, StorageError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        message = f"DATA_DIR: {settings.data_dir} cannot be used: {error.strerror or error}"
        raise click.ClickException(message) from error
    try:
        audit = Audit(register, _now)
        yield settings, open_entrance(secret, register, audit, _now, settings.session_hours)
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    finally:
        register.close()


def _now() -> datetime:
    return datetime.now(UTC)
