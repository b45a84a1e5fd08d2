"""/console/: sends everybody to the page they need first."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, redirect, url_for

from console.pages import MENU, page, page_blueprint
from services import Services


def home_blueprint(services: Services) -> Blueprint:
    """The first page."""
    blueprint = page_blueprint("home", services)

    @blueprint.get("/")
    def home() -> Response:
        for _, endpoint, _, role in MENU:
            if endpoint in current_app.view_functions and g.person.may(role):
                return redirect(url_for(endpoint))  # type: ignore[return-value]
        return page("home.html")

    return blueprint
