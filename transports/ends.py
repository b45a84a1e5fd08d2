"""POST /calls/<call_id>/hang-up: a program has the carrier end a call that goes on."""

from __future__ import annotations

from flask import Blueprint, Response, g
from typing_extensions import TypedDict

from access.scopes import Scope
from calls.ends import CannotEnd
from services import Services
from transports.described import Operation, Tag, described, shape
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "ends"
_CODES = {404: "unknown_call", 409: "cannot_end", 503: "carrier_unavailable"}


@shape
class HungUp(TypedDict):
    """The carrier was told."""

    call_id: str


HANG_UP = Operation(
    summary="Hang up a call that goes on",
    tag=Tag.CALLS,
    about="The carrier is told to; its report, a moment later, ends the call.",
    answers={202: HungUp},
    path={"call_id": "Our id of the call, or the carrier's."},
    errors={status: (code,) for status, code in _CODES.items()},
)


def ends_blueprint(services: Services) -> Blueprint:
    """/calls/<call_id>/hang-up, for tokens that may change calls."""
    blueprint = api_blueprint(NAME, services, Scope.CALLS_READ, Scope.CALLS_WRITE)

    @blueprint.post("/calls/<call_id>/hang-up")
    @described(HANG_UP)
    def hang_up(call_id: str) -> Response:
        call = services.storage.find_call(call_id) or services.storage.load_call(call_id)
        if call is None:
            raise ApiError(404, "unknown_call", "No call is kept under this id.")
        services.audit.note(g.person, "hang up call", call.call_id)
        try:
            services.call_ends.hang_up(call.call_id)
        except CannotEnd as error:
            raise ApiError(error.status, _CODES[error.status], str(error)) from error
        answer: HungUp = {"call_id": call.call_id}
        return json_answer(answer, 202)

    return blueprint
