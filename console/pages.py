"""What all pages have: who may see them, their frame, headers, forms that only they can send."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import NullSession
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from access.asking import is_asked_first
from access.roles import Person, Role
from console.cookies import add_cookies
from console.gate import Gate
from services import Services
from storage.base import StorageError

View = TypeVar("View", bound=Callable[..., Any])

PREFIX = "/console"
# Blueprints of pages are called so; their errors are pages, too.
MARK = "console-"
# Pages for those who have not signed in. A page is closed until it is added here, with a reason.
PUBLIC = {
    "console-sign-in.sign_in",  # where one does
    "console-sign-in.try_sign_in",
    "console-sign-in.set_password",  # whoever has the link
    "console-sign-in.begin",  # whoever has the link, while there is nobody
}
STATIC = Path(__file__).parents[1] / "static"

# What is said of errors that no view has words for.
_WORDS = {
    400: "What was sent cannot be read.",
    404: "There is no page at this address.",
    405: "This page cannot be asked in that way. Go back and try again.",
    413: "What was sent is too large.",
    415: "What was sent is not of the kind that is read here.",
}

# Pages in the order of the menu: name, endpoint, icon, who may see it.
MENU = (
    ("Phone", "console-phone.phone", "phone", Role.OPERATOR),
    ("Calls", "console-calls.calls", "list", Role.VIEWER),
    ("Campaigns", "console-campaigns.campaigns", "megaphone", Role.VIEWER),
    ("Messages", "console-messages.messages", "message-square", Role.OPERATOR),
    ("Agents", "console-agents.agents", "bot", Role.VIEWER),
    ("Analytics", "console-analytics.analytics", "chart-column", Role.VIEWER),
    ("People", "console-people.people", "users", Role.ADMIN),
    ("API", "console-interface.interface", "book-open", Role.VIEWER),
)


def page_blueprint(name: str, services: Services, role: Role = Role.VIEWER) -> Blueprint:
    """A blueprint below /console whose every route needs somebody who may do what `role` may.

    In a view, `g.person` is that somebody. Endpoints are `console-NAME.VIEW`.
    """
    blueprint = Blueprint(MARK + name, __name__, url_prefix=PREFIX)
    gate = Gate(services)

    @blueprint.before_request
    def enter() -> Response | None:
        csrf: CSRFProtect = current_app.extensions["csrf"]
        if request.endpoint in PUBLIC:
            csrf.protect()
            return None
        person = gate.person_of(request)
        if person is None:
            return _to_sign_in()
        g.person = person
        if not is_asked_first(request.environ):  # the token comes with the body
            csrf.protect()  # does nothing when the request only reads
        if not person.may(role):
            abort(403, f"This page is for the role {role} and those above it.")
        return None

    return blueprint


def _to_sign_in() -> Response:
    reads = request.method in ("GET", "HEAD")
    here = request.full_path.removesuffix("?") if reads else None
    if not request.headers.get("HX-Request"):
        return redirect(url_for("console-sign-in.sign_in", to=here))  # type: ignore[return-value]
    # The whole page goes there; a redirect would put the form into the middle of it.
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    answer = Response(status=401)
    answer.headers["HX-Redirect"] = url_for("console-sign-in.sign_in", to=shown.path or None)
    return answer


def needs(role: Role) -> Callable[[View], View]:
    """A view of a page for those who may do what `role` may; 403 for others."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if not g.person.may(role):
                abort(403, f"This is for the role {role} and those above it.")
            return view(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return wrap


def page(template: str, status: int = 200, /, **values: object) -> Response:
    """A template as an answer, or the part of one that htmx asks for."""
    return Response(
        render_template(template, **values), status, content_type="text/html; charset=utf-8"
    )


def words_of(error: HTTPException) -> str:
    """What a page says of an error: what the view said, else a sentence of ours."""
    own = error.description if error.description != type(error).description else None
    return own or _WORDS.get(error.code or 500, error.name)


def refusal(status: int, message: str) -> Response:
    """A page, or for htmx a line, that says what is wrong."""
    if request.headers.get("HX-Request"):
        answer = Response(message, status, content_type="text/plain; charset=utf-8")
        answer.headers["X-Error"] = quote(message)
        return answer
    return page("error.html", status, status=status, message=message)


def sent_to(address: str) -> Response:
    """To another page, which the browser then asks for (303)."""
    return redirect(address, 303)  # type: ignore[return-value]


def public_base(services: Services) -> str:
    """Where this server is reached from outside, as far as it knows; else where it was asked."""
    return services.address.known or request.host_url.rstrip("/")


def is_page(endpoint: str | None) -> bool:
    """Whether a route is one of the pages."""
    return (endpoint or "").startswith(MARK)


def _greet(app: Flask, gate: Gate) -> None:
    """Where there is no page, the error page has the menu of whoever asks, if that can be told."""

    @app.before_request
    def greet() -> None:
        if request.endpoint is None and request.path.startswith(f"{PREFIX}/"):
            with suppress(StorageError):
                person = gate.person_of(request)
                if person is not None:
                    g.person = person


def _standing_still(services: Services) -> str:
    """What to say on every page while nobody does the work behind the calls."""
    with suppress(StorageError):
        if g.get("person") is not None:
            return services.watch.trouble()
    return ""


def add_frame(app: Flask, services: Services) -> None:
    """What templates know without being given it, and the headers of pages."""
    hashes: dict[str, str] = {}

    def asset(name: str) -> str:
        """The address of a file in static/, another one whenever the file is."""
        if name not in hashes or app.debug:
            hashes[name] = sha256((STATIC / name).read_bytes()).hexdigest()[:10]
        return url_for("static", filename=name, v=hashes[name])

    def nonce() -> str:
        """Allows the style elements that a script makes; another one in every answer."""
        if "nonce" not in g:
            g.nonce = secrets.token_urlsafe(16)
        return str(g.nonce)

    def menu() -> list[tuple[str, str, str, bool]]:
        person: Person | None = g.get("person")
        here = (request.endpoint or "").partition(".")[0]
        return [
            (name, url_for(endpoint), icon, endpoint.startswith(f"{here}."))
            for name, endpoint, icon, role in MENU
            if endpoint in app.view_functions and person is not None and person.may(role)
        ]

    def csrf_token() -> str:
        """Proves that a form was made here; none on the error pages of what is no page."""
        return "" if isinstance(session, NullSession) else generate_csrf()

    _greet(app, Gate(services))
    add_cookies(app, services, f"{PREFIX}/")
    # As long as the session: a page may be open for hours before its form is sent. Checked by
    # `page_blueprint`: webhooks and programs have no cookie that another page could use.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # A browser may keep the referrer to itself; where it would help, the cookie is __Host-.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    CSRFProtect(app)
    # Over the library's own, which comes by the same way and wants a session everywhere.
    app.context_processor(lambda: {"csrf_token": csrf_token})
    app.jinja_env.globals.update(asset=asset, nonce=nonce, menu=menu)
    app.jinja_env.globals["standing_still"] = lambda: _standing_still(services)
    app.jinja_env.globals["local_mode"] = services.settings.local_mode
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.errorhandler(CSRFError)
    def not_from_here(error: CSRFError) -> Response:
        return refusal(400, "This form is too old, or another page sent it. Reload and try again.")

    @app.after_request
    def add(answer: Response) -> Response:
        if answer.mimetype == "text/html":
            styles = f" 'nonce-{g.nonce}'" if "nonce" in g else ""
            answer.headers["Content-Security-Policy"] = (
                f"default-src 'none'; script-src 'self'; style-src 'self'{styles}; "
                "img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
            answer.headers["Referrer-Policy"] = "same-origin"
        return answer
