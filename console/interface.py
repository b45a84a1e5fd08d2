"""/console/interface: how programs call this server, to read and to try."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, g

from access.roles import Role
from console.pages import page, page_blueprint, public_base
from console.reference import Group, Reference
from services import Services


def interface_blueprint(services: Services, document: Callable[[], Mapping[str, Any]]) -> Blueprint:
    """The page about the interface that `document` gives."""
    blueprint = page_blueprint("interface", services)

    # An address is what somebody typed, so only a few are remembered.
    @lru_cache(maxsize=8)
    def groups(address: str) -> tuple[Group, ...]:
        return tuple(Reference(document(), address).groups())

    @blueprint.get("/interface")
    def interface() -> Response:
        return page(
            "interface.html",
            groups=groups(public_base(services)),
            needs_token=bool(services.settings.api_token),
            makes_tokens=g.person.may(Role.ADMIN),
        )

    return blueprint
