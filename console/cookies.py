"""The cookie of the pages: signed, for pages only, and over https only where there is https."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from access.keys import derived
from services import Services

# Where the secret of a session is in the cookie's content.
SESSION = "session"


class PageCookies(SecureCookieSessionInterface):
    """Flask's signed cookie. Webhooks and programs have no session: nothing is read for them."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self, prefix: str, services: Services) -> None:
        self._prefix = prefix
        self._services = services

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not request.path.startswith(self._prefix):
            return None
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        # Whoever forges the header harms their own cookie only.
        proxied = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
        return _is_https(self._services) or proxied == "https" or request.is_secure


def add_cookies(app: Flask, services: Services, prefix: str) -> None:
    """Give the pages below `prefix` their cookie."""
    app.secret_key = derived(services.secret, "cookie")
    # One host may have several servers, and a cookie knows no port. __Host-: of this host, whole
    # and over https, or the browser does not take it (RFC 6265bis 4.1.3.2).
    name = "__Host-callwright" if _is_https(services) else f"callwright-{services.settings.port}"
    app.config["SESSION_COOKIE_NAME"] = name
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.permanent_session_lifetime = timedelta(hours=services.settings.session_hours)
    app.session_interface = PageCookies(prefix, services)


def keep(secret: str) -> None:
    """Have the browser keep the secret of a session, and nothing of what was there before."""
    session.clear()
    session[SESSION] = secret
    session.permanent = True


def kept() -> str | None:
    """The secret of the session that the browser sent."""
    secret = session.get(SESSION)
    return secret if isinstance(secret, str) else None


def _is_https(services: Services) -> bool:
    return services.settings.public_base_url.startswith("https:")
