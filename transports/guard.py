"""Who may come in: signed webhooks of the carrier, holders of a token, this machine itself."""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass

from flask import Blueprint, Request, g, request
from flask.globals import request_ctx

from access.bearer import BadToken, Bearer
from access.entrance import Entrance, is_ours
from access.nearness import why_not_from_here
from access.roles import API_TOKEN_ID, LOCAL, Person, Role
from access.scopes import Scope
from providers.errors import BadSignature
from providers.telephony.base import Webhook
from services import Services
from transports.described import Door, Proof
from transports.errors import ApiError
from transports.webform import FORM, RequestHeaders, read_form

log = logging.getLogger(__name__)

# Whoever holds API_TOKEN, and whoever sits at this machine while there is none.
EVERYTHING = frozenset(Scope)
OPERATOR = Bearer(Person(API_TOKEN_ID, "", "API_TOKEN", Role.ADMIN), EVERYTHING)
HERE = Bearer(LOCAL, EVERYTHING)
GONE = "This token is not ours, has expired or was ended."


def carrier_blueprint(name: str, services: Services) -> Blueprint:
    """A blueprint whose every route takes webhooks of the carrier and nothing else.

    In a view, `g.webhook` is the webhook that was verified, and `g.address` where it was sent.
    """
    blueprint = Door(name, __name__, Proof.SIGNATURE)
    telephony, address = services.telephony, services.address
    local_mode = services.settings.local_mode

    @blueprint.before_request
    def verify() -> None:
        asked = request_ctx.request  # the request itself: each look through the proxy costs 1 µs
        called = address.configured or called_address(asked)
        webhook = _webhook(asked, called)
        if local_mode:
            stranger = why_not_from_here(asked)
            if stranger:
                log.warning("webhook refused", extra={"path": asked.path, "reason": stranger})
                message = (
                    f"This server takes webhooks from its own machine only, and {stranger}. "
                    f"To take them from the carrier, set {telephony.setup}."
                )
                raise ApiError(403, "not_local", message)
        else:
            try:
                telephony.verify(webhook)
            except BadSignature as error:
                log.warning("webhook refused", extra={"path": asked.path, "reason": str(error)})
                raise ApiError(403, "bad_signature", "This webhook is not signed by us.") from error
            address.learn(called)
        g.webhook, g.address = webhook, called

    return blueprint


def api_blueprint(
    name: str, services: Services, reads: Scope | None, writes: Scope | None = None
) -> Blueprint:
    """A blueprint whose every route needs a token, or without API_TOKEN, a caller on this machine.

    GET routes need the scope `reads`, all others `writes` (`reads` when None). None: whoever proves
    who they are. In a view, `g.bearer` is that.
    """
    blueprint = Door(name, __name__, Proof.TOKEN, reads, writes)
    proofs = Proofs(services.settings.api_token.encode(), services.entrance)

    @blueprint.before_request
    def authorize() -> None:
        bearer = proofs.bearer_of(request)
        needed = blueprint.scope_of(request.method)
        if needed is not None and needed not in bearer.scopes:
            log.warning("request refused", extra={"path": request.path, "reason": "scope"})
            message = f"This token does not have the scope {needed}, which this route needs."
            raise ApiError(403, "missing_scope", message, details={"scope": str(needed)})
        g.bearer, g.person = bearer, bearer.person

    return blueprint


@dataclass(frozen=True, slots=True)
class Proofs:
    """Tells who sends a request of the JSON interface."""

    token: bytes  # API_TOKEN; empty when there is none
    entrance: Entrance

    def bearer_of(self, asked: Request) -> Bearer:
        """Who it is. ApiError when nothing proves it."""
        kind, _, sent = asked.headers.get("Authorization", "").partition(" ")
        sent = sent.strip() if kind.lower() == "bearer" else ""
        # A server hands over the bytes of a header as Latin-1.
        if self.token and hmac.compare_digest(sent.encode("latin-1", "replace"), self.token):
            return OPERATOR
        if is_ours(sent):
            try:
                return self.entrance.bearer_of(sent)
            except BadToken:
                raise _unproven(asked, GONE) from None
        if self.token:
            raise _unproven(
                asked,
                "Send the header Authorization: Bearer with the value of API_TOKEN, "
                "or with a token of POST /auth/login or of the console.",
            )
        stranger = why_not_from_here(asked)
        if stranger:
            log.warning("request refused", extra={"path": asked.path, "reason": stranger})
            message = (
                f"Without API_TOKEN this route answers its own machine only, and {stranger}. "
                "Set API_TOKEN and send it as a bearer token."
            )
            raise ApiError(503, "no_token_set", message)
        return HERE


def _unproven(asked: Request, message: str) -> ApiError:
    log.warning("request refused", extra={"path": asked.path, "reason": "token"})
    return ApiError(401, "unauthorized", message, headers={"WWW-Authenticate": "Bearer"})


def called_address(asked: Request) -> str:
    """The address that a request says it was sent to, by its host and the last proxy's word.

    The sender's word, too: a webhook's signature proves it, and nothing else does.
    """
    proxied = asked.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
    scheme = proxied if proxied in ("http", "https") else asked.scheme
    return f"{scheme}://{asked.headers.get('Host', '')}"


def _webhook(asked: Request, base_url: str) -> Webhook:
    body = asked.get_data(cache=False)
    query = asked.query_string.decode("latin-1")
    path = f"{asked.path}?{query}" if query else asked.path
    kind = asked.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    form = read_form(body) if kind == FORM else {}
    return Webhook(f"{base_url}{path}", form, body, RequestHeaders(asked.environ))
