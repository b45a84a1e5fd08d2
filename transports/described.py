"""What a route says about itself, beside its view; queries are read by what they say.

A view carries its `Operation`; `openapi.py` walks the routes and collects them. Answers are
declared as TypedDicts, so that mypy holds a view to what is described.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache, wraps
from typing import Annotated, Any, TypeVar

from flask import Blueprint, Response, request
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
    with_config,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from access.scopes import Scope
from transports.errors import JSON, ApiError

Made = TypeVar("Made", bound=BaseModel)
Place = TypeVar("Place")

# Over each TypedDict of an answer or a body: a string below a key says what the key means.
shape = with_config(ConfigDict(use_attribute_docstrings=True))

# Longest whole number in an address; nothing of ours counts further.
DIGITS_MOST = 12
# pydantic leaves these as they are when a validator of ours stands before the type.
BOUNDS = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
}
MOMENT = "a moment such as 2026-11-20T09:30:00Z"
BAD_PARAMETER = "bad_parameter"


class Tag(StrEnum):
    """Groups of routes, in the order in which they are shown."""

    CALLS = "Calls"
    CAMPAIGNS = "Campaigns"
    MESSAGES = "Messages"
    ANALYTICS = "Analytics"
    AGENTS = "Agents"
    WEBHOOKS = "Webhooks"
    TOKENS = "Tokens"
    SERVICE = "Service"
    CARRIER = "Carrier"


class Proof(StrEnum):
    """What a route wants to see before it answers."""

    NOTHING = "nothing"
    TOKEN = "token"
    SIGNATURE = "signature"


class Door(Blueprint):
    """A blueprint that checks the same proof for each of its routes.

    A token needs the scope `reads` for GET, `writes` (`reads` when None) for all else; None: any
    will do.
    """

    def __init__(
        self,
        name: str,
        import_name: str,
        proof: Proof,
        reads: Scope | None = None,
        writes: Scope | None = None,
    ) -> None:
        super().__init__(name, import_name)
        self.proof = proof
        self._reads, self._writes = reads, writes or reads

    def scope_of(self, method: str) -> Scope | None:
        """What a token must allow for requests with this method; None when any will do."""
        return self._reads if method in ("GET", "HEAD") else self._writes


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: a type that pydantic knows, in these content types."""

    shape: object
    types: tuple[str, ...] = (JSON,)
    example: object = None  # of a whole body, when its keys have none


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is no JSON, by its content types."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One route, for people and programs who call it. What its proof needs is added to it."""

    summary: str
    tag: Tag
    # Status → the type of the JSON answer (any that pydantic knows), a Text, or None for no body.
    answers: Mapping[int, object]
    about: str = ""  # what the summary leaves open; plain text
    query: type[Query] | None = None
    path: Mapping[str, str] = field(default_factory=dict)  # parameter → what it is
    body: Body | None = None
    # Status → codes of the errors that this view raises itself.
    errors: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


class Query(BaseModel):
    """The parameters of an address; a string below each says what it means.

    Parameters that are empty count as not sent, as forms send them; unknown ones are ignored.
    """

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """As usual, with the bounds of optional numbers under the names that JSON Schema knows."""
        made = handler(schema)
        for one in handler.resolve_ref_schema(made).get("properties", {}).values():
            for choice in (one, *one.get("anyOf", ())):
                for name in BOUNDS.keys() & choice.keys():
                    choice[BOUNDS[name]] = choice.pop(name)
        return made


def _whole(raw: object) -> object:
    # What int() takes besides: spaces, underscores, digits of other scripts, a million of them.
    if isinstance(raw, str):
        digits = raw.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MOST):
            raise ValueError("not a whole number")
        return int(raw)
    return raw


def _truth(raw: object) -> object:
    if isinstance(raw, str):
        if raw not in ("1", "true", "0", "false"):
            raise ValueError("neither true nor false")
        return raw in ("1", "true")
    return raw


def _moment(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    try:
        moment = datetime.fromisoformat(raw)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # a moment beyond the calendar in UTC
        raise ValueError("not a moment") from None


def _day(raw: object) -> object:
    # The library takes numbers for days, too.
    return date.fromisoformat(raw) if isinstance(raw, str) else raw


# The types of parameters besides texts, enums and Literals.
Whole = Annotated[int, BeforeValidator(_whole)]
Truth = Annotated[
    bool,
    BeforeValidator(_truth),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": ["0", "1"]}]}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [{"format": "date-time"}, {"format": "date"}],
            "examples": ["2026-11-20T09:30:00Z"],
        }
    ),
]
Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-20"]}),
]
AgentName = Annotated[str, Field(examples=["logistics"])]


def described(operation: Operation) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Describe a view; with `operation.query` it is called with what was read as `query`.

    ApiError 422 bad_parameter when a parameter cannot be read, and names it.
    """

    def wrap(view: Callable[..., Response]) -> Callable[..., Response]:
        wanted = operation.query
        if wanted is None:
            view.__dict__["operation"] = operation
            return view

        @wraps(view)
        def reading(*args: Any, **kwargs: Any) -> Response:
            return view(*args, query=read_query(wanted), **kwargs)

        reading.__dict__["operation"] = operation
        return reading

    return wrap


def operation_of(view: Callable[..., object]) -> Operation | None:
    """What a view says about itself; None when it says nothing."""
    found = getattr(view, "operation", None)
    return found if isinstance(found, Operation) else None


def read_query(wanted: type[Made]) -> Made:
    """The parameters of this request. ApiError 422 names the first that cannot be read."""
    sent = {name: value for name, value in request.args.items() if value}
    try:
        return wanted.model_validate(sent)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
    message = f"Send {name} as {_wanted(_properties(wanted).get(name, {}))}."
    raise ApiError(422, BAD_PARAMETER, message, details={"field": name})


def read_after(written: str | None, read: Callable[[str], Place]) -> Place | None:
    """Where a page begins, as `next` of the one before said; None: at the start. ApiError 422."""
    if not written:
        return None
    try:
        return read(written)
    except ValueError:
        message = "Send after as it came in next."
        raise ApiError(422, BAD_PARAMETER, message, details={"field": "after"}) from None


@cache
def _properties(model: type[BaseModel]) -> Mapping[str, Mapping[str, Any]]:
    whole = model.model_json_schema()
    defs = whole.get("$defs", {})
    return {name: _meant(schema, defs) for name, schema in whole["properties"].items()}


def _meant(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a schema says of a value that was sent, without references and null."""
    for one in schema.get("anyOf", []):
        if one.get("type") != "null":
            schema = {**one, **{key: schema[key] for key in schema if key != "anyOf"}}
            break
    if "$ref" in schema:
        return {**schema, **defs[schema["$ref"].rpartition("/")[2]]}
    return schema


def _wanted(schema: Mapping[str, Any]) -> str:
    """What to send, in words."""
    if "enum" in schema:
        return f"one of {', '.join(str(one) for one in schema['enum'])}"
    least, most = schema.get("minimum"), schema.get("maximum")
    match schema.get("type"), schema.get("format"):
        case ("integer", _) if least is not None and most is not None:
            return f"a number from {least} to {most}"
        case ("integer", _):
            return "a whole number" + (f" of at least {least}" if least is not None else "")
        case ("boolean", _):
            return "true or false"
        case (_, "date-time"):
            return MOMENT
        case (_, "date"):
            return "a day such as 2026-11-20"
        case _ if schema.get("examples"):
            return f"a text such as {schema['examples'][0]}"
        case _ if "maxLength" in schema:
            return f"a text of at most {schema['maxLength']} characters"
    return "what it is described as"
