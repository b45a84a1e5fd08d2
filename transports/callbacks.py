"""The carrier's callbacks, which ask for no answer: status, machines, recordings, sockets."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Blueprint, Response, g, request

from calls.answering import LEAVE, Heard, NotYet
from providers.errors import ProviderError
from providers.telephony.base import NoticeKind
from services import Services
from transports.described import Body, Operation, Tag, described
from transports.errors import ApiError
from transports.guard import carrier_blueprint
from transports.webform import FORM

NAME = "callbacks"
# Handovers are answered with a document, so they come in elsewhere.
KINDS = (NoticeKind.STATUS, NoticeKind.AMD, NoticeKind.RECORDING, NoticeKind.STREAM)

CALL_EVENT = Operation(
    summary="Something happened to a call",
    tag=Tag.CARRIER,
    answers={204: None},
    path={"kind": f"One of {', '.join(KINDS)}."},
    body=Body(Mapping[str, str], (FORM,)),
    errors={400: ("bad_callback",), 404: ("not_found",), 503: ("try_again",)},
)

log = logging.getLogger(__name__)


def callbacks_blueprint(services: Services) -> Blueprint:
    """`/call-events/<kind>`, behind the carrier's signature; 204 whether the call is known or not.

    A callback that cannot be kept is answered with 5xx, so that the carrier sends it again.
    """
    blueprint = carrier_blueprint(NAME, services)

    @blueprint.post("/call-events/<kind>")
    @described(CALL_EVENT)
    def call_event(kind: str) -> Response:
        if kind not in KINDS:
            raise ApiError(404, "not_found", f"There are the events {', '.join(KINDS)}.")
        try:
            notice = services.telephony.read_notice(NoticeKind(kind), g.webhook)
        except ValueError as error:
            log.warning("callback refused", extra={"kind": kind, "reason": str(error)[:200]})
            raise ApiError(400, "bad_callback", str(error)) from error
        call_id = request.args.get("call_id")
        verdict = services.telephony.read_verdict(g.webhook)
        if notice.kind is not NoticeKind.AMD or verdict is None:
            services.progress.report(notice, call_id)
            return Response(status=204)
        heard = Heard(verdict, notice, request.args.get("machine") == LEAVE)
        try:
            services.answering.report(heard, call_id, f"{g.address}/voice-message")
        except (NotYet, ProviderError) as error:
            log.warning("a verdict has to be told again", extra={"reason": str(error)[:200]})
            raise ApiError(503, "try_again", "Tell it again in a moment.") from error
        return Response(status=204)

    return blueprint
