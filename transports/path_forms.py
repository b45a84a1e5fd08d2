"""Forms that parts of a path must have, or the path is that of another route.

`/do-not-call/<listed:number>` leaves `/do-not-call/upload` alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint
from werkzeug.routing import BaseConverter


class ListedNumber(BaseConverter):
    """A telephone number, E.164; it may come without its +."""

    regex = r"\+?[0-9]{1,15}"

    def to_python(self, value: str) -> str:
        """With its +."""
        return value if value.startswith("+") else f"+{value}"


class MessageId(BaseConverter):
    """Our id of a message, or the carrier's: letters, signs, and at least one digit."""

    regex = r"[A-Za-z_-]{0,40}[0-9][A-Za-z0-9_-]{0,80}"


FORMS: Mapping[str, type[BaseConverter]] = {"listed": ListedNumber, "message": MessageId}


def add_forms(blueprint: Blueprint) -> None:
    """Let the routes of a blueprint use them; before the first of them is added."""
    blueprint.record(lambda state: state.app.url_map.converters.update(FORMS))
