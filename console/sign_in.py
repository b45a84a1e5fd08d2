"""/console/sign-in and beside it: how somebody gets in and out, and sets a password by a link."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Request, Response, flash, g, request, session, url_for

from access.entrance import WrongPassword
from access.links import BadLink
from access.lockout import Locked, senders
from access.passwords import PasswordRefused
from access.people import PersonRefused
from access.roles import LOCAL
from console.cookies import keep, kept
from console.gate import Gate
from console.pages import PREFIX, page, page_blueprint, refusal, sent_to
from services import Services


def sign_in_blueprint(services: Services) -> Blueprint:
    """Sign-in, sign-out, and the two links; those that `pages.PUBLIC` names are open."""
    blueprint = page_blueprint("sign-in", services)
    _add_session(blueprint, services)
    _add_links(blueprint, services)
    return blueprint


def _add_session(blueprint: Blueprint, services: Services) -> None:
    entrance = services.entrance
    gate = Gate(services)

    @blueprint.get("/sign-in")
    def sign_in() -> Response:
        target = local_target(request.args.get("to", ""))
        person = gate.person_of(request)
        if person is not None and person != LOCAL:
            return sent_to(target)
        return page(
            "sign_in.html",
            target=target,
            is_local=person == LOCAL,
            is_empty=not entrance.people.has_anybody(),
        )

    @blueprint.post("/sign-in")
    def try_sign_in() -> Response:
        email, password = request.form.get("email", ""), request.form.get("password", "")
        target = local_target(request.form.get("to", ""))
        try:
            account = entrance.check(email, password, senders_of(request))
        except (WrongPassword, Locked) as wrong:
            status = 429 if isinstance(wrong, Locked) else 422
            answer = page(
                "sign_in.html", status, target=target, email=email[:300], problem=str(wrong)
            )
            if isinstance(wrong, Locked):
                answer.headers["Retry-After"] = str(wrong.wait_s)
            return answer
        before = kept()
        if before:
            entrance.sessions.end(before)
        keep(entrance.sessions.begin(account))
        return sent_to(target)

    @blueprint.post("/sign-out")
    def sign_out() -> Response:
        secret = kept()
        if secret:
            services.audit.note(g.person, "sign out", g.person.email)
            entrance.sessions.end(secret)
        session.clear()
        flash("You have signed out.")
        return sent_to(url_for("console-sign-in.sign_in"))


def _add_links(blueprint: Blueprint, services: Services) -> None:
    entrance = services.entrance

    @blueprint.route("/set-password", methods=["GET", "POST"])
    def set_password() -> Response:
        token = request.values.get("token", "")
        try:
            account = entrance.links.account_of(token)
            if request.method == "POST":
                entrance.set_password(token, new_password(request))
                return _done()
        except BadLink as bad:
            return refusal(410, str(bad))
        except PasswordRefused as refused:
            return page("set_password.html", 422, token=token, account=account, problem=refused)
        return page("set_password.html", token=token, account=account)

    @blueprint.route("/begin", methods=["GET", "POST"])
    def begin() -> Response:
        token, form = request.values.get("token", ""), request.form
        email, name = form.get("email", ""), form.get("name", "")
        wrong: dict[str, str] = {}
        try:
            entrance.links.check_begin(token)
            if request.method == "POST":
                entrance.begin(token, email, name, new_password(request))
                return _done()
        except BadLink as bad:
            return refusal(410, str(bad))
        except PasswordRefused as refused:
            wrong = {"password": str(refused)}
        except PersonRefused as refused:
            wrong = {refused.field: str(refused)}
        status = 422 if wrong else 200
        values = {"token": token, "email": email[:300], "name": name[:200], "wrong": wrong}
        return page("begin.html", status, **values)


def senders_of(asked: Request) -> list[str]:
    """The addresses under which tries at a password are counted."""
    return senders(asked.remote_addr or "", asked.headers.get("X-Forwarded-For", ""))


def new_password(asked: Request) -> str:
    """A new password that was written twice. PasswordRefused when the two differ."""
    password = asked.form.get("password", "")
    if password != asked.form.get("again", ""):
        raise PasswordRefused("The two are not the same; write the new password twice.")
    return password


def local_target(wanted: str) -> str:
    """Where somebody goes after signing in: the page they wanted, never another host's."""
    home = url_for("console-home.home")
    # Browsers take \ for / and leave out tabs and line ends, so that /\evil is //evil.
    if "\\" in wanted or any(not letter.isprintable() for letter in wanted):
        return home
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return home
    if parts.scheme or parts.netloc or not parts.path.startswith(f"{PREFIX}/"):
        return home
    return wanted


def _done() -> Response:
    session.clear()
    flash("The password is set. Sign in with it.", "good")
    return sent_to(url_for("console-sign-in.sign_in"))
