"""POST /start-call: reads and checks an order to ring somebody, and says what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import orjson
from flask import Request, Response, request

from access.nearness import is_from_here
from calls.numbers import NumberRefused, read_number
from calls.outbound import OrderFailed, Outbound, Wish
from calls.turns import UnknownAgent
from campaigns.barring import Listed, check_unlisted
from providers.errors import ProviderError, ProviderRefused, ProviderTimeout
from providers.telephony.base import CallRefused, Refusal
from storage.do_not_call import DoNotCallLists
from storage.records import CallRecord
from transports.described import Body, Operation, Tag, described
from transports.errors import JSON, ApiError, json_answer
from transports.guard import called_address
from transports.shapes import Order, Ordered
from transports.webform import FORM

VARIABLES_MOST, VARIABLE_MOST = 50, 500
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")

_REFUSED = {
    Refusal.NUMBER: (400, "number_refused"),
    Refusal.NOT_ALLOWED: (403, "number_not_allowed"),
    Refusal.ACCOUNT: (502, "carrier_account"),
    Refusal.OTHER: (502, "carrier_refused"),
}


START_CALL = Operation(
    summary="Ring somebody",
    tag=Tag.CALLS,
    about="Reads JSON, a form, or the address. The answer comes when the carrier has the order. "
    "A number on the do-not-call list of all campaigns is not rung.",
    answers={201: Ordered},
    body=Body(Order, (JSON, FORM)),
    errors={
        400: ("bad_json", "number_refused", "bad_request"),
        403: ("number_not_allowed", "do_not_call"),
        404: ("unknown_agent",),
        422: ("missing_field", "bad_number", "bad_variables"),
        429: ("too_many_calls",),
        502: ("carrier_account", "carrier_refused"),
        503: ("carrier_unavailable",),
        504: ("carrier_timeout",),
    },
)


class StartCall:
    """The view of /start-call."""

    def __init__(
        self,
        outbound: Outbound,
        countries: Sequence[str],
        limit: Callable[[str], None],
        lists: DoNotCallLists,
    ) -> None:
        self._outbound = outbound
        self._lists = lists
        self._countries = countries
        self._limit = limit

    @described(START_CALL)
    def order(self) -> Response:
        """Ring a number with an agent; 201 with the ids of the call."""
        wish = self._wish(_fields(request))
        if not is_from_here(request):
            self._outbound.address.hint(called_address(request))
        if wish.agent.lower() not in self._outbound.agents:
            raise _no_agent(UnknownAgent(wish.agent, tuple(sorted(self._outbound.agents))))
        try:
            check_unlisted(self._lists, wish.number)
        except Listed as error:
            raise listed(error) from None
        self._limit(wish.number)
        try:
            call = self._outbound.ring(wish)
        except OrderFailed as failure:
            raise order_failed(failure) from failure
        return ordered(call)

    def _wish(self, fields: Mapping[str, object]) -> Wish:
        agent = _text(fields, "agent_type", "the name of an agent, such as logistics")
        number = number_to_ring(fields, self._countries)
        return Wish(agent, number, _variables(fields.get("variables")))


def number_to_ring(fields: Mapping[str, object], countries: Sequence[str]) -> str:
    """`phone_number` as E.164. ApiError when it is missing, none, or may not be rung."""
    written = _text(fields, "phone_number", "a number such as +919876543210")
    try:
        return read_number(written, countries)
    except NumberRefused as error:
        status, code = (422, "bad_number") if error.allowed else (403, "number_not_allowed")
        raise ApiError(status, code, str(error), details={"field": "phone_number"}) from error


def listed(error: Listed) -> ApiError:
    """A number is on the list of all campaigns."""
    details = {"field": "phone_number", "source": str(error.entry.source)}
    return ApiError(403, "do_not_call", str(error), details=details)


def ordered(call: CallRecord) -> Response:
    """The answer once the carrier has the order."""
    answer: Ordered = {
        "call_sid": call.carrier_id,
        "call_id": call.call_id,
        "agent_type": call.agent,
        "phone_number": call.caller_number,
        "status": call.status,
    }
    return json_answer(answer, 201)


def _fields(asked: Request) -> Mapping[str, object]:
    """The order, from a JSON object, a form or the address."""
    if asked.mimetype != "application/json":
        return {**asked.args.to_dict(), **asked.form.to_dict()}
    try:
        body = orjson.loads(asked.get_data())
    except orjson.JSONDecodeError:
        raise ApiError(400, "bad_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_json", "Send a JSON object.")
    return body


def _text(fields: Mapping[str, object], name: str, wanted: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        message = f"Send {name}: {wanted}."
        raise ApiError(422, "missing_field", message, details={"field": name})
    return value.strip()


def _variables(given: object) -> dict[str, str]:
    if isinstance(given, str) and given.strip():  # as a form sends it
        try:
            given = orjson.loads(given)
        except orjson.JSONDecodeError:
            given = [given]
    if given is None or given == "":
        return {}
    if not isinstance(given, dict) or len(given) > VARIABLES_MOST:
        raise _bad_variables(f"an object of at most {VARIABLES_MOST} names and texts")
    for name, value in given.items():
        if not _VARIABLE_NAME.fullmatch(name):
            raise _bad_variables("names of letters, digits and _, at most 40 characters")
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise _bad_variables("texts or numbers only")
        if len(str(value)) > VARIABLE_MOST:
            raise _bad_variables(f"texts of at most {VARIABLE_MOST} characters")
    return {name: str(value) for name, value in given.items()}


def _bad_variables(wanted: str) -> ApiError:
    return ApiError(422, "bad_variables", f"Send {wanted}.", details={"field": "variables"})


def _no_agent(error: UnknownAgent) -> ApiError:
    message = f"There is no such agent; there are: {', '.join(error.names)}."
    details = {"field": "agent_type", "agents": list(error.names)}
    return ApiError(404, "unknown_agent", message, details=details)


def order_failed(failure: OrderFailed) -> ApiError:
    """Why the carrier did not take an order."""
    status, code = _status(failure.error)
    details = {"call_id": failure.call.call_id, "carrier_code": failure.error.code}
    headers = {"Retry-After": "5"} if status == 503 else {}
    return ApiError(status, code, str(failure), details=details, headers=headers)


def _status(error: ProviderError) -> tuple[int, str]:
    match error:
        case CallRefused(reason=reason):
            return _REFUSED[reason]
        case ProviderTimeout():
            return 504, "carrier_timeout"
        case ProviderRefused():
            return 502, "carrier_refused"
        case _:
            return 503, "carrier_unavailable"
