"""/console/tokens: tokens for programs, each shown once."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, flash, g, request, url_for

from access.api_tokens import NAME_MOST
from access.scopes import ABOUT, PERMISSIONS, Scope, named, names
from console.pages import page, public_base, sent_to
from services import Services

# Days that a token may last; "" is for ever.
TERMS = {"30": "30 days", "90": "90 days", "365": "A year", "": "Until it is revoked"}


def add_tokens(blueprint: Blueprint, services: Services) -> None:
    """The list of tokens, the form for a new one, and their end."""
    tokens, audit = services.entrance.api_tokens, services.audit

    @blueprint.get("/tokens")
    def tokens_list() -> Response:
        return page("tokens.html", tokens=tokens.all(), now=services.clock())

    @blueprint.get("/tokens/new")
    def new_token() -> Response:
        return _form(200, {}, "", frozenset(), "90")

    @blueprint.post("/tokens/new")
    def make_token() -> Response:
        name = " ".join(request.form.get("name", "").split())
        scopes = named(request.form.getlist("scope"))
        days = request.form.get("days", "")
        wrong = {}
        if not name or len(name) > NAME_MOST:
            wrong["name"] = f"Write what the token is for, in at most {NAME_MOST} characters."
        if not scopes or not scopes <= PERMISSIONS[g.person.role]:
            wrong["scope"] = "Choose at least one thing that the token may do."
        if days not in TERMS:
            wrong["days"] = "Choose how long the token lasts."
        if wrong:
            return _form(422, wrong, name, scopes, days)
        lasts = timedelta(days=int(days)) if days else None
        audit.note(g.person, "make token", name, scopes=names(scopes), days=days or "for ever")
        token, text = tokens.make(g.person, name, scopes, lasts)
        return page("token_once.html", token=token, text=text, base=public_base(services))

    @blueprint.post("/tokens/<token_id>/revoke")
    def revoke_token(token_id: str) -> Response:
        token = tokens.load(token_id)
        if token is None:
            abort(404, "There is no such token.")
        audit.note(g.person, "revoke token", token.name, token=token.prefix)
        tokens.revoke(token_id)
        flash(f"The token {token.name} opens nothing any more.", "good")
        return sent_to(url_for("console-people.tokens_list"))


def _form(
    status: int, wrong: dict[str, str], name: str, scopes: frozenset[Scope], days: str
) -> Response:
    values = {"name": name[:200], "chosen": scopes, "days": days, "terms": TERMS, "about": ABOUT}
    return page("token_new.html", status, wrong=wrong, **values)
