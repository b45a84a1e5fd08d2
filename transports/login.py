"""/auth/…: tokens of the JSON interface for an e-mail and a password, their renewal and end."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Blueprint, Request, Response, g, request

from access.bearer import LASTS, BadToken, Pair
from access.entrance import Entrance, WrongPassword
from access.lockout import Locked, senders
from access.scopes import names
from services import Services
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "auth"
_BEARER = {"WWW-Authenticate": "Bearer"}


def login_blueprint(services: Services) -> Blueprint:
    """/auth/login and /auth/refresh: the proof is in the body. All else here needs a token."""
    blueprint = Blueprint(f"{NAME}-open", __name__)
    entrance = services.entrance

    @blueprint.post("/auth/login")
    def login() -> Response:
        fields = _fields(request)
        email, password = _text(fields, "email"), _text(fields, "password")
        forwarded = request.headers.get("X-Forwarded-For", "")
        try:
            addresses = senders(request.remote_addr or "", forwarded)
            account = entrance.check(email, password, addresses)
        except Locked as locked:
            wait_s = str(locked.wait_s)
            details = {"retry_after_s": locked.wait_s}
            headers = {"Retry-After": wait_s}
            raise ApiError(
                429, "too_many_tries", str(locked), details=details, headers=headers
            ) from locked
        except WrongPassword as wrong:
            raise ApiError(401, "wrong_password", str(wrong), headers=_BEARER) from wrong
        return _answer(entrance.bearer.begin(account))

    @blueprint.post("/auth/refresh")
    def refresh() -> Response:
        token = _text(_fields(request), "refresh_token")
        try:
            return _answer(entrance.bearer.renew(token))
        except BadToken as bad:
            message = "This refresh token was used already, has expired or was ended."
            raise ApiError(401, "bad_refresh_token", message, headers=_BEARER) from bad

    return blueprint


def account_blueprint(services: Services) -> Blueprint:
    """/auth/me and /auth/logout, behind any token."""
    blueprint = api_blueprint(NAME, services, reads=None)
    entrance = services.entrance

    @blueprint.get("/auth/me")
    def me() -> Response:
        person = g.person
        return json_answer(
            {
                "person_id": person.person_id,
                "email": person.email,
                "name": person.name,
                "role": person.role,
                "permissions": names(g.bearer.scopes),
            }
        )

    @blueprint.post("/auth/logout")
    def logout() -> Response:
        family = g.bearer.family
        if not family:
            message = "Only a token of /auth/login can be ended here."
            raise ApiError(409, "not_signed_in", message)
        _end(services, entrance, family)
        return Response(status=204)

    return blueprint


def _end(services: Services, entrance: Entrance, family: str) -> None:
    services.audit.note(g.person, "sign out", g.person.email, by="token")
    entrance.bearer.end(family)


def _answer(pair: Pair) -> Response:
    return json_answer(
        {
            "token": pair.token,
            "token_type": "bearer",
            "expires_in": int(LASTS.total_seconds()),
            "refresh_token": pair.refresh_token,
            "permissions": list(pair.permissions),
        }
    )


def _fields(asked: Request) -> Mapping[str, object]:
    """What was sent, as a JSON object or a form. Never from the address, which is logged."""
    if asked.mimetype != "application/json":
        return asked.form.to_dict()
    try:
        body = orjson.loads(asked.get_data())
    except orjson.JSONDecodeError:
        raise ApiError(400, "bad_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_json", "Send a JSON object.")
    return body


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(422, "missing_field", f"Send {name}: a text.", details={"field": name})
    return value
