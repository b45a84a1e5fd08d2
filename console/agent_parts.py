"""What the pages about agents share: who changes them, which one is meant, what was sent."""

from __future__ import annotations

import orjson
from flask import Response, abort, redirect, request, url_for

from access.roles import Person
from calls.editing import Editing
from calls.roster import Standing


def to_agent(name: str, number: int | None = None) -> Response:
    """Back to an agent's page, with what is in force or with a version."""
    return redirect(url_for("console-agents.agent", name=name, version=number))  # type: ignore[return-value]


def who(person: Person) -> str:
    """What somebody is called in versions."""
    return person.email or person.name


def known(editing: Editing, name: str) -> Standing | None:
    """How an agent stands; 404 when it never was written down."""
    standing = editing.standing(name)
    if standing is None and not editing.is_known(name):
        abort(404, f"There is no agent {name[:60]}.")
    return standing


def number_of(raw: str) -> int:
    """A version's number; 422 when it is none."""
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 6):
        abort(422, "A version is named by its number.")
    return int(raw)


def sent() -> dict[str, str]:
    """The texts of a JSON object."""
    try:
        sent = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        abort(400, "The body is not JSON.")
    if not isinstance(sent, dict):
        abort(400, "Send a JSON object.")
    return {key: value for key, value in sent.items() if isinstance(value, str)}
