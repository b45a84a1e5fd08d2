"""/auth/…: tokens of the JSON interface for an e-mail and a password, their renewal and end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import orjson
from flask import Blueprint, Request, Response, g, request
from pydantic import Field
from typing_extensions import TypedDict

from access.bearer import LASTS, BadToken, Pair
from access.entrance import Entrance, WrongPassword
from access.lockout import Locked, senders
from access.roles import Person
from access.scopes import names
from services import Services
from transports.described import Body, Door, Operation, Proof, Tag, described, shape
from transports.errors import JSON, ApiError, json_answer
from transports.guard import api_blueprint
from transports.webform import FORM

NAME = "auth"
Text = Annotated[str, Field(min_length=1)]


@shape
class Credentials(TypedDict):
    """Who signs in."""

    email: Text
    password: Text


@shape
class Renewal(TypedDict):
    """What is renewed."""

    refresh_token: Text


@shape
class Tokens(TypedDict):
    """Tokens of somebody."""

    token: str
    """Sent as a bearer token."""
    token_type: Literal["bearer"]
    expires_in: int
    """Seconds until the token ends."""
    refresh_token: str
    """Good for one POST /auth/refresh within 30 days."""
    permissions: list[str]
    """Scopes."""


@shape
class Me(TypedDict):
    """Who a token stands for."""

    person_id: str
    email: str
    """Empty when it stands for no person."""
    name: str
    role: str
    permissions: list[str]
    """Scopes."""


BODY_ERRORS = {400: ("bad_json", "bad_request"), 422: ("missing_field",)}
LOGIN = Operation(
    summary="Get tokens for an e-mail and a password",
    tag=Tag.TOKENS,
    about="The token ends after an hour, with a change of password or role, and with disabling.",
    answers={200: Tokens},
    body=Body(Credentials, (JSON, FORM)),
    errors={
        **BODY_ERRORS,
        401: ("wrong_password",),
        429: ("too_many_tries",),
        503: ("storage_unavailable",),
    },
)
REFRESH = Operation(
    summary="Get new tokens for a refresh token",
    tag=Tag.TOKENS,
    about="A refresh token that comes a second time was copied: then all tokens that came of the "
    "same sign-in end.",
    answers={200: Tokens},
    body=Body(Renewal, (JSON, FORM)),
    errors={**BODY_ERRORS, 401: ("bad_refresh_token",), 503: ("storage_unavailable",)},
)
ME = Operation(summary="Who a token stands for and what it may", tag=Tag.TOKENS, answers={200: Me})
LOGOUT = Operation(
    summary="End a token and all that came of the same sign-in",
    tag=Tag.TOKENS,
    answers={204: None},
    errors={409: ("not_signed_in",)},
)
_BEARER = {"WWW-Authenticate": "Bearer"}


def login_blueprint(services: Services) -> Blueprint:
    """/auth/login and /auth/refresh: the proof is in the body. All else here needs a token."""
    blueprint = Door(f"{NAME}-open", __name__, Proof.NOTHING)
    entrance = services.entrance

    @blueprint.post("/auth/login")
    @described(LOGIN)
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
    @described(REFRESH)
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
    @described(ME)
    def me() -> Response:
        person: Person = g.person
        shown: Me = {
            "person_id": person.person_id,
            "email": person.email,
            "name": person.name,
            "role": person.role,
            "permissions": names(g.bearer.scopes),
        }
        return json_answer(shown)

    @blueprint.post("/auth/logout")
    @described(LOGOUT)
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
    tokens: Tokens = {
        "token": pair.token,
        "token_type": "bearer",
        "expires_in": int(LASTS.total_seconds()),
        "refresh_token": pair.refresh_token,
        "permissions": list(pair.permissions),
    }
    return json_answer(tokens)


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
