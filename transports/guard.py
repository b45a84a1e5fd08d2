"""Who may come in: signed webhooks of the carrier, holders of the token, this machine itself."""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, Request, g, request
from flask.globals import request_ctx

from access.nearness import why_not_from_here
from providers.errors import BadSignature
from providers.telephony.base import Webhook
from services import Services
from settings import Settings
from transports.described import Door, Proof
from transports.errors import ApiError
from transports.webform import FORM, RequestHeaders, read_form

log = logging.getLogger(__name__)


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


def api_blueprint(name: str, settings: Settings) -> Blueprint:
    """A blueprint whose every route needs the token, or without one, a caller on this machine."""
    blueprint = Door(name, __name__, Proof.TOKEN)
    token = settings.api_token.encode()

    @blueprint.before_request
    def authorize() -> None:
        if token:
            kind, _, sent = request.headers.get("Authorization", "").partition(" ")
            # A server hands over the bytes of a header as Latin-1.
            right = hmac.compare_digest(sent.strip().encode("latin-1", "replace"), token)
            if kind.lower() == "bearer" and right:
                return
            log.warning("request refused", extra={"path": request.path, "reason": "token"})
            raise ApiError(
                401,
                "unauthorized",
                "Send the header Authorization: Bearer with the value of API_TOKEN.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        stranger = why_not_from_here(request)
        if stranger:
            log.warning("request refused", extra={"path": request.path, "reason": stranger})
            message = (
                f"Without API_TOKEN this route answers its own machine only, and {stranger}. "
                "Set API_TOKEN and send it as a bearer token."
            )
            raise ApiError(503, "no_token_set", message)

    return blueprint


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
