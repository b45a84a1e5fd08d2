"""How the first administrator of a new server gets in: by a link that its log shows."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from access.links import Links
from console.pages import PREFIX
from services import Services
from settings import Settings
from storage.base import StorageError
from storage.register import Entry, StaleEntry

log = logging.getLogger(__name__)

KIND, KEY = "first_link", "shown"
# Processes that start together show it once; the next start shows it again.
SHOWN_EVERY = timedelta(seconds=60)


def announce(services: Services) -> None:
    """Log the link, from one process, while nobody has an account and the server is public."""
    if services.settings.local_mode:
        return
    entrance = services.entrance
    try:
        if entrance.people.has_anybody() or not _is_first(services):
            return
    except StorageError:
        log.exception("whether somebody can sign in cannot be told")
        return
    link = first_link(services.settings, entrance.links)
    log.warning("nobody can sign in yet: this link makes an administrator", extra={"link": link})


def first_link(settings: Settings, links: Links) -> str:
    """The address with which the first administrator is made."""
    return f"{reached_at(settings)}{PREFIX}/begin?token={links.to_begin()}"


def reached_at(settings: Settings) -> str:
    """Where a browser finds this server, as far as the settings tell."""
    here = f"http://127.0.0.1:{settings.port}"
    return here if settings.local_mode else settings.public_base_url or here


def _is_first(services: Services) -> bool:
    now = services.clock()
    shown = services.register.get(KIND, KEY)
    if shown is not None and now - shown.updated_at < SHOWN_EVERY:
        return False
    entry = Entry(KIND, KEY, {}, now, now) if shown is None else replace(shown, updated_at=now)
    try:
        services.register.put(entry)
    except StaleEntry:
        return False
    return True
