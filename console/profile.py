"""/console/profile: what is known of whoever looks, their password, their sessions."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, request, session, url_for

from access.lockout import Locked
from access.passwords import PasswordRefused
from access.people import Account
from access.roles import LOCAL
from access.scopes import PERMISSIONS, names
from console.cookies import keep
from console.pages import page, page_blueprint, sent_to
from console.sign_in import new_password, senders_of
from services import Services


def profile_blueprint(services: Services) -> Blueprint:
    """The profile, and its forms."""
    blueprint = page_blueprint("profile", services)
    entrance = services.entrance

    @blueprint.get("/profile")
    def profile() -> Response:
        return _profile(None if g.person == LOCAL else _account(services))

    @blueprint.post("/profile/password")
    def change_password() -> Response:
        account = _account(services)
        wrong: dict[str, str] = {}
        status = 422
        try:
            entrance.lockout.count(account.email, senders_of(request))
            current = request.form.get("current", "")
            if entrance.passwords.is_right(account.password_hash, current):
                entrance.lockout.forgive(account.email, senders_of(request))
                changed = entrance.change_password(account, new_password(request))
                keep(entrance.sessions.begin(changed))
                flash("Your password is changed. Everywhere else you are signed out.", "good")
                return _back()
            wrong["current"] = "This is not your password."
        except Locked as locked:
            wrong["current"], status = str(locked), 429
        except PasswordRefused as refused:
            wrong["password"] = str(refused)
        return _profile(account, status, wrong)

    @blueprint.post("/profile/sign-out-everywhere")
    def sign_out_everywhere() -> Response:
        account = _account(services)
        services.audit.note(g.person, "sign out everywhere", account.email)
        entrance.people.change_and_end(account)
        session.clear()
        flash("You are signed out everywhere, and your programs' tokens have ended.")
        return sent_to(url_for("console-sign-in.sign_in"))

    return blueprint


def _account(services: Services) -> Account:
    account = services.entrance.people.load(g.person.person_id)
    if account is None:
        abort(409, "Who sits at this machine in local mode has no account and no password.")
    return account


def _profile(
    account: Account | None, status: int = 200, wrong: dict[str, str] | None = None
) -> Response:
    permissions = names(PERMISSIONS[g.person.role])
    return page("profile.html", status, account=account, permissions=permissions, wrong=wrong or {})


def _back() -> Response:
    return sent_to(url_for("console-profile.profile"))
